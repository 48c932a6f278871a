/*
** printf, print and println: the upper half of Go's fmt, verbs and arguments. See printf.h.
*/
#include "printf.h"
#include "floats.h"
#include "runes.h"
#include "state.h"

#include <string.h>

/* Go's own bound for a width, a precision or an argument's index. */
enum { MAX_NUMBER = 1000000 };

static void format_value(kv_format *format, const kv_value *value, int32_t verb);

/* ---- one value ------------------------------------------------------------------------------- */

static void clear_flags(kv_format *format) {
  *format = (kv_format){.render = format->render, .out = format->out};
}

/* "%!d(string=x)": this verb is not for this value. */
static void bad_verb(kv_format *format, const kv_value *value, int32_t verb) {
  kv_format kept = *format;
  kv_buffer_text(format->out, "%!");
  kv_buffer_rune(format->out, verb);
  kv_buffer_char(format->out, '(');
  if (value->kind == KV_INVALID) {
    kv_buffer_text(format->out, "<nil>");
  } else {
    kv_buffer_text(format->out, kv_value_type(value));
    kv_buffer_char(format->out, '=');
    format_value(format, value, 'v');
  }
  kv_buffer_char(format->out, ')');
  *format = kept;
}

static void format_integer(kv_format *format, const kv_value *value, int32_t verb) {
  int is_negative = value->integer < 0;
  uint64_t bits = (uint64_t)value->integer;
  uint64_t magnitude = is_negative ? 0 - bits : bits;
  switch (verb) {
  case 'v':
    if (format->is_sharp_v && value->kind == KV_BYTE) {
      format->is_sharp = 1;
      kv_format_integer(format, magnitude, 0, 16, 'v', 0);
      format->is_sharp = 0;
      break;
    }
    kv_format_integer(format, magnitude, is_negative, 10, 'v', 0);
    break;
  case 'd':
    kv_format_integer(format, magnitude, is_negative, 10, 'd', 0);
    break;
  case 'b':
    kv_format_integer(format, magnitude, is_negative, 2, 'b', 0);
    break;
  case 'o':
  case 'O':
    kv_format_integer(format, magnitude, is_negative, 8, (int)verb, 0);
    break;
  case 'x':
    kv_format_integer(format, magnitude, is_negative, 16, 'x', 0);
    break;
  case 'X':
    kv_format_integer(format, magnitude, is_negative, 16, 'X', 1);
    break;
  case 'c':
    kv_format_rune(format, bits);
    break;
  case 'q':
    kv_format_quoted_rune(format, bits);
    break;
  case 'U':
    kv_format_unicode(format, bits);
    break;
  default:
    bad_verb(format, value, verb);
    break;
  }
}

static int is_float_verb(int32_t verb) {
  return verb < 0x80 && verb > 0 && strchr("vbgGxXfFeE", (int)verb) != NULL;
}

static void format_real(kv_format *format, double value, int32_t verb) {
  int shortest = strchr("vbgGxX", (int)verb) != NULL;
  int shown = verb == 'v' ? 'g' : verb == 'F' ? 'f' : (int)verb;
  kv_format_float(format, value, shown, shortest ? -1 : 6);
}

static void format_complex(kv_format *format, const kv_value *value, int32_t verb) {
  int is_plus = format->is_plus;
  kv_buffer_char(format->out, '(');
  format_real(format, value->real, verb);
  format->is_plus = 1; /* the imaginary part has a sign always */
  format_real(format, value->imaginary, verb);
  kv_buffer_text(format->out, "i)");
  format->is_plus = is_plus;
}

static void format_string(kv_format *format, const kv_value *value, int32_t verb) {
  switch (verb) {
  case 'v':
    if (format->is_sharp_v) {
      kv_format_quoted(format, value->string);
    } else {
      kv_format_string(format, value->string);
    }
    break;
  case 's':
    kv_format_string(format, value->string);
    break;
  case 'x':
    kv_format_hex(format, value->string, 0);
    break;
  case 'X':
    kv_format_hex(format, value->string, 1);
    break;
  case 'q':
    kv_format_quoted(format, value->string);
    break;
  default:
    bad_verb(format, value, verb);
    break;
  }
}

/* The verb and its flags go to every key and value. */
static void format_map(kv_format *format, int32_t verb) {
  kv_render *render = format->render;
  int code = kv_render_load(render);
  if (code != SQLITE_OK) {
    format->out->code = code;
    return;
  }
  kv_buffer_text(format->out, format->is_sharp_v ? "map[string]string{" : "map[");
  for (size_t i = 0; i < render->pair_count && format->out->code == SQLITE_OK; i++) {
    const kv_value key = {.kind = KV_STRING, .string = render->pairs[i].key};
    const kv_value value = {.kind = KV_STRING, .string = render->pairs[i].value};
    if (i > 0) kv_buffer_text(format->out, format->is_sharp_v ? ", " : " ");
    format_value(format, &key, verb);
    kv_buffer_char(format->out, ':');
    format_value(format, &value, verb);
  }
  kv_buffer_char(format->out, format->is_sharp_v ? '}' : ']');
}

static void format_value(kv_format *format, const kv_value *value, int32_t verb) {
  if (value->kind == KV_INVALID) {
    if (verb == 'T' || verb == 'v') {
      kv_format_pad(format, "<nil>", 5);
    } else {
      bad_verb(format, value, verb);
    }
    return;
  }
  if (verb == 'T') {
    const char *type = kv_value_type(value);
    kv_format_string(format, (kv_str){type, strlen(type)});
    return;
  }
  if (verb == 'w' || (verb == 'p' && value->kind != KV_MAP)) { /* %w is for errors, in Go */
    bad_verb(format, value, verb);
    return;
  }
  switch (value->kind) {
  case KV_BOOL:
    if (verb == 't' || verb == 'v') {
      kv_format_bool(format, value->integer != 0);
    } else {
      bad_verb(format, value, verb);
    }
    break;
  case KV_FLOAT:
  case KV_COMPLEX:
    if (!is_float_verb(verb)) {
      bad_verb(format, value, verb);
    } else if (value->kind == KV_FLOAT) {
      format_real(format, value->real, verb);
    } else {
      format_complex(format, value, verb);
    }
    break;
  case KV_STRING:
    format_string(format, value, verb);
    break;
  case KV_MAP:
    format_map(format, verb);
    break;
  default:
    format_integer(format, value, verb);
    break;
  }
}

/* ---- the format string ----------------------------------------------------------------------- */

typedef struct scanner {
  kv_str format;
  size_t at;
  const kv_value *arguments;
  int count;
  int next;         /* the argument to take */
  int is_reordered; /* an index was used: what is left over is no mistake then */
  int is_good_index;
  int has_index; /* [n] stood just before */
} scanner;

/* Digits: 1 if there were any. What is too large is none, and uses up all until the end. */
static int read_number(scanner *s, size_t end, int *number) {
  int is_number = 0;
  *number = 0;
  for (; s->at < end && s->format.bytes[s->at] >= '0' && s->format.bytes[s->at] <= '9'; s->at++) {
    if (*number > MAX_NUMBER) {
      *number = 0;
      s->at = end;
      return 0;
    }
    *number = *number * 10 + (s->format.bytes[s->at] - '0');
    is_number = 1;
  }
  return is_number;
}

/* An argument's index, [n], if one stands here. */
static void read_index(scanner *s) {
  s->has_index = 0;
  if (s->at >= s->format.length || s->format.bytes[s->at] != '[') return;
  s->is_reordered = 1;
  const char *close = memchr(s->format.bytes + s->at, ']', s->format.length - s->at);
  if (close == NULL || s->format.length - s->at < 3) {
    s->is_good_index = 0;
    s->at++;
    return;
  }
  size_t end = (size_t)(close - s->format.bytes);
  size_t first = ++s->at;
  int number = 0;
  int is_number = read_number(s, end, &number);
  int is_good = is_number && s->at == end && first < end;
  s->at = end + 1;
  if (is_good && number >= 1 && number <= s->count) {
    s->next = number - 1;
    s->has_index = 1;
  } else {
    s->is_good_index = 0;
    if (is_good) s->has_index = 1;
  }
}

static void read_flags(scanner *s, kv_format *format) {
  for (; s->at < s->format.length; s->at++) {
    switch (s->format.bytes[s->at]) {
    case '#':
      format->is_sharp = 1;
      break;
    case '0':
      format->is_zero = 1;
      break;
    case '+':
      format->is_plus = 1;
      break;
    case '-':
      format->is_minus = 1;
      break;
    case ' ':
      format->is_space = 1;
      break;
    default:
      return;
    }
  }
}

/* The argument for a `*`: 1 if it is an integer within bounds. */
static int read_star(scanner *s, int *number) {
  int is_good = 0;
  *number = 0;
  if (s->next < s->count) {
    const kv_value *value = &s->arguments[s->next++];
    is_good = (value->kind == KV_INT || value->kind == KV_BYTE) && value->integer <= MAX_NUMBER &&
              value->integer >= -MAX_NUMBER;
    if (is_good) *number = (int)value->integer;
  }
  return is_good;
}

static int is_star(const scanner *s) {
  return s->at < s->format.length && s->format.bytes[s->at] == '*';
}

static void read_width(scanner *s, kv_format *format) {
  if (is_star(s)) {
    s->at++;
    format->has_width = read_star(s, &format->width);
    if (!format->has_width) kv_buffer_text(format->out, "%!(BADWIDTH)");
    if (format->width < 0) {
      format->width = -format->width;
      format->is_minus = 1;
      format->is_zero = 0;
    }
    s->has_index = 0;
    return;
  }
  format->has_width = read_number(s, s->format.length, &format->width);
  if (s->has_index && format->has_width) s->is_good_index = 0; /* %[3]2d */
}

static void read_precision(scanner *s, kv_format *format) {
  if (s->at + 1 >= s->format.length || s->format.bytes[s->at] != '.') return;
  s->at++;
  if (s->has_index) s->is_good_index = 0; /* %[3].2d */
  read_index(s);
  if (is_star(s)) {
    s->at++;
    format->has_precision = read_star(s, &format->precision);
    if (format->precision < 0) {
      format->precision = 0;
      format->has_precision = 0;
    }
    if (!format->has_precision) kv_buffer_text(format->out, "%!(BADPREC)");
    s->has_index = 0;
    return;
  }
  format->has_precision = read_number(s, s->format.length, &format->precision);
  if (!format->has_precision) {
    format->precision = 0;
    format->has_precision = 1;
  }
}

static void take_verb(scanner *s, kv_format *format) {
  size_t size;
  int32_t verb = kv_rune_decode(s->format.bytes + s->at, s->format.length - s->at, &size);
  s->at += size;
  if (verb == '%') {
    kv_buffer_char(format->out, '%');
  } else if (!s->is_good_index) {
    kv_buffer_text(format->out, "%!");
    kv_buffer_rune(format->out, verb);
    kv_buffer_text(format->out, "(BADINDEX)");
  } else if (s->next >= s->count) {
    kv_buffer_text(format->out, "%!");
    kv_buffer_rune(format->out, verb);
    kv_buffer_text(format->out, "(MISSING)");
  } else {
    if (verb == 'v' || verb == 'w') { /* %#v and %+v are other verbs, not flags of this one */
      format->is_sharp_v = format->is_sharp;
      format->is_plus_v = format->is_plus;
      format->is_sharp = format->is_plus = 0;
    }
    format_value(format, &s->arguments[s->next++], verb);
  }
}

static void report_extra(scanner *s, kv_format *format) {
  if (s->is_reordered || s->next >= s->count) return;
  clear_flags(format);
  kv_buffer_text(format->out, "%!(EXTRA ");
  for (int i = s->next; i < s->count; i++) {
    const kv_value *value = &s->arguments[i];
    if (i > s->next) kv_buffer_text(format->out, ", ");
    if (value->kind == KV_INVALID) {
      kv_buffer_text(format->out, "<nil>");
      continue;
    }
    kv_buffer_text(format->out, kv_value_type(value));
    kv_buffer_char(format->out, '=');
    format_value(format, value, 'v');
  }
  kv_buffer_char(format->out, ')');
}

void kv_printf(kv_render *render, kv_buffer *out, kv_str text, const kv_value *arguments,
               int count) {
  scanner s = {.format = text, .arguments = arguments, .count = count};
  kv_format format = {.render = render, .out = out};
  while (s.at < text.length && out->code == SQLITE_OK) {
    const char *percent = memchr(text.bytes + s.at, '%', text.length - s.at);
    size_t end = percent != NULL ? (size_t)(percent - text.bytes) : text.length;
    kv_buffer_append(out, text.bytes + s.at, end - s.at);
    s.at = end + 1;
    if (percent == NULL) break;
    clear_flags(&format);
    s.is_good_index = 1;
    read_flags(&s, &format);
    read_index(&s);
    read_width(&s, &format);
    read_precision(&s, &format);
    if (!s.has_index) read_index(&s);
    if (s.at >= text.length) {
      kv_buffer_text(out, "%!(NOVERB)");
      break;
    }
    take_verb(&s, &format);
  }
  report_extra(&s, &format);
}

void kv_print(kv_render *render, kv_buffer *out, const kv_value *arguments, int count) {
  kv_format format = {.render = render, .out = out};
  for (int i = 0; i < count; i++) {
    int is_between = i > 0 && arguments[i].kind != KV_STRING && arguments[i - 1].kind != KV_STRING;
    if (is_between) kv_buffer_char(out, ' ');
    format_value(&format, &arguments[i], 'v');
  }
}

void kv_println(kv_render *render, kv_buffer *out, const kv_value *arguments, int count) {
  kv_format format = {.render = render, .out = out};
  for (int i = 0; i < count; i++) {
    if (i > 0) kv_buffer_char(out, ' ');
    format_value(&format, &arguments[i], 'v');
  }
  kv_buffer_char(out, '\n');
}
