/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* export.c - decides row by row, writes the file, tells the log. Sums nothing
 * and hides nothing: figures are the report's.
 */
#include "domain/report/export.h"

#include "core/date.h"
#include "core/utf8.h"
#include "domain/access/decide.h"
#include "domain/access/role_table.h"
#include "domain/account/account.h"
#include "domain/person/words.h"
#include "domain/policy.h"

enum { PAGE_ROWS = 500 };

struct row {
    struct str id;
    const struct value *answers; /* what is open */
};

struct exporting {
    struct task *task;
    const struct form *form;
    struct str purpose, reason, second;
    struct row *row;
    size_t rows, room;
    bool *open; /* of each question: some row has it */
    struct err *err;
};

bool export_may(struct task *task, struct str kind, struct str purpose)
{
    const struct role_tables *tables =
        catalog_role_tables(task->office->catalog);
    const struct role *role = role_own(task->actor.role);

    if (!role_has(role, RIGHT_EXPORT_RUN) || kind_stays(kind) ||
        !role_has(role, right_to_read(kind)) ||
        !forms_find(task->office->forms, kind, STR_NULL))
        return false;
    for (size_t i = 0; i < tables->purposes; i++) {
        const struct purpose *one = &tables->purpose[i];

        if (str_equal(one->name, purpose) && (one->acts >> ACT_EXPORT & 1) &&
            one->house == kind_is_of_house(kind))
            return words_have(one->roles, role->name);
    }
    return false;
}

static bool is_column(const struct question *question)
{
    return question_has_value(question) && !question->repeat &&
           !question_is_file(question);
}

static enum error take_row(struct exporting *e, const struct record *record)
{
    struct task *task = e->task;
    struct want want = {.purpose = e->purpose,
                        .act = ACT_EXPORT,
                        .kind = record->kind,
                        .record = record->id,
                        .subject = record->subject};
    struct decision decision;
    struct row *more;
    enum error error = decide(task, &want, &decision, e->err);

    if (error || !decision.allowed ||
        !role_reads_record(decision.role, e->form, record->answers))
        return error;
    if (e->rows == EXPORT_MOST)
        return err_set(e->err, ERROR_TOO_LARGE,
                       N_("Son más de 20 000 registros y no caben en un "
                          "archivo. Pida a quien administra una copia del "
                          "almacén."),
                       NULL, NULL, NULL);
    if (e->rows == e->room) {
        size_t room = e->room ? e->room * 2 : PAGE_ROWS;

        more = arena_grow(task->arena, e->row, e->room * sizeof *more,
                          room * sizeof *more);
        if (!more)
            return err_memory(e->err);
        e->row = more;
        e->room = room;
    }
    e->row[e->rows++] =
        (struct row){record->id, role_filter(decision.role, e->form,
                                             record->answers, task->arena)};
    for (size_t i = 0; i < e->form->question_count; i++)
        if (role_reads(decision.role, e->form->question[i]))
            e->open[i] = true;
    return ERROR_NONE;
}

static enum error read_rows(struct exporting *e)
{
    struct db_value after = {.type = 't', .t = STR("")};
    size_t count = PAGE_ROWS;
    enum error error = ERROR_NONE;

    while (!error && count == PAGE_ROWS) {
        struct record_filter filter = {.kind = e->form->name,
                                       .where =
                                           "_state <> 'erased' AND _id > $3",
                                       .value = &after,
                                       .value_count = 1,
                                       .order = "_id",
                                       .limit = PAGE_ROWS};
        struct record *record = NULL;

        error = decide_narrow(e->task, &filter, e->err);
        if (!error)
            error = record_list(&e->task->office->log, e->task->db, &filter,
                                false, e->task->arena, &record, &count, e->err);
        for (size_t i = 0; !error && i < count; i++)
            error = take_row(e, &record[i]);
        if (!error && count)
            after.t = record[count - 1].id;
    }
    return error;
}

/* A line of its own before the headings: a spreadsheet shows it, and no reader
 * of HXL takes it for tags, since nothing in it begins with #. */
static void put_watermark(const struct exporting *e, struct str id,
                          struct buf *out)
{
    struct task *task = e->task;

    buf_put_csv(out,
                str_format(task->arena, "Cobijo %.*s: %.*s, %.*s, %.*s (%.*s)",
                           STR_ARGS(id), STR_ARGS(task->actor.name),
                           STR_ARGS(instant_text(task->arena, task->now)),
                           STR_ARGS(e->purpose), STR_ARGS(e->reason)));
    buf_putc(out, '\n');
}

static struct str write_rows(const struct exporting *e, struct str id)
{
    const struct form *form = e->form;
    struct buf out;

    buf_init(&out, e->task->arena);
    put_watermark(e, id, &out);
    buf_puts(&out, "_id");
    for (size_t k = 0; k < form->question_count; k++)
        if (e->open[k] && is_column(form->question[k])) {
            buf_putc(&out, ',');
            buf_put_csv(&out, form->question[k]->key);
        }
    buf_putc(&out, '\n');
    for (size_t i = 0; i < e->rows; i++) {
        buf_put_csv(&out, e->row[i].id);
        for (size_t k = 0; k < form->question_count; k++)
            if (e->open[k] && is_column(form->question[k])) {
                buf_putc(&out, ',');
                buf_put_csv(&out,
                            value_text(value_get_str(e->row[i].answers,
                                                     form->question[k]->key)));
            }
        buf_putc(&out, '\n');
    }
    return buf_str(&out);
}

/* Before the file leaves: what is not in the log did not happen. csv and how
 * many: null when it is not made yet (the line of the read log has them). */
static enum error tell_log(const struct exporting *e, struct str id,
                           struct str made_by, struct str csv)
{
    struct task *task = e->task;
    struct value *system = value_object(task->arena);
    struct save save = {.kind = STR("export"),
                        .id = id,
                        .create = true,
                        .system = system,
                        .trusted = true};
    struct saved saved;

    value_put_str(system, task->arena, "of_kind", e->form->name);
    value_put_str(system, task->arena, "purpose", e->purpose);
    value_put_str(system, task->arena, "reason", e->reason);
    value_put_str(system, task->arena, "made_by", made_by);
    if (e->second.size)
        value_put_str(system, task->arena, "seconded_by", e->second);
    if (!str_is_null(csv)) {
        value_put_str(system, task->arena, "rows",
                      str_format(task->arena, "%zu", e->rows));
        value_put_str(system, task->arena, "sha256",
                      host_hash_hex(task->office->host, task->arena, csv));
    }
    return record_save(task, &save, &saved, e->err);
}

/* --- the second person ---------------------------------------------------- */

bool export_wants_second(struct task *task)
{
    struct str text = STR("yes");
    struct err ignored = {0};

    return policy_text(task, "export_second", &text, &ignored) ||
           !str_equal_c(text, "no");
}

static enum error say_second(struct err *err)
{
    return err_set(err, ERROR_INPUT,
                   N_("En esta casa hacen falta dos personas. Pida a otra que "
                      "también pueda descargar esto que escriba su usuario y "
                      "su contraseña."),
                   NULL, NULL, NULL);
}

/* Somebody else, it is she, and she might do it herself. */
static enum error check_second(struct exporting *e,
                               const struct export_order *order)
{
    struct task *task = e->task, hers = *task;
    struct str name = utf8_lower(task->arena, str_trim(order->second));
    enum error error;

    if (!export_wants_second(task))
        return ERROR_NONE;
    if (!name.size || !order->password.size || !order->visit ||
        str_equal_nocase(name, task->actor.name))
        return say_second(e->err);
    error = account_beside(task, name, order->password, order->visit,
                           &hers.actor, e->err);
    if (error == ERROR_LOGIN) {
        err_clear(e->err);
        return say_second(e->err);
    }
    if (error)
        return error;
    if (!export_may(&hers, order->kind, order->purpose))
        return say_second(e->err);
    e->second = hers.actor.id;
    return ERROR_NONE;
}

static enum error check_order(struct exporting *e,
                              const struct export_order *order)
{
    if (!order->kind.size || !order->purpose.size)
        return err_set(e->err, ERROR_INPUT,
                       N_("Elija qué registros y para qué propósito."), NULL,
                       NULL, NULL);
    if (!export_may(e->task, order->kind, order->purpose))
        return err_set(e->err, ERROR_FORBIDDEN,
                       N_("Su función no puede hacer esto con ese propósito. "
                          "Elija otro o pida ayuda a quien supervisa."),
                       NULL, NULL, NULL);
    if (utf8_length(e->reason) < EXPORT_REASON_MIN)
        return err_set(e->err, ERROR_INPUT,
                       N_("Diga para qué los necesita, en una frase. Queda en "
                          "la bitácora."),
                       NULL, NULL, NULL);
    return check_second(e, order);
}

enum error export_run(struct task *task, const struct export_order *order,
                      struct exported *out, struct err *err)
{
    struct exporting e = {
        .task = task,
        .form = forms_find(task->office->forms, order->kind, STR_NULL),
        .purpose = order->purpose,
        .reason = str_trim(order->reason),
        .err = err};
    struct str id = host_uuid(task->office->host, task->arena), csv;
    enum error error = check_order(&e, order);

    if (error)
        return error;
    e.open = ARENA_ARRAY(task->arena, bool, e.form->question_count + 1);
    if (!e.open)
        return err_memory(err);
    error = read_rows(&e);
    if (error)
        return error;
    csv = write_rows(&e, id);
    if (arena_failed(task->arena))
        return err_memory(err);
    error = tell_log(&e, id, task->actor.id, csv);
    if (error)
        return error;
    *out = (struct exported){
        .id = id,
        .name = str_format(
            task->arena, "cobijo-%.*s-%.*s-%.*s-%.*s.csv",
            STR_ARGS(order->kind),
            STR_ARGS(date_text(task->arena, date_from_day(task_day(task)))),
            STR_ARGS(task->actor.name),
            STR_ARGS(str_slice(id, id.size - 12, id.size))),
        .csv = csv,
        .rows = e.rows};
    return ERROR_NONE;
}

/* --- at the command line -------------------------------------------------- */

static enum error say_pair(struct err *err)
{
    return err_set(err, ERROR_FORBIDDEN,
                   N_("En esta casa descargar datos pide dos personas que "
                      "puedan hacerlo. Diga quiénes con --by y --second, para "
                      "qué con --reason, y ponga las dos contraseñas, una por "
                      "línea, en --password-file o --password-stdin; o "
                      "descárguelo en la página «Descargar datos»."),
                   NULL, NULL, NULL);
}

static enum error check_one(struct task *task, const struct export_pair *pair,
                            size_t i, struct actor *who, struct err *err)
{
    struct visit visit = {.address = STR("command")};
    struct str name = utf8_lower(task->arena, str_trim(pair->name[i]));
    enum error error =
        account_beside(task, name, pair->password[i], &visit, who, err);

    if (error == ERROR_LOGIN) {
        err_clear(err);
        return say_pair(err);
    }
    if (error)
        return error;
    return role_has(who->role, RIGHT_EXPORT_RUN) &&
                   role_has(who->role, right_to_read(pair->kind))
               ? ERROR_NONE
               : say_pair(err);
}

enum error export_by_two(struct task *task, const struct export_pair *pair,
                         struct err *err)
{
    struct exporting e = {
        .task = task,
        .form = forms_find(task->office->forms, pair->kind, STR_NULL),
        .purpose = STR("command"),
        .reason = str_trim(pair->reason),
        .err = err};
    struct actor who[2] = {{.role = NULL}};
    enum error error = ERROR_NONE;

    if (!export_wants_second(task))
        return ERROR_NONE;
    for (size_t i = 0; i < 2; i++)
        if (!pair->name[i].size || !pair->password[i].size)
            return say_pair(err);
    if (utf8_length(e.reason) < EXPORT_REASON_MIN)
        return say_pair(err);
    for (size_t i = 0; i < 2 && !error; i++)
        error = check_one(task, pair, i, &who[i], err);
    if (!error && str_equal(who[0].id, who[1].id))
        error = say_pair(err);
    if (error)
        return error;
    e.second = who[1].id;
    return tell_log(&e, host_uuid(task->office->host, task->arena), who[0].id,
                    STR_NULL);
}
