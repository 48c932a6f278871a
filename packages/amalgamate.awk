# Makes one C file of many, which needs no other:
#   awk -f packages/amalgamate.awk ext/extension.c ext/*.c ext/*/*.c HEADER...
#
# Headers in quotes come in once, where they are first asked for: of those given, the one in the asking file's folder,
# or else the one of that path below any folder. Functions of more than one file become static; an array of a length
# that its declaration leaves open cannot be, and is hidden. A name that is private to a file, and that another has
# too, gets the file's name before it: append() in ext/events/events.c is events_append().

function base(path) {
  sub(/.*\//, "", path)
  return path
}

# ---- the names that a file keeps to itself ----

function define(file, name) {
  if (name ~ /^kv_/) return # shared, if only by the systems of which each has a file
  if (!((file, name) in is_defined)) files_of[name]++
  is_defined[file, name] = 1
}

function define_enumerators(file, line, list, parts, count, i) {
  sub(/^[^{]*\{/, "", line)
  sub(/}.*/, "", line)
  gsub(/\/\*[^*]*\*\//, "", line)
  count = split(line, parts, ",")
  for (i = 1; i <= count; i++) {
    if (match(parts[i], /[A-Za-z_][A-Za-z_0-9]*/)) define(file, substr(parts[i], RSTART, RLENGTH))
  }
}

function find_names(file, line, name) {
  if (in_enum || line ~ /^(typedef )?enum .*\{/) {
    define_enumerators(file, line)
    in_enum = line !~ /}/
  }
  if (line ~ /^((typedef|static|const) )*(struct|enum) [a-z_]+ \{/) {
    name = line
    sub(/ \{.*/, "", name)
    sub(/.* /, "", name)
    define(file, name)
  } else if (match(line, /^} [a-z_]+/)) {
    define(file, substr(line, 3, RLENGTH - 2))
  } else if (line ~ /^(static|typedef) .*[ *][A-Za-z_0-9]+(\(|\[| =|;)/) {
    name = line
    sub(/(\(|\[| =|;).*/, "", name)
    sub(/.*[ *]/, "", name)
    define(file, name)
  }
}

# ---- rewriting ----

# A line with the file's private names told apart from those of others. The members of a struct are not among them,
# even if one is called as a function is.
function rename(file, line, out, token, is_member) {
  out = ""
  if (line ~ /^((typedef|static|const) )*(struct|union)( [a-z_]+)? \{$/) in_struct = 1
  if (line ~ /^}/) in_struct = 0
  while (line != "") {
    if (in_comment || substr(line, 1, 2) == "/*") {
      in_comment = 1
      if (!match(line, /\*\//)) RSTART = length(line)
      else in_comment = 0
      RLENGTH = RSTART + 1
      RSTART = 1
    } else if (match(line, /^"([^"\\]|\\.)*"|^'([^'\\]|\\.)*'/)) {
    } else if (match(line, /^(\.|->) *[A-Za-z_][A-Za-z_0-9]*/)) {
    } else if (match(line, /^[A-Za-z_0-9]+/)) {
      token = substr(line, 1, RLENGTH)
      is_member = in_struct && substr(line, RLENGTH + 1, 1) ~ /[;,[]/
      if (!is_member && (file, token) in is_defined && files_of[token] > 1) out = out prefix[file]
    } else {
      RLENGTH = 1
    }
    out = out substr(line, 1, RLENGTH)
    line = substr(line, RLENGTH + 1)
  }
  return out
}

# The header that a file asks for, of those given; "" if there is none.
function find_header(asker, name, path) {
  path = asker
  sub(/[^\/]*$/, name, path)
  if (path in text) return path
  for (path in text) {
    if (path == name || substr(path, length(path) - length(name)) == "/" name) return path
  }
  return ""
}

# A file, after the headers that it asks for: other files need them too where a condition leaves this one out.
function emit(path, lines, count, i, line, header) {
  is_emitted[path] = 1
  count = split(text[path], lines, "\n")
  for (i = 1; i < count; i++) {
    line = lines[i]
    if (line !~ /^#include "/) continue
    sub(/^#include "/, "", line)
    sub(/".*/, "", line)
    header = find_header(path, line)
    if (header == "") {
      print "amalgamate.awk: no header " line " among the files given" > "/dev/stderr"
      failed = 1
    } else if (!(header in is_emitted)) {
      emit(header)
    }
  }
  print "/* ---- " (path ~ /kv_sql/ ? "the SQL text" : path) " ---- */"
  for (i = 1; i < count; i++) {
    line = lines[i]
    if (line ~ /^#include "/) continue
    if (line ~ /^[a-z][a-z0-9_ ]*[ *]kv_[a-z0-9_]+(\(| = \{)/ && line !~ /^(static|typedef) /) line = "static " line
    if (line ~ /^extern .*\[\];/) sub(/^extern /, "extern KV_HIDDEN ", line)
    else sub(/^extern /, "static ", line)
    if (line == "SQLITE_EXTENSION_INIT1") line = "#ifndef SQLITE_CORE\nstatic " line "\n#endif"
    print path ~ /\.c$/ ? rename(path, line) : line
  }
}

# Names of the C library, which a file may have for its own as long as it asks for no header that has them.
BEGIN {
  count = split("abort access alarm close dup exec exit fork free index kill link lseek open pause pipe raise read " \
    "remove rename select send signal sleep stat sync time truncate unlink wait write", names, " ")
  for (i = 1; i <= count; i++) files_of[names[i]] = 1
}
FNR == 1 {
  is_again = FILENAME in text
  in_enum = 0
}
is_again { next }
FNR == 1 {
  if (FILENAME ~ /\.c$/) sources[++total] = FILENAME
  prefix[FILENAME] = base(FILENAME)
  sub(/\.c$/, "_", prefix[FILENAME])
}
{
  text[FILENAME] = text[FILENAME] $0 "\n"
  if (FILENAME ~ /\.c$/) find_names(FILENAME, $0)
}
END {
  print "/*\n** kv, a key-value store inside SQLite, in one file: made from the source by `make dist`.\n**"
  print "**     cc -O2 -shared -fPIC kv.c -o kv.so -lm      an extension to load"
  print "**     cc -O2 -DSQLITE_CORE -c kv.c               to link with a program; see kv.h\n**"
  while ((getline line < "LICENSE") > 0) print line == "" ? "**" : "** " line
  print "*/"
  print "#if !defined(_WIN32) && !defined(__APPLE__) && !defined(_POSIX_C_SOURCE)"
  print "#define _POSIX_C_SOURCE 200809L\n#endif"
  print "#define KV_DEFINES_SQLITE_API\n#define KV_INSIDE_EXTENSION\n#define KV_SQL_TEXTS"
  print "#if defined(__GNUC__) && !defined(_WIN32)\n#define KV_HIDDEN __attribute__((visibility(\"hidden\")))"
  print "#else\n#define KV_HIDDEN\n#endif"
  for (i = 1; i <= total; i++) if (!(sources[i] in is_emitted)) emit(sources[i])
  exit failed
}
