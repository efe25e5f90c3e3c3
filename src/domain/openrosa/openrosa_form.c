/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* openrosa_form.c - what a telephone downloads: XForms, lists of choices,
 * entity lists. Everything is made from the forms in use and the records as
 * they stand; nothing is kept. */
#include "domain/openrosa/openrosa.h"

#include "domain/record/attach.h"

#include "form/expr/digest.h"
#include "form/xform/xform.h"

enum { PAGE_ROWS = 500 };

struct str openrosa_hash(struct arena *arena, struct str bytes)
{
    unsigned char digest[DIGEST_MAX];
    size_t size = digest_of(DIGEST_MD5, bytes, digest);
    struct buf out;

    buf_init(&out, arena);
    buf_puts(&out, "md5:");
    buf_put_hex(&out, digest, size);
    return buf_str(&out);
}

/* Something to fill in that is not for the program alone. */
static bool asks(const struct form *form)
{
    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];

        if (question_has_value(question) && !question->system &&
            !question->calculation)
            return true;
    }
    return false;
}

bool openrosa_offers(const struct task *task, const struct form *form)
{
    return role_has(task->actor.role, right_to_write(form->name)) &&
           !str_equal_c(form->name, "user") &&
           !str_equal_c(form->name, "import_batch") && asks(form);
}

/* --- the XForm ------------------------------------------------------------ */

/* A file that the form reads: choices of its own, or records of a kind. */
static void media_add(struct task *task, struct openrosa_form *out,
                      struct str name)
{
    struct openrosa_media media = {.name = name};
    const struct form *kind;

    for (size_t i = 0; i < out->media_count; i++)
        if (str_equal(out->media[i].name, name))
            return;
    for (size_t i = 0; i < out->form->list_count; i++)
        if (str_equal(out->form->list[i].name, name))
            media.list = &out->form->list[i];
    if (!media.list) {
        kind = forms_find(task->office->forms,
                          str_slice(name, 0, name.size - 4), STR_NULL);
        if (!kind || !role_has(task->actor.role, right_to_read(kind->name)))
            return;
        media.kind = kind->name;
    }
    out->media[out->media_count++] = media;
}

static enum error media_find(struct task *task, const struct xls *xls,
                             struct openrosa_form *out, struct err *err)
{
    struct str scheme = STR("jr://file-csv/");

    out->media =
        ARENA_ARRAY(task->arena, struct openrosa_media, xls->instances + 1);
    if (!out->media)
        return err_memory(err);
    for (size_t i = 0; i < xls->instances; i++) {
        struct str uri = xls->instance[i].uri;

        if (str_starts(uri, scheme) && str_ends(uri, STR(".csv")))
            media_add(task, out, str_slice(uri, scheme.size, uri.size));
    }
    return ERROR_NONE;
}

static enum error say_no_form(struct task *task, struct str kind,
                              struct err *err)
{
    return err_set(err, ERROR_NOT_FOUND,
                   N_("No hay un formulario {1} para este teléfono."),
                   str_c(task->arena, str_slice(kind, 0, 100)), NULL, NULL);
}

enum error openrosa_form(struct task *task, struct str kind, struct str version,
                         struct openrosa_form *out, struct err *err)
{
    struct form_problems problems = {0};
    struct xls_book book = {0};
    struct xls *xls;
    enum error error;

    *out = (struct openrosa_form){
        .form = forms_find(task->office->forms, kind,
                           version.size ? version : STR_NULL)};
    if (!out->form || !openrosa_offers(task, out->form))
        return say_no_form(task, kind, err);
    if (!xls_book_csv(task->arena, out->form->source, &book, err))
        return err->code;
    xls = xls_read(task->arena, &book, STR("data"), out->form->name, &problems);
    if (arena_failed(task->arena))
        return err_memory(err);
    if (!xls)
        return err_set(
            err, ERROR_INPUT,
            N_("El formulario {1} no se puede llevar a un teléfono: "
               "{2}"),
            str_c(task->arena, out->form->name),
            problems.count
                ? str_c(task->arena, err_text(&problems.problem[0].err,
                                              task->translator, task->arena))
                : "",
            NULL);
    error = media_find(task, xls, out, err);
    if (error)
        return error;
    out->xml = xform_write(xls);
    return arena_failed(task->arena) ? err_memory(err) : ERROR_NONE;
}

/* --- lists of choices ----------------------------------------------------- */

/* As XLSForm wants it: name, label, then the other columns. */
static enum error choices_csv(struct task *task, const struct choice_list *list,
                              const struct form *form, struct str *csv,
                              struct err *err)
{
    const struct value *columns = list->count ? list->choice[0].extra : NULL;
    struct buf out;

    buf_init(&out, task->arena);
    buf_puts(&out, "name,label");
    for (size_t i = 0; i < value_count(columns); i++) {
        buf_putc(&out, ',');
        buf_put_cell(&out, value_name_at(columns, i), false);
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct choice *choice = &list->choice[i];

        buf_putc(&out, '\n');
        buf_put_cell(&out, choice->name, false);
        buf_putc(&out, ',');
        buf_put_cell(&out, texts_in(form, choice->label, STR("")), false);
        for (size_t j = 0; j < value_count(columns); j++) {
            buf_putc(&out, ',');
            buf_put_cell(&out,
                         value_text(value_get_str(choice->extra,
                                                  value_name_at(columns, j))),
                         false);
        }
    }
    buf_putc(&out, '\n');
    if (arena_failed(task->arena))
        return err_memory(err);
    *csv = buf_str(&out);
    return ERROR_NONE;
}

enum error openrosa_file(struct task *task, const struct openrosa_form *form,
                         const struct openrosa_media *media, struct str *csv,
                         struct err *err)
{
    return media->list ? choices_csv(task, media->list, form->form, csv, err)
                       : openrosa_entities(task, media->kind, csv, err);
}

/* --- records as entities -------------------------------------------------- */

/* What of a record goes out to telephones, which get lost. */
static bool goes_out(const struct role *role, const struct question *question)
{
    if (!question_has_value(question) || question->repeat ||
        question_is_file(question) || !role_reads(role, question) ||
        !role_reads_codes(role, question) ||
        str_find_char(question->key, '/') != SIZE_MAX ||
        str_equal_c(question->key, "name") ||
        str_equal_c(question->key, "label"))
        return false;
    return question->listed || question->class.size == 0 ||
           str_equal_c(question->class, "PUB") ||
           str_equal_c(question->class, "INT");
}

/* What a record is called: its question label or name, else those listed. */
static struct str label_of(struct arena *arena, const struct role *role,
                           const struct form *form, const struct value *answers)
{
    static const char *const named[] = {"label", "name", "title"};
    struct buf out;
    size_t parts = 0;

    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        const struct question *question = form_find(form, str_of(named[i]));
        struct str text = value_text_of(answers, named[i]);

        if (question && role_reads(role, question) && text.size)
            return text;
    }
    buf_init(&out, arena);
    for (size_t i = 0; i < form->question_count && parts < 4; i++) {
        const struct question *question = form->question[i];
        struct str text;

        if (!question->listed || question->repeat || question->ref.size ||
            !role_reads(role, question))
            continue;
        text = value_text(value_get_str(answers, question->key));
        if (!text.size)
            continue;
        if (parts++)
            buf_putc(&out, ' ');
        buf_put(&out, text);
    }
    return buf_str(&out);
}

static void put_entity(struct task *task, const struct form *form,
                       const struct record *record, struct buf *out)
{
    const struct role *role = task->actor.role;
    const struct value *answers =
        role_filter(role, form, record->answers, task->arena);

    buf_put_cell(out, record->id, false);
    buf_putc(out, ',');
    buf_put_cell(out, label_of(task->arena, role, form, answers), false);
    buf_printf(out, ",%lld", (long long)record->clock);
    for (size_t i = 0; i < form->question_count; i++)
        if (goes_out(role, form->question[i])) {
            buf_putc(out, ',');
            buf_put_cell(
                out, value_text(value_get_str(answers, form->question[i]->key)),
                false);
        }
    buf_putc(out, '\n');
}

/* In the order of ids, so that the same records give the same bytes. */
static enum error put_entities(struct task *task, const struct form *form,
                               struct buf *out, struct err *err)
{
    struct db_value after = {.type = 't', .t = STR("")};
    size_t count = PAGE_ROWS, total = 0;

    while (count == PAGE_ROWS && total < OPENROSA_ENTITIES_MAX) {
        struct record_filter filter = {.kind = form->name,
                                       .where = "_state <> 'erased' AND "
                                                "_state <> 'closed' AND "
                                                "_id > $3",
                                       .value = &after,
                                       .value_count = 1,
                                       .order = "_id",
                                       .limit = PAGE_ROWS};
        struct record *record = NULL;
        enum error error =
            record_list(&task->office->log, task->db, &filter, false,
                        task->arena, &record, &count, err);

        if (error)
            return error;
        for (size_t i = 0; i < count; i++)
            if (role_reads_record(task->actor.role, form, record[i].answers))
                put_entity(task, form, &record[i], out);
        if (count)
            after.t = record[count - 1].id;
        total += count;
    }
    return ERROR_NONE;
}

enum error openrosa_entities(struct task *task, struct str kind,
                             struct str *csv, struct err *err)
{
    const struct form *form = forms_find(task->office->forms, kind, STR_NULL);
    struct buf out;
    enum error error;

    if (!form || str_equal_c(kind, "user"))
        return say_no_form(task, kind, err);
    if (!role_has(task->actor.role, right_to_read(kind)))
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Su función no permite ver esto. Pida ayuda a quien "
                          "supervisa."),
                       NULL, NULL, NULL);
    buf_init(&out, task->arena);
    buf_puts(&out, "name,label,__version");
    for (size_t i = 0; i < form->question_count; i++)
        if (goes_out(task->actor.role, form->question[i])) {
            buf_putc(&out, ',');
            buf_put_cell(&out, form->question[i]->key, false);
        }
    buf_putc(&out, '\n');
    error = put_entities(task, form, &out, err);
    if (error)
        return error;
    if (arena_failed(task->arena))
        return err_memory(err);
    *csv = buf_str(&out);
    return ERROR_NONE;
}
