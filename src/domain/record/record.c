/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* record.c - saving a record of any kind.
 *
 * Order of a save: sent before? may she? does it exist? which fields may she
 * write? is the whole right? does the kind's rule agree? Then the entry holds
 * what is different and nothing else. Knows no kind; rules.def does.
 */
#include "domain/record/record.h"

#include "domain/access/decide.h"
#include "domain/record/attach.h"
#include "domain/record/record_diff.h"
#include "domain/record/record_keep.h"
#include "domain/record/record_say.h"
#include "domain/person/words.h"

/* The rules; each is declared by the header of its own file, too. */
#define RULE(kind, function)                                                   \
    enum error function(struct task *task, struct change *change,              \
                        const struct save *save, const struct value *before,   \
                        struct value *after, struct err *err);
#define FILL(kind, function)                                                   \
    enum error function(struct task *task, const struct form *form,            \
                        struct value *answers, struct err *err);
#include "domain/record/rules.def"
#undef RULE
#undef FILL

static record_rule rule_of(struct str kind)
{
    static const struct {
        const char *kind;
        record_rule rule;
    } row[] = {
#define RULE(kind, function) {kind, function},
#define FILL(kind, function)
#include "domain/record/rules.def"
#undef RULE
#undef FILL
    };

    for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
        if (str_equal_c(kind, row[i].kind))
            return row[i].rule;
    return NULL;
}

enum error record_fill(struct task *task, const struct form *form,
                       struct value *answers, struct err *err)
{
#define RULE(kind, function)
#define FILL(kind, function)                                                   \
    if (str_equal_c(form->name, kind))                                         \
        return function(task, form, answers, err);
#include "domain/record/rules.def"
#undef RULE
#undef FILL
    return ERROR_NONE;
}

/* What one save works with on its way. */
struct saving {
    struct task *task;
    struct change *change;
    struct save save; /* the caller's, completed */
    bool id_given;    /* by the caller */
    const struct form *form;
    struct record standing; /* when !save.create */
    struct check_result check;
};

enum error say_kind(struct str kind, struct err *err)
{
    char name[64];

    snprintf(name, sizeof(name), "%.*s", STR_ARGS(kind));
    return err_set(err, ERROR_NOT_FOUND,
                   N_("No hay un formulario con el nombre {1}. Instálelo o "
                      "revise el nombre."),
                   name, NULL, NULL);
}

static enum error say_conflict(struct err *err)
{
    return err_set(err, ERROR_CONFLICT,
                   N_("Otra persona cambió este registro mientras usted "
                      "escribía. Lo que escribió no se perdió: revise los "
                      "cambios y guarde otra vez."),
                   NULL, NULL, NULL);
}

static enum error say_used(struct err *err)
{
    return err_set(err, ERROR_CONFLICT,
                   N_("Este envío ya se usó para otro registro. Vuelva a "
                      "abrir la página y guarde otra vez."),
                   NULL, NULL, NULL);
}

/* An entry that was sent before: what it did, when it was ours. */
static enum error find_entry(struct task *task, const struct save *save,
                             struct saved *saved, struct err *err)
{
    struct rows rows;
    bool same = true;
    enum error error;

    if (!save->entry.size)
        return ERROR_NONE;
    error =
        db_query(task->db, &rows, err,
                 "SELECT entry.record, entry.clock, entry.kind FROM entry"
                 " WHERE entry.site = $1 AND entry.id = $2",
                 "tt", log_site(&task->office->log, save->kind), save->entry);
    if (error)
        return error;
    if (rows_next(&rows)) {
        saved->repeated = true;
        saved->id = str_copy(task->arena, rows_text(&rows, 0));
        saved->clock = rows_int(&rows, 1);
        same = str_equal(rows_text(&rows, 2), save->kind) &&
               (!save->id.size || str_equal(saved->id, save->id));
    }
    error = rows_end(&rows);
    return !error && !same ? say_used(err) : error;
}

/* What is closed to a role as a whole is not there for her. */
enum error say_not_found(struct err *err)
{
    return err_set(err, ERROR_NOT_FOUND, N_("No se encontró el registro."),
                   NULL, NULL, NULL);
}

/* The person whom a save is about, as far as the save says it: of a record
 * that stands, decide looks it up. */
static struct str subject_given(const struct form *form,
                                const struct save *save)
{
    struct str key = value_text_of(form->settings, "cobijo:subject");

    return key.size ? value_text(value_get_str(save->input, key)) : STR("");
}

/* What is open to the writer of this person's file: the role of the task
 * until the save is done. */
static enum error take_role(struct task *task, const struct form *form,
                            const struct save *save, struct err *err)
{
    struct want want = {.act = ACT_WRITE, .kind = save->kind};

    if (save->trusted)
        return ERROR_NONE;
    /* what a telephone brings is told by who was there: new, it opens nothing
     * of what stands */
    if (save->create && !save->behind)
        want.subject = subject_given(form, save);
    else if (!save->create)
        want.record = save->id;
    return decide_or_refuse(task, &want, &task->actor.role, err);
}

static enum error check_right(const struct task *task, const struct save *save,
                              struct err *err)
{
    if (save->trusted || role_has(task->actor.role, right_to_write(save->kind)))
        return ERROR_NONE;
    return err_set(err, ERROR_FORBIDDEN,
                   N_("Su función no permite guardar esto. Pida ayuda a quien "
                      "supervisa."),
                   NULL, NULL, NULL);
}

static enum error read_standing(struct saving *saving, struct err *err)
{
    struct task *task = saving->task;
    const struct save *save = &saving->save;
    enum error error;

    error = record_read(&task->office->log, task->db, save->kind, save->id,
                        task->arena, &saving->standing, err);
    if (error)
        return error;
    if (!save->trusted && !role_reads_record(task->actor.role, saving->form,
                                             saving->standing.answers))
        return say_not_found(err);
    if (str_equal_c(saving->standing.state, "erased"))
        return err_set(err, ERROR_GONE,
                       N_("Este registro fue borrado y ya no se puede "
                          "cambiar."),
                       NULL, NULL, NULL);
    if (save->base && !save->behind && save->base != saving->standing.clock)
        return say_conflict(err);
    return ERROR_NONE;
}

static enum error say_closed(const struct saving *saving,
                             const struct question *question, struct err *err)
{
    struct task *task = saving->task;
    struct str label = texts_in(saving->form, question->label, task->language);

    return err_set(err, ERROR_FORBIDDEN,
                   N_("Su función no permite escribir «{1}». Quite ese dato o "
                      "pida que lo escriba quien lo atiende."),
                   str_c(task->arena, label.size ? label : question->key), NULL,
                   NULL);
}

/* Does any row of a repeat hold an answer that the role may not read? */
static bool hides_rows(const struct saving *saving,
                       const struct question *repeat)
{
    const struct value *rows =
        value_get_str(saving->standing.answers, repeat->key);

    for (size_t i = 0; i < value_count(rows); i++) {
        const struct value *row = value_at(rows, i);

        for (size_t j = 0; j < value_count(row); j++) {
            const struct question *question =
                form_find_in(saving->form, repeat, value_name_at(row, j));

            if (question && !answer_is_empty(value_at(row, j)) &&
                !role_reads(saving->task->actor.role, question))
                return true;
        }
    }
    return false;
}

/* The first code of an answer, or of a list of them, that is closed to the
 * writer and did not stand there before. */
static bool gives_closed_code(const struct saving *saving,
                              const struct question *question,
                              const struct value *answer)
{
    struct str rest = value_text(answer), old = STR(""), code;

    for (size_t i = 0; i < value_count(answer); i++)
        if (gives_closed_code(saving, question, value_at(answer, i)))
            return true;
    if (!question_is_select(question))
        return false;
    if (!question->repeat)
        old =
            value_text(value_get_str(saving->standing.answers, question->key));
    while (words_next(&rest, &code))
        if (!role_reads_code(saving->task->actor.role, question, code) &&
            !words_have(old, code))
            return true;
    return false;
}

/* The codes of a given answer, a text or a list of texts. */
static struct str codes_given(struct arena *arena, const struct value *answer)
{
    struct str codes = value_text(answer);

    for (size_t i = 0; i < value_count(answer); i++)
        codes = words_union(arena, codes, value_text(value_at(answer, i)));
    return codes;
}

/* Codes that stand but are closed to the writer stay: she could not send
 * them back. */
static void keep_closed_codes(struct saving *saving)
{
    const struct role *role = saving->task->actor.role;
    const struct value *given = saving->save.input;
    struct arena *arena = saving->task->arena;
    struct value *input = NULL;

    if (saving->save.trusted || saving->save.create)
        return;
    for (size_t i = 0; i < value_count(given); i++) {
        const struct question *question =
            form_find(saving->form, value_name_at(given, i));
        struct str rest, code, kept;

        if (!question || question->type != QUESTION_SELECT_MULTIPLE ||
            question->repeat || role_reads_codes(role, question))
            continue;
        rest =
            value_text(value_get_str(saving->standing.answers, question->key));
        kept = codes_given(arena, value_at(given, i));
        while (words_next(&rest, &code))
            if (!role_reads_code(role, question, code))
                kept = words_union(arena, kept, code);
        if (!input)
            input = value_copy(given, arena);
        value_set(input, arena, question->key, value_string(arena, kept));
    }
    if (input)
        saving->save.input = input;
}

/* The first given question of one object that is closed, or NULL. */
static const struct question *closed_in(const struct saving *saving,
                                        const struct question *repeat,
                                        const struct value *given)
{
    const struct role *role = saving->task->actor.role;

    for (size_t i = 0; i < value_count(given); i++) {
        struct str key = value_name_at(given, i);
        const struct value *answer = value_at(given, i);
        const struct question *found =
            repeat ? form_find_in(saving->form, repeat, key)
                   : form_find(saving->form, key);

        if (str_equal_c(key, "_why"))
            found = closed_in(saving, repeat, answer);
        else if (!found || found->system)
            continue;
        else if (role_reads(role, found) && found->type != QUESTION_REPEAT &&
                 !gives_closed_code(saving, found, answer))
            continue;
        if (found && found->type == QUESTION_REPEAT &&
            role_reads(role, found)) {
            const struct question *inner = NULL;

            for (size_t row = 0; !inner && row < value_count(answer); row++)
                inner = closed_in(saving, found, value_at(answer, row));
            found = inner || hides_rows(saving, found) ? found : NULL;
        }
        if (found)
            return found;
    }
    return NULL;
}

static enum error check_compartments(const struct saving *saving,
                                     struct err *err)
{
    const struct question *closed = NULL;

    if (!saving->save.trusted)
        closed = closed_in(saving, NULL, saving->save.input);
    return closed ? say_closed(saving, closed, err) : ERROR_NONE;
}

/* The version that was filled, where the record can be kept in it. What is
 * closed in the newest stays closed. */
static enum error take_version(struct saving *saving, struct err *err)
{
    const struct save *save = &saving->save;
    const struct form *named =
        save->version.size
            ? forms_find(saving->task->office->forms, save->kind, save->version)
            : NULL;

    if (!named || named == saving->form ||
        (!save->create &&
         !str_equal(saving->standing.form_version, named->version)))
        return ERROR_NONE;
    saving->form = named;
    return check_compartments(saving, err);
}

/* Sent back as it stands is not touched. */
static bool is_touched(const struct saving *saving, struct str key)
{
    const struct value *given = value_get_str(saving->save.input, key);

    return (given && !answer_same(given, value_get_str(saving->standing.answers,
                                                       key))) ||
           value_get_str(saving->save.system, key);
}

/* Was this wrong before, in a field that nobody touches now? Then it is not
 * for this writer to mend. */
static bool is_old_problem(const struct saving *saving,
                           const struct check_problem *problem,
                           const struct check_result *old)
{
    struct str key = problem->path;
    size_t end = str_find_char(key, '[');

    if (end != SIZE_MAX)
        key = str_slice(key, 0, end);
    if (is_touched(saving, key))
        return false;
    for (size_t i = 0; i < old->count; i++)
        if (str_equal(old->problem[i].path, problem->path))
            return true;
    return false;
}

static enum error drop_old_problems(struct saving *saving,
                                    const struct check_options *options,
                                    struct err *err)
{
    struct check_result old = {0};
    size_t kept = 0;
    enum error error;

    if (saving->save.create || !saving->check.count)
        return ERROR_NONE;
    error = form_check(saving->form, saving->standing.answers, options,
                       saving->task->arena, &old, err);
    if (error)
        return error;
    for (size_t i = 0; i < saving->check.count; i++) {
        struct check_problem problem = saving->check.problem[i];

        if (!is_old_problem(saving, &problem, &old))
            saving->check.problem[kept++] = problem;
        else
            record_keep_answer(saving->standing.answers, problem.path,
                               &saving->check, saving->task->arena);
    }
    saving->check.count = kept;
    return ERROR_NONE;
}

/* After the entry of the record (at slot), which names them. */
static enum error attach_files(struct saving *saving, const struct saved *saved,
                               size_t slot, struct err *err)
{
    const struct save *save = &saving->save;
    struct attach_to to = {
        save->kind,
        save->id,
        answers_subject(saving->form, saved->after,
                        save->create ? save->id : saving->standing.subject),
        STR(""),
        STR(""),
        STR("")};

    if (saving->change->count > slot)
        to.entry = saving->change->entry[slot].id;
    return attach_all(saving->change, &to, saving->form, saved->after,
                      save->file, save->files, err);
}

static enum error check_answers(struct saving *saving, struct saved *saved,
                                struct err *err)
{
    struct task *task = saving->task;
    const struct save *save = &saving->save;
    struct check_options options = {
        .language = task->language,
        .now = task->now,
        .utc_offset = task->utc_offset,
        .host = task->office->host,
        .defaults = save->create,
        .partial = !save->create,
        .keep_system = true,
        .places = save->places,
    };
    struct value *whole = answers_merge(saving->form, saving->standing.answers,
                                        save->input, save->system, task->arena);
    char count[24];
    enum error error;

    error = record_fill(task, saving->form, whole, err);
    if (!error)
        error = form_check(saving->form, whole, &options, task->arena,
                           &saving->check, err);
    if (!error && !save->create)
        record_keep_codes(saving->form, saving->standing.answers, whole,
                          &saving->check, task->arena);
    if (!error)
        error = drop_old_problems(saving, &options, err);
    if (!error && !save->create)
        record_keep_unknown(saving->form, saving->standing.answers,
                            saving->check.answers, task->arena);
    if (!error)
        error = attach_check(task, saving->form, save, saving->standing.answers,
                             &saving->check, err);
    if (error || !saving->check.count)
        return error;
    saved->problem = saving->check.problem;
    saved->problems = saving->check.count;
    snprintf(count, sizeof(count), "%zu", saved->problems);
    return err_set(err, ERROR_INPUT,
                   N_("Falta corregir algo. Revise lo que está marcado ({1}) "
                      "y guarde otra vez; lo demás sigue como lo escribió."),
                   count, NULL, NULL);
}

static struct str subject_field(const struct form *form)
{
    return value_text_of(form->settings, "cobijo:subject");
}

enum error record_known(struct task *task, const struct change *change,
                        struct str kind, struct str id, bool *known,
                        struct err *err)
{
    int64_t one = 0;

    *known = false;
    for (size_t i = 0; change && i < change->count; i++)
        if (str_equal(change->entry[i].record, id) &&
            str_equal(change->entry[i].kind, kind))
            *known = true;
    if (*known)
        return ERROR_NONE;
    return db_get_int(task->db, &one, known, err,
                      "SELECT 1 FROM record WHERE record.site = $1"
                      " AND record.id = $2 AND record.kind = $3",
                      "ttt", log_site(&task->office->log, kind), id, kind);
}

/* A new record under the id of one that stands would write over it. Looked at
 * again where nobody comes in between: add_entry marks it. */
static enum error check_new(struct saving *saving, struct err *err)
{
    const struct save *save = &saving->save;
    int64_t one = 0;
    bool there = false;
    enum error error;

    if (!save->create || !saving->id_given || save->trusted)
        return ERROR_NONE;
    error = db_get_int(saving->task->db, &one, &there, err,
                       "SELECT 1 FROM record WHERE record.site = $1"
                       " AND record.id = $2",
                       "tt", log_site(&saving->task->office->log, save->kind),
                       save->id);
    return !error && there ? say_used(err) : error;
}

static enum error problem_of(struct saving *saving, struct saved *saved,
                             const struct question *question, const char *msgid,
                             struct err *err)
{
    struct check_problem *problem =
        ARENA_NEW(saving->task->arena, struct check_problem);

    if (!problem)
        return err_memory(err);
    problem->path = question->key;
    problem->question = question;
    err_set(&problem->err, ERROR_INPUT, msgid, NULL, NULL, NULL);
    saved->problem = problem;
    saved->problems = 1;
    return err_set(err, ERROR_INPUT, msgid, NULL, NULL, NULL);
}

/* Whom a record is about must exist, and does not change afterwards (but for
 * the head of a group, and by those who move whole files). */
static enum error check_subject(struct saving *saving, struct saved *saved,
                                struct err *err)
{
    const struct save *save = &saving->save;
    const struct question *question =
        form_find(saving->form, subject_field(saving->form));
    struct str now, then;
    bool known = true;
    enum error error = ERROR_NONE;

    if (!question || !question->ref.size)
        return ERROR_NONE;
    now = value_text(value_get_str(saving->check.answers, question->key));
    then = value_text(value_get_str(saving->standing.answers, question->key));
    if (!now.size || str_equal(now, then))
        return ERROR_NONE;
    if (then.size && !save->trusted && !str_equal_c(save->kind, "group"))
        return problem_of(saving, saved, question,
                          N_("Este registro no puede pasar a otra persona. "
                             "Ciérrelo y haga uno nuevo para ella."),
                          err);
    error = record_known(saving->task, saving->change, question->ref, now,
                         &known, err);
    if (!error && !known)
        error = problem_of(saving, saved, question,
                           N_("No se encontró a esa persona. Búsquela otra "
                              "vez y elíjala de la lista."),
                           err);
    return error;
}

/* Puts the record's entry into the change, lets the rule look, fills it. */
static enum error add_entry(struct saving *saving, struct saved *saved,
                            struct err *err)
{
    struct change *change = saving->change;
    struct save *save = &saving->save;
    const struct value *before = saving->standing.answers;
    struct value *after = saving->check.answers;
    record_rule rule = rule_of(save->kind);
    size_t slot = change->count, steps = change->steps;
    const struct value *body;
    enum error error = ERROR_NONE;

    change_add(change, save->kind, save->id,
               save->create ? OP_CREATE : OP_UPDATE, after, save->id);
    if (change->count == slot)
        return err_memory(err);
    change->entry[slot].form_version = saving->form->version;
    if (save->entry.size)
        change->entry[slot].id = save->entry;
    if (save->base && save->behind)
        change->entry[slot].base = save->base;
    else if (save->base)
        change_expect(change, save->base);
    else if (save->create && saving->id_given && !save->trusted)
        change->expect[slot] = true; /* base 0: nothing stands there */
    else
        change->entry[slot].base = saving->standing.clock;
    if (rule)
        error = rule(saving->task, change, save, before, after, err);
    if (error) {
        change->count = slot;
        change->steps = steps;
        return error;
    }
    body = answers_diff(before, after, saving->task->arena);
    change->entry[slot].body = body;
    value_remove(after, STR("_state"));
    change->entry[slot].subject =
        answers_subject(saving->form, after,
                        save->create ? save->id : saving->standing.subject);
    if (!value_count(body) && !save->create &&
        change->entry[slot].op == OP_UPDATE) {
        change->count--; /* nothing of its own to say */
        memmove(change->entry + slot, change->entry + slot + 1,
                (change->count - slot) * sizeof(*change->entry));
        memmove(change->expect + slot, change->expect + slot + 1,
                (change->count - slot) * sizeof(*change->expect));
    }
    saved->after = after;
    return ERROR_NONE;
}

static enum error prepare(struct task *task, struct change *change,
                          const struct save *save, struct saved *saved,
                          struct err *err)
{
    struct saving saving = {.task = task, .change = change, .save = *save};
    size_t slot = change->count;
    enum error error;

    saving.form = forms_find(task->office->forms, save->kind, STR_NULL);
    if (!saving.form)
        return say_kind(save->kind, err);
    saving.save.create = save->create || !save->id.size;
    error = check_right(task, &saving.save, err);
    if (!error && !save->fresh)
        error = find_entry(task, save, saved, err);
    if (error || saved->repeated)
        return error;
    error = take_role(task, saving.form, &saving.save, err);
    if (error)
        return error;
    saving.id_given = save->id.size > 0;
    if (!save->fresh)
        error = check_new(&saving, err);
    if (error)
        return error;
    if (!save->id.size)
        saving.save.id = host_uuid(task->office->host, task->arena);
    if (!saving.save.create)
        error = read_standing(&saving, err);
    if (!error)
        error = check_compartments(&saving, err);
    if (!error)
        error = take_version(&saving, err);
    if (!error)
        keep_closed_codes(&saving);
    if (!error)
        error = check_answers(&saving, saved, err);
    if (!error)
        error = check_subject(&saving, saved, err);
    if (!error)
        error = add_entry(&saving, saved, err);
    if (!error)
        error = attach_files(&saving, saved, slot, err);
    if (error)
        return error;
    saved->id = saving.save.id;
    saved->clock = saving.standing.clock;
    saved->before = saving.standing.answers;
    return arena_failed(task->arena) ? err_memory(err) : ERROR_NONE;
}

enum error record_prepare(struct task *task, struct change *change,
                          const struct save *save, struct saved *saved,
                          struct err *err)
{
    const struct role *role = task->actor.role;
    enum error error;

    *saved = (struct saved){0};
    error = prepare(task, change, save, saved, err);
    task->actor.role = role; /* what was open was open for this one */
    return error;
}

/* Answers of a record that an earlier sending wrote. */
static enum error read_saved(struct task *task, const struct save *save,
                             struct saved *saved, struct err *err)
{
    struct record record = {0};
    enum error error;

    error = record_read(&task->office->log, task->db, save->kind, saved->id,
                        task->arena, &record, err);
    if (!error)
        saved->after = record.answers;
    return error;
}

enum error record_save(struct task *task, const struct save *save,
                       struct saved *saved, struct err *err)
{
    struct change change;
    bool repeated = false;
    size_t first;
    enum error error;

    change_init(&change, task);
    error = record_prepare(task, &change, save, saved, err);
    if (error)
        return error;
    if (saved->repeated)
        return read_saved(task, save, saved, err);
    for (first = 0; first < change.count; first++)
        if (str_equal(change.entry[first].record, saved->id) &&
            str_equal(change.entry[first].kind, save->kind))
            break;
    error = change_commit(&change, &repeated, err);
    if (error)
        return error;
    if (repeated) { /* the same was sent twice at once */
        error = find_entry(task, save, saved, err);
        return error ? error : read_saved(task, save, saved, err);
    }
    if (first < change.count)
        saved->clock = change.entry[first].clock;
    return ERROR_NONE;
}
