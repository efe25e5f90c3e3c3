/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_diff_grade.c - what a change of a form means for the records there are:
 * how many have an answer, and whether it may be made, must be confirmed, or
 * is refused.
 *
 * Refused is what the program itself works with, what a record is about, and
 * opening to others what the publisher may not read herself. Everything else
 * is hers to decide; what records would feel, she confirms.
 */
#include "domain/record/form_diff_private.h"

#include "core/date.h"
#include "form/clean.h"

enum { CODES_MAX = 1000, CHOICES_SHOWN = 60 };

struct grading {
    struct differing d;
    struct task *task;
    const struct form **version; /* newest first */
    size_t versions;
    bool shipped; /* a kind that comes with the program */
};

/* --- counts --------------------------------------------------------------- */

static bool is_counted(const struct form_change *change)
{
    return change->was && question_has_value(change->was) &&
           change->what != FORM_ADDED;
}

static void take_codes(const struct form_change *change,
                       struct answer_count *count, struct arena *arena)
{
    struct str *code;

    if (change->what != FORM_CHOICES_REMOVED)
        return;
    code = ARENA_ARRAY(arena, struct str, change->choices);
    for (size_t i = 0; code && i < change->choices && i < CODES_MAX; i++) {
        code[i] = change->choice[i]->name;
        count->codes = i + 1;
    }
    count->code = code;
    count->several = change->was->type != QUESTION_SELECT_ONE;
}

static enum error count_all(struct grading *grading, struct err *err)
{
    struct task *task = grading->task;
    struct form_diff *diff = grading->d.diff;
    struct answer_count *count =
        ARENA_ARRAY(task->arena, struct answer_count, diff->count + 1);
    size_t counts = 0;
    enum error error;

    if (!count)
        return err_memory(err);
    for (size_t i = 0; i < diff->count; i++)
        if (is_counted(&diff->change[i])) {
            count[counts].path = form_path(task->arena, diff->change[i].was);
            take_codes(&diff->change[i], &count[counts++], task->arena);
        }
    error = project_count(task->db, task->office->log.site, diff->used->name,
                          count, counts, task->arena, &diff->records, err);
    counts = 0;
    for (size_t i = 0; !error && i < diff->count; i++)
        if (is_counted(&diff->change[i])) {
            diff->change[i].records = count[counts].records;
            diff->change[i].with = count[counts++].with;
        }
    return error;
}

/* Answers that the new type cannot hold. */
struct reading_again {
    const struct question *now;
    int utc_offset;
    int64_t unreadable;
};

static void try_answer(void *context, struct str answer, int64_t rows)
{
    struct reading_again *again = context;
    struct str clean;
    struct arena arena;

    arena_init(&arena, NULL);
    if (answer_clean(again->now, answer, again->utc_offset, &arena, &clean))
        again->unreadable += rows;
    arena_release(&arena);
}

static enum error read_again(struct grading *grading,
                             struct form_change *change, struct err *err)
{
    struct task *task = grading->task;
    struct reading_again again = {change->now, task->utc_offset, 0};
    enum error error;

    if (change->what != FORM_RETYPED || change->records <= 0)
        return ERROR_NONE;
    error = project_answers(
        task->db, task->office->log.site, grading->d.diff->used->name,
        form_path(task->arena, change->was), try_answer, &again, err);
    change->unreadable = again.unreadable;
    return error;
}

/* --- grades --------------------------------------------------------------- */

static void grade(struct grading *grading, struct form_change *change,
                  enum form_change_grade to, const char *msgid, int64_t number,
                  struct str text)
{
    char count[24];

    snprintf(count, sizeof count, "%lld", (long long)number);
    change->grade = to;
    err_set(&change->why, ERROR_INPUT, msgid, count,
            str_c(grading->task->arena, text), NULL);
}

/* What the program's own code and rules reach for. */
static bool is_core(const struct grading *grading,
                    const struct question *question)
{
    const struct form *used = grading->d.diff->used;

    if (!question->repeat &&
        str_equal(question->key,
                  value_text_of(used->settings, "cobijo:subject")))
        return true;
    return question->system || question == form_guard(used) ||
           (grading->shipped && (question->required || question->search.size ||
                                 question->ref.size));
}

static void grade_gone(struct grading *grading, struct form_change *change)
{
    if (is_core(grading, change->was))
        grade(grading, change, CHANGE_REFUSED,
              N_("El programa trabaja con esta pregunta («{2}»). Déjela en la "
                 "hoja; si no quiere que se vea, escriba false() en su "
                 "relevant."),
              0, change->was->name);
    else if (change->what == FORM_RENAMED && change->records > 0)
        grade(grading, change, CHANGE_CONFIRM,
              N_("Registros que la contestaron: {1}. Sus respuestas se quedan "
                 "bajo el nombre de antes y no pasan a la pregunta nueva. Si "
                 "es la misma pregunta, deje en la columna name «{2}» y suba "
                 "la hoja otra vez: así siguen juntas."),
              change->records, change->was->name);
    else if (change->what == FORM_RENAMED)
        grade(grading, change, CHANGE_FREE,
              N_("Nadie la ha contestado todavía: no se pierde nada."), 0,
              STR(""));
    else if (change->records > 0)
        grade(grading, change, CHANGE_CONFIRM,
              N_("Registros que la contestaron: {1}. Conservan su respuesta y "
                 "se sigue leyendo en ellos; ya no se pregunta."),
              change->records, STR(""));
}

static void grade_type(struct grading *grading, struct form_change *change)
{
    if (is_core(grading, change->was))
        grade(grading, change, CHANGE_REFUSED,
              N_("El programa trabaja con esta pregunta («{2}»): su tipo no "
                 "puede cambiar."),
              0, change->was->name);
    else if (change->unreadable > 0)
        grade(grading, change, CHANGE_CONFIRM,
              N_("Respuestas que no se entienden con el tipo nuevo: {1}. Se "
                 "conservan como están en sus registros hasta que alguien las "
                 "escriba de nuevo; los informes dejan de contarlas."),
              change->unreadable, STR(""));
    else if (change->records > 0 &&
             !project_keeps_column(change->was, change->now))
        grade(grading, change, CHANGE_CONFIRM,
              N_("Registros que la contestaron: {1}. Sus respuestas se "
                 "entienden también con el tipo nuevo y se siguen leyendo; los "
                 "informes las cuentan cuando el registro se guarda otra vez."),
              change->records, STR(""));
}

static void grade_choices(struct grading *grading, struct form_change *change)
{
    int64_t used = 0;

    for (size_t i = 0; change->with && i < change->choices && i < CODES_MAX;
         i++)
        used += change->with[i];
    if (grading->shipped && (change->was->system ||
                             change->was == form_guard(grading->d.diff->used)))
        grade(grading, change, CHANGE_REFUSED,
              N_("El programa trabaja con estas opciones: déjelas en la "
                 "lista."),
              0, STR(""));
    else if (used > 0)
        grade(grading, change, CHANGE_CONFIRM,
              N_("Respuestas que dicen una de ellas: {1}. La conservan, pero "
                 "ya no se ofrece."),
              used, STR(""));
}

static int class_rank(struct str class)
{
    static const char *const rank[] = {"PUB", "INT", "PER", "SEN"};

    for (int i = 0; i < 4; i++)
        if (str_equal_c(class, rank[i]))
            return i;
    return 1; /* nothing said: internal */
}

static void grade_class(struct grading *grading, struct form_change *change)
{
    if (class_rank(change->now->class) < class_rank(change->was->class))
        grade(grading, change, CHANGE_CONFIRM,
              N_("Queda menos protegida, también donde ya se contestó "
                 "(registros: {1})."),
              change->records > 0 ? change->records : 0, STR(""));
}

static void grade_compartment(struct grading *grading,
                              struct form_change *change)
{
    unsigned was = access_compartments(change->before);
    unsigned now = access_compartments(change->after);

    if (!(was & ~now))
        return;
    if (!role_reads(grading->task->actor.role, change->was))
        grade(grading, change, CHANGE_REFUSED,
              N_("Abriría a más personas respuestas que su función no permite "
                 "leer. Deje «{2}» en bind::cobijo:compartment."),
              0, change->before);
    else
        grade(grading, change, CHANGE_CONFIRM,
              N_("La podrán leer más personas, también donde ya se contestó "
                 "(registros: {1})."),
              change->records > 0 ? change->records : 0, STR(""));
}

static void grade_setting(struct grading *grading, struct form_change *change)
{
    if (grading->d.diff->records > 0)
        grade(grading, change, CHANGE_REFUSED,
              N_("Ya hay registros ({1}), y de quién tratan lo dice «{2}»: no "
                 "puede cambiar. Haga un formulario con otro form_id."),
              grading->d.diff->records, change->before);
}

static void grade_one(struct grading *grading, struct form_change *change)
{
    switch (change->what) {
    case FORM_REMOVED:
    case FORM_RENAMED:
        grade_gone(grading, change);
        break;
    case FORM_RETYPED:
        grade_type(grading, change);
        break;
    case FORM_CHOICES_REMOVED:
        grade_choices(grading, change);
        break;
    case FORM_CLASS:
        grade_class(grading, change);
        break;
    case FORM_COMPARTMENT:
        grade_compartment(grading, change);
        break;
    case FORM_SETTING:
        grade_setting(grading, change);
        break;
    default:
        break;
    }
    grading->d.diff->confirms += change->grade == CHANGE_CONFIRM;
    grading->d.diff->refusals += change->grade == CHANGE_REFUSED;
}

/* A question that comes back opens what it held when it went. */
static void compare_elders(struct grading *grading)
{
    struct form_diff *diff = grading->d.diff;
    size_t count = diff->count;

    for (size_t i = 0; i < count; i++) {
        const struct question *now = diff->change[i].now, *was = NULL;

        if (diff->change[i].what != FORM_ADDED &&
            diff->change[i].what != FORM_RENAMED)
            continue;
        for (size_t k = 0; !was && k < grading->versions; k++)
            was = form_question_in(grading->version[k], now);
        if (was)
            form_compare_protection(&grading->d, was, now);
    }
}

static bool is_shipped_kind(const struct task *task, struct str name)
{
    const struct form_files *files = task->office->files;

    return files &&
           !str_is_null(files->file(
               files->context,
               str_format(task->arena, "forms/%.*s.csv", STR_ARGS(name))));
}

enum error form_diff(struct task *task, const struct form *used,
                     const struct form *next, struct form_diff *diff,
                     struct err *err)
{
    struct grading grading = {.d = {.diff = diff, .arena = task->arena},
                              .task = task};
    enum error error;

    *diff = (struct form_diff){.used = used, .next = next};
    if (!used)
        return ERROR_NONE;
    grading.versions = forms_of_kind(task->office->forms, used->name,
                                     task->arena, &grading.version);
    grading.shipped = is_shipped_kind(task, used->name);
    form_differences(&grading.d);
    compare_elders(&grading);
    form_change_ids(&grading.d);
    error =
        arena_failed(task->arena) ? err_memory(err) : count_all(&grading, err);
    for (size_t i = 0; !error && i < diff->count; i++)
        error = read_again(&grading, &diff->change[i], err);
    for (size_t i = 0; !error && i < diff->count; i++)
        grade_one(&grading, &diff->change[i]);
    return !error && arena_failed(task->arena) ? err_memory(err) : error;
}

/* --- the number of a version ---------------------------------------------- */

/* Year, month, day and two digits, above the version in use. */
static struct str next_version(struct arena *arena, const struct form *used,
                               int64_t day)
{
    struct date date = date_from_day(day);
    int64_t number =
        ((int64_t)date.year * 10000 + date.month * 100 + date.day) * 100 + 1;
    int64_t old = 0;

    if (used && str_to_int(used->version, &old) && old >= number)
        number = old + 1;
    return str_format(arena, "%lld", (long long)number);
}

enum error form_version_check(const struct forms *forms,
                              const struct form *next, int64_t day, bool *same,
                              struct err *err)
{
    const struct form *used = forms_find(forms, next->name, STR_NULL);
    const struct form *twin = forms_find(forms, next->name, next->version);
    int64_t old, new;
    struct arena arena;
    enum error error = ERROR_NONE;

    *same = used && str_equal(used->source, next->source);
    if (*same || !used)
        return ERROR_NONE;
    arena_init(&arena, NULL);
    if (!next->version.size)
        error =
            err_set(err, ERROR_INPUT,
                    N_("Falta la versión. Escriba en la columna version de "
                       "la hoja settings una más alta, por ejemplo {1}."),
                    str_c(&arena, next_version(&arena, used, day)), NULL, NULL);
    else if (next->version.size && twin)
        error = err_set(err, ERROR_CONFLICT,
                        N_("La versión {1} ya se publicó con otro contenido. "
                           "Escriba en la columna version de la hoja settings "
                           "una más alta, por ejemplo {2}."),
                        str_c(&arena, next->version),
                        str_c(&arena, next_version(&arena, used, day)), NULL);
    else if (str_to_int(used->version, &old) &&
             (!str_to_int(next->version, &new) || new < old))
        error =
            err_set(err, ERROR_CONFLICT,
                    N_("La versión {1} no es más alta que la {2}, que está "
                       "en uso. Escriba en la columna version de la hoja "
                       "settings una más alta, por ejemplo {3}."),
                    str_c(&arena, next->version), str_c(&arena, used->version),
                    str_c(&arena, next_version(&arena, used, day)));
    arena_release(&arena);
    return error;
}

/* --- as a value ----------------------------------------------------------- */

static const char *const what_text[] = {
#define FORM_CHANGE(name, text, msgid) msgid,
    FORM_CHANGES(FORM_CHANGE)
#undef FORM_CHANGE
};

static struct value *choices_value(const struct task *task,
                                   const struct form_diff *diff,
                                   const struct form_change *change)
{
    struct arena *arena = task->arena;
    struct value *list = value_list(arena);
    const struct form *form =
        change->what == FORM_CHOICES_ADDED ? diff->next : diff->used;

    for (size_t i = 0; i < change->choices && i < CHOICES_SHOWN; i++) {
        struct value *item = value_object(arena);
        struct str label =
            texts_in(form, change->choice[i]->label, task->language);

        value_put_str(item, arena, "name", change->choice[i]->name);
        value_put_str(item, arena, "label",
                      label.size ? label : change->choice[i]->name);
        value_put_int(item, arena, "records",
                      change->with && i < CODES_MAX ? change->with[i] : 0);
        value_add(list, arena, item);
    }
    return list;
}

static struct value *change_value(const struct task *task,
                                  const struct form_diff *diff,
                                  const struct form_change *change)
{
    static const char *const grade_text[] = {"free", "confirm", "refused"};
    struct arena *arena = task->arena;
    struct value *item = value_object(arena);
    const struct question *question = change->was ? change->was : change->now;
    const struct form *form = change->was ? diff->used : diff->next;
    struct str label =
        question ? texts_in(form, question->label, task->language) : STR("");

    value_put_str(item, arena, "id", change->id);
    value_put_text(item, arena, "what", form_change_name(change->what));
    value_put_str(item, arena, "what_text",
                  translate(task->translator, str_of(what_text[change->what])));
    value_put_str(item, arena, "key", change->path);
    value_put_str(item, arena, "label", label.size ? label : change->path);
    value_put_str(item, arena, "before", change->before);
    value_put_str(item, arena, "after", change->after);
    value_put(item, arena, "choices", choices_value(task, diff, change));
    value_put_int(item, arena, "choices_more",
                  change->choices > CHOICES_SHOWN
                      ? (int64_t)(change->choices - CHOICES_SHOWN)
                      : 0);
    value_put(item, arena, "records",
              change->records < 0 ? value_null(arena)
                                  : value_int(arena, change->records));
    value_put_int(item, arena, "unreadable", change->unreadable);
    value_put_text(item, arena, "grade", grade_text[change->grade]);
    value_put_str(item, arena, "why",
                  change->why.code
                      ? err_text(&change->why, task->translator, arena)
                      : STR(""));
    return item;
}

struct value *form_diff_value(const struct task *task,
                              const struct form_diff *diff)
{
    struct arena *arena = task->arena;
    struct value *out = value_object(arena), *list = value_list(arena);

    value_put_str(out, arena, "name", diff->next->name);
    value_put_str(out, arena, "version", diff->next->version);
    value_put_str(out, arena, "used",
                  diff->used ? diff->used->version : STR(""));
    value_put_int(out, arena, "records", diff->records);
    value_put_int(out, arena, "confirms", (int64_t)diff->confirms);
    value_put_int(out, arena, "refusals", (int64_t)diff->refusals);
    for (int most = CHANGE_REFUSED; most >= CHANGE_FREE; most--)
        for (size_t i = 0; i < diff->count; i++)
            if ((int)diff->change[i].grade == most)
                value_add(list, arena,
                          change_value(task, diff, &diff->change[i]));
    value_put(out, arena, "changes", list);
    return out;
}
