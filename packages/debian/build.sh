#!/bin/bash
# A package of Debian for each Linux with glibc that there is a library of:  packages/debian/build.sh BUILD
#
# What it holds is what `make install` puts there, with the library that was released in place of this machine's own.

set -eu
. "$(dirname "$0")/../common.sh" "$1"
command -v dpkg-deb >/dev/null || { echo "SKIPPED: there is no dpkg-deb here" && exit 0; }
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git -C "$root" log -1 --format=%ct 2>/dev/null || date +%s)}
rm -rf "$output/debian" "$build/debian"
mkdir -p "$output/debian"

# Debian's word for the processor, and the folder of its libraries.
declare -A architectures=([linux-amd64]=amd64 [linux-arm64]=arm64 [linux-armhf]=armhf [linux-riscv64]=riscv64
  [linux-ppc64le]=ppc64el [linux-s390x]=s390x)
declare -A folders=([linux-amd64]=x86_64-linux-gnu [linux-arm64]=aarch64-linux-gnu [linux-armhf]=arm-linux-gnueabihf
  [linux-riscv64]=riscv64-linux-gnu [linux-ppc64le]=powerpc64le-linux-gnu [linux-s390x]=s390x-linux-gnu)

while read -r name target library; do
  [[ -n ${architectures[$name]:-} ]] || continue
  stage=$build/debian/$name
  documents=$stage/usr/share/doc/libsqlite3-mod-kvext
  make -s -C "$root" BUILD="$build" DESTDIR="$stage" PREFIX=/usr LIBDIR="/usr/lib/${folders[$name]}" install >/dev/null
  install -m 644 "$library" "$stage/usr/lib/${folders[$name]}/sqlite3/kv.so"
  mkdir -p "$documents" "$stage/DEBIAN"
  gzip -n9 "$stage/usr/share/man/man3/kv.3"
  {
    echo 'Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/'
    printf '\nFiles: *\nCopyright: %s\nLicense: Expat\n' "$(sed -n 's/^Copyright (c) //p' "$root/LICENSE")"
    awk '/^Permission/ { on = 1 } on { print $0 == "" ? " ." : " " $0 }' "$root/LICENSE"
  } >"$documents/copyright"
  {
    printf 'libsqlite3-mod-kvext (%s) unstable; urgency=medium\n\n  * See https://example.org/kv/kv for what is new.\n\n' "$version"
    printf ' -- The kv authors <kv@example.org>  %s\n' "$(LC_ALL=C date -uRd "@$SOURCE_DATE_EPOCH")"
  } | gzip -n9 >"$documents/changelog.gz"
  cat >"$stage/DEBIAN/control" <<EOF
Package: libsqlite3-mod-kvext
Version: $version
Architecture: ${architectures[$name]}
Multi-Arch: same
Maintainer: The kv authors <kv@example.org>
Installed-Size: $(du -ks --exclude=DEBIAN "$stage" | cut -f1)
Depends: libc6 (>= ${target#*-gnu*.})
Recommends: libsqlite3-0 (>= 3.34)
Section: libs
Priority: optional
Homepage: https://example.org/kv/kv
Description: key-value store inside SQLite
 An extension to load into SQLite: groups of keys and values in a plain table
 of any database, with expiry, counters, namespaces, quotas, change events and
 templates in the language of Go.
EOF
  (cd "$stage" && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
  find "$stage" -type d -exec chmod 755 {} +
  find "$stage" -type f -exec chmod 644 {} +
  dpkg-deb --root-owner-group -Zxz --build "$stage" "$output/debian" >/dev/null
done < <(targets 2)
ls "$output/debian"
