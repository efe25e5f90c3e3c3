/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_report.c - figures and records leaving the store: report, export. */
#include "cli/command_directory.h"

#include "core/date.h"
#include "domain/proof/seen.h"
#include "domain/record/condition.h"
#include "domain/report/export.h"
#include "store/project.h"
#include "web/page/report_paper.h"

enum { EXPORT_STEP = 1000 };

enum format { FORMAT_CSV, FORMAT_JSON, FORMAT_HTML };

/* The first is what comes without --format. */
static enum error format_wanted(struct command_line *line, bool html,
                                enum format *format, struct err *err)
{
    const char *name = command_option(line, "--format");

    *format = FORMAT_CSV;
    if (!name || strcmp(name, "csv") == 0)
        return ERROR_NONE;
    *format = FORMAT_JSON;
    if (strcmp(name, "json") == 0)
        return ERROR_NONE;
    *format = FORMAT_HTML;
    if (html && strcmp(name, "html") == 0)
        return ERROR_NONE;
    return err_set(err, ERROR_USAGE,
                   html ? N_("--format es html, csv o json.")
                        : N_("--format es csv o json."),
                   NULL, NULL, NULL);
}

static enum error day_option(struct command_line *line, const char *name,
                             int64_t *day, struct err *err)
{
    const char *text = command_option(line, name);
    struct date date;

    if (!text)
        return ERROR_NONE;
    if (!date_parse_whole(str_of(text), &date))
        return err_set(err, ERROR_USAGE,
                       N_("{1}: se espera una fecha como 2026-11-30."), name,
                       NULL, NULL);
    *day = date_to_day(date);
    return ERROR_NONE;
}

/* Without dates: the whole month before this one. */
static enum error period_wanted(struct command_line *line,
                                const struct task *task, struct period *period,
                                struct err *err)
{
    struct date first = date_from_day(task_day(task));

    first.day = 1;
    period->to_day = date_to_day(first) - 1;
    first = date_from_day(period->to_day);
    first.day = 1;
    period->from_day = date_to_day(first);
    if (command_option(line, "--from"))
        period->to_day = task_day(task);
    if (day_option(line, "--from", &period->from_day, err) ||
        day_option(line, "--to", &period->to_day, err))
        return err->code;
    if (period->from_day <= period->to_day)
        return ERROR_NONE;
    return err_set(err, ERROR_USAGE, N_("El periodo termina antes de empezar."),
                   NULL, NULL, NULL);
}

static enum error report_write(struct command_line *line,
                               struct workplace *place, enum format format,
                               struct str *text, struct err *err)
{
    struct period period;
    struct value *report = NULL;
    struct buf out;

    if (period_wanted(line, &place->task, &period, err) ||
        report_monthly(&place->task, period, &report, err))
        return err->code;
    if (format == FORMAT_HTML)
        return report_paper(&place->app, &place->task, period, report, text,
                            err);
    buf_init(&out, &line->arena);
    if (format == FORMAT_JSON) {
        value_write_pretty(report, &out);
        buf_putc(&out, '\n');
    } else {
        report_csv(&place->task, report, &out);
    }
    *text = buf_str(&out);
    return ERROR_NONE;
}

static enum error report_wanted(struct command_line *line, struct err *err)
{
    if (strcmp(line->argument[0], "monthly") == 0)
        return ERROR_NONE;
    return err_set(err, ERROR_USAGE, N_("No hay ningún informe «{1}»."),
                   line->argument[0], NULL, NULL);
}

int cmd_report(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    enum format format;
    struct str text;
    int code;

    if (report_wanted(line, &err) || format_wanted(line, true, &format, &err) ||
        workplace_open(line, &place, &err))
        return command_fail(line, &err);
    code = report_write(line, &place, format, &text, &err)
               ? command_fail(line, &err)
               : command_print(line, text);
    workplace_close(&place);
    return code;
}

static bool is_column(const struct question *question)
{
    return question_has_value(question) && !question->repeat;
}

/* Rows of a repeat in a cell, as JSON: of what is the house's own, so that it
 * can be brought in again as it was (import place). */
static bool is_rows(const struct form *form, const struct question *question)
{
    return question->type == QUESTION_REPEAT && kind_is_of_house(form->name);
}

static bool has_rows(const struct form *form)
{
    for (size_t i = 0; i < form->question_count; i++)
        if (is_rows(form, form->question[i]))
            return true;
    return false;
}

static void put_head(struct buf *out, const struct form *form, bool hxl)
{
    buf_puts(out, "_id,_subject,_state,_created,_clock,_author");
    for (size_t i = 0; i < form->question_count; i++) {
        if (!is_column(form->question[i]) && !is_rows(form, form->question[i]))
            continue;
        buf_putc(out, ',');
        buf_put_csv(out, form->question[i]->key);
    }
    buf_puts(out, ",_why\n");
    if (!hxl)
        return;
    buf_puts(out, "#meta+id,#meta+subject,#status,#date+created,#meta+clock,"
                  "#meta+author");
    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        struct str tag = value_text_of(question->extra, "hxl");

        if (!is_column(question) && !is_rows(form, question))
            continue;
        buf_putc(out, ',');
        buf_put_csv(out, tag);
    }
    buf_puts(out, ",#meta+why\n");
}

static void put_row(struct buf *out, const struct form *form,
                    const struct record *record, struct arena *arena)
{
    const struct value *why = value_get(record->answers, "_why");

    buf_put_csv(out, record->id);
    buf_putc(out, ',');
    buf_put_csv(out, record->subject);
    buf_putc(out, ',');
    buf_put_csv(out, record->state);
    buf_putc(out, ',');
    buf_put(out, instant_text(arena, record->created));
    buf_putc(out, ',');
    buf_put_int(out, record->clock);
    buf_putc(out, ',');
    buf_put_csv(out, record->author);
    for (size_t i = 0; i < form->question_count; i++) {
        const struct value *answer =
            value_get_str(record->answers, form->question[i]->key);

        if (!is_column(form->question[i]) && !is_rows(form, form->question[i]))
            continue;
        buf_putc(out, ',');
        if (is_column(form->question[i]) || value_count(answer))
            buf_put_csv(out, value_as_text(answer, arena));
    }
    buf_putc(out, ',');
    if (value_count(why) > 0)
        buf_put_csv(out, value_as_text(why, arena));
    buf_putc(out, '\n');
}

static void put_json(struct buf *out, const struct record *record,
                     struct arena *arena)
{
    struct value *row = value_object(arena);

    value_put_str(row, arena, "id", record->id);
    value_put_str(row, arena, "subject", record->subject);
    value_put_str(row, arena, "state", record->state);
    value_put_str(row, arena, "created", instant_text(arena, record->created));
    value_put_int(row, arena, "clock", record->clock);
    value_put_str(row, arena, "author", record->author);
    value_put(row, arena, "answers", record->answers);
    value_write(row, out);
}

struct exporting {
    struct command_line *line;
    struct workplace *place;
    const struct form *form;
    struct record_filter where; /* --where, or nothing */
    bool json, first;
};

/* Some thousand records at a time, each time in an arena of its own. */
static int export_step(struct exporting *exporting, size_t offset,
                       size_t *count, struct err *err)
{
    struct record_filter filter = exporting->where;
    struct record *record = NULL;
    struct arena arena;
    struct buf out;
    int code;

    filter.kind = exporting->form->name;
    filter.order = "_id";
    filter.limit = EXPORT_STEP;
    filter.offset = offset;
    arena_init(&arena, NULL);
    buf_init(&out, &arena);
    record_list(&exporting->place->app.office.log, exporting->place->db,
                &filter, exporting->json || has_rows(exporting->form), &arena,
                &record, count, err);
    for (size_t i = 0; i < *count; i++) {
        if (!exporting->json) {
            put_row(&out, exporting->form, &record[i], &arena);
            continue;
        }
        buf_puts(&out, exporting->first ? "" : ",\n");
        exporting->first = false;
        put_json(&out, &record[i], &arena);
    }
    if (arena_failed(&arena))
        err_memory(err);
    code = err->code ? command_fail(exporting->line, err)
                     : command_print(exporting->line, buf_str(&out));
    arena_release(&arena);
    return code;
}

/* From this machine, whoever sat at it. */
static int export_noted(struct exporting *exporting, size_t lines)
{
    struct task *task = &exporting->place->task;
    struct err err = {0};

    task->actor.id = STR("command");
    if (seen_lookup(
            task, str_join(task->arena, STR("export:"), exporting->form->name),
            (int64_t)lines, &err))
        return command_fail(exporting->line, &err);
    return COMMAND_OK;
}

static int export_all(struct exporting *exporting, struct err *err)
{
    struct command_line *line = exporting->line;
    size_t offset = 0, count;
    struct buf head;
    int code;

    buf_init(&head, &line->arena);
    if (exporting->json)
        buf_puts(&head, "[");
    else
        put_head(&head, exporting->form, command_flag(line, "--hxl"));
    code = command_print(line, buf_str(&head));
    do {
        count = 0;
        if (code == COMMAND_OK)
            code = export_step(exporting, offset, &count, err);
        offset += count;
    } while (code == COMMAND_OK && count == EXPORT_STEP);
    if (code == COMMAND_OK && exporting->json)
        code = command_print(line, STR("]\n"));
    return code == COMMAND_OK ? export_noted(exporting, offset) : code;
}

static enum error where_wanted(struct exporting *exporting, struct err *err)
{
    const char *text = command_option(exporting->line, "--where");

    return text ? condition_filter(&exporting->place->task, exporting->form,
                                   NULL, str_of(text), &exporting->where, err)
                : ERROR_NONE;
}

/* The passwords of both, a line each. */
static enum error two_given(struct command_line *line, struct export_pair *pair,
                            struct err *err)
{
    const char *path = command_option(line, "--password-file");
    struct str text = STR_NULL;

    pair->name[0] = str_of(command_option(line, "--by"));
    pair->name[1] = str_of(command_option(line, "--second"));
    pair->reason = str_of(command_option(line, "--reason"));
    if ((path || command_flag(line, "--password-stdin")) &&
        command_file(line, path ? path : "-", &text, err))
        return err->code;
    for (size_t i = 0; i < 2; i++) {
        str_cut(&text, '\n', &pair->password[i]);
        if (str_ends(pair->password[i], STR("\r")))
            pair->password[i].size--;
    }
    return ERROR_NONE;
}

int cmd_export(struct command_line *line)
{
    struct workplace place;
    struct exporting exporting = {.line = line, .place = &place, .first = true};
    struct export_pair pair = {.kind = str_of(line->argument[0])};
    enum format format;
    struct err err = {0};
    int code;

    if (is_directory_export(line))
        return export_directory(line);
    if (format_wanted(line, false, &format, &err) ||
        two_given(line, &pair, &err) || workplace_open(line, &place, &err))
        return command_fail(line, &err);
    exporting.json = format == FORMAT_JSON;
    exporting.form =
        forms_find(place.app.office.forms, str_of(line->argument[0]), STR(""));
    if (!exporting.form)
        err_set(&err, ERROR_NOT_FOUND, N_("No hay ningún formulario «{1}»."),
                line->argument[0], NULL, NULL);
    else if (!where_wanted(&exporting, &err))
        export_by_two(&place.task, &pair, &err);
    code = err.code ? command_fail(line, &err) : export_all(&exporting, &err);
    workplace_close(&place);
    return code;
}
