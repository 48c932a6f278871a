#!/bin/bash
# Debian's package: lintian finds no fault, and it runs out of the folder it is unpacked to:  packages/debian/test.sh BUILD

set -u
. "$(dirname "$0")/../common.sh" "$1"
needs dpkg-deb dpkg
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for package in "$output/debian"/*.deb; do
  if command -v lintian >/dev/null; then
    check "lintian: ${package##*/}" '' "$(lintian --allow-root --fail-on none --tag-display-limit 0 "$package" 2>&1)"
  else
    echo 'SKIPPED: there is no lintian here (package lintian)'
  fi
done
package=$output/debian/libsqlite3-mod-kvext_${version}_$(dpkg --print-architecture).deb
dpkg-deb -x "$package" "$work"
extension=$(find "$work/usr/lib" -name kv.so)
check 'it runs' "${version}c" "$(sqlite3 -init /dev/null -batch :memory: -cmd ".load ${extension%.so}" \
  "SELECT kv_version() || kv_set('a', 'b', 'c')" 2>&1)"
check 'its man page is one' "kv $version" "$(zcat "$work/usr/share/man/man3/kv.3.gz" | sed -n 's/^\.TH .*"\(kv [^"]*\)".*/\1/p')"
check 'pkg-config says where it is' "${extension#"$work"}" \
  "$(PKG_CONFIG_PATH=$(dirname "$(find "$work" -name kv.pc)") pkg-config --variable=extension kv).so"
if [[ $(id -u) == 0 ]]; then
  root_folder=$work/root
  mkdir -p "$root_folder/var/lib/dpkg/info" "$root_folder/var/lib/dpkg/updates"
  touch "$root_folder/var/lib/dpkg/status" "$root_folder/var/lib/dpkg/available"
  installed() { outcome dpkg --root="$root_folder" --log="$work/dpkg.log" --force-depends --force-not-root "$@"; }
  check 'dpkg installs it' 'done' "$(installed --install "$package")"
  check 'and removes it' 'done' "$(installed --purge libsqlite3-mod-kvext)"
  check 'leaving nothing' '' "$(find "$root_folder/usr" ! -type d 2>/dev/null)"
fi
finish
