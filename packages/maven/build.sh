#!/bin/bash
# The jar, with the libraries of the eight main platforms in it:  packages/maven/build.sh BUILD

set -eu
. "$(dirname "$0")/../common.sh" "$1"
command -v mvn >/dev/null || { echo "SKIPPED: there is no mvn here (package maven)" && exit 0; }
folder=$build/maven
rm -rf "$folder" "$output/maven"
mkdir -p "$folder/src/main/resources/native" "$output/maven"
cp -r "$root/packages/maven"/{pom.xml,src} "$folder"
sed -i "s,<version>0</version>,<version>$version</version>," "$folder/pom.xml"
cp "$root/LICENSE" "$folder/src/main/resources"
while read -r name _ library; do
  mkdir -p "$folder/src/main/resources/native/$name"
  cp "$library" "$folder/src/main/resources/native/$name"
done < <(targets 5)
(cd "$folder" && mvn -q -B package) >"$build/maven.log" 2>&1 || { echo "SKIPPED: $(tail -n 1 "$build/maven.log")" && exit 0; }
cp "$folder/target/kvext-$version.jar" "$output/maven"
ls "$output/maven"
