/*
** Redis, over the loopback: what people run beside their application. A call and its answer at a
** time, and with a thousand calls in one pipeline. Keys are named "group:key". In memory it keeps
** no file; against a WAL file it appends to its own, synced every second (synchronous NORMAL) or
** with each call (FULL). A transaction is MULTI … EXEC, sent in one pipeline.
*/
#include "store.h"

#ifdef HAS_HIREDIS

#include "redis.h"
#include <hiredis/hiredis.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { PIPELINE = 1000 };

static const char compare_and_swap[] = "if redis.call('GET', KEYS[1]) == ARGV[1] then "
                                       "redis.call('SET', KEYS[1], ARGV[2]) return 1 end "
                                       "return 0";

struct redis_store {
  struct store base; /* must be first */
  redisContext *context;
  int is_in_batch, waiting;
  enum operation operation;
};

static void check_reply(struct redis_store *self) {
  redisReply *reply = NULL;
  if (redisGetReply(self->context, (void **)&reply) != REDIS_OK) {
    fail("Redis", self->context->errstr);
  }
  if (reply->type == REDIS_REPLY_ERROR) fail("Redis", reply->str);
  if (self->operation == SWAP && reply->type == REDIS_REPLY_INTEGER && reply->integer == 0) {
    fail("Redis", "nothing was swapped");
  }
  freeReplyObject(reply);
}

static void command(struct redis_store *self, const char *text) {
  redisAppendCommand(self->context, text);
  check_reply(self);
}

static struct redis_store *connect_redis(const struct store_kind *kind) {
  struct redis_store *self = calloc(1, sizeof *self);
  if (self == NULL) fail("Redis", "out of memory");
  self->base.kind = kind;
  self->context = redisConnect("127.0.0.1", redis_port());
  if (self->context == NULL || self->context->err) fail("Redis", "no connection");
  return self;
}

static struct store *open_redis(const struct store_kind *kind, enum place place) {
  if (options.is_counting || redis_port() == 0) return NULL;
  struct redis_store *self = connect_redis(kind);
  /* Those of one server have a database each. */
  command(self, kind == &redis_pipeline_store ? "SELECT 1" : "SELECT 0");
  command(self, "FLUSHDB");
  command(self, place == IN_MEMORY ? "CONFIG SET appendonly no" : "CONFIG SET appendonly yes");
  command(self,
          place == WAL_FULL ? "CONFIG SET appendfsync always" : "CONFIG SET appendfsync everysec");
  return &self->base;
}

static struct store *join_single(enum place place, const char *name) {
  (void)place, (void)name;
  return &connect_redis(&redis_store)->base;
}

static struct store *open_single(enum place place, const char *name) {
  (void)name;
  return open_redis(&redis_store, place);
}

static struct store *open_pipeline(enum place place, const char *name) {
  (void)name;
  return open_redis(&redis_pipeline_store, place);
}

static void close_redis(struct store *base) {
  struct redis_store *self = (struct redis_store *)base;
  redisFree(self->context);
  free(self);
}

static size_t name_of(enum operation operation, const struct key *key, char name[static 32]) {
  name[0] = group_of(operation)[0];
  name[1] = ':';
  memcpy(name + 2, key->text, (size_t)key->length);
  return (size_t)key->length + 2;
}

static void append(struct redis_store *self, enum operation operation, const struct key *key) {
  /* The words of each command: N its name, V the value, E the expected one, others as they stand.
  ** */
  static const struct {
    int count;
    const char *words[6];
  } commands[OPERATIONS] = {
      [GET] = {2, {"GET", "N"}},
      [SET] = {3, {"SET", "N", "V"}},
      [SET_NEW] = {3, {"SET", "N", "V"}},
      [SET_TTL] = {5, {"SET", "N", "V", "EX", "3600"}},
      [DELETE] = {2, {"DEL", "N"}},
      [INCREMENT] = {2, {"INCR", "N"}},
      [SWAP] = {6, {"EVAL", compare_and_swap, "1", "N", "E", "V"}},
  };
  char name[32];
  const char *words[6];
  size_t lengths[6], length = name_of(operation, key, name);
  int count = commands[operation].count;
  for (int i = 0; i < count; i++) {
    const char *word = commands[operation].words[i];
    int is_name = strcmp(word, "N") == 0, is_value = strcmp(word, "V") == 0;
    int is_expected = strcmp(word, "E") == 0;
    words[i] = is_name       ? name
               : is_value    ? self->base.value
               : is_expected ? self->base.expected
                             : word;
    lengths[i] = is_name                   ? length
                 : is_value || is_expected ? (size_t)self->base.length
                                           : strlen(word);
  }
  redisAppendCommandArgv(self->context, count, words, lengths);
  self->waiting++;
}

static void receive(struct redis_store *self) {
  for (; self->waiting > 0; self->waiting--) check_reply(self);
}

static void fill_redis(struct store *base, long count) {
  struct redis_store *self = (struct redis_store *)base;
  for (long i = 0; i < count; i++) {
    struct key key = key_of(i);
    append(self, SET, &key);
    if (self->waiting >= PIPELINE || base->length > 10000) receive(self);
  }
  receive(self);
}

static int start(struct store *base, enum operation operation) {
  struct redis_store *self = (struct redis_store *)base;
  self->operation = operation;
  return 1;
}

static void operate(struct store *base, const struct key *key) {
  struct redis_store *self = (struct redis_store *)base;
  append(self, self->operation, key);
  if (!self->is_in_batch) receive(self);
}

static void begin_pipeline(struct store *base) {
  ((struct redis_store *)base)->is_in_batch = 1;
}

static void end_pipeline(struct store *base) {
  struct redis_store *self = (struct redis_store *)base;
  receive(self);
  self->is_in_batch = 0;
}

static void begin_transaction(struct store *base) {
  struct redis_store *self = (struct redis_store *)base;
  begin_pipeline(base);
  redisAppendCommand(self->context, "MULTI");
  self->waiting++;
}

static void commit_transaction(struct store *base) {
  struct redis_store *self = (struct redis_store *)base;
  redisAppendCommand(self->context, "EXEC");
  self->waiting++;
  end_pipeline(base);
}

/* ---- a group --------------------------------------------------------------------------------- */

enum { MEMBERS = 1000 };

static void read_group(void *pointer, long count) {
  struct redis_store *self = pointer;
  for (long i = 0; i < count; i += MEMBERS) command(self, "HGETALL group");
}

int open_redis_group(enum place place, struct contender *contender) {
  struct redis_store *self = (struct redis_store *)open_redis(&redis_store, place);
  if (self == NULL) return 0;
  for (long i = 0; i < MEMBERS; i++) {
    struct key key = key_of(i);
    redisAppendCommand(self->context, "HSET group %s %s", key.text, "a-value-of-some-length");
    check_reply(self);
  }
  *contender = (struct contender){"Redis", self, NULL, read_group};
  return 1;
}

const struct store_kind redis_store = {.name = "Redis",
                                       .open = open_single,
                                       .close = close_redis,
                                       .join = join_single,
                                       .leave = close_redis,
                                       .fill = fill_redis,
                                       .start = start,
                                       .operate = operate,
                                       .begin = begin_transaction,
                                       .commit = commit_transaction};

const struct store_kind redis_pipeline_store = {.name = "Redis, pipelined",
                                                .open = open_pipeline,
                                                .close = close_redis,
                                                .fill = fill_redis,
                                                .start = start,
                                                .operate = operate,
                                                .begin = begin_pipeline,
                                                .commit = end_pipeline,
                                                .own_batch = PIPELINE};

#else

static struct store *open_none(enum place place, const char *name) {
  static int is_told;
  (void)place, (void)name;
  if (!is_told++) tell_skipped("Redis", "its client was not there: Debian's libhiredis-dev");
  return NULL;
}

int open_redis_group(enum place place, struct contender *contender) {
  (void)place, (void)contender;
  return 0;
}

const struct store_kind redis_store = {.name = "Redis", .open = open_none};
const struct store_kind redis_pipeline_store = {.name = "Redis, pipelined", .open = open_none};

#endif
