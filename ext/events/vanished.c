/*
** Groups that are deleted whole. See vanished.h.
*/
#include "events/vanished.h"

#include <string.h>

struct kv_vanished_group {
  char *name; /* NULL: a free place */
  int length;
  int is_set; /* something was set in it since */
};

void kv_vanished_free(kv_vanished *vanished) {
  for (unsigned i = 0; i < vanished->size; i++) sqlite3_free(vanished->groups[i].name);
  sqlite3_free(vanished->groups);
  *vanished = (kv_vanished){0};
}

int kv_vanished_look(kv_vanished *vanished, const kv_intent *intent, int depth, int level) {
  if (intent->deleted_groups.bytes == NULL || vanished->intent != NULL) return 0;
  vanished->intent = intent->deleted_groups.bytes;
  vanished->is_plain = depth > intent->depth;
  vanished->level = vanished->is_plain ? -1 : level;
  return 1;
}

void kv_vanished_end(kv_vanished *vanished, int level) {
  if (vanished->intent != NULL && level <= vanished->level) kv_vanished_free(vanished);
}

void kv_vanished_doubt(kv_vanished *vanished) {
  if (vanished->intent != NULL) vanished->is_plain = 1;
}

static struct kv_vanished_group *find(const kv_vanished *vanished, kv_text name) {
  unsigned hash = 2166136261U;
  for (int i = 0; i < name.length; i++) hash = (hash ^ (unsigned char)name.bytes[i]) * 16777619U;
  unsigned at = hash & (vanished->size - 1);
  for (;;) { /* ends: the table is never full */
    struct kv_vanished_group *group = &vanished->groups[at];
    if (group->name == NULL) return group;
    if (group->length == name.length && memcmp(group->name, name.bytes, (size_t)name.length) == 0) {
      return group;
    }
    at = (at + 1) & (vanished->size - 1);
  }
}

/* Room for one more in a table that is half empty; 0: there is none to have. */
static int make_room(kv_vanished *vanished) {
  if (vanished->used >= KV_MAX_VANISHED) return 0;
  if (2 * (vanished->used + 1) <= vanished->size) return 1;
  kv_vanished grown = *vanished;
  grown.size = vanished->size == 0 ? 16 : 2 * vanished->size;
  sqlite3_uint64 bytes = (sqlite3_uint64)grown.size * sizeof *grown.groups;
  grown.groups = sqlite3_malloc64(bytes);
  if (grown.groups == NULL) return 0;
  memset(grown.groups, 0, (size_t)bytes);
  for (unsigned i = 0; i < vanished->size; i++) {
    const struct kv_vanished_group *group = &vanished->groups[i];
    if (group->name != NULL) *find(&grown, (kv_text){group->name, group->length}) = *group;
  }
  sqlite3_free(vanished->groups);
  *vanished = grown;
  return 1;
}

/* The group's place, made if it is new; NULL: it cannot be remembered. */
static struct kv_vanished_group *remember(kv_vanished *vanished, kv_text name, int *is_new) {
  if (!make_room(vanished)) return NULL;
  struct kv_vanished_group *group = find(vanished, name);
  *is_new = group->name == NULL;
  if (!*is_new) return group;
  group->name = sqlite3_malloc64((sqlite3_uint64)name.length + 1);
  if (group->name == NULL) return NULL;
  if (name.length > 0) memcpy(group->name, name.bytes, (size_t)name.length);
  group->length = name.length;
  vanished->used++;
  return group;
}

static int is_meant(const kv_intent *intent, kv_text group) {
  const kv_text meant = intent->deleted_groups;
  if (group.length < meant.length || (!intent->is_prefix && group.length != meant.length)) return 0;
  return meant.length == 0 || memcmp(group.bytes, meant.bytes, (size_t)meant.length) == 0;
}

kv_vanishing kv_vanished_row(kv_vanished *vanished, const kv_intent *intent, kv_text group) {
  int is_new = 0;
  if (vanished->intent == NULL || vanished->is_plain ||
      intent->deleted_groups.bytes != vanished->intent || !is_meant(intent, group)) {
    return KV_ROW_GOES;
  }
  const struct kv_vanished_group *found = remember(vanished, group, &is_new);
  if (found == NULL || found->is_set) return KV_ROW_GOES;
  return is_new ? KV_GROUP_GOES : KV_WAS_TOLD;
}

void kv_vanished_set(kv_vanished *vanished, kv_text group) {
  int is_new;
  if (vanished->intent == NULL || vanished->is_plain) return;
  struct kv_vanished_group *found = remember(vanished, group, &is_new);
  if (found != NULL) {
    found->is_set = 1;
  } else {
    vanished->is_plain = 1;
  }
}
