/*
** What a render keeps, and the group it reads. See state.h.
**
** What a template names is looked up key by key and remembered; the whole group is read only when a
** template ranges over it, prints it or asks for its length, or names very many keys.
*/
#include "state.h"

#include <assert.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

/* ---- errors ---------------------------------------------------------------------------------- */

enum { MAX_SHOWN = 100000 }; /* bytes of an expression or of a reason in an error */

/* The buffer's text as a C string, cut where it is very long. The buffer is freed. */
static char *message_of(kv_buffer *buffer) {
  kv_str text = kv_buffer_message(buffer);
  int length = text.length > MAX_SHOWN ? MAX_SHOWN : (int)text.length;
  char *message = buffer->code == SQLITE_OK ? sqlite3_mprintf("%.*s", length, text.bytes) : NULL;
  kv_buffer_free(buffer);
  return message;
}

static int fail_at(kv_render *render, const kv_node *node, const kv_command *command,
                   const char *reason) {
  if (render->error != NULL) return SQLITE_ERROR;
  kv_buffer name = {.meter = &render->meter}, shown = {.meter = &render->meter};
  kv_quote(&name, render->running->text, 0);
  if (command != NULL) {
    kv_tree_show_command(&shown, render->parsed, command);
  } else {
    kv_tree_show(&shown, render->parsed, node);
  }
  char *quoted = message_of(&name), *expression = message_of(&shown);
  if (quoted != NULL && expression != NULL && reason != NULL) {
    int line = kv_tree_line(render->parsed, command != NULL ? command->at : node->at);
    render->error =
        sqlite3_mprintf("line %d: executing %s at <%s>: %s", line, quoted, expression, reason);
  }
  sqlite3_free(quoted);
  sqlite3_free(expression);
  if (render->error != NULL) return SQLITE_ERROR;
  int code = render->meter.code;
  return code != SQLITE_OK ? code : SQLITE_NOMEM;
}

int kv_render_fail(kv_render *render, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  char *reason = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  int code = fail_at(render, render->at, NULL, reason);
  sqlite3_free(reason);
  return code;
}

int kv_render_fail_call(kv_render *render, const kv_command *command, const char *name) {
  char *reason = sqlite3_mprintf("error calling %s: %s", name, render->reason);
  int code = fail_at(render, render->at, command, reason);
  sqlite3_free(reason);
  return code;
}

int kv_builtin_fail(kv_render *render, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  sqlite3_free(render->reason);
  render->reason = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  return render->reason != NULL ? SQLITE_ERROR : SQLITE_NOMEM;
}

int kv_builtin_fail_with(kv_render *render, kv_buffer *reason) {
  int code = reason->code;
  sqlite3_free(render->reason);
  render->reason = message_of(reason);
  if (render->reason != NULL) return SQLITE_ERROR;
  return code != SQLITE_OK ? code : SQLITE_NOMEM;
}

/* ---- the group ------------------------------------------------------------------------------- */

static int add_pair(void *pointer, const char *key, size_t key_length, const char *value,
                    size_t value_length) {
  kv_render *render = pointer;
  kv_pair pair;
  int code = kv_meter_work(&render->meter, key_length + value_length);
  if (code == SQLITE_OK) code = kv_arena_copy(&render->group, (kv_str){key, key_length}, &pair.key);
  if (code == SQLITE_OK) {
    code = kv_arena_copy(&render->group, (kv_str){value, value_length}, &pair.value);
  }
  if (code != SQLITE_OK) return code;
  if (render->pair_count == render->pair_size) {
    kv_pair *grown = kv_meter_grow(&render->meter, render->pairs, &render->pair_size, sizeof pair);
    if (grown == NULL) return render->meter.code;
    render->pairs = grown;
  }
  render->pairs[render->pair_count++] = pair;
  return SQLITE_OK;
}

static int compare_pairs(const void *a, const void *b) {
  return kv_str_compare(((const kv_pair *)a)->key, ((const kv_pair *)b)->key);
}

/* A source may have another order: that of UTF-16, say. */
static void sort_pairs(kv_render *render) {
  for (size_t i = 1; i < render->pair_count; i++) {
    if (compare_pairs(&render->pairs[i - 1], &render->pairs[i]) <= 0) continue;
    qsort(render->pairs, render->pair_count, sizeof *render->pairs, compare_pairs);
    break;
  }
}

int kv_render_load(kv_render *render) {
  if (render->is_loaded) return SQLITE_OK;
  int code = render->source->each(render->source->context, add_pair, render);
  if (code != SQLITE_OK) return code;
  sort_pairs(render);
  render->is_loaded = 1;
  return SQLITE_OK;
}

/* Asks the source, and remembers the answer. */
static int ask(kv_render *render, kv_str key, int owner, const kv_known_key **answer) {
  const char *bytes = NULL;
  size_t length = 0;
  kv_known_key *known = &render->known[render->known_count];
  int code = render->source->get(render->source->context, key.bytes, key.length, &bytes, &length);
  known->key = key;
  if (code == SQLITE_OK && owner != KV_OF_ALL) {
    code = kv_arena_copy(&render->group, key, &known->key);
  }
  if (code == SQLITE_OK) code = kv_meter_hold(&render->meter, length);
  if (code != SQLITE_OK) return code;
  known->is_found = bytes != NULL;
  if (bytes != NULL) known->value = (kv_str){bytes, length};
  render->known_count++;
  *answer = known;
  return SQLITE_OK;
}

static int find_known(kv_render *render, kv_str key, const kv_known_key **answer) {
  for (int i = 0; i < render->known_count; i++) {
    if (!kv_str_equals(render->known[i].key, key)) continue;
    *answer = &render->known[i];
    return 1;
  }
  return 0;
}

int kv_render_lookup(kv_render *render, kv_str key, int owner, kv_str *value, int *is_found) {
  const kv_known_key *known = NULL;
  int code = SQLITE_OK;
  if (!render->is_loaded && !find_known(render, key, &known)) {
    code = render->known_count < KV_TEMPLATE_MAX_ASKED ? ask(render, key, owner, &known)
                                                       : kv_render_load(render);
  }
  *is_found = 0;
  if (code != SQLITE_OK) return code;
  if (known != NULL) {
    *is_found = known->is_found;
    if (known->is_found) *value = known->value;
  } else if (render->pair_count > 0) {
    const kv_pair wanted = {.key = key};
    const kv_pair *found =
        bsearch(&wanted, render->pairs, render->pair_count, sizeof *render->pairs, compare_pairs);
    *is_found = found != NULL;
    if (found != NULL) *value = found->value;
  }
  return SQLITE_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

enum { KEPT_SCRATCH = 64 * 1024 };

kv_buffer *kv_render_scratch(kv_render *render) {
  if (render->scratch.size > KEPT_SCRATCH) kv_buffer_free(&render->scratch);
  render->scratch.length = 0;
  return &render->scratch;
}

int kv_render_take(kv_render *render, kv_value *result) {
  if (render->scratch.code != SQLITE_OK) return render->scratch.code;
  *result = (kv_value){.kind = KV_STRING, .owner = KV_OF_ACTION};
  return kv_arena_copy(&render->values, kv_buffer_all(&render->scratch), &result->string);
}

int kv_render_keep(kv_render *render, kv_value *value) {
  if (value->kind != KV_STRING || value->owner != KV_OF_VARIABLE) return SQLITE_OK;
  value->owner = KV_OF_ACTION;
  return kv_arena_copy(&render->values, value->string, &value->string);
}

/* ---- variables ------------------------------------------------------------------------------- */

/* In front of the bytes that a variable owns. */
typedef struct kv_retired {
  struct kv_retired *next;
  size_t size; /* with this */
} kv_retired;

/* Gives the variable a value, and bytes of its own where the value's would go before it. */
static int set(kv_render *render, kv_variable *variable, const kv_value *value) {
  variable->value = *value;
  if (value->kind != KV_STRING || value->owner == KV_OF_ALL) return SQLITE_OK;
  variable->value.kind = KV_INVALID;
  size_t size = sizeof(kv_retired) + value->string.length + 1;
  kv_retired *owned = kv_meter_resize(&render->meter, NULL, 0, size);
  if (owned == NULL) return render->meter.code;
  *owned = (kv_retired){.size = size};
  char *bytes = (char *)(owned + 1);
  memcpy(bytes, value->string.bytes, value->string.length);
  variable->value = (kv_value){
      .kind = KV_STRING, .owner = KV_OF_VARIABLE, .string = {bytes, value->string.length}};
  return kv_meter_work(&render->meter, size);
}

/* What it had may still be in use, until the action has ended. */
static void retire(kv_render *render, const kv_variable *variable) {
  if (variable->value.kind != KV_STRING || variable->value.owner != KV_OF_VARIABLE) return;
  kv_retired *owned = (kv_retired *)(void *)(variable->value.string.bytes - sizeof *owned);
  owned->next = render->retired;
  render->retired = owned;
}

static void free_retired(kv_render *render) {
  while (render->retired != NULL) {
    kv_retired *owned = render->retired;
    render->retired = owned->next;
    kv_meter_resize(&render->meter, owned, owned->size, 0);
  }
}

int kv_render_push(kv_render *render, const kv_name *name, const kv_value *value) {
  if (render->variable_count == render->variable_size) {
    kv_variable *grown =
        kv_meter_grow(&render->meter, render->variables, &render->variable_size, sizeof *grown);
    if (grown == NULL) return render->meter.code;
    render->variables = grown;
  }
  kv_variable *variable = &render->variables[render->variable_count++];
  variable->name = name;
  return set(render, variable, value);
}

void kv_render_pop(kv_render *render, size_t count) {
  assert(count <= render->variable_count);
  while (render->variable_count > count) {
    retire(render, &render->variables[--render->variable_count]);
  }
}

kv_variable *kv_render_find_variable(kv_render *render, const kv_name *name) {
  size_t i = render->variable_count;
  while (i > render->base && render->variables[i - 1].name != name) i--;
  kv_meter_work(&render->meter, render->variable_count - i);
  return i > render->base ? &render->variables[i - 1] : NULL;
}

int kv_render_replace(kv_render *render, kv_variable *variable, const kv_value *value) {
  retire(render, variable);
  return set(render, variable, value);
}

int kv_render_assign(kv_render *render, const kv_name *name, const kv_value *value) {
  kv_variable *found = kv_render_find_variable(render, name);
  if (found != NULL) return kv_render_replace(render, found, value);
  return kv_render_fail(render, "undefined variable: %.*s", (int)name->text.length,
                        name->text.bytes);
}

void kv_render_end_action(kv_render *render, kv_arena_mark before) {
  free_retired(render);
  kv_arena_return(&render->values, before);
}

void kv_render_free(kv_render *render) {
  kv_render_pop(render, 0);
  free_retired(render);
  kv_arena_free(&render->group);
  kv_arena_free(&render->values);
  kv_buffer_free(&render->out);
  kv_buffer_free(&render->scratch);
  kv_meter_resize(&render->meter, render->variables,
                  render->variable_size * sizeof *render->variables, 0);
  kv_meter_resize(&render->meter, render->pairs, render->pair_size * sizeof *render->pairs, 0);
  sqlite3_free(render->reason);
  sqlite3_free(render->error);
  sqlite3_free(render);
}
