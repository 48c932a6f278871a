/*
** See runes.h.
*/
#include "runes.h"
#include "rune_tables.h"

static int is_continuation(unsigned char byte) {
  return (byte & 0xc0) == 0x80;
}

/* The length of a sequence that begins with this byte, and the rune's first bits; 0: none begins
** so. */
static size_t sequence_length(unsigned char first, int32_t *bits) {
  if (first >= 0xc2 && first < 0xe0) {
    *bits = first & 0x1f;
    return 2;
  }
  if (first >= 0xe0 && first < 0xf0) {
    *bits = first & 0x0f;
    return 3;
  }
  if (first >= 0xf0 && first < 0xf5) {
    *bits = first & 0x07;
    return 4;
  }
  return 0;
}

int32_t kv_rune_decode(const char *bytes, size_t length, size_t *size) {
  static const int32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
  const unsigned char *in = (const unsigned char *)bytes;
  int32_t rune = in[0];
  *size = 1;
  if (rune < 0x80) return rune;
  size_t wanted = sequence_length(in[0], &rune);
  if (wanted == 0 || wanted > length) return KV_RUNE_ERROR;
  for (size_t i = 1; i < wanted; i++) {
    if (!is_continuation(in[i])) return KV_RUNE_ERROR;
    rune = rune << 6 | (in[i] & 0x3f);
  }
  int is_surrogate = rune >= 0xd800 && rune <= 0xdfff;
  if (rune < least[wanted] || rune > 0x10ffff || is_surrogate) return KV_RUNE_ERROR;
  *size = wanted;
  return rune;
}

size_t kv_rune_encode(int32_t rune, char *out) {
  uint32_t r = (uint32_t)rune;
  if (r > 0x10ffff || (r >= 0xd800 && r <= 0xdfff)) r = KV_RUNE_ERROR;
  if (r < 0x80) {
    out[0] = (char)r;
    return 1;
  }
  if (r < 0x800) {
    out[0] = (char)(0xc0 | r >> 6);
    out[1] = (char)(0x80 | (r & 0x3f));
    return 2;
  }
  if (r < 0x10000) {
    out[0] = (char)(0xe0 | r >> 12);
    out[1] = (char)(0x80 | (r >> 6 & 0x3f));
    out[2] = (char)(0x80 | (r & 0x3f));
    return 3;
  }
  out[0] = (char)(0xf0 | r >> 18);
  out[1] = (char)(0x80 | (r >> 12 & 0x3f));
  out[2] = (char)(0x80 | (r >> 6 & 0x3f));
  out[3] = (char)(0x80 | (r & 0x3f));
  return 4;
}

enum { PIECE = 64 * 1024 };

/* Passes up to `most` runes; *count of them were there. Returns how many bytes they are. */
static size_t pass(kv_meter *meter, kv_str text, size_t most, size_t *count) {
  size_t at = 0, size, told = 0;
  for (*count = 0; at < text.length && *count < most; at += size, ++*count) {
    size = 1;
    if ((unsigned char)text.bytes[at] >= 0x80) {
      kv_rune_decode(text.bytes + at, text.length - at, &size);
    }
    if (at - told < PIECE) continue;
    if (kv_meter_work(meter, at - told) != SQLITE_OK) break;
    told = at;
  }
  return at;
}

size_t kv_rune_count(kv_meter *meter, kv_str text) {
  size_t count;
  pass(meter, text, text.length, &count);
  return count;
}

kv_str kv_rune_first(kv_meter *meter, kv_str text, size_t count) {
  size_t passed;
  return (kv_str){text.bytes, pass(meter, text, count, &passed)};
}

/* Is the rune in one of the ranges, which are in order? */
static int is_in(const rune_range *ranges, size_t count, int32_t rune) {
  size_t low = 0, high = count;
  while (low < high) {
    size_t middle = low + (high - low) / 2;
    if (rune > ranges[middle].last) {
      low = middle + 1;
    } else if (rune < ranges[middle].first) {
      high = middle;
    } else {
      return 1;
    }
  }
  return 0;
}

#define IS_IN(ranges, rune) is_in(ranges, sizeof(ranges) / sizeof(ranges)[0], rune)

int kv_rune_is_letter(int32_t rune) {
  if (rune < 0x80) return (rune | 32) >= 'a' && (rune | 32) <= 'z';
  return IS_IN(letters, rune);
}

int kv_rune_is_digit(int32_t rune) {
  if (rune < 0x80) return rune >= '0' && rune <= '9';
  return IS_IN(digits, rune);
}

int kv_rune_is_print(int32_t rune) {
  if (rune < 0x80) return rune >= ' ' && rune < 0x7f;
  return IS_IN(printables, rune);
}
