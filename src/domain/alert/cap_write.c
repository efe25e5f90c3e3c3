/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cap_write.c - an alert as a document, by the table cap.def; and what every
 * reader of an alert asks: times, references, the block in her language.
 */
#include "domain/alert/cap_table.h"

#include "core/date.h"

/* --- the document --------------------------------------------------------- */

/* XML has no place for control characters; line ends are kept as they are. */
static void put_text(struct buf *out, struct str text)
{
    for (size_t i = 0; i < text.size; i++)
        switch (text.at[i]) {
        case '&':
            buf_puts(out, "&amp;");
            break;
        case '<':
            buf_puts(out, "&lt;");
            break;
        case '>':
            buf_puts(out, "&gt;");
            break;
        case '\r':
            buf_puts(out, "&#13;");
            break;
        case '\n':
        case '\t':
            buf_putc(out, text.at[i]);
            break;
        default:
            if ((unsigned char)text.at[i] >= ' ')
                buf_putc(out, text.at[i]);
        }
}

static void put_indent(struct buf *out, int depth)
{
    for (int i = 0; i < depth; i++)
        buf_puts(out, "  ");
}

static void put_group(struct buf *out, enum cap_type group,
                      const struct value *value, int depth);

static void put_member(struct buf *out, const struct cap_row *row,
                       const struct value *member, int depth)
{
    if (!member)
        return;
    put_indent(out, depth);
    buf_printf(out, "<%s>", row->name);
    if (cap_is_group(row->type)) {
        buf_putc(out, '\n');
        put_group(out, row->type, member, depth + 1);
        put_indent(out, depth);
    } else {
        put_text(out, value_text(member));
    }
    buf_printf(out, "</%s>\n", row->name);
}

static void put_group(struct buf *out, enum cap_type group,
                      const struct value *value, int depth)
{
    size_t count;
    const struct cap_row *row = cap_rows(&count);

    for (size_t i = 0; i < count; i++) {
        const struct value *member = value_get(value, row[i].name);

        if (row[i].group != group)
            continue;
        if (!row[i].many)
            put_member(out, &row[i], member, depth);
        for (size_t j = 0; row[i].many && j < value_count(member); j++)
            put_member(out, &row[i], value_at(member, j), depth);
    }
}

struct str cap_write(const struct value *alert, struct arena *arena)
{
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                   "<alert xmlns=\"" CAP_SPACE "\">\n");
    put_group(&out, CAP_ALERT, alert, 1);
    buf_puts(&out, "</alert>\n");
    return buf_str(&out);
}

/* --- times ---------------------------------------------------------------- */

struct str cap_time(struct arena *arena, int64_t instant, int offset)
{
    struct date date = date_from_day(instant_day(instant, offset));
    int second = instant_second(instant, offset);
    int minutes = (offset < 0 ? -offset : offset) / 60;

    return str_format(arena, "%04d-%02d-%02dT%02d:%02d:%02d%c%02d:%02d",
                      date.year, date.month, date.day, second / 3600,
                      second / 60 % 60, second % 60, offset > 0 ? '+' : '-',
                      minutes / 60, minutes % 60);
}

bool cap_time_parse(struct str text, int64_t *instant)
{
    static const char shape[] = "dddd-dd-ddTdd:dd:ddsdd:dd";

    if (text.size != sizeof shape - 1)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (shape[i] == 'd'   ? c < '0' || c > '9'
            : shape[i] == 's' ? c != '-' && c != '+'
                              : c != shape[i])
            return false;
    }
    return instant_parse(text, instant);
}

/* --- references ----------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool cap_reference_next(struct str *rest, struct cap_reference *reference,
                        bool *whole)
{
    struct str text = str_trim(*rest), part;
    size_t end = 0, commas = 0;

    if (!text.size)
        return false;
    while (end < text.size && !is_space(text.at[end]))
        commas += text.at[end++] == ',';
    *rest = str_slice(text, end, text.size);
    part = str_slice(text, 0, end);
    *reference = (struct cap_reference){0};
    *whole = commas == 2;
    str_cut(&part, ',', &reference->sender);
    str_cut(&part, ',', &reference->identifier);
    reference->sent = part;
    *whole = *whole && reference->sender.size && reference->identifier.size &&
             reference->sent.size;
    return true;
}

/* --- languages ------------------------------------------------------------ */

struct str cap_language(const struct value *info)
{
    struct str language = value_text_of(info, "language");

    return language.size ? language : STR(CAP_DEFAULT_LANGUAGE);
}

static struct str primary(struct str language)
{
    size_t end = str_find_char(language, '-');

    return end == SIZE_MAX ? language : str_slice(language, 0, end);
}

const struct value *cap_info(const struct value *alert, struct str language)
{
    const struct value *list = value_get(alert, "info");
    const struct str want[] = {language, primary(language), STR("es"),
                               STR("en")};

    for (size_t w = 0; w < sizeof want / sizeof want[0]; w++)
        for (size_t i = 0; i < value_count(list); i++) {
            struct str have = cap_language(value_at(list, i));

            if (str_equal_nocase(w ? primary(have) : have, want[w]))
                return value_at(list, i);
        }
    return value_at(list, 0);
}
