// go run . app.db build/kv: the drivers that are SQLite without C say so.
package main

import (
	"database/sql"
	"fmt"
	"os"

	_ "github.com/ncruces/go-sqlite3/driver"
	_ "modernc.org/sqlite"
)

func main() {
	for _, driver := range []string{"sqlite", "sqlite3"} {
		db, err := sql.Open(driver, os.Args[1])
		if err == nil {
			_, err = db.Exec("SELECT load_extension(?)", os.Args[2])
		}
		fmt.Println(err)
	}
}
