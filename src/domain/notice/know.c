/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* know.c - reads the notices once, when the program starts: lines in front,
 * numbers of the law by name, CommonMark to HTML. Nothing changes after.
 */
#include "domain/notice/know.h"

#include "core/date.h"
#include "domain/notice/house.h"

static enum error wrong(struct arena *arena, struct err *err, const char *msgid,
                        struct str what)
{
    return err_set(err, ERROR_INPUT, msgid, str_c(arena, what), NULL, NULL);
}

/* --- the lines in front ------------------------------------------------------
 */

static struct str *member_of(struct notice *notice, struct str key)
{
    if (str_equal_c(key, "title"))
        return &notice->title;
    if (str_equal_c(key, "reviewed_by"))
        return &notice->reviewed_by;
    if (str_equal_c(key, "reviewed_on"))
        return &notice->reviewed_on;
    if (str_equal_c(key, "sources"))
        return &notice->sources;
    if (str_equal_c(key, "note"))
        return &notice->note;
    if (str_equal_c(key, "audience"))
        return &notice->audience;
    if (str_equal_c(key, "country"))
        return &notice->country;
    return NULL;
}

static enum error line_read(struct arena *arena, struct str line,
                            struct notice *notice, struct err *err)
{
    size_t colon = str_find_char(line, ':');
    struct str *member;

    if (!str_trim(line).size)
        return ERROR_NONE;
    member = colon == SIZE_MAX
                 ? NULL
                 : member_of(notice, str_trim(str_slice(line, 0, colon)));
    if (!member)
        return wrong(arena, err,
                     N_("La línea «{1}» del encabezado no se entiende. Van "
                        "title, reviewed_by, reviewed_on, sources, note, "
                        "audience y country."),
                     line);
    *member = str_trim(str_slice(line, colon + 1, line.size));
    return ERROR_NONE;
}

/* {clock:NAME} -> its number; other braces are text. */
static enum error numbers_fill(struct arena *arena,
                               const struct catalog *catalog, struct str text,
                               struct str *filled, struct err *err)
{
    const struct catalog_table *clock = catalog_table(catalog, "legal_clock");
    struct str mark = STR("{clock:");
    struct buf out;
    size_t at;

    buf_init(&out, arena);
    while ((at = str_find(text, mark)) != SIZE_MAX) {
        struct str rest = str_slice(text, at + mark.size, text.size);
        size_t end = str_find_char(rest, '}');
        struct str name = str_slice(rest, 0, end == SIZE_MAX ? 40 : end);
        size_t row = catalog_find(clock, name);

        if (end == SIZE_MAX || row == SIZE_MAX)
            return wrong(arena, err,
                         N_("«{clock:{1}}» no nombra ningún plazo de "
                            "catalog/legal_clock.csv."),
                         name);
        buf_put(&out, str_slice(text, 0, at));
        buf_put(&out, catalog_cell(clock, row, "length"));
        text = str_slice(rest, end + 1, rest.size);
    }
    buf_put(&out, text);
    *filled = buf_str(&out);
    return ERROR_NONE;
}

static enum error notice_check(struct arena *arena,
                               const struct catalog *catalog,
                               const struct notice *notice, struct err *err)
{
    struct str ignored;
    struct date date;

    if (!notice->title.size)
        return wrong(arena, err, N_("Falta el título."), STR(""));
    if (notice->reviewed_on.size &&
        !date_parse_whole(notice->reviewed_on, &date))
        return wrong(arena, err,
                     N_("La fecha de revisión «{1}» no se entiende. Escríbala "
                        "como 2026-12-25."),
                     notice->reviewed_on);
    if (notice->source.size > KNOW_TEXT_MOST)
        return wrong(arena, err,
                     N_("El texto es demasiado largo: puede tener hasta {1} "
                        "letras."),
                     STR("32000"));
    return numbers_fill(arena, catalog, notice->source, &ignored, err);
}

enum error notice_parse(struct arena *arena, const struct catalog *catalog,
                        struct str text, struct notice *notice, struct err *err)
{
    struct str line;
    bool inside = false;

    while (str_cut(&text, '\n', &line)) {
        enum error error;

        if (str_equal_c(str_trim(line), "---")) {
            if (inside)
                break;
            inside = true;
            continue;
        }
        if (!inside)
            return wrong(arena, err,
                         N_("El texto tiene que empezar con «---», sus datos y "
                            "otra vez «---»."),
                         STR(""));
        error = line_read(arena, line, notice, err);
        if (error)
            return error;
    }
    notice->source = str_trim(str_is_null(text) ? STR("") : text);
    return notice_check(arena, catalog, notice, err);
}

/* Without CommonMark (the browser build): paragraphs, as they were written. */
static struct str plain_html(struct arena *arena, struct str text)
{
    struct str line;
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, "<p>");
    while (str_cut(&text, '\n', &line)) {
        if (!str_trim(line).size)
            buf_puts(&out, "</p>\n<p>");
        buf_put_html(&out, line);
        buf_putc(&out, '\n');
    }
    buf_puts(&out, "</p>\n");
    return buf_str(&out);
}

enum error notice_render(struct arena *arena, const struct host *host,
                         const struct catalog *catalog, struct notice *notice,
                         struct err *err)
{
    struct str text = STR("");
    enum error error = numbers_fill(arena, catalog, notice->source, &text, err);

    if (error)
        return error;
    if (!host->markdown) {
        notice->html = plain_html(arena, text);
        return ERROR_NONE;
    }
    if (!host->markdown(host->context, arena, text,
                        str_join(arena, STR("?lang="), notice->language),
                        &notice->html))
        return wrong(arena, err, N_("El texto no se pudo leer."), STR(""));
    return ERROR_NONE;
}

/* --- all of them -------------------------------------------------------------
 */

/* The languages that topic.csv has names in: label::Español (es) -> es. */
static void languages_read(struct arena *arena, struct know *know)
{
    struct str *language = ARENA_ARRAY(arena, struct str, know->topic->columns);

    for (size_t i = 0; language && i < know->topic->columns; i++) {
        struct str head = know->topic->column[i];
        size_t open = head.size;

        while (open && head.at[open - 1] != '(')
            open--;
        if (str_starts(head, STR("label::")) && open)
            language[know->languages++] = str_slice(head, open, head.size - 1);
    }
    know->language = language;
}

static enum error one_read(struct arena *arena, const struct host *host,
                           const struct form_files *files,
                           const struct catalog *catalog, struct know *know,
                           struct notice notice, struct err *err)
{
    struct str file =
        str_format(arena, "notices/%.*s.%.*s.md", STR_ARGS(notice.name),
                   STR_ARGS(notice.language));
    struct str text =
        files->file(files->context, str_join(arena, STR("site/"), file));
    struct err why = {0};
    enum error error;

    notice.house = !str_is_null(text);
    if (!notice.house)
        text =
            files->file(files->context, str_join(arena, STR("catalog/"), file));
    if (str_is_null(text))
        return ERROR_NONE;
    error = notice_parse(arena, catalog, text, &notice, &why);
    if (!error)
        error = notice_render(arena, host, catalog, &notice, &why);
    if (error)
        return err_set(err, error, N_("En {1}: {2}"), str_c(arena, file),
                       str_c(arena, err_text(&why, NULL, arena)), NULL);
    know->notice[know->count++] = notice;
    return ERROR_NONE;
}

enum error know_load(struct arena *arena, const struct host *host,
                     const struct form_files *files,
                     const struct catalog *catalog, const struct know **out,
                     struct err *err)
{
    struct know *know = ARENA_NEW(arena, struct know);

    *out = know;
    if (!know)
        return err_memory(err);
    know->topic = catalog_table(catalog, "topic");
    if (!know->topic)
        return ERROR_NONE; /* a catalogue of a test */
    languages_read(arena, know);
    know->notice = ARENA_ARRAY(arena, struct notice,
                               know->topic->rows * know->languages + 1);
    if (!know->language || !know->notice)
        return err_memory(err);
    for (size_t i = 0; i < know->topic->rows; i++)
        for (size_t k = 0; k < know->languages; k++) {
            struct notice notice = {.name =
                                        catalog_cell(know->topic, i, "name"),
                                    .language = know->language[k]};
            enum error error =
                one_read(arena, host, files, catalog, know, notice, err);

            if (error)
                return error;
        }
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

const struct notice *know_file(const struct know *know, struct str name,
                               struct str language)
{
    for (size_t i = 0; know && i < know->count; i++)
        if (str_equal(know->notice[i].name, name) &&
            str_equal(know->notice[i].language, language))
            return &know->notice[i];
    return NULL;
}

bool know_topic(const struct know *know, struct str name)
{
    return know && catalog_find(know->topic, name) != SIZE_MAX;
}

static enum error read_in(struct task *task, struct str name,
                          struct str language, bool *found,
                          struct notice *notice, struct err *err)
{
    const struct notice *file;
    struct str audio;
    enum error error = house_notice(task, name, language, found, notice, err);

    if (error || *found)
        return error;
    file = know_file(task->office->know, name, language);
    *found = file != NULL;
    audio = notice->audio;
    if (file)
        *notice = *file;
    notice->audio = audio;
    return ERROR_NONE;
}

enum error know_read(struct task *task, struct str name, struct notice *notice,
                     struct err *err)
{
    bool found = false;
    enum error error = ERROR_NONE;

    if (know_topic(task->office->know, name))
        error = read_in(task, name, task->language, &found, notice, err);
    if (!error && !found && know_topic(task->office->know, name))
        error = read_in(task, name, STR("es"), &found, notice, err);
    if (!error && !found)
        return err_set(err, ERROR_NOT_FOUND, N_("Esta página no existe."), NULL,
                       NULL, NULL);
    return error;
}

int64_t notice_reviewed_days(const struct notice *notice, int64_t today)
{
    struct date date;

    if (!notice->reviewed_by.size ||
        !date_parse_whole(notice->reviewed_on, &date))
        return -1;
    return today - date_to_day(date);
}
