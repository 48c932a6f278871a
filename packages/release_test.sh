#!/bin/bash
# What `make release` built is what it should be, and runs:  packages/release_test.sh BUILD [NAME...]
#
# Every library is looked at with llvm-readobj. Those of which this machine can run a copy of SQLite (by itself, under
# qemu-user, under wine) run the README's quick start and the SQL scripts. The last lines are a table: size, the newest
# GLIBC symbol, and by what it was run.

set -u
build=$(realpath "$1")
shift
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root" || exit 1
version=$(awk -F '"' '/^.define KV_VERSION/ { print $2 }' ext/kv.h)
hosts=$build/release-hosts
passed=0
failed=0
mkdir -p "$hosts"

# check TITLE EXPECTED GOT
check() {
  if [[ $2 == "$3" ]]; then
    ((passed++))
  else
    ((failed++))
    printf 'FAILED: %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
  fi
}

# ---- what is in the file ----

# Looks at LIBRARY, for the target NAME with its zig target and its FORMAT.
look() { # NAME TARGET FORMAT LIBRARY
  local name=$1 target=$2 format=$3 library=$4 report exported needed unstripped
  report=$(llvm-readobj --file-headers "$library")
  check "$name: the format" "$format" "$(sed -n 's/^Format: //p' <<<"$report" | tr ' ' -)"
  needed=$(llvm-readobj --needed-libs "$library" | sed -n 's/^  //p' | grep -vxF "@rpath/${library##*/}")
  case $name in
  linux-*)
    check "$name: needs the C library only" '' "$(grep -vE '^(libc\.so(\.6)?|lib(m|pthread)\.so\.[06]|ld-linux.*)$' <<<"$needed")"
    exported=$(llvm-nm -D --defined-only "$library" | awk '{ print $NF }')
    unstripped=$(llvm-readobj --sections "$library" | grep -oE 'Name: \.(symtab|debug_info)')
    ;;
  freebsd-*)
    check "$name: needs the C library only" '' "$(grep -vE '^lib(c|m|thr)\.so\.[0-9]$' <<<"$needed")"
    exported=$(llvm-nm -D --defined-only "$library" | awk '{ print $NF }')
    unstripped=$(llvm-readobj --sections "$library" | grep -oE 'Name: \.(symtab|debug_info)')
    ;;
  darwin-*)
    check "$name: needs the C library only" /usr/lib/libSystem.B.dylib "$needed"
    # (The linker's own two are in every library.)
    exported=$(llvm-nm -g --defined-only "$library" | awk '{ sub(/^_/, "", $NF); print $NF }' | grep -vxE '_mh_dylib_header|__dso_handle')
    unstripped=$(llvm-nm --defined-only "$library" | grep ' [a-z] ' | grep -v '__thunk$')
    check "$name: the oldest system" "${target#*macos.}" "$(llvm-objdump --macho --private-headers "$library" |
      awk '$1 == "minos" || ($1 == "version" && is_oldest) { print $2; exit } /LC_VERSION_MIN/ { is_oldest = 1 }')"
    ;;
  windows-*)
    check "$name: needs the C library only" '' "$(grep -vixE '(kernel32|api-ms-win-crt-[a-z]*-l1-1-0)\.dll' <<<"$needed")"
    exported=$(llvm-readobj --coff-exports "$library" | sed -n 's/^  Name: //p')
    unstripped=$(grep SymbolCount <<<"$report" | grep -v ': 0')
    ;;
  esac
  check "$name: exports what test/exports.txt names" "$(<test/exports.txt)" "$exported"
  check "$name: is stripped" '' "$unstripped"
  check "$name: has no path of this machine in it" '' "$(strings -a "$library" | grep -F "$root")"
  glibc=-
  if [[ $target == *-gnu* && $name == linux-* ]]; then
    glibc=$(llvm-readobj --version-info "$library" | grep -oE 'GLIBC_[0-9.]+' | sort -Vu | tail -n 1)
    check "$name: runs on glibc ${target#*-gnu*.}" "${target#*-gnu*.}" \
      "$(printf '%s\n' "${glibc#GLIBC_}" "${target#*-gnu*.}" | sort -V | tail -n 1)"
  fi
  check "$name: the archive has it, and the licence" "LICENSE ${library##*/} " \
    "$(tar tzf "$build/dist/kv-$version-$name.tar.gz" | sort | tr '\n' ' ')"
}

# ---- what it does ----

musl_of() { # PROCESSOR OF DEBIAN: a folder with musl for it, out of Debian's package
  local folder=$hosts/musl-$1 options
  [[ -n $(find "$folder" -name 'ld-musl-*' 2>/dev/null) ]] && return
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
  options=(-o "APT::Architecture=$1" -o "APT::Architectures=$1" -o "Dir::State::lists=$folder/lists" -o "Dir::Cache=$folder/cache"
    -o APT::Sandbox::User=root)
  (cd "$folder" && apt-get "${options[@]}" update && apt-get "${options[@]}" download musl && dpkg-deb -x musl_*.deb .) \
    >"$folder/log" 2>&1
}

# The words before a program of the target that run it, in the array `with`; fails if this machine cannot.
find_runner() { # NAME RUNS
  case $1,$2 in
  *,-) return 1 ;;
  linux-amd64-musl,*)
    with=()
    [[ -e /lib/ld-musl-x86_64.so.1 ]]
    ;;
  *,itself) with=() && [[ $(uname -m) == x86_64 ]] ;;
  *,wine) with=(timeout 300 wine) && command -v wine >/dev/null ;;
  linux-arm64-musl,*)
    with=(qemu-aarch64-static -L "$hosts/musl-arm64")
    command -v "${with[0]}" >/dev/null && musl_of arm64
    ;;
  *)
    local root=/usr/${2#qemu-}-linux-gnu
    [[ $2 != qemu-arm ]] || root=/usr/arm-linux-gnueabihf
    [[ $2 != qemu-ppc64le ]] || root=/usr/powerpc64le-linux-gnu
    with=("$2-static" -L "$root")
    command -v "${with[0]}" >/dev/null && [[ -d $root ]]
    ;;
  esac
}

run() { # NAME TARGET LIBRARY
  local folder=$hosts/$1 target=$2 file=${3##*/} end=
  [[ $1 != windows-* ]] || end=.exe
  mkdir -p "$folder"
  [[ $target != *-musl ]] || target="$target -dynamic"
  [[ $target != *-gnu*.* ]] || target="${target%.*.*}.2.36" # that of the C libraries to emulate with
  for program in run slt; do
    [[ -f $folder/sqlite3.o ]] || # shellcheck disable=SC2086 # words
      packages/zig.sh "$build" cc -target $target -O1 -w -DSQLITE_ENABLE_FTS5 -DSQLITE_USE_URI -I"$build/sqlite-source" \
        -c "$build/sqlite-source/sqlite3.c" -o "$folder/sqlite3.o"
    local source=packages/run.c
    [[ $program == run ]] || source=test/windows/slt.c
    # shellcheck disable=SC2086 # words
    packages/zig.sh "$build" cc -target $target -O1 -w -I"$build/sqlite-source" "$source" "$folder/sqlite3.o" \
      -o "$folder/$program$end" || return
  done
  cp "$3" "$folder"
  cd "$folder" || return
  rm -f ./*.db
  awk '/^<!-- quick start/ { on = 1; next } /^<!-- end of the quick start/ { on = 0 } on && !/^```/' "$root/README.md" |
    "${with[@]}" ./run$end "./$file" quickstart.db 2>log | tr -d '\r' >quickstart.txt
  check "$1: the quick start" '' "$(diff "$root/test/quickstart.txt" quickstart.txt)"
  rm -f ./*.db
  "${with[@]}" ./slt$end "./$file" "$root"/test/slt/*.slt 2>>log | tr -d '\r' >slt.txt
  check "$1: the SQL scripts" '0 failed' "$(tail -n 1 slt.txt | sed 's/.* passed, //')"
  how="run, $(tail -n 1 slt.txt | sed 's/ passed.*/ checks of the SQL scripts/') ($runs)"
  cd "$root" || return
}

check 'SHA256SUMS' '' "$(cd "$build/dist" && sha256sum --quiet -c SHA256SUMS 2>&1)"
export WINEPREFIX=$hosts/wine WINEDEBUG=-all
table=
while read -r name target format _ _ runs; do
  [[ $# == 0 || " $* " == *" $name "* ]] || continue
  library=$(echo "$build/release/$name"/kv.*)
  if [[ ! -f $library ]]; then
    check "$name is built" yes no
    continue
  fi
  look "$name" "$target" "$format" "$library"
  how='built and looked at, not run'
  if find_runner "$name" "$runs"; then
    run "$name" "$target" "$library"
  elif [[ $runs != - ]]; then
    echo "SKIPPED: $name is not run: there is no $runs for it here"
  fi
  table+=$(printf '%-17s %7d bytes  %-11s %s' "$name" "$(stat -c %s "$library")" "$glibc" "$how")$'\n'
done < <(grep -v '^#' packages/targets.txt)
[[ ! -d $WINEPREFIX ]] || wineserver -k 2>/dev/null
printf '%s' "$table"
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
