# Makes the man page out of the README: its head, "Reference", "What to know" and "Limits".
#   awk -v version=0.2.0 -v library=/usr/local/lib/sqlite3/kv -f packages/man.awk README.md > kv.3
#
# It knows the Markdown that the README has: headings, paragraphs, tables of two columns, code.

# Text as roff wants it. The code between backquotes is bold, and keeps its hyphens.
function roff(text, count, parts, i, out) {
  gsub(/…/, "...", text)
  gsub(/\\/, "\\e", text)
  while (match(text, /\]\([^)]*\)/)) { # a link is its text
    out = substr(text, RSTART + RLENGTH)
    text = substr(text, 1, RSTART - 1)
    sub(/\[[^\[]*$/, "&\001", text)
    sub(/\[/, "", text)
    gsub(/\001/, "", text)
    text = text out
  }
  count = split(text, parts, "`")
  out = ""
  for (i = 1; i <= count; i++) {
    if (i % 2 == 0) {
      gsub(/-/, "\\-", parts[i])
      parts[i] = "\\fB" parts[i] "\\fR"
    } else {
      parts[i] = emphasis(emphasis(parts[i], "**", "B"), "*", "I")
    }
    out = out parts[i]
  }
  return out
}

# What stands between two of the marks is in that font.
function emphasis(text, mark, font, at, is_open, out) {
  out = ""
  while ((at = index(text, mark)) > 0) {
    is_open = !is_open
    out = out substr(text, 1, at - 1) (is_open ? "\\f" font : "\\fR")
    text = substr(text, at + length(mark))
  }
  return out text
}

# A line of text must not begin like a request.
function put(text) {
  print (text ~ /^[.']/ ? "\\&" : "") text
}

function end_paragraph() {
  if (paragraph != "") {
    print ".PP"
    put(roff(paragraph))
  }
  paragraph = ""
}

function end_code() {
  if (in_code) print ".EE\n.RE"
  in_code = 0
}

function code(line) {
  if (!in_code) print ".PP\n.RS 4\n.EX"
  in_code = 1
  gsub(/…/, "...", line)
  gsub(/\\/, "\\e", line)
  gsub(/-/, "\\-", line)
  put(line)
}

# A row of a table: its first column as a term.
function row(line, cells) {
  gsub(/^\| | \|$/, "", line)
  split(line, cells, / \| /)
  print ".TP"
  put(roff(cells[1]))
  put(roff(cells[2]))
}

FNR == 1 {
  title = $0
  sub(/^# kv: /, "", title)
  print "'\\\" -*- coding: UTF-8 -*-"
  print ".TH KV 3 \"\" \"kv " version "\" \"SQLite extensions\"\n.ad l\n.nr HY 0\n.SH NAME\nkv \\- " title
  gsub(/-/, "\\-", library)
  print ".SH SYNOPSIS\n.EX\n\\&.load " library "\n\n#include <kv.h>\n.EE"
  print ".PP\n\\fBcc\\fR $(\\fBpkg\\-config \\-\\-cflags \\-\\-libs kv\\fR)\n.SH DESCRIPTION"
  is_wanted = 1
  next
}
/^## / {
  end_paragraph()
  is_wanted = $0 ~ /^## (Reference|What to know|Limits)$/
}
!is_wanted { next }
/^```/ {
  end_paragraph()
  if (is_fenced) end_code()
  is_fenced = !is_fenced
  next
}
is_fenced { code($0); next }
/^    / { end_paragraph(); code(substr($0, 5)); next }
{ end_code() }
/^## / { end_paragraph(); print ".SH " toupper(substr($0, 4)); next }
/^### / { end_paragraph(); print ".SS " substr($0, 5); next }
/^\|---/ || /^\| (function|table|setting) / { next }
/^\|/ { row($0); next }
/^$/ { end_paragraph(); next }
{ paragraph = paragraph (paragraph == "" ? "" : " ") $0 }
END {
  end_paragraph()
  print ".SH SEE ALSO\n.BR sqlite3 (1)"
}
