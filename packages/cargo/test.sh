#!/bin/bash
# The crate in a program with rusqlite, and in one with sqlx:  packages/cargo/test.sh BUILD

set -u
. "$(dirname "$0")/../common.sh" "$1"
needs cargo cargo
work=$build/cargo/test
rm -rf "$work/kvext-$version" && mkdir -p "$work/src"
tar xzf "$output/cargo/kvext-$version.crate" -C "$work"
cat >"$work/Cargo.toml" <<EOF
[package]
name = "use"
version = "1.0.0"
edition = "2021"

[dependencies]
kvext = { path = "kvext-$version" }
rusqlite = { version = "0.37", features = ["bundled"] }
EOF
cat >"$work/src/main.rs" <<'EOF'
fn main() -> rusqlite::Result<()> {
    let before = rusqlite::Connection::open_in_memory()?;
    unsafe { kvext::load(before.handle()) }.unwrap();
    kvext::auto();
    let after = rusqlite::Connection::open_in_memory()?;
    for db in [before, after] {
        let answer: String = db.query_row("SELECT kv_version() || kv_set('a', 'b', 'c')", [], |row| row.get(0))?;
        println!("{answer}");
    }
    Ok(())
}
EOF
cd "$work" || exit 1
cargo fetch >"$work/log" 2>&1 || skip "$(tail -n 1 "$work/log")"
check 'it compiles' 'done' "$(outcome cargo build --quiet --offline)"
check 'and is on a connection, and on every connection' "${version}c
${version}c" "$(target/debug/use 2>&1)"
check 'its documentation compiles' 'done' "$(cd "kvext-$version" && CARGO_TARGET_DIR=../target outcome cargo test --quiet --doc)"
finish
