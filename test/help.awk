# The targets of the Makefiles given, group by group: `make help`.
BEGIN { count = split("Use it|Install and pack it|Test it|Test it for longer, or elsewhere|Check it|Measure it", groups, "|") }
FNR == 1 { group = groups[3] }
/^##@ / { group = substr($0, 5) }
/^[a-z0-9-]+:.*## / { lines[group] = lines[group] sprintf("  make %-18s %s\n", $1, $2) }
END {
  for (i = 1; i <= count; i++) {
    if (groups[i] in lines) printf "%s%s\n%s", (i > 1 ? "\n" : ""), groups[i], lines[groups[i]]
    delete lines[groups[i]]
  }
  for (group in lines) {
    print "help.awk knows no group " group > "/dev/stderr"
    exit 1
  }
}
