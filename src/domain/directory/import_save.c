/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_save.c - records of an import on their way into the log, 200 a
 * transaction. What a form finds wrong in one answer is left out and told; the
 * rest goes in.
 */
#include "domain/directory/import_private.h"

#include "core/date.h"
#include "store/project.h"

/* In bulk the transactions are larger: a page that many rows are written to is
 * written once. Other writers wait less than a second. */
enum { BATCH = 200, BATCH_BULK = 2000, BULK_FROM = 4 << 20 };

struct str sink_line(struct sink *sink, size_t line)
{
    struct err said = {0};
    char number[24];

    snprintf(number, sizeof(number), "%zu", line);
    err_set(&said, ERROR_INPUT, N_("línea {1}"), number, NULL, NULL);
    return err_text(&said, sink->task->translator, sink->work.arena);
}

static void tell(struct sink *sink, struct str where, const struct err *err)
{
    struct str what;

    if (!sink->import->tell)
        return;
    what = err_text(err, sink->task->translator, sink->work.arena);
    if (!heard_keep(sink, where, what))
        sink->import->tell(sink->import->context, where, what);
}

void sink_refuse(struct sink *sink, struct str where, const struct err *err)
{
    if (sink->quiet)
        return;
    sink->import->refused++;
    tell(sink, where, err);
}

void sink_hint(struct sink *sink, struct str where, const char *msgid,
               struct str argument)
{
    struct err said = {0};

    if (sink->quiet)
        return;
    err_set(&said, ERROR_INPUT, msgid, str_c(sink->work.arena, argument), NULL,
            NULL);
    sink->import->left_out++;
    tell(sink, where, &said);
}

static enum error set_bulk(struct db *db, void *context, struct err *err)
{
    const bool *on = context;

    (void)err;
    db_bulk(db, *on);
    return ERROR_NONE;
}

enum error sink_bulk(struct sink *sink, size_t size)
{
    sink->bulk = size >= BULK_FROM && !sink->import->dry_run;
    if (!sink->bulk)
        return ERROR_NONE;
    sink->most = BATCH_BULK;
    return office_change(sink->task->office, set_bulk, &sink->bulk, sink->err);
}

enum error place_import_right(const struct task *task, struct err *err)
{
    if (role_has(task->actor.role, RIGHT_IMPORT_WRITE) &&
        role_has(task->actor.role, RIGHT_PLACE_WRITE))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Su función no permite importar lugares."), NULL, NULL,
                   NULL);
}

enum error place_batch_save(struct task *task, struct str batch, bool create,
                            const struct value *system, struct err *err)
{
    struct saved saved;
    struct save save = {.kind = STR("import_batch"),
                        .id = batch,
                        .create = create,
                        .input = value_object(task->arena),
                        .system = system,
                        .trusted = true};

    return record_save(task, &save, &saved, err);
}

/* Before the first of its records. */
static enum error note_batch(struct sink *sink)
{
    struct task *task = sink->task;
    struct value *system = value_object(task->arena);
    enum error error;

    if (sink->noted)
        return ERROR_NONE;
    value_put_str(system, task->arena, "file_name",
                  str_slice(sink->file_name, 0, 200));
    value_put_text(system, task->arena, "kind", "place");
    value_put_str(system, task->arena, "started_at",
                  instant_text(task->arena, task->now));
    value_put_str(system, task->arena, "imported_by", task->actor.id);
    error = place_batch_save(task, sink->batch, true, system, sink->err);
    sink->noted = !error;
    if (sink->noted)
        sink->import->batch = sink->batch;
    return error;
}

static enum error end_batch(struct sink *sink, struct err *err)
{
    const struct place_import *import = sink->import;
    struct arena *arena = sink->task->arena;
    struct value *system = value_object(arena);
    const struct {
        const char *name;
        size_t count;
    } row[] = {{"rows", import->added + import->changed + import->same +
                            import->refused},
               {"added", import->added + import->changed},
               {"known", import->same},
               {"refused", import->refused},
               {"open_answers", import->left_out}};

    if (!sink->noted)
        return ERROR_NONE;
    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        value_put_str(system, arena, row[i].name,
                      str_format(arena, "%zu", row[i].count));
    return place_batch_save(sink->task, sink->batch, false, system, err);
}

enum error sink_open(struct sink *sink, struct task *task,
                     struct place_import *import, struct err *err)
{
    *sink = (struct sink){.task = task,
                          .work = *task,
                          .import = import,
                          .err = err,
                          .most = BATCH};
    arena_init(&sink->scratch, NULL);
    sink->work.arena = &sink->scratch;
    sink->place = forms_find(task->office->forms, STR("place"), STR_NULL);
    sink->organization =
        forms_find(task->office->forms, STR("organization"), STR_NULL);
    sink->spelled = spelled_make(task);
    if (!sink->place || !sink->organization || !sink->spelled)
        return err_set(err, ERROR_INTERNAL, N_("Falta un formulario."), NULL,
                       NULL, NULL);
    sink->batch = host_uuid(task->office->host, task->arena);
    if (import->map.size && heading_map(task, import->map, &sink->map, err))
        return err->code;
    return place_import_right(task, err);
}

enum error sink_flush(struct sink *sink)
{
    enum error error = ERROR_NONE;

    if (sink->open && sink->change.count && !sink->import->dry_run)
        error = note_batch(sink);
    if (!error && sink->open && sink->change.count && !sink->import->dry_run)
        error = change_commit(&sink->change, NULL, sink->err);
    arena_clear(&sink->scratch);
    sink->open = false;
    sink->puts = 0;
    return error;
}

enum error sink_next(struct sink *sink)
{
    /* rows that change nothing, or are refused, take memory too */
    return sink->puts++ >= sink->most ? sink_flush(sink) : ERROR_NONE;
}

enum error sink_close(struct sink *sink)
{
    enum error error = sink_flush(sink);
    struct err ignored = {0};

    heard_tell(sink);
    if (!error)
        error = end_batch(sink, sink->err);
    if (sink->bulk) {
        sink->bulk = false;
        office_change(sink->task->office, set_bulk, &sink->bulk, &ignored);
    }
    arena_release(&sink->scratch);
    return error;
}

/* --- what stands already -------------------------------------------------- */

static int closedness(struct str precision)
{
    if (!precision.size)
        return 0;
    return str_equal_c(precision, "exact")       ? 0
           : str_equal_c(precision, "municipal") ? 1
                                                 : 2;
}

static bool stands(const struct value *standing, const char *question,
                   const char *answer)
{
    return str_equal_c(value_text_of(standing, question), answer);
}

static struct str figures(struct arena *arena, struct str number)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < number.size; i++)
        if (number.at[i] >= '0' && number.at[i] <= '9')
            buf_putc(&out, number.at[i]);
    return buf_str(&out);
}

/* Numbers that the house does not publish stay so: of a protected place all
 * but those that say yes, else those that say no. */
static void keep_phones(struct sink *sink, struct value *answers,
                        const struct value *standing)
{
    struct arena *arena = sink->work.arena;
    const struct value *given = value_get(answers, "phones");
    const struct value *was = value_get(standing, "phones");
    bool closed = place_is_protected(standing);
    struct value *list = value_list(arena);

    if (!value_count(given))
        return;
    for (size_t i = 0; i < value_count(given); i++) {
        struct value *phone = value_copy(value_at(given, i), arena);
        struct str number = figures(arena, value_text_of(phone, "number"));
        bool no = closed;

        for (size_t k = 0; k < value_count(was); k++) {
            const struct value *one = value_at(was, k);

            if (str_equal(figures(arena, value_text_of(one, "number")), number))
                no = closed ? !stands(one, "public", "yes")
                            : stands(one, "public", "no");
        }
        if (no && (!closed || stands(phone, "public", "yes")))
            value_put_text(phone, arena, "public", "no");
        value_add(list, arena, phone);
    }
    value_put(answers, arena, "phones", list);
}

/* What our own export for everybody calls a place whose name is not told. */
static bool is_kind_name(struct sink *sink, struct str name)
{
    const struct catalog_table *table =
        catalog_table(sink->task->office->catalog, "place_type");
    static const char *const language[] = {"es", "en", "fr", "pt", "ht", NULL};

    for (size_t row = 0; table && row < table->rows; row++)
        for (const char *const *at = language; *at; at++)
            if (str_equal(catalog_label(table, row, "label", str_of(*at)),
                          name))
                return true;
    return false;
}

/* The record stays as closed, and as newly assured, as it is. */
static void keep_closed(struct sink *sink, struct value *answers,
                        const struct value *standing)
{
    static const char *const told[] = {"name_public", "municipality_public",
                                       NULL};
    const struct catalog *catalog = sink->task->office->catalog;
    struct str verified = value_text_of(standing, "verified_on");

    for (const char *const *at = told; *at; at++)
        if (place_is_protected(standing) && stands(answers, *at, "yes") &&
            !stands(standing, *at, "yes"))
            value_remove(answers, str_of(*at));
    if (place_is_protected(standing) && !stands(standing, "name_public", "yes"))
        if (is_kind_name(sink, value_text_of(answers, "name")))
            value_remove(answers, STR("name"));
    if (stands(standing, "is_enforcement", "yes"))
        value_remove(answers, STR("is_enforcement"));
    if (place_type_detains(catalog, value_text_of(standing, "place_type")))
        value_remove(answers, STR("place_type"));
    keep_phones(sink, answers, standing);
    if (closedness(value_text_of(standing, "geo_precision")) >
        closedness(value_text_of(answers, "geo_precision")))
        value_remove(answers, STR("geo_precision"));
    if (str_equal_c(value_text_of(standing, "place_type"), "REFUGIO"))
        value_remove(answers, STR("place_type"));
    if (str_equal_c(value_text_of(standing, "public"), "no"))
        value_remove(answers, STR("public"));
    if (verified.size &&
        str_compare(verified, value_text_of(answers, "verified_on")) > 0)
        value_remove(answers, STR("verified_on"));
}

/* What one file says briefly, an older one may have said at length. */
static void keep_longer(struct sink *sink, struct value *hsds,
                        const struct value *standing)
{
    static const char *const part[] = {"organization", "location", "was"};
    struct arena *arena = sink->work.arena;
    struct str text = value_text_of(standing, "hsds");
    const struct value *before = NULL;
    struct err ignored = {0};

    if (!text.size || value_parse(arena, text, &before, &ignored))
        return;
    for (size_t i = 0; i < sizeof(part) / sizeof(part[0]); i++) {
        const struct value *was = value_get(before, part[i]);
        const struct value *now = value_get(hsds, part[i]);
        struct value *both = value_object(arena);

        if (value_type(was) != VALUE_OBJECT)
            continue;
        for (size_t k = 0; k < value_count(was); k++)
            value_set(both, arena, value_name_at(was, k), value_at(was, k));
        for (size_t k = 0; k < value_count(now); k++)
            value_set(both, arena, value_name_at(now, k), value_at(now, k));
        value_put(hsds, arena, part[i], both);
    }
    /* a file of locations alone */
    for (size_t i = 0; i < 2 && !value_get(hsds, "services"); i++)
        if (value_get(before, i ? "services" : "spots"))
            value_put(
                hsds, arena, i ? "services" : "spots",
                value_copy(value_get(before, i ? "services" : "spots"), arena));
}

/* *known: a record stands there and is merged with. One of another kind is
 * nobody's to merge with: ERROR_CONFLICT. */
static enum error look_up(struct sink *sink, const struct sunk *sunk,
                          bool *known)
{
    struct task *task = &sink->work;
    struct record record;
    struct str kind = STR_NULL;
    enum error error =
        db_get_text(task->db, task->arena, &kind, known, sink->err,
                    "SELECT kind FROM record WHERE site = $1 AND id = $2", "tt",
                    log_site(&task->office->log, str_of(sunk->kind)), sunk->id);

    if (error || !*known)
        return error;
    if (!str_equal_c(kind, sunk->kind))
        return err_set(sink->err, ERROR_CONFLICT,
                       N_("Ese identificador ya es de otra clase de registro."),
                       NULL, NULL, NULL);
    error = record_read(&task->office->log, task->db, str_of(sunk->kind),
                        sunk->id, task->arena, &record, sink->err);
    if (!error)
        keep_closed(sink, sunk->answers, record.answers);
    if (!error && sunk->hsds)
        keep_longer(sink, sunk->hsds, record.answers);
    return error;
}

static bool in_change(const struct sink *sink, struct str id)
{
    for (size_t i = 0; sink->open && i < sink->change.count; i++)
        if (str_equal(sink->change.entry[i].record, id))
            return true;
    return false;
}

/* --- one record ----------------------------------------------------------- */

static struct str top_of(struct str path)
{
    size_t end = str_find_char(path, '[');

    return end == SIZE_MAX ? path : str_slice(path, 0, end);
}

/* Leaves out what is wrong: a whole answer, or one of a row. */
static void leave_out(struct sink *sink, const struct sunk *sunk,
                      const struct check_problem *problem)
{
    struct str top = top_of(problem->path);
    struct err said = {0};
    struct str what = problem->text;
    int64_t row = 0;

    if (!what.size)
        what =
            err_text(&problem->err, sink->task->translator, sink->work.arena);
    err_set(&said, ERROR_INPUT, N_("{1} se deja fuera: {2}"),
            str_c(sink->work.arena, problem->path),
            str_c(sink->work.arena, what), NULL);
    sink->import->left_out++;
    tell(sink, sunk->where, &said);
    if (top.size < problem->path.size) {
        struct str rest =
            str_slice(problem->path, top.size + 1, problem->path.size);
        struct str number;

        str_cut(&rest, ']', &number);
        str_to_int(number, &row);
        if (rest.size > 1 && row > 0) {
            const struct value *rows = value_get_str(sunk->answers, top);
            struct value *one =
                (struct value *)(uintptr_t)value_at(rows, (size_t)row - 1);

            if (one && value_remove(one, str_slice(rest, 1, rest.size)))
                return;
        }
    }
    value_remove(sunk->answers, top);
}

/* What the form says to the answers; leaves out what it refuses. *name: there
 * is none. */
static enum error clean(struct sink *sink, const struct form *form,
                        const struct sunk *sunk, bool known,
                        struct check_result *result)
{
    struct task *task = &sink->work;
    struct check_options options = {.language = task->language,
                                    .now = task->now,
                                    .utc_offset = task->utc_offset,
                                    .defaults = !known,
                                    .partial = known,
                                    .keep_system = true};
    enum error error = form_check(form, sunk->answers, &options, task->arena,
                                  result, sink->err);

    for (size_t i = 0; !error && i < result->count; i++)
        leave_out(sink, sunk, &result->problem[i]);
    if (!error && result->count)
        error = form_check(form, sunk->answers, &options, task->arena, result,
                           sink->err);
    return error;
}

static void put_hsds(struct sink *sink, const struct sunk *sunk,
                     const struct check_result *result, struct value *system)
{
    struct value *was;
    struct buf text;

    if (!sunk->hsds)
        return;
    was = value_get_mutable(sunk->hsds, "was");
    for (size_t i = 0; was && i < value_count(result->answers); i++)
        value_set(was, sink->work.arena, value_name_at(result->answers, i),
                  value_at(result->answers, i));
    if (!was)
        value_put(sunk->hsds, sink->work.arena, "was", result->answers);
    buf_init(&text, sink->work.arena);
    value_write(sunk->hsds, &text);
    value_put_str(system, sink->work.arena, "hsds", buf_str(&text));
}

static void count(struct sink *sink, const struct sunk *sunk, bool known,
                  bool written)
{
    struct place_import *import = sink->import;

    if (strcmp(sunk->kind, "organization") == 0)
        import->organizations += written;
    else if (!written)
        import->same++;
    else if (known)
        import->changed++;
    else
        import->added++;
}

/* The entry says whose batch it is; that alone is no change. */
static void sign(struct sink *sink, const struct sunk *sunk,
                 struct entry *entry)
{
    const struct form *form =
        forms_find(sink->task->office->forms, entry->kind, STR_NULL);
    struct value *body;

    if (!str_equal(entry->record, sunk->id) ||
        !form_find(form, STR("import_batch")))
        return;
    body = value_copy(entry->body, sink->work.arena);
    value_put_str(body, sink->work.arena, "import_batch", sink->batch);
    entry->body = body;
}

static enum error save(struct sink *sink, const struct sunk *sunk,
                       struct value *system, bool known)
{
    struct save save = {.kind = str_of(sunk->kind),
                        .id = sunk->id,
                        .create = !known,
                        .fresh = !known,
                        .input = sunk->answers,
                        .system = system};
    struct saved saved = {0};
    struct err said = {0};
    size_t before = sink->change.count;
    enum error error =
        record_prepare(&sink->work, &sink->change, &save, &saved, &said);

    if (error == ERROR_INPUT || error == ERROR_CONFLICT) {
        sink_refuse(sink, sunk->where, &said);
        return ERROR_NONE;
    }
    if (error) {
        *sink->err = said;
        return error;
    }
    count(sink, sunk, known, sink->change.count > before);
    for (size_t i = before; i < sink->change.count; i++)
        sign(sink, sunk, &sink->change.entry[i]);
    return ERROR_NONE;
}

enum error sink_put(struct sink *sink, const struct sunk *sunk)
{
    const struct form *form =
        strcmp(sunk->kind, "place") == 0 ? sink->place : sink->organization;
    struct value *system =
        sunk->system ? sunk->system : value_object(sink->work.arena);
    struct check_result result = {0};
    bool known = false;
    enum error error;

    if (!value_text_of(sunk->answers, "name").size) {
        struct err said = {0};

        err_set(&said, ERROR_INPUT, N_("No tiene nombre."), NULL, NULL, NULL);
        sink_refuse(sink, sunk->where, &said);
        return ERROR_NONE;
    }
    if (in_change(sink, sunk->id)) { /* the same again, a moment ago */
        if (strcmp(sunk->kind, "place") == 0) {
            sink->import->same++;
            sink_hint(sink, sunk->where,
                      N_("es igual a otro de este archivo: {1}"),
                      value_text_of(sunk->answers, "name"));
        }
        return ERROR_NONE;
    }
    if (!sink->open)
        change_init(&sink->change, &sink->work);
    sink->open = true;
    error = look_up(sink, sunk, &known);
    if (error == ERROR_CONFLICT) {
        sink_refuse(sink, sunk->where, sink->err);
        *sink->err = (struct err){0};
        return ERROR_NONE;
    }
    if (!known && strcmp(sunk->kind, "place") == 0 &&
        !value_text_of(sunk->answers, "place_type").size)
        value_put_text(sunk->answers, sink->work.arena, "place_type", "OTRO");
    if (!error)
        error = clean(sink, form, sunk, known, &result);
    if (error)
        return error;
    put_hsds(sink, sunk, &result, system);
    error = save(sink, sunk, system, known);
    if (!error && arena_failed(&sink->scratch))
        error = err_memory(sink->err);
    return error;
}
