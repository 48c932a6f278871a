#!/bin/bash
# Runs commands, and adds up what they report:  test/tally.sh COMMAND...
#
# A command that prints a line "N passed, N failed" counts as the last one of these says; any other counts as a
# single check, by its exit status. An error without a failure is one. The last line is the sum.

# As UTF-8 in any locale: what the tests read and print.
export LC_ALL=C.UTF-8

passed=0
failed=0
output=$(mktemp)
trap 'rm -f "$output"' EXIT

for command; do
  echo "== $command"
  bash -c "$command" </dev/null 2>&1 | tee "$output"
  status=${PIPESTATUS[0]}
  counts=$(grep -E '^[0-9]+ passed, [0-9]+ failed$' "$output" | tail -n 1)
  [[ -n $counts ]] || counts="$((status == 0)) passed, $((status != 0)) failed"
  read -r good _ bad _ <<<"$counts"
  if [[ $status != 0 ]]; then
    echo "exited with $status: $command"
    [[ $bad != 0 ]] || bad=1
  fi
  ((passed += good, failed += bad))
done

echo "$passed passed, $failed failed"
[[ $failed == 0 && $passed != 0 ]]
