# Turns the named blocks of the .sql files given into one C header: an enum of their names, and, where
# KV_SQL_TEXTS is defined, the array of their texts in the same order. Comments and indentation stay behind.
function quote(text) {
  gsub(/\\/, "\\\\", text)
  gsub(/"/, "\\\"", text)
  return "\"" text "\""
}
/^-- name: / {
  names[++count] = $3
  texts[count] = ""
  next
}
/^[ \t]*(--|$)/ { next }
count > 0 {
  sub(/^[ \t]+/, "")
  texts[count] = texts[count] (texts[count] == "" ? "" : " ") $0
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
