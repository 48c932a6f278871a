#!/bin/bash
# Runs commands, and adds up what they report:  test/tally.sh [--times] COMMAND...
#
# A command that prints a line "N passed, N failed" counts as the last one of these says; any other counts as a
# single check, by its exit status, or as none if it says SKIPPED. An error without a failure is one. The last line is
# the sum; what was skipped is said again before it, and with --times the seconds that each command took.

# As UTF-8 in any locale: what the tests read and print.
export LC_ALL=C.UTF-8

passed=0
failed=0
skipped=
times=
is_timed=0
if [[ ${1:-} == --times ]]; then
  is_timed=1
  shift
fi
output=$(mktemp)
trap 'rm -f "$output"' EXIT

for command; do
  echo "== $command"
  started=$SECONDS
  bash -c "$command" </dev/null 2>&1 | tee "$output"
  status=${PIPESTATUS[0]}
  counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$output" | tail -n 1)
  left_out=$(grep '^SKIPPED' "$output")
  [[ -z $left_out ]] || skipped+=$left_out$'\n'
  if [[ -z $counts ]]; then
    counts="$((status == 0 && ${#left_out} == 0)) passed, $((status != 0)) failed"
  fi
  read -r good _ bad _ <<<"$counts"
  if [[ $status != 0 ]]; then
    echo "exited with $status: $command"
    [[ $bad != 0 ]] || bad=1
  fi
  ((passed += good, failed += bad))
  times+=$(printf '%5d s  %6d passed, %d failed  %s' $((SECONDS - started)) "$good" "$bad" "$command")$'\n'
done

[[ $is_timed == 0 ]] || printf '%s' "$times"
printf '%s' "$skipped" | sort -u
echo "$passed passed, $failed failed"
[[ $failed == 0 && $passed != 0 ]]
