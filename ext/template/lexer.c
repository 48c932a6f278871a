/*
** From template text to tokens. See tokens.h.
**
** Outside of {{ }} all is text; inside, the rules are Go's. White space is a token there, because
** it separates arguments: ".a.b" is one, ".a .b" are two. A trim marker, {{- or -}}, takes the
** white space of the text beside it: the lexer drops it, so that nobody else knows of it.
*/
#include "buffer.h"
#include "runes.h"
#include "tokens.h"

#include <stdarg.h>
#include <string.h>

static const char left_delim[] = "{{", right_delim[] = "}}";
enum { DELIM = 2, MARKER = 2 /* a minus and a space */, END_OF_INPUT = -1 };

void kv_lexer_init(kv_lexer *lexer, kv_str input, kv_arena *arena) {
  *lexer = (kv_lexer){.input = input, .line = 1, .arena = arena};
}

/* ---- looking --------------------------------------------------------------------------------- */

static int is_space(int32_t c) {
  return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static int is_alphanumeric(int32_t rune) {
  return rune == '_' || kv_rune_is_letter(rune) || kv_rune_is_digit(rune);
}

static int32_t peek_size(const kv_lexer *lexer, size_t *size) {
  *size = 0;
  if (lexer->at >= lexer->input.length) return END_OF_INPUT;
  *size = 1;
  unsigned char first = (unsigned char)lexer->input.bytes[lexer->at];
  if (first < 0x80) return first;
  return kv_rune_decode(lexer->input.bytes + lexer->at, lexer->input.length - lexer->at, size);
}

static int32_t peek(const kv_lexer *lexer) {
  size_t size;
  return peek_size(lexer, &size);
}

/* In every loop: 0 ends it, and the parser will hear why from the meter. */
static int may_go_on(const kv_lexer *lexer) {
  return kv_meter_work(lexer->arena->meter, 1) == SQLITE_OK;
}

static int32_t next(kv_lexer *lexer) {
  size_t size;
  int32_t rune = peek_size(lexer, &size);
  lexer->at += size;
  return may_go_on(lexer) ? rune : END_OF_INPUT;
}

static void skip_alphanumerics(kv_lexer *lexer) {
  size_t size;
  while (is_alphanumeric(peek_size(lexer, &size)) && may_go_on(lexer)) lexer->at += size;
}

/* Do these two bytes stand there? */
static int has_pair(const kv_lexer *lexer, size_t at, const char *pair) {
  const char *bytes = lexer->input.bytes + at;
  return at + 2 <= lexer->input.length && bytes[0] == pair[0] && bytes[1] == pair[1];
}

/* Where the pair is next; the end of the input if it is nowhere. */
static size_t find_pair(const kv_lexer *lexer, size_t at, const char *pair) {
  while (at < lexer->input.length && may_go_on(lexer)) {
    const char *found = memchr(lexer->input.bytes + at, pair[0], lexer->input.length - at);
    if (found == NULL) break;
    at = (size_t)(found - lexer->input.bytes);
    if (has_pair(lexer, at, pair)) return at;
    at++;
  }
  return lexer->input.length;
}

static int is_right_marker(const kv_lexer *lexer, size_t at) {
  return at + MARKER <= lexer->input.length && is_space(lexer->input.bytes[at]) &&
         lexer->input.bytes[at + 1] == '-';
}

static int is_left_marker(const kv_lexer *lexer, size_t at) {
  return at + MARKER <= lexer->input.length && lexer->input.bytes[at] == '-' &&
         is_space(lexer->input.bytes[at + 1]);
}

static int is_at_right_delim(const kv_lexer *lexer, size_t at, int *is_trimming) {
  *is_trimming = is_right_marker(lexer, at) && has_pair(lexer, at + MARKER, right_delim);
  return *is_trimming || has_pair(lexer, at, right_delim);
}

/* Can a field, variable or word end here? */
static int is_at_terminator(const kv_lexer *lexer) {
  int32_t rune = peek(lexer);
  if (rune == END_OF_INPUT || is_space(rune)) return 1;
  return (rune < 0x80 && rune > 0 && strchr(".,|:)(", (int)rune) != NULL) ||
         has_pair(lexer, lexer->at, right_delim);
}

/* ---- giving ---------------------------------------------------------------------------------- */

static kv_token make(kv_lexer *lexer, kv_token_type type) {
  const char *from = lexer->input.bytes + lexer->start, *to = lexer->input.bytes + lexer->at;
  kv_token token = {type, lexer->line, (uint32_t)lexer->start, {from, (size_t)(to - from)}};
  while (from < to && may_go_on(lexer)) {
    from = memchr(from, '\n', (size_t)(to - from));
    if (from == NULL) break;
    from++;
    lexer->line++;
  }
  lexer->start = lexer->at;
  return token;
}

static void ignore(kv_lexer *lexer) {
  (void)make(lexer, KV_TOKEN_SPACE);
}

/* The message is what was written into the buffer, which is freed. Nothing comes after an error. */
static kv_token error(kv_lexer *lexer, kv_buffer *message) {
  kv_token token = {KV_TOKEN_ERROR, lexer->line, (uint32_t)lexer->start, KV_STR("out of memory")};
  kv_arena_copy(lexer->arena, kv_buffer_all(message), &token.text);
  kv_buffer_free(message);
  lexer->is_finished = 1;
  return token;
}

static kv_token error_text(kv_lexer *lexer, const char *text) {
  kv_buffer message = {.meter = lexer->arena->meter};
  kv_buffer_text(&message, text);
  return error(lexer, &message);
}

static kv_token error_rune(kv_lexer *lexer, const char *text, int32_t rune) {
  kv_buffer message = {.meter = lexer->arena->meter};
  kv_buffer_text(&message, text);
  kv_quote_unicode(&message, (uint64_t)rune, 4, 1);
  return error(lexer, &message);
}

static kv_token error_number(kv_lexer *lexer) {
  kv_buffer message = {.meter = lexer->arena->meter};
  kv_buffer_text(&message, "bad number syntax: ");
  kv_quote(&message, (kv_str){lexer->input.bytes + lexer->start, lexer->at - lexer->start}, 0);
  return error(lexer, &message);
}

/* ---- text, delimiters, comments -------------------------------------------------------------- */

static size_t skip_spaces(const kv_lexer *lexer, size_t at) {
  while (at < lexer->input.length && is_space(lexer->input.bytes[at]) && may_go_on(lexer)) at++;
  return at;
}

/* The text up to the next {{, without the white space that a trim marker there takes. */
static int lex_text(kv_lexer *lexer, kv_token *token) {
  size_t end = find_pair(lexer, lexer->at, left_delim), text_end = end;
  if (end < lexer->input.length && is_left_marker(lexer, end + DELIM)) {
    while (text_end > lexer->start && is_space(lexer->input.bytes[text_end - 1]) &&
           may_go_on(lexer)) {
      text_end--;
    }
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
  size_t at = find_pair(lexer, lexer->at + 2, "*/");
  if (at >= lexer->input.length) {
    *token = error_text(lexer, "unclosed comment");
    return 0;
  }
  at += 2;
  if (!is_at_right_delim(lexer, at, &is_trimming)) {
    *token = error_text(lexer, "comment ends before closing delimiter");
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
    if (lexer->at >= lexer->input.length) {
      lexer->is_finished = 1;
      return make(lexer, KV_TOKEN_EOF);
    }
    size_t after = lexer->at + DELIM;
    size_t marked = is_left_marker(lexer, after) ? after + MARKER : after;
    if (!has_pair(lexer, marked, "/*")) {
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
  while (is_space(peek(lexer)) && may_go_on(lexer)) {
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
  skip_alphanumerics(lexer);
  if (!is_at_terminator(lexer)) return error_rune(lexer, "bad character ", peek(lexer));
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
  skip_alphanumerics(lexer);
  if (!is_at_terminator(lexer)) return error_rune(lexer, "bad character ", peek(lexer));
  kv_str word = {lexer->input.bytes + lexer->start, lexer->at - lexer->start};
  for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
    if (kv_str_is(word, words[i].word)) return make(lexer, words[i].type);
  }
  return make(lexer, KV_TOKEN_IDENTIFIER);
}

/* A quoted string or a character, its quote passed. */
static kv_token lex_quoted(kv_lexer *lexer, int32_t quote, kv_token_type type, const char *open) {
  for (;;) {
    int32_t rune = next(lexer);
    if (rune == '\\') {
      rune = next(lexer);
      if (rune != END_OF_INPUT && rune != '\n') continue;
    }
    if (rune == END_OF_INPUT || rune == '\n') return error_text(lexer, open);
    if (rune == quote) return make(lexer, type);
  }
}

static kv_token lex_raw(kv_lexer *lexer) {
  const char *from = lexer->input.bytes + lexer->at;
  const char *close = memchr(from, '`', lexer->input.length - lexer->at);
  if (close == NULL) return error_text(lexer, "unterminated raw quoted string");
  lexer->at += (size_t)(close - from) + 1;
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
  while (accept(lexer, valid) && may_go_on(lexer)) continue;
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
    is_good = scan_number(lexer) && lexer->input.bytes[lexer->at - 1] == 'i';
  }
  return is_good ? make(lexer, type) : error_number(lexer);
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
    if (--lexer->paren_depth < 0) return error_text(lexer, "unexpected right paren");
    return make(lexer, KV_TOKEN_RIGHT_PAREN);
  case ':':
    if (next(lexer) != '=') return error_text(lexer, "expected :=");
    return make(lexer, KV_TOKEN_DECLARE);
  default:
    if (rune < 0x80 && kv_rune_is_print(rune)) return make(lexer, KV_TOKEN_CHAR);
    return error_rune(lexer, "unrecognized character in action: ", rune);
  }
}

static kv_token lex_inside(kv_lexer *lexer) {
  int is_trimming;
  if (is_at_right_delim(lexer, lexer->at, &is_trimming)) {
    return lexer->paren_depth == 0 ? lex_right_delim(lexer)
                                   : error_text(lexer, "unclosed left paren");
  }
  int32_t rune = peek(lexer);
  if (rune == END_OF_INPUT) return error_text(lexer, "unclosed action");
  if (is_space(rune)) return lex_space(lexer);
  if (rune == '+' || rune == '-' || (rune >= '0' && rune <= '9')) return lex_number(lexer);
  if (is_alphanumeric(rune)) return lex_word(lexer);
  next(lexer);
  if (rune == '.') {
    int32_t following = peek(lexer);
    int is_number = following == END_OF_INPUT || (following >= '0' && following <= '9');
    if (!is_number) return lex_name(lexer, KV_TOKEN_FIELD);
    lexer->at--;
    return lex_number(lexer);
  }
  if (rune == '$') return lex_name(lexer, KV_TOKEN_VARIABLE);
  if (rune == '"') return lex_quoted(lexer, '"', KV_TOKEN_STRING, "unterminated quoted string");
  if (rune == '\'')
    return lex_quoted(lexer, '\'', KV_TOKEN_CHAR_CONSTANT, "unterminated character constant");
  if (rune == '`') return lex_raw(lexer);
  return lex_punctuation(lexer, rune);
}

kv_token kv_lexer_next(kv_lexer *lexer) {
  if (lexer->is_finished) {
    return (kv_token){KV_TOKEN_EOF, lexer->line, (uint32_t)lexer->start, KV_STR("EOF")};
  }
  return lexer->is_inside ? lex_inside(lexer) : lex_outside(lexer);
}
