/*
** What a render keeps, and the group it reads. See state.h.
**
** What a template names is looked up key by key and remembered; the whole group is read only when a
** template ranges over it, prints it or asks for its length, or names very many keys.
*/
#include "state.h"

#include <stdlib.h>
#include <string.h>

/* Levels of templates, actions and parentheses inside each other while running: some 300 bytes of C
** stack each. */
enum { MAX_DEPTH = 400, STEPS_BETWEEN_QUESTIONS = 64 };

/* ---- errors and memory ----------------------------------------------------------------------- */

void *kv_render_alloc(kv_render *render, size_t size) {
  return kv_arena_alloc(&render->arena, size);
}

size_t kv_render_limit(const kv_render *render) {
  return render->out.limit;
}

int kv_render_fail(kv_render *render, const char *format, ...) {
  va_list arguments;
  va_start(arguments, format);
  sqlite3_free(render->reason);
  render->reason = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  return render->reason != NULL ? SQLITE_ERROR : SQLITE_NOMEM;
}

int kv_render_take(kv_render *render, kv_buffer *buffer, kv_str *out) {
  int code = buffer->code;
  if (code == SQLITE_OK) {
    char *copy = kv_render_alloc(render, buffer->length + 1);
    if (copy == NULL) {
      code = render->arena.code;
    } else if (buffer->length > 0) {
      memcpy(copy, buffer->bytes, buffer->length);
    }
    *out = (kv_str){copy, buffer->length};
  }
  kv_buffer_free(buffer);
  return code;
}

/* An error at a node: "line 3: executing "name" at <.a>: reason". */
int kv_render_fail_at(kv_render *render, int line, kv_str source, const char *format, ...) {
  va_list arguments;
  if (render->error != NULL) return SQLITE_ERROR;
  va_start(arguments, format);
  char *reason = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  kv_str name = render->definition->name;
  int shown = source.length > 20 ? 20 : (int)source.length;
  if (reason != NULL) {
    render->error =
        sqlite3_mprintf("line %d: executing \"%.*s\" at <%.*s%s>: %s", line, (int)name.length,
                        name.bytes, shown, source.bytes, source.length > 20 ? "..." : "", reason);
  }
  sqlite3_free(reason);
  return render->error != NULL ? SQLITE_ERROR : SQLITE_NOMEM;
}

int kv_render_fail_node(kv_render *render, const kv_node *node, const char *reason) {
  return kv_render_fail_at(render, node->line, node->text, "%s", reason);
}

int kv_render_step(kv_render *render) {
  if (++render->steps % STEPS_BETWEEN_QUESTIONS != 0) return SQLITE_OK;
  return render->source->is_interrupted(render->source->context) ? SQLITE_INTERRUPT : SQLITE_OK;
}

int kv_render_enter(kv_render *render, int line) {
  if (++render->depth > MAX_DEPTH) {
    return kv_render_fail_at(render, line, render->definition->name,
                             "exceeded maximum template depth (%d)", MAX_DEPTH);
  }
  return kv_render_step(render);
}

/* ---- the group ------------------------------------------------------------------------------- */

static int copy_str(kv_render *render, const char *bytes, size_t length, kv_str *out) {
  char *copy = kv_render_alloc(render, length + 1);
  if (copy == NULL) return render->arena.code;
  if (length > 0) memcpy(copy, bytes, length);
  *out = (kv_str){copy, length};
  return SQLITE_OK;
}

static int add_pair(void *pointer, const char *key, size_t key_length, const char *value,
                    size_t value_length) {
  kv_render *render = pointer;
  kv_pair pair;
  int code = kv_render_step(render);
  if (code == SQLITE_OK) code = copy_str(render, key, key_length, &pair.key);
  if (code == SQLITE_OK) code = copy_str(render, value, value_length, &pair.value);
  if (code != SQLITE_OK) return code;
  if (render->pair_count == render->pair_size) {
    size_t size = render->pair_size * 2 + 16;
    kv_pair *grown = sqlite3_realloc64(render->pairs, size * sizeof *grown);
    if (grown == NULL) return SQLITE_NOMEM;
    render->pairs = grown;
    render->pair_size = size;
  }
  render->pairs[render->pair_count++] = pair;
  return SQLITE_OK;
}

static int compare_bytes(kv_str a, kv_str b) {
  size_t shorter = a.length < b.length ? a.length : b.length;
  int order = shorter > 0 ? memcmp(a.bytes, b.bytes, shorter) : 0;
  if (order != 0) return order;
  return (a.length > b.length) - (a.length < b.length);
}

static int compare_pairs(const void *a, const void *b) {
  return compare_bytes(((const kv_pair *)a)->key, ((const kv_pair *)b)->key);
}

int kv_render_load(kv_render *render, const kv_pair **pairs, size_t *count) {
  if (!render->is_loaded) {
    int code = render->source->each(render->source->context, add_pair, render);
    if (code != SQLITE_OK) return code;
    /* A source may have another order: that of UTF-16, say. */
    if (render->pair_count > 1) {
      qsort(render->pairs, render->pair_count, sizeof *render->pairs, compare_pairs);
    }
    render->is_loaded = 1;
  }
  *pairs = render->pairs;
  *count = render->pair_count;
  return SQLITE_OK;
}

static int find_pair(kv_render *render, kv_str key, kv_str *value, int *is_found) {
  const kv_pair wanted = {.key = key};
  const kv_pair *found = render->pair_count == 0
                             ? NULL
                             : bsearch(&wanted, render->pairs, render->pair_count,
                                       sizeof *render->pairs, compare_pairs);
  *is_found = found != NULL;
  if (found != NULL) *value = found->value;
  return SQLITE_OK;
}

/* Asks the source, and remembers the answer. */
static int ask(kv_render *render, kv_str key, kv_str *value, int *is_found) {
  const char *bytes = NULL;
  size_t length = 0;
  known_key *known = &render->known[render->known_count];
  int code = render->source->get(render->source->context, key.bytes, key.length, &bytes, &length);
  if (code != SQLITE_OK) return code;
  *known = (known_key){.is_found = bytes != NULL};
  if (bytes != NULL) code = copy_str(render, bytes, length, &known->value);
  if (code == SQLITE_OK) code = copy_str(render, key.bytes, key.length, &known->key);
  if (code != SQLITE_OK) return code;
  render->known_count++;
  *value = known->value;
  *is_found = known->is_found;
  return SQLITE_OK;
}

int kv_render_lookup(kv_render *render, kv_str key, kv_str *value, int *is_found) {
  for (int i = 0; i < render->known_count && !render->is_loaded; i++) {
    if (!kv_str_equals(render->known[i].key, key)) continue;
    *value = render->known[i].value;
    *is_found = render->known[i].is_found;
    return SQLITE_OK;
  }
  if (!render->is_loaded && render->known_count < KV_MAX_KNOWN_KEYS) {
    return ask(render, key, value, is_found);
  }
  const kv_pair *pairs;
  size_t count;
  int code = kv_render_load(render, &pairs, &count);
  return code == SQLITE_OK ? find_pair(render, key, value, is_found) : code;
}

/* ---- variables ------------------------------------------------------------------------------- */

int kv_render_push(kv_render *render, kv_str name, const kv_value *value) {
  if (render->variable_count == render->variable_size) {
    int size = render->variable_size * 2 + 16;
    variable *grown = sqlite3_realloc64(render->variables, (sqlite3_uint64)size * sizeof *grown);
    if (grown == NULL) return SQLITE_NOMEM;
    render->variables = grown;
    render->variable_size = size;
  }
  render->variables[render->variable_count++] = (variable){name, *value};
  return SQLITE_OK;
}

/* The innermost of this name in the running template; NULL: there is none. */
variable *kv_render_find_variable(kv_render *render, kv_str name) {
  for (int i = render->variable_count - 1; i >= render->frame; i--) {
    if (kv_str_equals(render->variables[i].name, name)) return &render->variables[i];
  }
  return NULL;
}

int kv_render_assign(kv_render *render, int line, kv_str name, const kv_value *value) {
  variable *found = kv_render_find_variable(render, name);
  if (found == NULL) {
    return kv_render_fail_at(render, line, name, "undefined variable: %.*s", (int)name.length,
                             name.bytes);
  }
  found->value = *value;
  return SQLITE_OK;
}
