/*
** One value under one verb's flags: the lower half of Go's fmt. See format.h.
*/
#include "format.h"
#include "runes.h"
#include "state.h"

#include <string.h>

/* ---- padding --------------------------------------------------------------------------------- */

void kv_format_pad(kv_format *format, const char *bytes, size_t length) {
  if (!format->has_width) {
    kv_buffer_append(format->out, bytes, length);
    return;
  }
  size_t runes = kv_rune_count(&format->render->meter, (kv_str){bytes, length});
  size_t padding = (size_t)format->width > runes ? (size_t)format->width - runes : 0;
  char with = format->is_zero && !format->is_minus ? '0' : ' ';
  if (!format->is_minus) kv_buffer_repeat(format->out, with, padding);
  kv_buffer_append(format->out, bytes, length);
  if (format->is_minus) kv_buffer_repeat(format->out, ' ', padding);
}

void kv_format_bool(kv_format *format, int is_true) {
  kv_format_pad(format, is_true ? "true" : "false", is_true ? 4 : 5);
}

/* The precision counts runes. */
static kv_str truncated(const kv_format *format, kv_str text) {
  if (!format->has_precision) return text;
  return kv_rune_first(&format->render->meter, text, (size_t)format->precision);
}

void kv_format_string(kv_format *format, kv_str text) {
  kv_str shown = truncated(format, text);
  kv_format_pad(format, shown.bytes, shown.length);
}

/* ---- quoting --------------------------------------------------------------------------------- */

/* Can it stand in back quotes as it is? */
static int is_raw_quotable(kv_meter *meter, kv_str text) {
  size_t size;
  for (size_t at = 0; at < text.length; at += size) {
    int32_t rune = kv_rune_decode(text.bytes + at, text.length - at, &size);
    if (kv_meter_work(meter, size) != SQLITE_OK) return 0;
    if (size > 1) {
      if (rune == 0xfeff) return 0;
      continue;
    }
    if (rune == KV_RUNE_ERROR || (rune < ' ' && rune != '\t') || rune == '`' || rune == 0x7f)
      return 0;
  }
  return 1;
}

/* Pads what was gathered, and lets go of it. */
static void finish(kv_format *format, kv_buffer *text) {
  if (text->code != SQLITE_OK && format->out->code == SQLITE_OK) format->out->code = text->code;
  kv_str all = kv_buffer_all(text);
  kv_format_pad(format, all.bytes, all.length);
  kv_buffer_free(text);
}

void kv_format_quoted(kv_format *format, kv_str text) {
  kv_buffer quoted = {.meter = &format->render->meter};
  kv_str shown = truncated(format, text);
  if (format->is_sharp && is_raw_quotable(&format->render->meter, shown)) {
    kv_buffer_char(&quoted, '`');
    kv_buffer_append(&quoted, shown.bytes, shown.length);
    kv_buffer_char(&quoted, '`');
  } else {
    kv_quote(&quoted, shown, format->is_plus);
  }
  finish(format, &quoted);
}

void kv_format_hex(kv_format *format, kv_str text, int is_upper) {
  const char *prefix = is_upper ? "0X" : "0x";
  size_t length = text.length;
  kv_buffer hex = {.meter = &format->render->meter};
  if (format->has_precision && (size_t)format->precision < length)
    length = (size_t)format->precision;
  if (length > 0 && format->is_sharp) kv_buffer_text(&hex, prefix);
  for (size_t i = 0; i < length && hex.code == SQLITE_OK; i++) {
    unsigned char byte = (unsigned char)text.bytes[i];
    if (i > 0 && format->is_space) {
      kv_buffer_char(&hex, ' ');
      if (format->is_sharp) kv_buffer_text(&hex, prefix);
    }
    kv_buffer_hex(&hex, byte, 2, is_upper);
  }
  finish(format, &hex);
}

/* ---- integers -------------------------------------------------------------------------------- */

/* How many digits there must be; -1: none at all, for a zero with precision 0. */
static int least_digits(const kv_format *format, uint64_t magnitude, int has_sign) {
  if (format->has_precision) {
    return format->precision == 0 && magnitude == 0 ? -1 : format->precision;
  }
  if (format->is_zero && !format->is_minus && format->has_width) {
    return has_sign ? format->width - 1 : format->width;
  }
  return 0;
}

void kv_format_integer(kv_format *format, uint64_t magnitude, int is_negative, int base, int verb,
                       int is_upper) {
  const char *all = is_upper ? "0123456789ABCDEFX" : "0123456789abcdefx";
  int has_sign = is_negative || format->is_plus || format->is_space;
  int least = least_digits(format, magnitude, has_sign);
  char digits[72];
  int count = 0;
  kv_format plain = *format;
  plain.is_zero = 0;
  if (least < 0) {
    kv_format_pad(&plain, "", 0);
    return;
  }
  kv_buffer text = {.meter = &format->render->meter};
  for (uint64_t rest = magnitude; rest > 0 || count == 0; rest /= (uint64_t)base) {
    digits[count++] = all[rest % (uint64_t)base];
  }
  if (is_negative) {
    kv_buffer_char(&text, '-');
  } else if (format->is_plus) {
    kv_buffer_char(&text, '+');
  } else if (format->is_space) {
    kv_buffer_char(&text, ' ');
  }
  int zeroes = least > count ? least - count : 0;
  if (verb == 'O') kv_buffer_text(&text, "0o");
  if (format->is_sharp) {
    int begins_with_zero = zeroes > 0 || digits[count - 1] == '0';
    if (base == 2) kv_buffer_text(&text, "0b");
    if (base == 8 && !begins_with_zero) kv_buffer_char(&text, '0');
    if (base == 16) {
      kv_buffer_char(&text, '0');
      kv_buffer_char(&text, all[16]);
    }
  }
  kv_buffer_repeat(&text, '0', (size_t)zeroes);
  while (count > 0) kv_buffer_char(&text, digits[--count]);
  finish(&plain, &text);
}

static int32_t rune_of(uint64_t value) {
  return value > 0x10ffff ? KV_RUNE_ERROR : (int32_t)value;
}

void kv_format_rune(kv_format *format, uint64_t value) {
  char bytes[4];
  kv_format_pad(format, bytes, kv_rune_encode(rune_of(value), bytes));
}

void kv_format_quoted_rune(kv_format *format, uint64_t value) {
  kv_buffer quoted = {.meter = &format->render->meter};
  int32_t rune = rune_of(value);
  if (rune >= 0xd800 && rune <= 0xdfff) rune = KV_RUNE_ERROR;
  kv_quote_rune(&quoted, rune, format->is_plus);
  finish(format, &quoted);
}

void kv_format_unicode(kv_format *format, uint64_t value) {
  int least = format->has_precision && format->precision > 4 ? format->precision : 4;
  kv_buffer text = {.meter = &format->render->meter};
  kv_format plain = *format;
  plain.is_zero = 0;
  kv_quote_unicode(&text, value, least, format->is_sharp);
  finish(&plain, &text);
}
