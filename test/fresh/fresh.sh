#!/bin/bash
# The README's two commands in a bare Debian:  test/fresh/fresh.sh DIRECTORY [RELEASE...]
#
# A release is 11, 12 (unless given), 13 or sid: debootstrap's smallest system (minbase), with git and make and nothing
# else, no list of packages, no locale. The commit that is checked out is cloned into it. An ordinary user is told
# what to install; root runs `make demo` and `make test` with an empty environment; then the user, with four jobs and
# on a path with a blank in it. SQLite is the release's own. KV_TEST_QUICK=1: the short form, and less for the user.
#
# DIRECTORY keeps the bare systems, for a week; each run has a copy, which goes with it. The mirror of Debian and how
# it is reached are those of this machine's apt. Where it cannot run (no root, no mirror, no namespaces) it is SKIPPED.

set -u
cd "$(dirname "$0")/../.." || exit 1
kept=$1
shift
[[ $# != 0 ]] || set -- 12
path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

skip() {
  echo "SKIPPED: make test-fresh: $1"
  exit 0
}

[[ $(id -u) == 0 ]] || skip 'it needs root'
unshare --mount --pid --fork true 2>/dev/null || skip 'no namespaces for processes and mounts here (unshare)'
test/packages.sh fresh || exit 1
git rev-parse --quiet --verify HEAD >/dev/null || skip 'there is no git repository here to clone'

work=$(mktemp -d)
trap 'rm -rf --one-file-system "$work"' EXIT
passed=0
failed=0
table=

# check TITLE EXPECTED GOT
check() {
  if [[ $2 == "$3" ]]; then
    ((passed++))
  else
    ((failed++))
    printf 'FAILED: %s\n  expected: %s\n  got:      %s\n' "$1" "$2" "$3"
  fi
}

# ---- this machine's way to Debian ----

# Nothing where this machine is no Debian: then debootstrap knows a mirror.
mirror() {
  # shellcheck disable=SC2016,SC1091 # apt's own variables; os-release is there
  (. /etc/os-release && [[ $ID == debian ]] &&
    apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $VERSION_CODENAME" | head -n 1)
}

reach() { # of apt's settings those that say how a server is reached, and what is believed of it
  apt-config dump | grep -iE '^Acquire::(https?|ftp|Retries|ForceIPv|Check-(Date|Valid-Until|Release))' | grep -v ' "";$'
}

proxy=$(apt-config dump --format '%v' Acquire::http::Proxy 2>/dev/null)
[[ -z $proxy ]] || export http_proxy=${http_proxy:-$proxy}

# ---- a bare system ----

suite_of() {
  case $1 in
    11) echo bullseye ;;
    12) echo bookworm ;;
    13) echo trixie ;;
    *) echo "$1" ;;
  esac
}

# bare_system SUITE: kept, a week old at most.
bare_system() {
  local root=$work/$1
  find "$kept" -name "$1.tar" -mtime +7 -delete
  [[ ! -f $kept/$1.tar ]] || return 0
  echo "making a bare $1"
  # shellcheck disable=SC2046 # the mirror, or nothing
  debootstrap --variant=minbase --include=git,make "$1" "$root" $(mirror) >"$work/log" 2>&1 || return 1
  rm -rf "${root:?}"/{var/lib/apt/lists/*,var/cache/apt/*,dev}
  mkdir "$root/dev"
  tar c -C "$root" --one-file-system . >"$kept/$1.$$" && mv "$kept/$1.$$" "$kept/$1.tar"
  rm -rf --one-file-system "$root"
}

# in_system USER DIRECTORY COMMAND...: with nothing in its environment; what it leaves running ends with it.
in_system() {
  local user=$1 directory=$2
  shift 2
  unshare --mount --pid --fork --kill-child bash -c '
    mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && shift || exit 125
    "$@"
    exit $? # and not exec: somebody has to bury what others leave behind
    ' - "$root" env -i PATH="$path" chroot --userspec="$user" "$root" sh -c 'cd "$1" && shift && exec "$@"' - "$directory" "$@" </dev/null
}

# ---- a release ----

ends() { tail -n 1 "$work/log"; } # the last line of what was said

run_release() {
  local name=$1 started=$SECONDS target=test version counts status
  [[ -z ${KV_TEST_QUICK:-} ]] || target=test-machine
  root=$work/$name
  mkdir "$root" && tar x -C "$root" -f "$kept/$(suite_of "$name").tar" || return 1
  cp /etc/resolv.conf /etc/hosts "$root/etc/"
  reach >"$root/etc/apt/apt.conf.d/90reach"
  echo 'user:x:1000:1000::/home/user:/bin/sh' >>"$root/etc/passwd"
  git clone --quiet --no-local . "$root/root/kv"
  git clone --quiet --no-local . "$root/home/user/my kv"
  chown -R 1000:1000 "$root/home/user"

  in_system 1000:1000 '/home/user/my kv' make >"$work/log" 2>&1
  check "Debian $name, make without a compiler is an error" 2 $?
  check "Debian $name, it names the packages" 'sudo apt-get update && sudo apt-get install -y --no-install-recommends gcc libc6-dev libsqlite3-dev' \
    "$(grep '^sudo' "$work/log")"
  in_system 1000:1000 '/home/user/my kv' make demo >"$work/log" 2>&1
  check "Debian $name, make demo of a user who may install nothing is an error" 2 $?
  check "Debian $name, and one line to paste" 1 "$(grep -c '^sudo apt-get update && sudo apt-get install .*libsqlite3-dev sqlite3$' "$work/log")"

  in_system 0:0 /root/kv make demo >"$work/log" 2>&1
  status=$?
  check "Debian $name, make demo" 0 $status
  [[ $status == 0 ]] || cat "$work/log"
  check "Debian $name, it shows the answers" 1 "$(grep -c 'config .* theme .* solarized' "$work/log" | sed 's/[1-9][0-9]*/1/')"

  in_system 0:0 /root/kv env ${KV_TEST_QUICK:+KV_TEST_QUICK=$KV_TEST_QUICK} make test >"$work/log" 2>&1
  check "Debian $name, make test" 0 $?
  counts=$(ends)
  [[ $counts =~ ^([0-9]+)\ passed,\ ([0-9]+)\ failed$ ]] || counts='0 passed, 1 failed'
  [[ $counts == *' 0 failed' ]] || cat "$work/log"
  grep '^SKIPPED' "$work/log" | sort -u
  ((passed += ${counts%% *}))
  read -r _ _ bad _ <<<"$counts" && ((failed += bad))

  in_system 1000:1000 '/home/user/my kv' make -j4 demo >"$work/log" 2>&1
  check "Debian $name, make -j4 demo of a user, on a path with a blank" 0 $?
  in_system 1000:1000 '/home/user/my kv' env KV_TEST_QUICK=1 LANG=de_DE make -j4 "$target" >"$work/log" 2>&1
  check "Debian $name, make -j4 $target of the user" '0 failed' "$(ends | sed 's/.* passed, //')"
  [[ $(ends) == *' 0 failed' ]] || cat "$work/log"

  version=$(in_system 0:0 / sqlite3 --version | cut -d ' ' -f 1)
  table+=$(printf 'Debian %-4s SQLite %-8s %s, %d s' "$name" "$version" "$counts" $((SECONDS - started)))$'\n'
  rm -rf --one-file-system "$root"
}

mkdir -p "$kept"
for release; do
  if bare_system "$(suite_of "$release")"; then
    echo "== Debian $release"
    run_release "$release" || check "Debian $release is run" 'done' 'an error'
  else
    tail -n 5 "$work/log"
    echo "SKIPPED: make test-fresh: Debian $release cannot be had"
    table+="Debian $release SKIPPED"$'\n'
  fi
done

printf '%s' "$table"
[[ $((passed + failed)) != 0 ]] || exit 0
echo "$passed passed, $failed failed"
[[ $failed == 0 ]]
