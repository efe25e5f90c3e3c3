/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_default.c - is the column default a text, or an expression to work out?
 * As pyxform decides it: by the tokens that occur. */
#include "form/expr/tree.h"
#include "form/xls/xls_read.h"

enum token {
    TOKEN_OTHER,
    TOKEN_MATH,
    TOKEN_MINUS,
    TOKEN_CALL,
    TOKEN_REFERENCE,
    TOKEN_UNION,
    TOKEN_PREDICATE
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_name_start(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           (unsigned char)c >= 0x80;
}

static bool is_name_part(char c)
{
    return is_name_start(c) || is_digit(c) || c == '-' || c == '.';
}

/* -?d(.d)*, dates and times: all digits, and - : . T Z + between digits. */
static size_t number_size(struct str text)
{
    size_t at = text.at[0] == '-' ? 1 : 0, digits = 0;

    while (at < text.size && (is_digit(text.at[at]) || text.at[at] == '.')) {
        digits += is_digit(text.at[at]);
        at++;
    }
    if (digits == 0)
        return 0;
    while (at + 1 < text.size) {
        char c = text.at[at];
        bool date = digits == 4 && c == '-', time = digits == 2 && c == ':';

        if (c == 'T' || ((date || time || c == ':' || c == '-' || c == '+') &&
                         is_digit(text.at[at + 1]) && (date || time)))
            while (at < text.size &&
                   (is_digit(text.at[at]) || strchr("-:.TZ+", text.at[at])))
                at++;
        break;
    }
    return at;
}

static enum token token_next(struct str text, size_t *size)
{
    char c = text.at[0];
    size_t at = 1;

    *size = 1;
    if (c == '\'' || c == '"') {
        at = str_find_char(str_slice(text, 1, text.size), c);
        *size = at < SIZE_MAX ? at + 2 : 1;
        return TOKEN_OTHER;
    }
    if (str_starts(text, STR("${"))) {
        at = str_find_char(text, '}');
        *size = at < SIZE_MAX ? at + 1 : 2;
        return at < SIZE_MAX ? TOKEN_REFERENCE : TOKEN_OTHER;
    }
    if (is_digit(c) || c == '-' || c == '.') {
        at = number_size(text);
        if (at > 0) {
            *size = at;
            return TOKEN_OTHER;
        }
    }
    if (is_name_start(c)) {
        while (at < text.size && (is_name_part(text.at[at]) ||
                                  (text.at[at] == ':' && at + 1 < text.size &&
                                   is_name_start(text.at[at + 1]))))
            at++;
        *size = at;
        return at < text.size && text.at[at] == '(' ? TOKEN_CALL : TOKEN_OTHER;
    }
    if (str_starts(text, STR(" mod ")) || str_starts(text, STR(" div "))) {
        *size = 4;
        return TOKEN_MATH;
    }
    return c == '*' || c == '+' ? TOKEN_MATH
           : c == '-'           ? TOKEN_MINUS
           : c == '|'           ? TOKEN_UNION
           : c == '['           ? TOKEN_PREDICATE
                                : TOKEN_OTHER;
}

/* Dates, places: a hyphen is not a subtraction. */
static bool has_hyphens(const struct xls_node *node)
{
    static const char *const types[] = {
        "date", "datetime", "geopoint", "geotrace", "geoshape", "time", NULL};

    return xls_one_of(str_of(node->type->name), types);
}

/* A - B: names that are neither questions nor functions. */
static bool has_words(const struct xls *xls, const struct expr *expr)
{
    if (expr->kind == EXPR_KIND_PATH && expr->root == EXPR_ROOT_CONTEXT &&
        expr->step_count == 1 && expr->step[0].kind == EXPR_STEP_CHILD &&
        !expr_function_find(expr->step[0].name) &&
        !xls_find(xls, expr->step[0].name))
        return true;
    for (size_t i = 0; i < expr->arg_count; i++)
        if (has_words(xls, expr->arg[i]))
            return true;
    return false;
}

/* https://a.mx/c?d=e*f has a sign in it and is no expression. */
static bool is_understood(const struct xls *xls, struct str text)
{
    struct expr *tree = NULL;
    struct err ignored = {0};

    return !expr_parse_late(xls->arena, text, &tree, &ignored) &&
           !has_words(xls, tree);
}

bool xls_default_dynamic(const struct xls *xls, const struct xls_node *node)
{
    struct str text = node->cell[XLS_CELL_DEFAULT];
    struct str whole = text;
    size_t size;

    while (text.size > 0) {
        enum token token = token_next(text, &size);

        if (token == TOKEN_MINUS && has_hyphens(node))
            return false;
        if (token != TOKEN_OTHER)
            return token == TOKEN_CALL || xls_has_reference(whole) ||
                   is_understood(xls, whole);
        text = str_slice(text, size, text.size);
    }
    return false;
}
