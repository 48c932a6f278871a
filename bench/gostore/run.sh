#!/bin/sh
# Figures of the Go library go-store itself:  bench/gostore/run.sh BUILD
#
# GO_STORE names a folder with its source where the registry of Go modules does not have it.

work=$1/gostore
module=forge.lthn.ai/core/go-store
skip() {
  printf "skipped\tgo-store itself\t%s\n" "$1"
  echo "SKIPPED: go-store itself ($1)" >&2
  exit 0
}

command -v go >/dev/null || skip 'there is no Go here'
mkdir -p "$work" && cp "$(dirname "$0")"/main.go "$(dirname "$0")"/go.mod "$work" && cd "$work" || exit 1
if [ -n "$GO_STORE" ]; then
  go mod edit -require "$module@v0.0.0" -replace "$module=$GO_STORE" || exit 1
else
  go get "$module@latest" >fetch.log 2>&1 || skip "$module cannot be fetched; GO_STORE may name a folder with its source"
fi
GOFLAGS=-mod=mod go build -o gostore . && ./gostore "$work"
