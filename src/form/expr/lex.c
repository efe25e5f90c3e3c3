/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* lex.c - cuts an expression into tokens, one at a time.
 *
 * XPath's one ambiguity is settled here: after an operand `*`, `and`, `or`,
 * `div` and `mod` are operators, elsewhere they are names. Typographic quotes,
 * which spreadsheets put in by themselves, open and close a text too.
 */
#include "form/expr/lex.h"

#include "core/utf8.h"
#include "form/expr/tree.h"

enum { LEX_SHOWN = 24 };

size_t lex_place(struct str text, size_t at)
{
    return utf8_length(str_slice(text, 0, at)) + 1;
}

/* The few characters from at on, cut at a character's edge. */
static struct str text_near(struct str text, size_t at)
{
    size_t end = at;

    for (int i = 0; i < LEX_SHOWN && end < text.size; i++)
        utf8_next(text, &end);
    return str_slice(text, at, end);
}

enum error lex_error(const struct lexer *lexer, size_t at, const char *msgid,
                     struct err *err)
{
    char place[24];
    char near[LEX_SHOWN * 4 + 1];
    struct str shown = text_near(lexer->text, at);

    snprintf(place, sizeof place, "%zu", lex_place(lexer->text, at));
    snprintf(near, sizeof near, "%.*s", STR_ARGS(shown));
    return err_set(err, ERROR_SYNTAX, msgid, place, near, NULL);
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static bool is_name_char(char c)
{
    return is_name_start(c) || is_digit(c) || c == '-' || c == '.';
}

/* The first bytes of a no-break space, of «, and of typographic quotes would
 * pass for letters of a name. */
static bool is_name_end(const struct lexer *lexer)
{
    struct str rest = str_slice(lexer->text, lexer->at, lexer->text.size);

    return str_starts(rest, STR("\xc2\xa0")) ||
           str_starts(rest, STR("\xc2\xab")) ||
           str_starts(rest, STR("\xe2\x80"));
}

static char peek(const struct lexer *lexer, size_t ahead)
{
    return lexer->text.size - lexer->at > ahead
               ? lexer->text.at[lexer->at + ahead]
               : '\0';
}

/* White space, also the no-break space that spreadsheets leave. */
static void skip_space(struct lexer *lexer)
{
    while (lexer->at < lexer->text.size) {
        char c = lexer->text.at[lexer->at];

        if (c == ' ' || c == '\t' || c == '\n' || c == '\r')
            lexer->at++;
        else if ((unsigned char)c == 0xc2 &&
                 (unsigned char)peek(lexer, 1) == 0xa0)
            lexer->at += 2;
        else
            return;
    }
}

static struct token token_number(struct lexer *lexer, struct token token)
{
    size_t from = lexer->at;
    bool whole;

    while (is_digit(peek(lexer, 0)))
        lexer->at++;
    whole = lexer->at > from;
    if (peek(lexer, 0) == '.' && (whole || is_digit(peek(lexer, 1)))) {
        lexer->at++;
        while (is_digit(peek(lexer, 0)))
            lexer->at++;
    }
    token.kind = TOKEN_NUMBER;
    token.text = str_slice(lexer->text, from, lexer->at);
    if (str_ends(token.text, STR(".")))
        token.text.size--;
    if (!str_to_double(token.text, &token.number))
        token.number = 0;
    return token;
}

/* Texts are opened by ' or " or their typographic sisters, and closed by the
 * same or by the right-hand one of the pair. */
static size_t quote_size(struct str text, size_t at, char *plain, bool *typed)
{
    static const char *const curly[] = {"\xe2\x80\x98", "\xe2\x80\x99",
                                        "\xe2\x80\x9c", "\xe2\x80\x9d"};
    struct str rest = str_slice(text, at, text.size);

    *typed = false;
    if (rest.size > 0 && (rest.at[0] == '\'' || rest.at[0] == '"')) {
        *plain = rest.at[0];
        return 1;
    }
    for (int i = 0; i < 4; i++)
        if (str_starts(rest, str_of(curly[i]))) {
            *plain = i < 2 ? '\'' : '"';
            *typed = true;
            return 3;
        }
    return 0;
}

static struct token token_text(struct lexer *lexer, struct token token,
                               struct err *err)
{
    char open = 0, close = 0;
    bool typed = false, close_typed = false;
    size_t from;

    lexer->at += quote_size(lexer->text, lexer->at, &open, &typed);
    from = lexer->at;
    while (lexer->at < lexer->text.size) {
        size_t size = quote_size(lexer->text, lexer->at, &close, &close_typed);

        if (size > 0 && close == open && close_typed == typed) {
            token.kind = TOKEN_TEXT;
            token.text = str_slice(lexer->text, from, lexer->at);
            lexer->at += size;
            return token;
        }
        lexer->at++;
    }
    lex_error(lexer, token.at,
              N_("Falta la comilla que cierra el texto que empieza en el "
                 "carácter {1}: {2}"),
              err);
    token.kind = TOKEN_WRONG;
    return token;
}

static struct token token_reference(struct lexer *lexer, struct token token,
                                    struct err *err)
{
    size_t from = lexer->at + 2, to = from;

    while (to < lexer->text.size && lexer->text.at[to] != '}' &&
           lexer->text.at[to] != '$' && lexer->text.at[to] != '{')
        to++;
    token.text = str_trim(str_slice(lexer->text, from, to));
    if (to >= lexer->text.size || lexer->text.at[to] != '}' ||
        token.text.size == 0) {
        lex_error(lexer, token.at,
                  N_("En el carácter {1} escriba ${nombre} con el nombre de "
                     "una pregunta y la llave que cierra: {2}"),
                  err);
        token.kind = TOKEN_WRONG;
        return token;
    }
    lexer->at = to + 1;
    token.kind = TOKEN_REFERENCE;
    return token;
}

/* 1mod1: where an operator must stand, the word ends before the digits. */
static bool word_operator(struct str *word, int *operation)
{
    static const struct {
        const char *word;
        enum expr_operator operation;
    } words[] = {{"and", EXPR_AND},
                 {"or", EXPR_OR},
                 {"div", EXPR_DIVIDE},
                 {"mod", EXPR_MODULO}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        struct str known = str_of(words[i].word);

        if (str_starts(*word, known) &&
            (word->size == known.size || is_digit(word->at[known.size]))) {
            *operation = (int)words[i].operation;
            word->size = known.size;
            return true;
        }
    }
    return false;
}

static struct token token_name(struct lexer *lexer, struct token token)
{
    size_t from = lexer->at;

    while ((is_name_char(peek(lexer, 0)) && !is_name_end(lexer)) ||
           (peek(lexer, 0) == ':' && is_name_start(peek(lexer, 1)) &&
            lexer->at > from && lexer->text.at[lexer->at - 1] != ':'))
        lexer->at++;
    token.text = str_slice(lexer->text, from, lexer->at);
    token.kind = TOKEN_NAME;
    if (lexer->operand && word_operator(&token.text, &token.operation)) {
        token.kind = TOKEN_OPERATOR;
        lexer->at = from + token.text.size;
    } else if (peek(lexer, 0) == ':' && peek(lexer, 1) == '*') {
        lexer->at += 2;
        token.text = str_slice(lexer->text, from, lexer->at);
    }
    return token;
}

static const struct symbol {
    const char *text;
    enum token_kind kind;
    enum expr_operator operation;
} symbols[] = {
    /* longest first */
    {"//", TOKEN_DOUBLE_SLASH, EXPR_OR},
    {"..", TOKEN_DOUBLE_DOT, EXPR_OR},
    {"::", TOKEN_AXIS, EXPR_OR},
    {"!=", TOKEN_OPERATOR, EXPR_NOT_EQUAL},
    {"<=", TOKEN_OPERATOR, EXPR_LESS_EQUAL},
    {">=", TOKEN_OPERATOR, EXPR_GREATER_EQUAL},
    {"(", TOKEN_OPEN, EXPR_OR},
    {")", TOKEN_CLOSE, EXPR_OR},
    {"[", TOKEN_OPEN_SQUARE, EXPR_OR},
    {"]", TOKEN_CLOSE_SQUARE, EXPR_OR},
    {",", TOKEN_COMMA, EXPR_OR},
    {"/", TOKEN_SLASH, EXPR_OR},
    {".", TOKEN_DOT, EXPR_OR},
    {"@", TOKEN_AT, EXPR_OR},
    {"|", TOKEN_OPERATOR, EXPR_UNION},
    {"*", TOKEN_STAR, EXPR_MULTIPLY},
    {"=", TOKEN_OPERATOR, EXPR_EQUAL},
    {"<", TOKEN_OPERATOR, EXPR_LESS},
    {">", TOKEN_OPERATOR, EXPR_GREATER},
    {"+", TOKEN_OPERATOR, EXPR_ADD},
    {"-", TOKEN_OPERATOR, EXPR_SUBTRACT},
};

static struct token token_symbol(struct lexer *lexer, struct token token,
                                 struct err *err)
{
    struct str rest = str_slice(lexer->text, lexer->at, lexer->text.size);

    for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
        struct str symbol = str_of(symbols[i].text);

        if (!str_starts(rest, symbol))
            continue;
        lexer->at += symbol.size;
        token.kind = symbols[i].kind;
        token.operation = (int)symbols[i].operation;
        token.text = str_slice(rest, 0, symbol.size);
        if (token.kind == TOKEN_STAR && lexer->operand)
            token.kind = TOKEN_OPERATOR;
        return token;
    }
    lex_error(lexer, token.at,
              N_("La expresión no se entiende en el carácter {1}: {2}"), err);
    token.kind = TOKEN_WRONG;
    return token;
}

static bool ends_operand(enum token_kind kind)
{
    return kind == TOKEN_NUMBER || kind == TOKEN_TEXT ||
           kind == TOKEN_REFERENCE || kind == TOKEN_NAME ||
           kind == TOKEN_CLOSE || kind == TOKEN_CLOSE_SQUARE ||
           kind == TOKEN_DOT || kind == TOKEN_DOUBLE_DOT || kind == TOKEN_STAR;
}

struct token lex_next(struct lexer *lexer, struct err *err)
{
    struct token token = {.kind = TOKEN_END};
    char c, plain;
    bool typed;

    skip_space(lexer);
    token.at = lexer->at;
    if (lexer->at >= lexer->text.size)
        return token;
    c = lexer->text.at[lexer->at];
    if (quote_size(lexer->text, lexer->at, &plain, &typed) > 0)
        token = token_text(lexer, token, err);
    else if (is_digit(c) || (c == '.' && is_digit(peek(lexer, 1))))
        token = token_number(lexer, token);
    else if (c == '$' && peek(lexer, 1) == '{')
        token = token_reference(lexer, token, err);
    else if (is_name_start(c) && !is_name_end(lexer))
        token = token_name(lexer, token);
    else
        token = token_symbol(lexer, token, err);
    lexer->operand = ends_operand(token.kind);
    return token;
}
