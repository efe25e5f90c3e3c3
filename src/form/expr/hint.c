/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hint.c - an expression that is not understood: what its author meant.
 *
 * People write expressions as their spreadsheet, their database or another
 * language has taught them. Where one of those ways stands at the place of the
 * error, the message says what to write instead. Forms are read with it; the
 * page, whose expressions were read before, is without (expr_parse_plain).
 */
#include "core/utf8.h"
#include "form/expr/lex.h"
#include "form/expr/tree.h"

static const char *const functions[] = {
#define EXPR_FUNCTION(id, name, min, max) name,
#include "form/expr/functions.def"
#undef EXPR_FUNCTION
};

/* Signs, at the place of the error or right before it; longest first. */
static const char *const signs[][2] = {
    {"! =", "!="},
    {"==", "="},
    {"=>", ">="},
    {"=<", "<="},
    {"<>", "!="},
    {"&&", "and"},
    {"||", "or"},
    {"&", "concat(a, b)"},
    {"\xe2\x89\xa0", "!="}, /* not equal */
    {"\xe2\x89\xa5", ">="}, /* at least */
    {"\xe2\x89\xa4", "<="}, /* at most */
    {"\xc3\x97", "*"},      /* times */
    {"\xc3\xb7", "div"},    /* divided */
    {"\xe2\x80\x93", "-"},  /* dashes */
    {"\xe2\x80\x94", "-"},  /* */
    {"\xe2\x88\x92", "-"},  /* minus */
    {"\xc2\xab", "'"},      /* quotes of other kinds */
    {"\xc2\xbb", "'"},      /* */
    {"\xe2\x80\x9e", "'"},  /* */
    {"\xc2\xb4", "'"},      /* */
    {"`", "'"},
    {";", ","},
    {"%", "mod"},
    {"^", "pow(a, b)"},
    {"{", "${nombre}"},
    {"$", "${nombre}"},
    {"#", "${nombre}"},
    {"!", "not(a)"},
};

/* Words where an operator must stand. */
static const char *const words[][2] = {
    {"AND", "and"},   {"And", "and"},
    {"Y", "and"},     {"y", "and"},
    {"e", "and"},     {"OR", "or"},
    {"Or", "or"},     {"O", "or"},
    {"o", "or"},      {"u", "or"},
    {"DIV", "div"},   {"Div", "div"},
    {"MOD", "mod"},   {"Mod", "mod"},
    {"x", "*"},       {"X", "*"},
    {"is", "="},      {"es", "="},
    {"eq", "="},      {"igual", "="},
    {"entre", "div"}, {"in", "selected(a, b)"},
};

/* Functions of spreadsheets and databases, in small letters. */
static const char *const elsewhere[][2] = {
    {"len", "string-length"},
    {"length", "string-length"},
    {"largo", "string-length"},
    {"left", "substr(a, 0, 3)"},
    {"mid", "substr(a, 2, 5)"},
    {"right", "substr(a, -3)"},
    {"izquierda", "substr(a, 0, 3)"},
    {"derecha", "substr(a, -3)"},
    {"extrae", "substr(a, 2, 5)"},
    {"average", "sum(a) div count(a)"},
    {"avg", "sum(a) div count(a)"},
    {"mean", "sum(a) div count(a)"},
    {"promedio", "sum(a) div count(a)"},
    {"si", "if"},
    {"iif", "if"},
    {"ifs", "if"},
    {"isblank", "a = ''"},
    {"isnull", "a = ''"},
    {"isempty", "a = ''"},
    {"empty", "a = ''"},
    {"suma", "sum"},
    {"contar", "count"},
    {"hoy", "today"},
    {"ahora", "now"},
    {"redondear", "round"},
    {"entero", "int"},
    {"concatenate", "concat"},
    {"concatenar", "concat"},
    {"mod", "a mod b"},
    {"residuo", "a mod b"},
    {"div", "a div b"},
    {"and", "a and b"},
    {"or", "a or b"},
    {"y", "a and b"},
    {"o", "a or b"},
    {"no", "not"},
    {"upper", "translate"},
    {"lower", "translate"},
    {"replace", "translate"},
    {"substitute", "translate"},
    {"date-format", "format-date"},
    {"choice-name", "jr:choice-name"},
    {"jr-choice-name", "jr:choice-name"},
    {"choice-label", "jr:choice-name"},
    {"year", "format-date(a, '%Y')"},
    {"month", "format-date(a, '%m')"},
    {"day", "format-date(a, '%d')"},
    {"matches", "regex"},
    {"power", "pow"},
};

static size_t byte_of(struct str text, const char *place)
{
    size_t at = 0, count = 0;

    for (; *place >= '0' && *place <= '9'; place++)
        count = count * 10 + (size_t)(*place - '0');
    for (size_t i = 1; i < count && at < text.size; i++)
        utf8_next(text, &at);
    return at;
}

static struct str word_at(struct str text, size_t at)
{
    size_t end = at;

    while (end < text.size) {
        char c = text.at[end];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '_' || (unsigned char)c >= 0x80;

        if (!letter && !(end > at && ((c >= '0' && c <= '9') || c == '-' ||
                                      c == '.' || c == ':')))
            break;
        end++;
    }
    return str_slice(text, at, end);
}

static void say(struct err *err, const char *msgid, size_t place,
                struct str written, const char *instead)
{
    char number[24], shown[ERR_ARG_SIZE];

    snprintf(number, sizeof number, "%zu", place);
    snprintf(shown, sizeof shown, "%.*s", STR_ARGS(written));
    *err = (struct err){0};
    err_set(err, ERROR_SYNTAX, msgid, number, shown, instead);
}

static void say_instead(struct err *err, struct str text, size_t at,
                        struct str written, const char *instead)
{
    say(err, N_("En el carácter {1}, en lugar de «{2}» escriba: {3}"),
        lex_place(text, at), written, instead);
}

/* --- functions ------------------------------------------------------------ */

/* Small letters, - for _. */
static bool same_but_letters(struct str a, const char *b)
{
    size_t i = 0;

    for (; i < a.size && b[i]; i++) {
        char c = a.at[i];

        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        if ((c == '_' ? '-' : c) != b[i])
            return false;
    }
    return i == a.size && !b[i];
}

static const char *function_meant(struct str name)
{
    enum { FAR = 2, SHORT = 5 };
    const char *near = NULL;
    size_t best = FAR + 1;

    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++)
        if (same_but_letters(name, functions[i]))
            return functions[i];
    for (size_t i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++)
        if (same_but_letters(name, elsewhere[i][0]))
            return elsewhere[i][1];
    for (size_t i = 0; i < sizeof functions / sizeof functions[0]; i++) {
        size_t far = str_distance(name, str_of(functions[i]));

        if (far < best && name.size >= SHORT) {
            best = far;
            near = functions[i];
        }
    }
    return near;
}

/* A call that cannot be: no such function, or its arguments. */
static void hint_call(struct str text, size_t at, struct err *err)
{
    struct str name = word_at(text, at);
    const struct expr_function *function = expr_function_find(name);
    const char *meant = function ? NULL : function_meant(name);
    char range[24];

    if (name.size == 0 || name.size >= ERR_ARG_SIZE)
        return;
    if (meant) {
        say(err, N_("No existe la función «{2}» (carácter {1}); escriba: {3}"),
            lex_place(text, at), name, meant);
        return;
    }
    if (!function || (function->min == function->max && function->min == 0))
        return;
    if (function->max < 0)
        snprintf(range, sizeof range, ">= %d", function->min);
    else if (function->max > function->min)
        snprintf(range, sizeof range, "%d-%d", function->min, function->max);
    else
        snprintf(range, sizeof range, "%d", function->min);
    say(err,
        N_("La función «{2}» (carácter {1}) no lleva ese número de datos entre "
           "los paréntesis, sino {3}."),
        lex_place(text, at), name, range);
}

/* --- signs and words ------------------------------------------------------ */

/* 3,5 */
static bool hint_comma(struct str text, size_t at, struct err *err)
{
    size_t from = at;

    if (at + 1 >= text.size || text.at[at] != ',' || text.at[at + 1] < '0' ||
        text.at[at + 1] > '9')
        return false;
    while (from > 0 && text.at[from - 1] == ' ')
        from--;
    say_instead(err, text, from, STR(","), ".");
    return true;
}

static bool hint_sign(struct str text, size_t at, struct err *err)
{
    for (size_t back = 0; back < 3 && back <= at; back++)
        for (size_t i = 0; i < sizeof signs / sizeof signs[0]; i++) {
            struct str sign = str_of(signs[i][0]);
            struct str rest = str_slice(text, at - back, text.size);

            /* what was read before the error was read as it should be */
            if (str_starts(rest, sign) && sign.size > back) {
                say_instead(err, text, at - back, sign, signs[i][1]);
                return true;
            }
        }
    return false;
}

static bool hint_word(struct str text, size_t at, struct err *err)
{
    struct str word = word_at(text, at);

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (str_equal_c(word, words[i][0])) {
            say_instead(err, text, at, word, words[i][1]);
            return true;
        }
    return false;
}

/* What stands before the place: a / that should divide, not ${a}. */
static bool hint_before(struct str text, size_t at, struct err *err)
{
    static const char *const nots[] = {"not", "NOT", "Not", "no", "NO"};
    size_t end = at;

    while (end > 0 && text.at[end - 1] == ' ')
        end--;
    if (end > 1 && text.at[end - 1] == '/' && at < text.size) {
        say_instead(err, text, end - 1, STR("/"), "div");
        return true;
    }
    for (size_t i = 0; i < sizeof nots / sizeof nots[0]; i++) {
        struct str word = str_of(nots[i]);

        if (str_ends(str_slice(text, 0, end), word) && end < at &&
            (end == word.size || text.at[end - word.size - 1] == ' ' ||
             text.at[end - word.size - 1] == '(')) {
            say_instead(err, text, end - word.size, word, "not(a)");
            return true;
        }
    }
    return false;
}

/* Patterns have their own places; (?=…) has another way. */
static bool hint_regex(struct err *err)
{
    static const char *const begins[] = {"(?=", "(?!", "(?<"};

    if (!str_starts(str_of(err->message), STR("El patrón de regex")))
        return false;
    for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++)
        if (str_find(str_of(err->arg[1]), str_of(begins[i])) < SIZE_MAX) {
            err->message =
                N_("regex no mira hacia adelante ni hacia atrás ({2}): escriba "
                   "dos regex() unidos con and, o uno dentro de not().");
            return true;
        }
    return true;
}

static void hint(struct arena *arena, struct str text, struct err *err)
{
    struct expr *tree = NULL;
    struct err late = {0};
    size_t at = byte_of(text, err->arg[0]);

    if (err->code != ERROR_SYNTAX || !err->arg[0][0] || hint_regex(err))
        return;
    if (text.at[0] == '=' && at == 0) {
        *err = (struct err){0};
        err_set(err, ERROR_SYNTAX,
                N_("Quite el signo = del principio: aquí las expresiones van "
                   "sin él."),
                NULL, NULL, NULL);
        return;
    }
    if (!expr_parse_late(arena, text, &tree, &late))
        hint_call(text, at, err);
    else if (!hint_before(text, at, err) && !hint_sign(text, at, err) &&
             !hint_comma(text, at, err))
        hint_word(text, at, err);
}

enum error expr_parse_tree(struct arena *arena, struct str text,
                           struct expr **expr, struct err *err)
{
    struct err own = {0};
    enum error error = expr_parse_plain(arena, text, expr, err ? err : &own);

    if (error && err)
        hint(arena, text, err);
    return error;
}

enum error expr_parse(struct arena *arena, struct str text,
                      const struct expr **expr, struct err *err)
{
    struct expr *tree = NULL;
    enum error error = expr_parse_tree(arena, text, &tree, err);

    if (!error)
        *expr = tree;
    return error;
}
