#!/bin/bash
# The gem for this platform, installed in a folder of its own and used:  packages/gem/test.sh BUILD

set -u
. "$(dirname "$0")/../common.sh" "$1"
needs gem ruby
ruby -rsqlite3 -e '' 2>/dev/null || skip 'this ruby has no sqlite3 (package ruby-sqlite3)'
[[ $(uname -sm) == 'Linux x86_64' ]] || skip 'this test knows Linux on x86-64'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
check 'it is installed' 'done' \
  "$(outcome gem install -q --local --no-document --install-dir "$work" "$output/gem/kvext-$version-x86_64-linux.gem")"
cat >"$work/use.rb" <<'EOF'
require 'sqlite3'
require 'kvext'
db = SQLite3::Database.new(':memory:')
Kvext.load(db)
puts db.get_first_value("SELECT kv_version() || kv_set('a', 'b', 'c')")
EOF
check 'and runs' "${version}c" "$(GEM_PATH=$work:$(ruby -e 'puts Gem.path.join(":")') ruby "$work/use.rb" 2>&1)"
check 'each has its library' '' "$(targets 5 | while read -r _ platform library; do
  case $platform in
  linux-x64-glibc) gem=x86_64-linux ;;
  linux-arm64-musl) gem=aarch64-linux-musl ;;
  darwin-arm64) gem=arm64-darwin ;;
  *) continue ;;
  esac
  tar xOf "$output/gem/kvext-$version-$gem.gem" data.tar.gz | tar xzO "lib/kvext/${library##*/}" | cmp - "$library"
done 2>&1)"
finish
