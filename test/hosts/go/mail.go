// go run . app.db build/kv
package main

import (
	"database/sql"
	"fmt"
	"log"
	"os"

	sqlite3 "github.com/mattn/go-sqlite3"
)

func changed(kind string, group, key, value any, at int64) int {
	fmt.Printf("%s %s/%s\n", kind, group, key)
	return 0
}

// database/sql opens connections as it needs them, and what is of a connection (the extension, callbacks, a namespace)
// is set up on each of them in this hook.
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
	db, err := sql.Open("sqlite3+kv", os.Args[1])
	check(err)
	defer db.Close()

	_, err = db.Exec("SELECT kv_set('mail', 'host', ?)", "smtp.example.com")
	check(err)
	_, err = db.Exec("SELECT kv_set('mail', 'port', ?)", 587)
	check(err)

	var host, rendered string
	check(db.QueryRow("SELECT kv_get('mail', 'host')").Scan(&host))
	fmt.Println(host)
	rows, err := db.Query("SELECT key, value FROM kv_entries('mail')")
	check(err)
	for rows.Next() {
		var key, value string
		check(rows.Scan(&key, &value))
		fmt.Printf("%s=%s\n", key, value)
	}
	check(rows.Err())
	check(db.QueryRow("SELECT kv_render('{{ .host }}:{{ .port }}', 'mail')").Scan(&rendered))
	fmt.Println(rendered)
	fmt.Println(db.QueryRow("SELECT kv_require('mail', 'user')").Scan(&rendered))
}

func check(err error) {
	if err != nil {
		log.Fatal(err)
	}
}
