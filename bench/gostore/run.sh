#!/bin/sh
# Figures of the Go library go-store itself, beside kv called from Go:
#
#   GO_STORE=FOLDER [GO_STORE_LOG=FOLDER] bench/gostore/run.sh BUILD
#
# GO_STORE is a folder with the library's source, GO_STORE_LOG one with that of its logging module, in whose place
# bench/gostore/log stands else. Paths may be relative. What fails here fails the caller.

set -eu
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
work=$build/bench/gostore
store=$(cd "${GO_STORE:?names no folder with the source of go-store}" && pwd)
log=${GO_STORE_LOG:+$(cd "$GO_STORE_LOG" && pwd)}

# The names that both have had: "module dappco.re/go/core/store", "dappco.re/go/core/log v0.1.0".
store_name=$(sed -n 's/^module[[:space:]]*//p' "$store/go.mod")
log_name=$(sed -n 's,^[[:space:]]*\(require \)\{0\,1\}\([^[:space:]]*[/-]log\) v[0-9].*,\2,p' "$store/go.mod")

rm -rf "$work"
mkdir -p "$work/log"
cp "$here"/*.go "$here/go.mod" "$work"
sed "s,dappco.re/go/core/store,$store_name," "$here/gostore.go" >"$work/gostore.go"
cd "$work"
go mod edit -require "$store_name@v0.0.0" -replace "$store_name=$store"
if [ -n "$log_name" ]; then
  if [ -z "$log" ]; then
    log=$work/log
    cp "$here/log/log.go" "$log"
    printf 'module %s\n\ngo 1.26\n' "$log_name" >"$log/go.mod"
  fi
  go mod edit -replace "$log_name=$log"
fi
go mod tidy >fetch.log 2>&1 || { cat fetch.log >&2; exit 1; }
go build -o gostore .
./gostore "$build"
