/*
** From template text to tokens. See tree.h.
**
** Outside of {{ }} all is text; inside, the rules are Go's. White space is a token there, because
** it separates arguments: ".a.b" is one, ".a .b" are two. A trim marker, {{- or -}}, takes the
** white space of the text beside it: the lexer drops it, so that nobody else knows of it.
*/
#include "tree.h"

#include <string.h>

static const char left_delim[] = "{{", right_delim[] = "}}";
enum { DELIM = 2, MARKER = 2 /* a minus and a space */, END_OF_INPUT = -1 };

void kv_lexer_init(kv_lexer *lexer, const char *input, size_t length, kv_arena *arena) {
  *lexer = (kv_lexer){.input = input, .length = length, .line = 1, .arena = arena};
}

/* ---- looking --------------------------------------------------------------------------------- */

static int is_space(int32_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int is_alphanumeric(int32_t rune) {
  return rune == '_' ||
         (rune != END_OF_INPUT && (kv_rune_is_letter(rune) || kv_rune_is_digit(rune)));
}

static int32_t peek_size(const kv_lexer *lexer, size_t *size) {
  *size = 0;
  if (lexer->at >= lexer->length) return END_OF_INPUT;
  return kv_rune_decode(lexer->input + lexer->at, lexer->length - lexer->at, size);
}

static int32_t peek(const kv_lexer *lexer) {
  size_t size;
  return peek_size(lexer, &size);
}

static int32_t next(kv_lexer *lexer) {
  size_t size;
  int32_t rune = peek_size(lexer, &size);
  lexer->at += size;
  return rune;
}

static int starts_with(const kv_lexer *lexer, size_t at, const char *text) {
  size_t length = strlen(text);
  return at + length <= lexer->length && memcmp(lexer->input + at, text, length) == 0;
}

static int is_right_marker(const kv_lexer *lexer, size_t at) {
  return at + MARKER <= lexer->length && is_space(lexer->input[at]) && lexer->input[at + 1] == '-';
}

static int is_left_marker(const kv_lexer *lexer, size_t at) {
  return at + MARKER <= lexer->length && lexer->input[at] == '-' && is_space(lexer->input[at + 1]);
}

static int is_at_right_delim(const kv_lexer *lexer, size_t at, int *is_trimming) {
  *is_trimming = is_right_marker(lexer, at) && starts_with(lexer, at + MARKER, right_delim);
  return *is_trimming || starts_with(lexer, at, right_delim);
}

/* Can a field, variable or word end here? */
static int is_at_terminator(const kv_lexer *lexer) {
  int32_t rune = peek(lexer);
  if (rune == END_OF_INPUT || is_space(rune)) return 1;
  return (rune < 0x80 && rune > 0 && strchr(".,|:)(", (int)rune) != NULL) ||
         starts_with(lexer, lexer->at, right_delim);
}

/* ---- giving ---------------------------------------------------------------------------------- */

static kv_token make(kv_lexer *lexer, kv_token_type type) {
  kv_token token = {type, {lexer->input + lexer->start, lexer->at - lexer->start}, lexer->line};
  for (; lexer->start < lexer->at; lexer->start++) {
    if (lexer->input[lexer->start] == '\n') lexer->line++;
  }
  return token;
}

static void ignore(kv_lexer *lexer) {
  (void)make(lexer, KV_TOKEN_SPACE);
}

static kv_token error(kv_lexer *lexer, const char *format, ...) {
  kv_token token = {KV_TOKEN_ERROR, {"out of memory", 13}, lexer->line};
  va_list arguments;
  va_start(arguments, format);
  char *message = sqlite3_vmprintf(format, arguments);
  va_end(arguments);
  char *copy = message != NULL ? kv_arena_alloc(lexer->arena, strlen(message) + 1) : NULL;
  if (copy != NULL) {
    memcpy(copy, message, strlen(message));
    token.text = (kv_str){copy, strlen(message)};
  } else if (lexer->arena->code == SQLITE_OK) {
    lexer->arena->code = SQLITE_NOMEM;
  }
  sqlite3_free(message);
  lexer->is_finished = 1;
  lexer->start = lexer->at = lexer->length;
  return token;
}

/* "U+0041 'A'", as Go's %#U. */
static kv_token error_about(kv_lexer *lexer, const char *what, int32_t rune) {
  char bytes[5] = {0};
  if (rune == END_OF_INPUT) return error(lexer, "%s at the end", what);
  bytes[kv_rune_encode(rune, bytes)] = 0;
  return error(lexer, "%s U+%04X '%s'", what, (unsigned)rune, bytes);
}

/* ---- text, delimiters, comments -------------------------------------------------------------- */

static size_t skip_spaces(const kv_lexer *lexer, size_t at) {
  while (at < lexer->length && is_space(lexer->input[at])) at++;
  return at;
}

/* The text up to the next {{, without the white space that a trim marker there takes. */
static int lex_text(kv_lexer *lexer, kv_token *token) {
  size_t end = lexer->at;
  while (end < lexer->length && !starts_with(lexer, end, left_delim)) end++;
  size_t text_end = end;
  if (end < lexer->length && is_left_marker(lexer, end + DELIM)) {
    while (text_end > lexer->start && is_space(lexer->input[text_end - 1])) text_end--;
  }
  int has_text = text_end > lexer->start;
  lexer->at = text_end;
  if (has_text) *token = make(lexer, KV_TOKEN_TEXT);
  lexer->at = end;
  ignore(lexer);
  return has_text;
}

/* A comment, {{ and trim marker passed already: 0, and *token the error, if it is malformed. */
static int skip_comment(kv_lexer *lexer, kv_token *token) {
  int is_trimming;
  size_t at = lexer->at + 2;
  while (at < lexer->length && !starts_with(lexer, at, "*/")) at++;
  if (at >= lexer->length) {
    *token = error(lexer, "unclosed comment");
    return 0;
  }
  at += 2;
  if (!is_at_right_delim(lexer, at, &is_trimming)) {
    *token = error(lexer, "comment ends before closing delimiter");
    return 0;
  }
  at += is_trimming ? MARKER + DELIM : DELIM;
  lexer->at = is_trimming ? skip_spaces(lexer, at) : at;
  ignore(lexer);
  return 1;
}

static kv_token lex_right_delim(kv_lexer *lexer) {
  int is_trimming;
  is_at_right_delim(lexer, lexer->at, &is_trimming);
  if (is_trimming) {
    lexer->at += MARKER;
    ignore(lexer);
  }
  lexer->at += DELIM;
  kv_token token = make(lexer, KV_TOKEN_RIGHT_DELIM);
  if (is_trimming) {
    lexer->at = skip_spaces(lexer, lexer->at);
    ignore(lexer);
  }
  lexer->is_inside = 0;
  return token;
}

static kv_token lex_outside(kv_lexer *lexer) {
  kv_token token;
  for (;;) {
    if (lex_text(lexer, &token)) return token;
    if (lexer->at >= lexer->length) {
      lexer->is_finished = 1;
      return make(lexer, KV_TOKEN_EOF);
    }
    size_t after = lexer->at + DELIM;
    size_t marked = is_left_marker(lexer, after) ? after + MARKER : after;
    if (!starts_with(lexer, marked, "/*")) {
      lexer->at = after;
      token = make(lexer, KV_TOKEN_LEFT_DELIM);
      lexer->at = marked;
      ignore(lexer);
      lexer->is_inside = 1;
      lexer->paren_depth = 0;
      return token;
    }
    lexer->at = marked;
    ignore(lexer);
    if (!skip_comment(lexer, &token)) return token;
  }
}

/* ---- inside of an action --------------------------------------------------------------------- */

static kv_token lex_space(kv_lexer *lexer) {
  int is_trimming;
  size_t count = 0;
  while (is_space(peek(lexer))) {
    lexer->at++;
    count++;
  }
  /* The last space may belong to a trim marker. */
  if (is_at_right_delim(lexer, lexer->at - 1, &is_trimming) && is_trimming) {
    lexer->at--;
    if (count == 1) return lex_right_delim(lexer);
  }
  return make(lexer, KV_TOKEN_SPACE);
}

/* A field or a variable, its first character passed. */
static kv_token lex_name(kv_lexer *lexer, kv_token_type type) {
  if (is_at_terminator(lexer)) {
    return make(lexer, type == KV_TOKEN_VARIABLE ? KV_TOKEN_VARIABLE : KV_TOKEN_DOT);
  }
  while (is_alphanumeric(peek(lexer))) next(lexer);
  if (!is_at_terminator(lexer)) return error_about(lexer, "bad character", peek(lexer));
  return make(lexer, type);
}

static kv_token lex_word(kv_lexer *lexer) {
  static const struct {
    const char *word;
    kv_token_type type;
  } words[] = {
      {"true", KV_TOKEN_BOOL},     {"false", KV_TOKEN_BOOL},  {"nil", KV_TOKEN_NIL},
      {"block", KV_TOKEN_BLOCK},   {"break", KV_TOKEN_BREAK}, {"continue", KV_TOKEN_CONTINUE},
      {"define", KV_TOKEN_DEFINE}, {"else", KV_TOKEN_ELSE},   {"end", KV_TOKEN_END},
      {"if", KV_TOKEN_IF},         {"range", KV_TOKEN_RANGE}, {"template", KV_TOKEN_TEMPLATE},
      {"with", KV_TOKEN_WITH}};
  while (is_alphanumeric(peek(lexer))) next(lexer);
  if (!is_at_terminator(lexer)) return error_about(lexer, "bad character", peek(lexer));
  kv_str word = {lexer->input + lexer->start, lexer->at - lexer->start};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (kv_str_is(word, words[i].word)) return make(lexer, words[i].type);
  }
  return make(lexer, KV_TOKEN_IDENTIFIER);
}

/* A quoted string or a character, its quote passed. */
static kv_token lex_quoted(kv_lexer *lexer, int32_t quote, kv_token_type type, const char *what) {
  for (;;) {
    int32_t rune = next(lexer);
    if (rune == '\\') {
      rune = next(lexer);
      if (rune != END_OF_INPUT && rune != '\n') continue;
    }
    if (rune == END_OF_INPUT || rune == '\n') return error(lexer, "unterminated %s", what);
    if (rune == quote) return make(lexer, type);
  }
}

static kv_token lex_raw(kv_lexer *lexer) {
  int32_t rune;
  while ((rune = next(lexer)) != '`') {
    if (rune == END_OF_INPUT) return error(lexer, "unterminated raw quoted string");
  }
  return make(lexer, KV_TOKEN_RAW_STRING);
}

/* ---- numbers --------------------------------------------------------------------------------- */

static int accept(kv_lexer *lexer, const char *valid) {
  int32_t rune = peek(lexer);
  if (rune <= 0 || rune >= 0x80 || strchr(valid, (int)rune) == NULL) return 0;
  lexer->at++;
  return 1;
}

static void accept_run(kv_lexer *lexer, const char *valid) {
  while (accept(lexer, valid)) continue;
}

/* Loosely: what is wrong beyond this is found when the number is read. */
static int scan_number(kv_lexer *lexer) {
  static const char decimal[] = "0123456789_";
  const char *digits = decimal;
  accept(lexer, "+-");
  if (accept(lexer, "0")) {
    if (accept(lexer, "xX"))
      digits = "0123456789abcdefABCDEF_";
    else if (accept(lexer, "oO"))
      digits = "01234567_";
    else if (accept(lexer, "bB"))
      digits = "01_";
  }
  accept_run(lexer, digits);
  if (accept(lexer, ".")) accept_run(lexer, digits);
  int is_hexadecimal = strlen(digits) == 23;
  if ((digits == decimal && accept(lexer, "eE")) || (is_hexadecimal && accept(lexer, "pP"))) {
    accept(lexer, "+-");
    accept_run(lexer, decimal);
  }
  accept(lexer, "i");
  if (!is_alphanumeric(peek(lexer))) return 1;
  next(lexer);
  return 0;
}

static kv_token lex_number(kv_lexer *lexer) {
  int is_good = scan_number(lexer);
  int32_t sign = peek(lexer);
  kv_token_type type = KV_TOKEN_NUMBER;
  if (is_good && (sign == '+' || sign == '-')) { /* 1+2i, without spaces */
    type = KV_TOKEN_COMPLEX;
    is_good = scan_number(lexer) && lexer->input[lexer->at - 1] == 'i';
  }
  if (is_good) return make(lexer, type);
  return error(lexer, "bad number syntax: \"%.*s\"", (int)(lexer->at - lexer->start),
               lexer->input + lexer->start);
}

/* ---- one token ------------------------------------------------------------------------------- */

static kv_token lex_punctuation(kv_lexer *lexer, int32_t rune) {
  switch (rune) {
  case '=':
    return make(lexer, KV_TOKEN_ASSIGN);
  case '|':
    return make(lexer, KV_TOKEN_PIPE);
  case '(':
    lexer->paren_depth++;
    return make(lexer, KV_TOKEN_LEFT_PAREN);
  case ')':
    if (--lexer->paren_depth < 0) return error(lexer, "unexpected right paren");
    return make(lexer, KV_TOKEN_RIGHT_PAREN);
  case ':':
    if (next(lexer) != '=') return error(lexer, "expected :=");
    return make(lexer, KV_TOKEN_DECLARE);
  default:
    if (rune < 0x80 && kv_rune_is_print(rune)) return make(lexer, KV_TOKEN_CHAR);
    return error_about(lexer, "unrecognized character in action:", rune);
  }
}

static kv_token lex_inside(kv_lexer *lexer) {
  int is_trimming;
  if (is_at_right_delim(lexer, lexer->at, &is_trimming)) {
    return lexer->paren_depth == 0 ? lex_right_delim(lexer) : error(lexer, "unclosed left paren");
  }
  int32_t rune = peek(lexer);
  if (rune == END_OF_INPUT) return error(lexer, "unclosed action");
  if (is_space(rune)) return lex_space(lexer);
  if (rune == '+' || rune == '-' || (rune >= '0' && rune <= '9')) return lex_number(lexer);
  if (is_alphanumeric(rune)) return lex_word(lexer);
  next(lexer);
  if (rune == '.') {
    int is_number = lexer->at < lexer->length && lexer->input[lexer->at] >= '0' &&
                    lexer->input[lexer->at] <= '9';
    if (!is_number) return lex_name(lexer, KV_TOKEN_FIELD);
    lexer->at--;
    return lex_number(lexer);
  }
  if (rune == '$') return lex_name(lexer, KV_TOKEN_VARIABLE);
  if (rune == '"') return lex_quoted(lexer, '"', KV_TOKEN_STRING, "quoted string");
  if (rune == '\'') return lex_quoted(lexer, '\'', KV_TOKEN_CHAR_CONSTANT, "character constant");
  if (rune == '`') return lex_raw(lexer);
  return lex_punctuation(lexer, rune);
}

kv_token kv_lexer_next(kv_lexer *lexer) {
  if (lexer->is_finished) return (kv_token){KV_TOKEN_EOF, {"", 0}, lexer->line};
  return lexer->is_inside ? lex_inside(lexer) : lex_outside(lexer);
}
