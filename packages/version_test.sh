#!/bin/bash
# Every package is of the one version, and of the one name:  packages/version_test.sh BUILD
set -u
. "$(dirname "$0")/common.sh" "$1"
others=$(find "$output" -type f -regex '.*\.\(whl\|gem\|jar\|deb\|crate\|tgz\|tar\.gz\|zip\)' ! -name "*kvext*[-_v]$version*" -printf '%f\n')
check "all packages are of $version" '' "$others"
check 'there are packages' yes "$([[ -n $(ls "$output") ]] && echo yes)"
finish
