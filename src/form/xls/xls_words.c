/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_words.c - cells and names: cleaned, compared, kept in lists. */
#include "core/utf8.h"
#include "form/xls/xls_read.h"

static const struct {
    const char *code, *msgid;
    bool warning;
} problems[] = {
#define XLS_PROBLEM(id, code, warning, msgid) {code, msgid, warning},
#include "form/xls/problems.def"
#undef XLS_PROBLEM
};

const char *xls_problem_code(enum xls_problem problem)
{
    return problems[problem].code;
}

/* NULL when there are too many, or no room. */
static struct form_problem *
problem_new(struct xls *xls, enum xls_problem problem, struct xls_place place)
{
    enum { PROBLEMS_MAX = 500 };
    struct form_problems *list = xls->problems;
    struct form_problem *room;

    if (!problems[problem].warning)
        list->errors++;
    if (list->count >= PROBLEMS_MAX)
        return NULL;
    room = xls_room(xls->arena, list->problem, list->count, sizeof *room);
    if (!room)
        return NULL;
    list->problem = room;
    room += list->count++;
    *room = (struct form_problem){.sheet = str_of(place.sheet),
                                  .column = place.column,
                                  .row = place.row,
                                  .code = problems[problem].code,
                                  .warning = problems[problem].warning};
    return room;
}

void xls_problem(struct xls *xls, enum xls_problem problem,
                 struct xls_place place, struct str arg1, struct str arg2,
                 struct str arg3)
{
    struct form_problem *room = problem_new(xls, problem, place);

    if (room)
        err_set(&room->err, ERROR_INPUT, problems[problem].msgid,
                str_c(xls->arena, arg1), str_c(xls->arena, arg2),
                str_c(xls->arena, arg3));
}

void xls_problem_err(struct xls *xls, enum xls_problem problem,
                     struct xls_place place, const struct err *err)
{
    struct form_problem *room = problem_new(xls, problem, place);

    if (room)
        room->err = *err;
}

void xls_node_problem(struct xls *xls, enum xls_problem problem,
                      const struct xls_node *node, const char *column,
                      struct str arg1, struct str arg2)
{
    xls_problem(xls, problem,
                (struct xls_place){"survey", node->row, str_of(column)}, arg1,
                arg2, STR(""));
}

/* The list with room for one more; doubled at each power of two. */
void *xls_room(struct arena *arena, void *list, size_t count, size_t size)
{
    if ((count & (count - 1)) != 0)
        return list;
    return arena_grow(arena, list, count * size,
                      (count ? count * 2 : 1) * size);
}

static const struct {
    const char *from;
    char to;
} plain[] = {
    {"\xe2\x80\x98", '\''},
    {"\xe2\x80\x99", '\''},
    {"\xe2\x80\x9b", '\''},
    {"\xe2\x80\x9c", '"'},
    {"\xe2\x80\x9d", '"'},
    {"\xc2\xa0", ' '},
    /* spaces without width, that come along when copying from a page */
    {"\xe2\x80\x8b", 0},
    {"\xe2\x81\xa0", 0},
    {"\xef\xbb\xbf", 0},
};

/* A hard space, a smart quote (UTF-8 E2 80 98 to 9D), a space without width,
 * or two spaces. */
static bool needs_cleaning(struct str text)
{
    for (size_t i = 0; i + 1 < text.size; i++) {
        unsigned char c = (unsigned char)text.at[i];
        unsigned char next = (unsigned char)text.at[i + 1];

        if ((c == ' ' && next == ' ') || (c == 0xc2 && next == 0xa0) ||
            (c == 0xe2 && (next == 0x80 || next == 0x81)) ||
            (c == 0xef && next == 0xbb))
            return true;
    }
    return false;
}

/* Smart quotes become plain, hard spaces soft, and runs of spaces one. */
struct str xls_clean(const struct xls *xls, struct str text)
{
    struct buf out;

    text = str_trim(text);
    if (!needs_cleaning(text))
        return text;
    buf_init(&out, xls->arena);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];
        size_t size = 1;

        for (size_t j = 0; j < sizeof plain / sizeof plain[0]; j++) {
            struct str from = str_of(plain[j].from);

            if ((unsigned char)c >= 0x80 &&
                str_starts(str_slice(text, i, text.size), from)) {
                c = plain[j].to;
                size = from.size;
                break;
            }
        }
        if (c && (c != ' ' || !xls->clean || !out.size ||
                  out.at[out.size - 1] != ' '))
            buf_putc(&out, c);
        i += size - 1;
    }
    return str_trim(buf_str(&out));
}

struct str xls_lower(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        buf_putc(&out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
    }
    return buf_str(&out);
}

struct str xls_snake(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    text = str_trim(text);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
            if (out.size && out.at[out.size - 1] != '_')
                buf_putc(&out, '_');
        } else {
            buf_putc(&out, c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c);
        }
    }
    return buf_str(&out);
}

/* Letters that XML lets a name begin with, beyond ASCII, in ranges. */
static bool is_letter(uint32_t c)
{
    static const uint32_t range[][2] = {
        {0xc0, 0xd6},     {0xd8, 0xf6},     {0xf8, 0x2ff},
        {0x370, 0x37d},   {0x37f, 0x1fff},  {0x200c, 0x200d},
        {0x2070, 0x218f}, {0x2c00, 0x2fef}, {0x3001, 0xd7ff},
        {0xf900, 0xfdcf}, {0xfdf0, 0xfffc}, {0x10000, 0xeffff}};

    for (size_t i = 0; i < sizeof range / sizeof range[0]; i++)
        if (c >= range[i][0] && c <= range[i][1])
            return true;
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

static bool is_more(uint32_t c)
{
    return (c >= '0' && c <= '9') || c == '-' || c == '.' || c == 0xb7 ||
           (c >= 0x300 && c <= 0x36f) || (c >= 0x203f && c <= 0x2040);
}

/* An XML name without a colon. */
bool xls_name_good(struct str name)
{
    size_t at = 0;

    while (at < name.size) {
        bool first = at == 0;
        uint32_t c = utf8_next(name, &at);

        if (!is_letter(c) && (first || !is_more(c)))
            return false;
    }
    return name.size > 0;
}

bool xls_one_of(struct str text, const char *const *word)
{
    for (; *word; word++)
        if (str_equal_c(text, *word))
            return true;
    return false;
}

bool xls_yes(struct str text)
{
    static const char *const yes[] = {
        "yes", "Yes", "YES", "true", "True", "TRUE", "true()",
        /* as a spreadsheet in Spanish writes it */
        "VERDADERO", "Verdadero", "verdadero", "SI", "Si", "si", "SÍ", "Sí",
        "sí", NULL};

    return xls_one_of(text, yes);
}

bool xls_no(struct str text)
{
    static const char *const no[] = {"no",    "No",    "NO",      "false",
                                     "False", "FALSE", "false()", "FALSO",
                                     "Falso", "falso", NULL};

    return xls_one_of(text, no);
}

struct str xls_number(struct arena *arena, size_t number)
{
    return str_format(arena, "%zu", number);
}

void xls_attribute_add(struct arena *arena, struct xls_attributes *list,
                       struct str name, struct str value,
                       const struct xls_column *column)
{
    struct xls_attribute *room =
        xls_room(arena, list->attribute, list->count, sizeof *room);

    if (!room)
        return;
    list->attribute = room;
    room[list->count++] = (struct xls_attribute){name, value, column};
}

void xls_attribute_set(struct arena *arena, struct xls_attributes *list,
                       struct str name, struct str value,
                       const struct xls_column *column)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_equal(list->attribute[i].name, name)) {
            list->attribute[i].value = value;
            list->attribute[i].column = column;
            return;
        }
    xls_attribute_add(arena, list, name, value, column);
}

struct str xls_attribute_get(const struct xls_attributes *list,
                             const char *name)
{
    for (size_t i = 0; i < list->count; i++)
        if (str_equal_c(list->attribute[i].name, name))
            return list->attribute[i].value;
    return STR_NULL;
}

bool xls_has_text(const struct xls_texts *texts, enum xls_text_kind kind)
{
    for (size_t i = 0; i < texts->count; i++)
        if (texts->text[i].kind == kind)
            return true;
    return false;
}

struct str xls_text_of(const struct xls_texts *texts, enum xls_text_kind kind)
{
    for (size_t i = 0; i < texts->count; i++)
        if (texts->text[i].kind == kind)
            return texts->text[i].text;
    return STR_NULL;
}

struct str xls_setting(const struct xls *xls, const char *name)
{
    struct str text = xls_attribute_get(&xls->setting, name);

    return text.at ? text : STR("");
}
