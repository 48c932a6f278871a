/*
** Go's text/template over a group of keys, as a library: it knows neither the store nor SQL. The
** data are those of Go's map[string]string, and come through two callbacks.
**
** The language, its output, and what is an error are those of Go 1.26. Bounded here, and not there:
** nesting of parentheses and of control actions, depth of {{template}}, output, memory and time.
*/
#ifndef KV_TEMPLATE_H
#define KV_TEMPLATE_H

#include "base/sqlite.h"

typedef struct kv_template kv_template;

/* Where the data come from. Callbacks return SQLITE_OK or an error, which the render then returns.
*/
typedef struct kv_template_source {
  void *context;
  /* The value of one key: *value is NULL where there is none, else valid until the next call. */
  int (*get)(void *context, const char *key, size_t key_length, const char **value,
             size_t *value_length);
  /* Calls `visit` for every key, in the order of their bytes, until it returns other than
  ** SQLITE_OK. */
  int (*each)(void *context,
              int (*visit)(void *visitor, const char *key, size_t key_length, const char *value,
                           size_t value_length),
              void *visitor);
  /* Asked now and then: not 0 ends the render with SQLITE_INTERRUPT. */
  int (*is_interrupted)(void *context);
} kv_template_source;

/* What a key that is not there is. */
typedef enum kv_template_missing {
  KV_MISSING_DEFAULT, /* "<no value>" */
  KV_MISSING_ZERO,    /* "" */
  KV_MISSING_ERROR
} kv_template_missing;

/*
** Parses text[0..length). On SQLITE_ERROR, *error says what Go says, from the line on ("line 3:
** function "foo" not defined"); sqlite3_free it. SQLITE_NOMEM otherwise. A template never changes
** once it is made.
*/
int kv_template_parse(const char *text, size_t length, kv_template **out, char **error);
void kv_template_free(kv_template *parsed);

/*
** Renders into *output (sqlite3_free it), of at most `max_output` bytes. SQLITE_ERROR comes with
** error, as above; SQLITE_TOOBIG, SQLITE_INTERRUPT, SQLITE_NOMEM and the source's own codes
** without. On an error there is no output.
*/
int kv_template_render(const kv_template *parsed, const kv_template_source *source,
                       kv_template_missing missing, size_t max_output, char **output,
                       size_t *output_length, char **error);

#endif
