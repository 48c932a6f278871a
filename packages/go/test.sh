#!/bin/bash
# The Go module in a program with mattn/go-sqlite3:  packages/go/test.sh BUILD

set -u
. "$(dirname "$0")/../common.sh" "$1"
needs go golang-go
work=$build/go-test
rm -rf "$work" && mkdir -p "$work"
unzip -q "$output/go/kvext-v$version.zip" -d "$work"
cd "$work" || exit 1
cat >main.go <<'EOF'
package main

import (
	"database/sql"
	"fmt"

	"example.org/kv/kvext"
	_ "github.com/mattn/go-sqlite3"
)

func main() {
	kvext.Auto()
	db, err := sql.Open("sqlite3", ":memory:")
	var answer string
	if err == nil {
		err = db.QueryRow("SELECT kv_version() || kv_set('a', 'b', 'c')").Scan(&answer)
	}
	kvext.Cancel()
	fmt.Println(answer, err)
}
EOF
cat >go.mod <<EOF
module use

go 1.21

require (
	example.org/kv/kvext v$version
	github.com/mattn/go-sqlite3 v1.14.53
)

replace example.org/kv/kvext => ./kvext@v$version
EOF
go mod tidy >log 2>&1 || skip "$(tail -n 1 log)"
check 'it compiles' 'done' "$(outcome go build -o use .)"
check 'and is on every connection' "${version}c <nil>" "$(./use 2>&1)"
check 'go vet finds no fault' 'done' "$(cd "kvext@v$version" && outcome go vet .)"
finish
