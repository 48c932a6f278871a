/*
** Keys: how they are written, and which ones work comes upon. The draws come in the same order in
** each run, and all contenders of a measurement draw alike.
*/
#include "bench.h"

#include <stdlib.h>

const char *const draw_names[DRAWS] = {"all keys alike", "1,000 hot keys", "Zipf"};

/* By hand, since snprintf() takes half as long as a get. */
void write_digits(char *text, long number) {
  for (int i = 7; i >= 0; i--, number /= 10) text[i] = (char)('0' + number % 10);
}

struct key key_of(long number) {
  struct key key = {.text = "key-", .length = 12};
  write_digits(key.text + 4, number);
  return key;
}

/* Neighbours in number are far from each other in the tree. */
struct key new_key(long number, long among) {
  struct key key = key_of((long)((unsigned)number * 2654435761u) % among);
  key.text[key.length] = '.';
  write_digits(key.text + key.length + 1, number);
  key.length += 9;
  return key;
}

/* ---- draws ----------------------------------------------------------------------------------- */

enum { HOT_KEYS = 1000, SEQUENCE = 1 << 16 };
static const unsigned long long seed = 88172645463325252ULL;
static unsigned long long state = seed;

long any_below(long below) {
  state ^= state << 13;
  state ^= state >> 7;
  state ^= state << 17;
  return (long)(state % (unsigned long long)below);
}

void begin_draws_anew(void) {
  state = seed;
}

/* A place among all for a rank: neighbours in rank are nowhere near each other. */
static long place_of(long rank, long keys) {
  return (long)((unsigned)rank * 2654435761u % (unsigned long)keys);
}

/* Drawn beforehand, since the search for a rank takes as long as a get. */
static const long *zipf_sequence(long keys) {
  static long sequence[SEQUENCE], drawn_for;
  if (drawn_for == keys) return sequence;
  double *sums = malloc((size_t)keys * sizeof *sums), sum = 0;
  if (sums == NULL) fail("Zipf", "out of memory");
  for (long i = 0; i < keys; i++) sums[i] = sum += 1 / (double)(i + 1);
  for (long i = 0; i < SEQUENCE; i++) {
    double wanted = sum * (double)any_below(1L << 30) / (double)(1L << 30);
    long low = 0, high = keys - 1;
    while (low < high) {
      long middle = (low + high) / 2;
      if (sums[middle] > wanted)
        high = middle;
      else
        low = middle + 1;
    }
    sequence[i] = place_of(low, keys);
  }
  free(sums);
  drawn_for = keys;
  return sequence;
}

long draw_key(enum draw draw, long keys) {
  switch (draw) {
  case HOT:
    return place_of(any_below(HOT_KEYS), keys);
  case ZIPF:
    return zipf_sequence(keys)[any_below(SEQUENCE)];
  default:
    return any_below(keys);
  }
}
