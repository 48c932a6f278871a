/*
** Go's text/template over a group of keys, as a library: it knows neither the store nor SQL. The
** data are those of Go's map[string]string, and come through two callbacks.
**
** The language, its output, and its errors are those of Go 1.26, which names a template by its line
** only: "line 3: function "foo" not defined" is Go's `template: NAME:3: function "foo" not defined`.
**
** Bounded are, and are not in Go: the length, parentheses inside each other (KV_TEMPLATE_MAX_NESTING,
** where Go has 10,000), the memory of a parse (KV_TEMPLATE_PARSE_FACTOR) and of a render
** (KV_TEMPLATE_MAX_MEMORY), the output, and the time. A C stack of 128 KB is enough for any template.
*/
#ifndef KV_TEMPLATE_H
#define KV_TEMPLATE_H

#include "base/sqlite.h"

enum {
  KV_TEMPLATE_MAX_LENGTH = 16 * 1024 * 1024, /* bytes of text */
  KV_TEMPLATE_MAX_NESTING = 100,
  KV_TEMPLATE_MAX_DEPTH = 100000,             /* of {{template}}, as in Go */
  KV_TEMPLATE_MAX_MEMORY = 256 * 1024 * 1024, /* bytes, of a render; the output is not counted */
  KV_TEMPLATE_PARSE_FACTOR = 40,              /* bytes for each byte of text … */
  KV_TEMPLATE_PARSE_BYTES = 64 * 1024         /* … and these */
};

typedef struct kv_template kv_template;

/* Who is asked, every now and then, whether to go on: SQLITE_OK, or the code to end with. Some tens of
** microseconds lie between two questions, a few milliseconds at most. */
typedef struct kv_template_host {
  void *context;
  int (*may_go_on)(void *context);
} kv_template_host;

/* Where the data come from. Callbacks return SQLITE_OK or an error, which the render then returns.
*/
typedef struct kv_template_source {
  void *context;
  /* The value of one key: *value is NULL where there is none, else valid until the render has ended.
  ** Asked once for a key, and for KV_TEMPLATE_MAX_ASKED of them at most. */
  int (*get)(void *context, const char *key, size_t key_length, const char **value,
             size_t *value_length);
  /* Calls `visit` for every key, best in the order of their bytes, until it returns other than
  ** SQLITE_OK. What it is handed need be valid no longer than the call. Asked once. */
  int (*each)(void *context,
              int (*visit)(void *visitor, const char *key, size_t key_length, const char *value,
                           size_t value_length),
              void *visitor);
} kv_template_source;

enum { KV_TEMPLATE_MAX_ASKED = 32 };

/* What a key that is not there is. */
typedef enum kv_template_missing {
  KV_MISSING_DEFAULT, /* "<no value>" */
  KV_MISSING_ZERO,    /* "" */
  KV_MISSING_ERROR
} kv_template_missing;

/*
** Parses text[0..length), which is copied. On SQLITE_ERROR, *error says what Go says, from the line
** on; sqlite3_free it. SQLITE_NOMEM, SQLITE_TOOBIG, and the host's code, without. A template
** never changes once it is made.
*/
int kv_template_parse(const char *text, size_t length, const kv_template_host *host,
                      kv_template **out, char **error);
/* NULL is none. */
void kv_template_free(kv_template *parsed);

/* Was it made of this text? */
int kv_template_is_of(const kv_template *parsed, const char *text, size_t length);
/* The bytes of memory that it takes. */
size_t kv_template_size(const kv_template *parsed);

/*
** Renders into *output (sqlite3_free it), of at most `max_output` bytes. SQLITE_ERROR comes with
** error, as above; SQLITE_TOOBIG (the output), SQLITE_NOMEM, and the host's and the source's own codes
** without. On an error there is no output.
*/
int kv_template_render(const kv_template *parsed, const kv_template_host *host,
                       const kv_template_source *source, kv_template_missing missing,
                       size_t max_output, char **output, size_t *output_length, char **error);

#endif
