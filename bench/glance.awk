# The README with the first table of the results' "At a glance" between its marks:
#   awk -f bench/glance.awk bench/results/results.md README.md
# Without such a table, the README as it is.

NR == FNR {
  if ($0 == "## At a glance") is_glance = 1
  else if (/^## /) is_glance = 0
  if (is_glance && /^\|/ && !is_over) table = table $0 "\n"
  else if (is_glance && table != "") is_over = 1
  next
}
/^<!-- end of the glance/ && table != "" { printf "%s", table; is_inside = 0 }
!is_inside
/^<!-- at a glance/ && table != "" { is_inside = 1 }
