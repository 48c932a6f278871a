// go run . app.db build/kv
package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"

	"github.com/jmoiron/sqlx"
	sqlite3 "github.com/mattn/go-sqlite3"
)

type entry struct {
	Key   string
	Value string
}

func changed(kind string, group, key, value any, at int64) int {
	fmt.Printf("%s %s/%s\n", kind, group, key)
	return 0
}

func connect(connection *sqlite3.SQLiteConn) error {
	if err := connection.LoadExtension(os.Args[2], "sqlite3_kv_init"); err != nil {
		return err
	}
	if err := connection.RegisterFunc("changed", changed, false); err != nil {
		return err
	}
	_, err := connection.Exec("SELECT kv_on_change('changed')", nil)
	return err
}

func main() {
	sql.Register("sqlite3+kv", &sqlite3.SQLiteDriver{ConnectHook: connect})
	sqlx.BindDriver("sqlite3+kv", sqlx.QUESTION)
	db := sqlx.MustOpen("sqlite3+kv", os.Args[1])
	defer db.Close()

	tx := db.MustBegin()
	tx.MustExec("SELECT kv_set('mail', 'host', ?)", "smtp.example.com")
	tx.MustExec("SELECT kv_set('mail', 'port', ?)", 587)
	check(tx.Commit())

	var text string
	check(db.Get(&text, "SELECT kv_get('mail', 'host')"))
	fmt.Println(text)
	var entries []entry
	check(db.Select(&entries, "SELECT key, value FROM kv_entries('mail')"))
	for _, entry := range entries {
		fmt.Printf("%s=%s\n", entry.Key, entry.Value)
	}
	check(db.Get(&text, "SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')"))
	fmt.Println(text)
	fmt.Println(db.Get(&text, "SELECT kv_require('mail', 'user')"))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
