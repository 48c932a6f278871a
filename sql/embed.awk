# Turns the named blocks of the .sql files given into one C header: an enum of their names, and, where
# KV_SQL_TEXTS is defined, the array of their texts in the same order. Comments and indentation stay behind. A block
# that begins with "-- fragment: name" is no statement: it stands for "$name" in the statements after it.
function quote(text) {
  gsub(/\\/, "\\\\", text)
  gsub(/"/, "\\\"", text)
  return "\"" text "\""
}
# A fragment may name others.
function expanded(text, name, found) {
  do {
    found = 0
    for (name in fragments) found += gsub("[$]" name, fragments[name], text)
  } while (found)
  return text
}
function joined(text, line) {
  return text (text == "" ? "" : " ") line
}
/^-- fragment: / {
  fragment = $3
  next
}
/^-- name: / {
  fragment = ""
  names[++count] = $3
  next
}
/^[ \t]*(--|$)/ { next }
{ sub(/^[ \t]+/, "") }
fragment != "" {
  fragments[fragment] = joined(fragments[fragment], $0)
  next
}
count > 0 {
  texts[count] = joined(texts[count], expanded($0))
}
END {
  print "/* Made from sql/ by sql/embed.awk. */"
  print "#ifndef KV_SQL_H\n#define KV_SQL_H\n\ntypedef enum kv_sql {"
  for (i = 1; i <= count; i++) print "  KV_SQL_" toupper(names[i]) ","
  print "  KV_SQL_TOTAL\n} kv_sql;\n\n#endif\n"
  print "#ifdef KV_SQL_TEXTS\nstatic const char *const kv_sql_texts[KV_SQL_TOTAL] = {"
  for (i = 1; i <= count; i++) {
    sub(/;$/, "", texts[i])
    print "  [KV_SQL_" toupper(names[i]) "] = " quote(texts[i]) ","
  }
  print "};\n#endif"
}
