// go run ./writes app.db build/kv: what a rollback takes back.
package main

import (
	"context"
	"database/sql"
	"fmt"
	"log"
	"os"

	sqlite3 "github.com/mattn/go-sqlite3"
)

func main() {
	sql.Register("sqlite3+kv", &sqlite3.SQLiteDriver{
		ConnectHook: func(connection *sqlite3.SQLiteConn) error {
			return connection.LoadExtension(os.Args[2], "sqlite3_kv_init")
		},
	})
	db, err := sql.Open("sqlite3+kv", "file:"+os.Args[1]+"?_txlock=immediate")
	check(err)
	defer db.Close()

	fmt.Println("SELECT kv_set, in a Tx:", rolledBack(db, "SELECT kv_set('t', 'k', 'kept')"))
	fmt.Println("INSERT INTO kv_entries, in a Tx:",
		rolledBack(db, "INSERT INTO kv_entries(grp, key, value) VALUES ('t', 'k', 'kept')"))
	fmt.Println("INSERT INTO kv_call, in a Tx:",
		rolledBack(db, "INSERT INTO kv_call(name, a1, a2, a3) VALUES ('set', 't', 'k', 'kept')"))

	// What is of a connection needs one: the pool gives any to each call.
	connection, err := db.Conn(context.Background())
	check(err)
	defer connection.Close()
	_, err = connection.ExecContext(context.Background(), "SELECT kv_scope('tenant-42')")
	check(err)
	var scope string
	check(connection.QueryRowContext(context.Background(), "SELECT kv_scope()").Scan(&scope))
	fmt.Println("kv_scope on a Conn:", scope)
}

func rolledBack(db *sql.DB, statement string) string {
	tx, err := db.Begin()
	check(err)
	_, err = tx.Exec(statement)
	check(err)
	check(tx.Rollback())
	var value sql.NullString
	check(db.QueryRow("SELECT kv_getdel('t', 'k')").Scan(&value))
	if !value.Valid {
		return "nothing"
	}
	return value.String
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
