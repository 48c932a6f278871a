/*
** Timing, in turns. On a machine that does other things too, two figures taken one after the other
** say little; so each round times every contender once, for some milliseconds, and a ratio is taken
** within its round. The median of the rounds is what counts; the spread shows what it is worth.
*/
#include "bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct options options = {.rounds = 15, .turn = 8e6};

double now_ns(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec * 1e9 + (double)time.tv_nsec;
}

/* ---- telling --------------------------------------------------------------------------------- */

static void tell_place(const char *kind, const struct measurement *of) {
  printf("%s\t%s\t%s\t%s\t%ld", kind, of->family, of->work, of->where, of->x);
}

static void tell_spread(struct spread spread) {
  printf("\t%.6g\t%.6g\t%.6g", spread.median, spread.low, spread.high);
}

void tell_figure(const struct measurement *of, const char *contender, struct spread spread,
                 const char *unit) {
  tell_place("figure", of);
  printf("\t%s", contender);
  tell_spread(spread);
  printf("\t%s\n", unit);
  fflush(stdout);
}

void tell_single(const struct measurement *of, const char *contender, double value,
                 const char *unit) {
  tell_figure(of, contender, (struct spread){value, value, value}, unit);
}

void tell_ratio(const struct measurement *of, const char *a, const char *b, struct spread spread) {
  tell_place("ratio", of);
  printf("\t%s\t%s", a, b);
  tell_spread(spread);
  printf("\n");
  fflush(stdout);
}

void tell_skipped(const char *what, const char *why) {
  printf("skipped\t%s\t%s\n", what, why);
  fprintf(stderr, "SKIPPED: %s (%s)\n", what, why);
}

void tell_about(const char *name, const char *value) {
  printf("about\t%s\t%s\n", name, value);
}

/* ---- spread ---------------------------------------------------------------------------------- */

static int compare(const void *a, const void *b) {
  double x = *(const double *)a, y = *(const double *)b;
  return (x > y) - (x < y);
}

struct spread spread_of(double *values, int count) {
  qsort(values, (size_t)count, sizeof *values, compare);
  return (struct spread){values[count / 2], values[count / 10], values[count - 1 - count / 10]};
}

/* ---- turns ----------------------------------------------------------------------------------- */

static double take_turn(const struct contender *contender, long count) {
  if (contender->prepare != NULL) contender->prepare(contender->self, count);
  double begun = now_ns();
  contender->run(contender->self, count);
  return now_ns() - begun;
}

static long bounded(const struct measurement *of, double count) {
  long step = of->step > 0 ? of->step : 1;
  if (of->most > 0 && count > (double)of->most) count = (double)of->most;
  long steps = (long)count / step;
  return steps > 0 ? steps * step : step;
}

/* How many operations fill a turn; trying it out warms up what is to be warm. What took long is tried
** again: it may have been another program's doing, or the first time's. */
static long count_for_turn(const struct measurement *of, const struct contender *contender) {
  long count = bounded(of, 1);
  double turn = options.turn * (of->span > 0 ? of->span : 1);
  for (int is_sure = 0;;) {
    double took = take_turn(contender, count) + 1;
    if (count == of->most) return count;
    if (took > turn / 4 && !is_sure++) continue;
    double wanted = (double)count * turn / took;
    long next = bounded(of, wanted < (double)count * 20 ? wanted : (double)count * 20);
    if (took > turn / 4 || next <= count) return next;
    count = next;
    is_sure = 0;
  }
}

/* ---- instructions ---------------------------------------------------------------------------- */

enum { COUNTED = 200 };

__attribute__((noinline)) void counted_turn(const struct contender *contender, long count);

/* Callgrind knows it by its name. */
void counted_turn(const struct contender *contender, long count) {
  contender->run(contender->self, count);
}

/* A turn before the one that counts warms up what is to be warm. */
static void count_instructions(const struct measurement *of, const struct contender *contenders,
                               int count) {
  long wanted = bounded(of, (double)(of->counted > 0 ? of->counted : COUNTED));
  for (int i = 0; i < count; i++) {
    begin_draws_anew();
    take_turn(&contenders[i], wanted);
    if (contenders[i].prepare != NULL) contenders[i].prepare(contenders[i].self, wanted);
    counted_turn(&contenders[i], wanted);
    tell_place("count", of);
    printf("\t%s\t%ld\n", contenders[i].name, wanted);
    fflush(stdout);
  }
}

void measure(const struct measurement *of, const struct contender *contenders, int count) {
  if (options.is_counting) {
    count_instructions(of, contenders, count);
    return;
  }
  double times[MAX_CONTENDERS][MAX_ROUNDS], ratios[MAX_ROUNDS];
  long counts[MAX_CONTENDERS];
  int rounds = of->rounds > 0 && of->rounds < options.rounds ? of->rounds : options.rounds;
  for (int i = 0; i < count; i++) counts[i] = count_for_turn(of, &contenders[i]);
  for (int round = 0; round < rounds; round++) {
    for (int i = 0; i < count; i++) {
      times[i][round] = take_turn(&contenders[i], counts[i]) / (double)counts[i];
    }
  }
  for (int a = 0; a < count; a++) {
    for (int b = a + 1; b < count; b++) {
      for (int i = 0; i < rounds; i++) ratios[i] = times[a][i] / times[b][i];
      tell_ratio(of, contenders[a].name, contenders[b].name, spread_of(ratios, rounds));
    }
  }
  for (int i = 0; i < count; i++) {
    tell_figure(of, contenders[i].name, spread_of(times[i], rounds), "ns");
  }
}
