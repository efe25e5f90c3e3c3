/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* openrosa_form.c - what a telephone downloads: XForms, lists of choices,
 * entity lists. Everything is made from the forms in use and the records as
 * they stand; openrosa_kept.c keeps what would only be made the same again. */
#include "domain/openrosa/openrosa.h"

#include "domain/access/decide.h"
#include "domain/openrosa/openrosa_kept.h"
#include "form/expr/digest.h"
#include "form/xls/xls_read.h"

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

/* Must something be answered, always, that the role may not answer? */
static bool cannot_finish(const struct role *role, const struct form *form)
{
    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *question = form->question[i];
        bool always = question->required != NULL;

        for (const struct question *up = question; up; up = up->parent)
            always = always && !up->relevant && up->type != QUESTION_REPEAT;
        if (always && !role_reads(role, question))
            return true;
    }
    return false;
}

bool openrosa_offers(const struct task *task, const struct form *form)
{
    return role_has(task->actor.role, right_to_write(form->name)) &&
           !str_equal_c(form->name, "user") &&
           !str_equal_c(form->name, "import_batch") && asks(form) &&
           !cannot_finish(role_widest(task->actor.role, form->name), form);
}

/* --- the XForm ------------------------------------------------------------ */

/* A file that the form reads: choices of its own, or records of a kind. */
static void media_add(struct task *task, struct openrosa_form *out,
                      struct str name, struct str text)
{
    struct openrosa_media media = {.name = name, .text = text};
    const struct form *kind;

    for (size_t i = 0; i < out->media_count; i++)
        if (str_equal(out->media[i].name, name))
            return;
    for (size_t i = 0; i < out->form->list_count; i++)
        if (str_equal(out->form->list[i].name, name))
            media.list = &out->form->list[i];
    if (!media.list && str_is_null(text)) {
        kind = forms_find(task->office->forms,
                          str_slice(name, 0, name.size - 4), STR_NULL);
        if (!kind || !role_has(task->actor.role, right_to_read(kind->name)))
            return;
        media.kind = kind->name;
    }
    out->media[out->media_count++] = media;
}

static enum error media_find(struct task *task,
                             const struct openrosa_kept *kept,
                             struct openrosa_form *out, struct err *err)
{
    out->media =
        ARENA_ARRAY(task->arena, struct openrosa_media, kept->files + 1);
    if (!out->media)
        return err_memory(err);
    for (size_t i = 0; i < kept->files; i++)
        media_add(task, out, kept->file[i], kept->text[i]);
    return ERROR_NONE;
}

bool openrosa_lists(const struct task *task, struct str kind)
{
    return !str_equal_c(kind, "user") &&
           role_has(task->actor.role, right_to_read(kind)) &&
           forms_find(task->office->forms, kind, STR_NULL);
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
    const struct openrosa_kept *kept;

    *out = (struct openrosa_form){
        .form = forms_find(task->office->forms, kind,
                           version.size ? version : STR_NULL)};
    if (!out->form || !openrosa_offers(task, out->form))
        return say_no_form(task, kind, err);
    kept = openrosa_kept(task, out->form);
    if (!kept)
        return err_memory(err);
    if (str_is_null(kept->xml))
        return err_set(
            err, ERROR_INPUT,
            N_("El formulario {1} no se puede llevar a un teléfono: "
               "{2}"),
            str_c(task->arena, out->form->name),
            str_c(task->arena,
                  err_text(&kept->problem, task->translator, task->arena)),
            NULL);
    out->xml = kept->xml;
    out->hash = kept->hash;
    return media_find(task, kept, out, err);
}

/* --- lists of choices ----------------------------------------------------- */

/* A column that an expression can name; what else stands in a list is for
 * people, and an engine that reads its names as paths would stumble. */
static bool column_goes_out(struct str name)
{
    return xls_name_good(name) && str_find_char(name, ':') == SIZE_MAX &&
           !str_equal_c(name, "name") && !str_equal_c(name, "label");
}

/* As XLSForm wants it: name, label, then the other columns. */
static enum error choices_csv(struct task *task, const struct choice_list *list,
                              const struct form *form, struct str *csv,
                              struct err *err)
{
    const struct value *columns = list->count ? list->choice[0].extra : NULL;
    const struct question any = {.choices = list};
    struct buf out;

    buf_init(&out, task->arena);
    buf_puts(&out, "name,label");
    for (size_t i = 0; i < value_count(columns); i++) {
        if (!column_goes_out(value_name_at(columns, i)))
            continue;
        buf_putc(&out, ',');
        buf_put_cell(&out, value_name_at(columns, i), false);
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct choice *choice = &list->choice[i];

        if (!role_reads_code(role_widest(task->actor.role, form->name), &any,
                             choice->name))
            continue;
        buf_putc(&out, '\n');
        buf_put_cell(&out, choice->name, false);
        buf_putc(&out, ',');
        buf_put_cell(&out, texts_in(form, choice->label, STR("")), false);
        for (size_t j = 0; j < value_count(columns); j++) {
            if (!column_goes_out(value_name_at(columns, j)))
                continue;
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
    if (!str_is_null(media->text)) {
        *csv = media->text;
        return ERROR_NONE;
    }
    return media->list ? choices_csv(task, media->list, form->form, csv, err)
                       : openrosa_entities(task, media->kind, csv, err);
}

enum error openrosa_file_hash(struct task *task,
                              const struct openrosa_form *form,
                              const struct openrosa_media *media,
                              struct str *hash, struct err *err)
{
    const struct form *kind =
        media->kind.size
            ? forms_find(task->office->forms, media->kind, STR_NULL)
            : NULL;
    struct str csv;
    int64_t seq = 0;
    enum error error = ERROR_NONE;

    *hash = STR_NULL;
    if (kind)
        error = openrosa_hash_find(task, kind, task->arena, hash, &seq, err);
    if (error || hash->size)
        return error;
    error = openrosa_file(task, form, media, &csv, err);
    if (error)
        return error;
    *hash = openrosa_hash(task->arena, csv);
    if (kind)
        openrosa_hash_keep(task, kind, seq, *hash);
    return arena_failed(task->arena) ? err_memory(err) : ERROR_NONE;
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
        enum error error = decide_narrow(task, &filter, err);

        if (!error)
            error = record_list(&task->office->log, task->db, &filter, false,
                                task->arena, &record, &count, err);
        if (error)
            return error;
        for (size_t i = 0; i < count; i++)
            if (decide_read(task, &record[i]) &&
                role_reads_record(task->actor.role, form, record[i].answers))
                put_entity(task, form, &record[i], out);
        if (count)
            after.t = record[count - 1].id;
        total += count;
    }
    return ERROR_NONE;
}

/* The form of a kind whose records the role may have, or why not. */
static enum error list_form(struct task *task, struct str kind,
                            const struct form **form, struct err *err)
{
    *form = forms_find(task->office->forms, kind, STR_NULL);
    if (!*form || str_equal_c(kind, "user"))
        return say_no_form(task, kind, err);
    if (!role_has(task->actor.role, right_to_read(kind)))
        return err_set(err, ERROR_FORBIDDEN,
                       N_("Su función no permite ver esto. Pida ayuda a quien "
                          "supervisa."),
                       NULL, NULL, NULL);
    return ERROR_NONE;
}

enum error openrosa_entity_there(struct task *task, struct str kind,
                                 struct str id, bool *there, struct err *err)
{
    const struct form *form;
    struct record record = {0};
    struct err none = {0};
    enum error error = list_form(task, kind, &form, err);

    *there = false;
    if (error)
        return error;
    error = record_read(&task->office->log, task->db, kind, id, task->arena,
                        &record, &none);
    if (error == ERROR_NOT_FOUND)
        return ERROR_NONE;
    if (error) {
        *err = none;
        return error;
    }
    *there = !str_equal_c(record.state, "erased") &&
             !str_equal_c(record.state, "closed") &&
             decide_read(task, &record) &&
             role_reads_record(task->actor.role, form, record.answers);
    return ERROR_NONE;
}

enum error openrosa_entities(struct task *task, struct str kind,
                             struct str *csv, struct err *err)
{
    const struct form *form = NULL;
    struct buf out;
    enum error error = list_form(task, kind, &form, err);

    if (error)
        return error;
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
