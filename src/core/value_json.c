/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* value_json.c - JSON text to a value tree and back (RFC 8259).
 *
 * The reader copies the text once into the arena and unescapes strings in
 * place, so that the tree does not depend on the caller's bytes. It refuses
 * what is not UTF-8, lone surrogates, NUL in strings and nesting deeper than
 * VALUE_DEPTH_MAX. The writer never writes anything its reader refuses for
 * its form: NaN and infinities become null.
 */
#include "core/value.h"

#include <math.h>

#include "core/utf8.h"

struct reader {
    struct arena *arena;
    char *text; /* our copy, writable, NUL at the end */
    size_t size, at;
    struct str given;
    int depth;
    const char *detail; /* why it stopped */
};

static const struct value *read_value(struct reader *reader);

static const void *refuse(struct reader *reader, const char *detail)
{
    if (!reader->detail)
        reader->detail = detail;
    return NULL;
}

static void skip_space(struct reader *reader)
{
    char c = reader->text[reader->at];

    while (c == ' ' || c == '\n' || c == '\t' || c == '\r')
        c = reader->text[++reader->at];
}

static bool skip_char(struct reader *reader, char c)
{
    if (reader->text[reader->at] != c)
        return false;
    reader->at++;
    return true;
}

static bool read_hex4(struct reader *reader, uint32_t *code)
{
    uint32_t sum = 0;

    for (int i = 0; i < 4; i++) {
        char c = reader->text[reader->at];
        int digit;

        if (c >= '0' && c <= '9')
            digit = c - '0';
        else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f')
            digit = (c | 0x20) - 'a' + 10;
        else
            return false;
        sum = sum << 4 | (uint32_t)digit;
        reader->at++;
    }
    *code = sum;
    return true;
}

/* After \u; surrogates come in pairs. */
static bool read_code(struct reader *reader, uint32_t *code)
{
    uint32_t low;

    if (!read_hex4(reader, code) || !*code)
        return false;
    if (*code < 0xd800 || *code > 0xdfff)
        return true;
    if (*code > 0xdbff || !skip_char(reader, '\\') || !skip_char(reader, 'u') ||
        !read_hex4(reader, &low) || low < 0xdc00 || low > 0xdfff)
        return false;
    *code = 0x10000 + ((*code - 0xd800) << 10) + (low - 0xdc00);
    return true;
}

/* After the backslash; writes to *to, which never overtakes the reading. */
static bool read_escape(struct reader *reader, char **to)
{
    static const char from[] = "\"\\/bfnrt", plain[] = "\"\\/\b\f\n\r\t";
    char c = reader->text[reader->at];
    const char *found = c ? strchr(from, c) : NULL;
    uint32_t code;
    char utf8[4];
    size_t size;

    if (found) {
        reader->at++;
        *(*to)++ = plain[found - from];
        return true;
    }
    if (!skip_char(reader, 'u') || !read_code(reader, &code))
        return false;
    size = utf8_encode(code, utf8);
    memcpy(*to, utf8, size);
    *to += size;
    return true;
}

/* After the opening quote. */
static bool read_string(struct reader *reader, struct str *text)
{
    char *start = reader->text + reader->at;
    char *to = start;

    for (;;) {
        unsigned char c = (unsigned char)reader->text[reader->at];

        if (c == '"')
            break;
        if (c < ' ') {
            refuse(reader, "control character or end inside a string");
            return false;
        }
        reader->at++;
        if (c != '\\') {
            *to++ = (char)c;
        } else if (!read_escape(reader, &to)) {
            refuse(reader, "wrong escape");
            return false;
        }
    }
    reader->at++;
    *text = (struct str){start, (size_t)(to - start)};
    return true;
}

static size_t skip_digits(struct reader *reader)
{
    size_t start = reader->at;

    while (reader->text[reader->at] >= '0' && reader->text[reader->at] <= '9')
        reader->at++;
    return reader->at - start;
}

static const struct value *read_number(struct reader *reader)
{
    size_t start = reader->at, digits;
    bool whole = true;
    struct str text;
    int64_t i;
    double d;

    skip_char(reader, '-');
    digits = skip_char(reader, '0') ? 1 : skip_digits(reader);
    if (digits && skip_char(reader, '.')) {
        whole = false;
        digits = skip_digits(reader);
    }
    if (digits && (reader->text[reader->at] | 0x20) == 'e') {
        whole = false;
        reader->at++;
        if (!skip_char(reader, '+'))
            skip_char(reader, '-');
        digits = skip_digits(reader);
    }
    text = (struct str){reader->text + start, reader->at - start};
    if (digits && whole && str_to_int(text, &i))
        return value_int(reader->arena, i);
    if (digits && str_to_double(text, &d))
        return value_number(reader->arena, d);
    return refuse(reader, "not a number, or too large");
}

static const struct value *read_list(struct reader *reader)
{
    struct value *list = value_list(reader->arena);

    skip_space(reader);
    if (skip_char(reader, ']'))
        return list;
    do {
        const struct value *item = read_value(reader);

        if (!item)
            return NULL;
        value_add(list, reader->arena, item);
        skip_space(reader);
    } while (skip_char(reader, ','));
    if (!skip_char(reader, ']'))
        return refuse(reader, "a list needs , or ]");
    return list;
}

static const struct value *read_object(struct reader *reader)
{
    struct value *object = value_object(reader->arena);

    skip_space(reader);
    if (skip_char(reader, '}'))
        return object;
    do {
        const struct value *member;
        struct str name;

        skip_space(reader);
        if (!skip_char(reader, '"'))
            return refuse(reader, "a name in quotes was expected");
        if (!read_string(reader, &name))
            return NULL;
        skip_space(reader);
        if (!skip_char(reader, ':'))
            return refuse(reader, "a colon was expected");
        member = read_value(reader);
        if (!member)
            return NULL;
        value_set(object, reader->arena, name, member);
        skip_space(reader);
    } while (skip_char(reader, ','));
    if (!skip_char(reader, '}'))
        return refuse(reader, "an object needs , or }");
    return object;
}

static const struct value *read_word(struct reader *reader)
{
    struct str rest = {reader->text + reader->at, reader->size - reader->at};

    if (str_starts(rest, STR("true"))) {
        reader->at += 4;
        return value_bool(reader->arena, true);
    }
    if (str_starts(rest, STR("false"))) {
        reader->at += 5;
        return value_bool(reader->arena, false);
    }
    if (str_starts(rest, STR("null"))) {
        reader->at += 4;
        return value_null(reader->arena);
    }
    return refuse(reader, "a value was expected");
}

/* NULL on an error or without memory. */
static const struct value *read_value(struct reader *reader)
{
    const struct value *value;
    struct str text;
    char c;

    skip_space(reader);
    c = reader->text[reader->at];
    if (c == '"') {
        reader->at++;
        if (!read_string(reader, &text))
            return NULL;
        return value_string(reader->arena, text);
    }
    if (c == '-' || (c >= '0' && c <= '9'))
        return read_number(reader);
    if (c != '{' && c != '[')
        return read_word(reader);
    if (++reader->depth > VALUE_DEPTH_MAX)
        return refuse(reader, "nested too deeply");
    reader->at++;
    value = c == '{' ? read_object(reader) : read_list(reader);
    reader->depth--;
    return value;
}

static enum error report(struct reader *reader, struct err *err)
{
    size_t line = 1, column = 1;
    char line_text[24], column_text[24];

    if (!reader->detail)
        return err_memory(err);
    for (size_t i = 0; i < reader->at && i < reader->given.size; i++) {
        bool end = reader->given.at[i] == '\n';

        line += end;
        column = end ? 1 : column + 1;
    }
    snprintf(line_text, sizeof(line_text), "%zu", line);
    snprintf(column_text, sizeof(column_text), "%zu", column);
    if (err && !err->code) {
        err_set(err, ERROR_SYNTAX,
                N_("El texto JSON no es válido (línea {1}, columna {2})."),
                line_text, column_text, NULL);
        snprintf(err->detail, sizeof(err->detail), "%s", reader->detail);
    }
    return ERROR_SYNTAX;
}

enum error value_parse(struct arena *arena, struct str json,
                       const struct value **value, struct err *err)
{
    struct reader reader = {.arena = arena, .given = json};
    const struct value *tree;

    if (json.size > VALUE_SIZE_MAX)
        return err_set(err, ERROR_TOO_LARGE,
                       N_("El texto JSON es demasiado grande."), NULL, NULL,
                       NULL);
    if (str_starts(json, STR("\xef\xbb\xbf")))
        reader.given = json = str_slice(json, 3, json.size);
    reader.at = utf8_invalid(json);
    if (reader.at != SIZE_MAX) {
        refuse(&reader, "not UTF-8");
        return report(&reader, err);
    }
    reader.at = 0;
    reader.size = json.size;
    reader.text = arena_alloc(arena, json.size + 1);
    if (!reader.text)
        return err_memory(err);
    if (json.size)
        memcpy(reader.text, json.at, json.size);
    tree = read_value(&reader);
    if (tree)
        skip_space(&reader);
    if (tree && reader.at < reader.size)
        tree = refuse(&reader, "text after the end");
    if (!tree || arena_failed(arena))
        return report(&reader, err);
    *value = tree;
    return ERROR_NONE;
}

static void new_line(struct buf *out, int indent)
{
    if (indent < 0)
        return;
    buf_putc(out, '\n');
    for (int i = 0; i < indent; i++)
        buf_add(out, "  ", 2);
}

/* indent < 0: compact. */
static void write_tree(const struct value *value, struct buf *out, int indent)
{
    enum value_type type = value_type(value);
    size_t count = value_count(value);
    int inner = indent < 0 ? indent : indent + 1;
    double d;

    switch (type) {
    case VALUE_NULL:
        buf_add(out, "null", 4);
        return;
    case VALUE_BOOL:
        buf_puts(out, value_to_bool(value, false) ? "true" : "false");
        return;
    case VALUE_INT:
        buf_put_int(out, value_to_int(value, 0));
        return;
    case VALUE_NUMBER:
        d = value_to_double(value, 0);
        if (isfinite(d))
            buf_put_double(out, d);
        else
            buf_add(out, "null", 4);
        return;
    case VALUE_STRING:
        buf_put_json(out, value_text(value));
        return;
    case VALUE_LIST:
    case VALUE_OBJECT:
        break;
    }
    buf_putc(out, type == VALUE_LIST ? '[' : '{');
    for (size_t i = 0; i < count; i++) {
        if (i)
            buf_putc(out, ',');
        new_line(out, inner);
        if (type == VALUE_OBJECT) {
            buf_put_json(out, value_name_at(value, i));
            buf_add(out, ": ", indent < 0 ? 1 : 2);
        }
        write_tree(value_at(value, i), out, inner);
    }
    if (count)
        new_line(out, indent);
    buf_putc(out, type == VALUE_LIST ? ']' : '}');
}

void value_write(const struct value *value, struct buf *out)
{
    write_tree(value, out, -1);
}

void value_write_pretty(const struct value *value, struct buf *out)
{
    write_tree(value, out, 0);
    buf_putc(out, '\n');
}
