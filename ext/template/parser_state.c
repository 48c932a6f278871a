/*
** What the parser's parts stand on: its errors, the tokens that it takes, names and nodes. See parser_state.h.
*/
#include "parser_state.h"
#include "runes.h"

#include <assert.h>
#include <stdarg.h>
#include <string.h>

/* ---- errors ---------------------------------------------------------------------------------- */

int kv_parser_has_failed(const kv_parser *p) {
  return p->error != NULL || p->made->meter.code != SQLITE_OK;
}

void kv_parser_fail(kv_parser *p, const char *format, ...) {
  va_list arguments;
  if (kv_parser_has_failed(p)) return;
  va_start(arguments, format);
  char *message = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  p->error =
      message == NULL ? NULL : sqlite3_mprintf("line %d: %s", p->unit->ahead[0].line, message);
  if (p->error == NULL) p->made->meter.code = SQLITE_NOMEM;
  sqlite3_free(message);
}

void kv_parser_fail_quoted(kv_parser *p, const char *format, kv_str text) {
  kv_buffer quoted = {.meter = &p->made->meter};
  kv_quote(&quoted, text, 0);
  kv_buffer_char(&quoted, 0);
  if (quoted.code == SQLITE_OK) kv_parser_fail(p, format, quoted.bytes);
  kv_buffer_free(&quoted);
}

static int ends_with(kv_str text, kv_str end) {
  return text.length >= end.length &&
         memcmp(text.bytes + text.length - end.length, end.bytes, end.length) == 0;
}

/* The lexer's error, with where the action began if that is on another line. */
static void fail_as_lexer(kv_parser *p, kv_token token) {
  int begun = p->unit->action_line;
  int length = (int)token.text.length;
  if (begun == 0 || begun == token.line) {
    kv_parser_fail(p, "%.*s", length, token.text.bytes);
  } else {
    const char *link = ends_with(token.text, KV_STR(" action")) ? "" : " in action";
    kv_parser_fail(p, "%.*s%s started at " KV_MAIN_TEMPLATE ":%d", length, token.text.bytes, link,
                   begun);
  }
}

/* A token as Go shows it; so many runes of a long one. */
static void show_token(kv_buffer *out, kv_token token) {
  enum { SHOWN = 10 };
  if (token.type == KV_TOKEN_EOF) {
    kv_buffer_text(out, "EOF");
  } else if (token.type >= KV_TOKEN_DOT) {
    kv_buffer_char(out, '<');
    kv_buffer_str(out, token.text);
    kv_buffer_char(out, '>');
  } else if (token.text.length > SHOWN) {
    kv_quote(out, kv_rune_first(out->meter, token.text, SHOWN), 0);
    kv_buffer_text(out, "...");
  } else {
    kv_quote(out, token.text, 0);
  }
}

void kv_parser_unexpected(kv_parser *p, kv_token token, const char *context) {
  if (token.type == KV_TOKEN_ERROR) {
    fail_as_lexer(p, token);
    return;
  }
  kv_buffer shown = {.meter = &p->made->meter};
  show_token(&shown, token);
  kv_parser_fail(p, "unexpected %.*s in %s", (int)shown.length, kv_buffer_message(&shown).bytes,
                 context);
  kv_buffer_free(&shown);
}

/* ---- tokens ---------------------------------------------------------------------------------- */

kv_token kv_parser_next(kv_parser *p) {
  static const kv_token end = {KV_TOKEN_EOF, 0, 0, {"EOF", 3}};
  kv_unit *unit = p->unit;
  if (kv_parser_has_failed(p)) return end;
  if (unit->ahead_count > 0) {
    unit->ahead_count--;
  } else {
    unit->ahead[0] = kv_lexer_next(&p->lexer);
  }
  return unit->ahead[unit->ahead_count];
}

void kv_parser_back(kv_parser *p) {
  if (kv_parser_has_failed(p)) return;
  assert(p->unit->ahead_count < 3);
  p->unit->ahead_count++;
}

void kv_parser_back_before(kv_parser *p, const kv_token *before, int count) {
  if (kv_parser_has_failed(p)) return;
  assert(count <= 2);
  for (int i = 0; i < count; i++) p->unit->ahead[i + 1] = before[i];
  p->unit->ahead_count = count + 1;
}

kv_token kv_parser_peek(kv_parser *p) {
  kv_token token = kv_parser_next(p);
  kv_parser_back(p);
  return token;
}

kv_token kv_parser_next_non_space(kv_parser *p) {
  kv_token token;
  do token = kv_parser_next(p);
  while (token.type == KV_TOKEN_SPACE);
  return token;
}

kv_token kv_parser_peek_non_space(kv_parser *p) {
  kv_token token = kv_parser_next_non_space(p);
  kv_parser_back(p);
  return token;
}

kv_token kv_parser_expect(kv_parser *p, kv_token_type type, const char *context) {
  kv_token token = kv_parser_next_non_space(p);
  if (token.type != type) kv_parser_unexpected(p, token, context);
  return token;
}

/* ---- names and nodes ------------------------------------------------------------------------- */

static int grow_names(kv_parser *p) {
  kv_names *names = &p->names;
  uint32_t size = names->size > 0 ? names->size * 2 : 16;
  kv_name **chains = kv_arena_alloc(&p->made->arena, size * sizeof *chains);
  if (chains == NULL) return 0;
  memset(chains, 0, size * sizeof *chains);
  for (uint32_t i = 0; i < names->size; i++) {
    for (kv_name *name = names->chains[i], *next; name != NULL; name = next) {
      next = name->next;
      name->next = chains[name->hash & (size - 1)];
      chains[name->hash & (size - 1)] = name;
    }
  }
  names->chains = chains;
  names->size = size;
  return 1;
}

kv_name *kv_parser_name(kv_parser *p, kv_str text, uint32_t scope, int is_new) {
  kv_names *names = &p->names;
  uint32_t hash = kv_str_hash(text) ^ scope * 2654435769u;
  kv_meter_work(&p->made->meter, text.length);
  if (names->size > 0) {
    kv_name *name = names->chains[hash & (names->size - 1)];
    for (; name != NULL; name = name->next) {
      if (name->hash == hash && name->scope == scope && kv_str_equals(name->text, text))
        return name;
      kv_meter_work(&p->made->meter, 1);
    }
  }
  if (!is_new) return NULL;
  if (names->count >= names->size && !grow_names(p)) return &p->spare_name;
  kv_name *name = kv_arena_alloc(&p->made->arena, sizeof *name);
  if (name == NULL) return &p->spare_name;
  kv_name **chain = &names->chains[hash & (names->size - 1)];
  *name = (kv_name){.next = *chain, .text = text, .hash = hash, .scope = scope};
  *chain = name;
  names->count++;
  return name;
}

void kv_parser_declare(kv_parser *p, kv_str text) {
  kv_name *name = kv_parser_name(p, text, p->unit->scope, 1);
  if (p->declared_count == p->declared_size) {
    kv_name **grown = kv_meter_grow(&p->made->meter, p->declared, &p->declared_size, sizeof *grown);
    if (grown == NULL) return;
    p->declared = grown;
  }
  name->declared++;
  p->declared[p->declared_count++] = name;
}

void kv_parser_forget(kv_parser *p, size_t declared_count) {
  while (p->declared_count > declared_count) p->declared[--p->declared_count]->declared--;
}

/* A node has at least two bytes of text: what a parse may take stands on this. */
_Static_assert(sizeof(kv_node) <= 48 && sizeof(kv_command) <= 24, "small enough");

kv_node *kv_parser_node(kv_parser *p, kv_node_type type, kv_token token) {
  kv_node *node = kv_arena_alloc(&p->made->arena, sizeof *node);
  if (node == NULL) node = &p->spare_node;
  memset(node, 0, sizeof *node);
  node->type = (unsigned char)type;
  node->at = token.at;
  node->length = (uint32_t)token.text.length;
  return node;
}
