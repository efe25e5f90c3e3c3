/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* copy.c - the copy a person takes along. One walk over her records makes the
 * tree that the page prints and the files hold.
 */
#include "domain/arco/copy.h"

#include "core/date.h"
#include "domain/person/merge.h"
#include "domain/person/person.h"
#include "domain/person/words.h"
#include "store/project.h"

struct copying {
    struct task *task;
    struct str *file; /* ids that are hers */
    size_t files;
    const struct form *form;
    const struct value *answers; /* of the record, for conditions */
    struct value *items;
    struct str path; /* "documents[2]/" in a repeat */
    size_t left_out; /* answers that are others' */
    size_t closed;   /* answers this reader may not see */
};

static bool is_hers(const struct copying *copying, struct str id)
{
    for (size_t i = 0; i < copying->files; i++)
        if (str_equal(copying->file[i], id))
            return true;
    return false;
}

/* "mode=tercero": of another question of the record; "" always. */
static bool applies(const struct copying *copying, struct str when)
{
    struct str name;

    if (!when.size)
        return true;
    str_cut(&when, '=', &name);
    return str_equal(value_text(value_get_str(copying->answers, name)), when);
}

static bool is_left_out(const struct copying *copying,
                        const struct question *question,
                        const struct value *answer)
{
    const struct catalog_table *table =
        catalog_table(copying->task->office->catalog, "copy");

    for (size_t row = 0; table && row < table->rows; row++)
        if (str_equal(catalog_cell(table, row, "kind"), copying->form->name) &&
            str_equal_c(question->name,
                        str_c(copying->task->arena,
                              catalog_cell(table, row, "question"))) &&
            applies(copying, catalog_cell(table, row, "when")))
            return true;
    if (str_equal_c(question->ref, "user"))
        return true; /* who helped her is not told: the house answers */
    return str_equal_c(question->ref, "person") &&
           !is_hers(copying, value_text(answer));
}

/* For people. A reference is an id, which tells her nothing: the name of a
 * place, else nothing (the page leaves the line out; files have the id). */
static struct str text_of(const struct copying *copying,
                          const struct question *question,
                          const struct value *answer)
{
    struct task *task = copying->task;
    struct record place;
    struct err ignored = {0};

    if (!question->ref.size)
        return answer_display(copying->form, question, answer, task->language,
                              task->arena);
    if (!str_equal_c(question->ref, "place") ||
        record_read(&task->office->log, task->db, STR("place"),
                    value_text(answer), task->arena, &place, &ignored))
        return STR("");
    return value_text_of(place.answers, "name");
}

static void add_answer(struct copying *copying, const struct question *question,
                       const struct value *answer)
{
    struct task *task = copying->task;
    struct arena *arena = task->arena;
    struct value *item = value_object(arena);

    value_put_str(item, arena, "question", question->key);
    value_put_str(item, arena, "path",
                  str_join(arena, copying->path, question->key));
    value_put_str(item, arena, "label",
                  texts_in(copying->form, question->label, task->language));
    value_put(item, arena, "value", value_copy(answer, arena));
    value_put_str(item, arena, "text", text_of(copying, question, answer));
    value_add(copying->items, arena, item);
}

static void add_row(struct copying *copying, const struct question *repeat,
                    const struct value *answers);

static void add_one(struct copying *copying, const struct question *question,
                    const struct value *answer)
{
    if (is_left_out(copying, question, answer)) {
        copying->left_out++;
        return;
    }
    if (!role_reads(copying->task->actor.role, question)) {
        copying->closed++;
        return;
    }
    if (question->type != QUESTION_REPEAT) {
        add_answer(copying, question, answer);
        return;
    }
    for (size_t i = 0; i < value_count(answer); i++) {
        struct str path = copying->path;

        copying->path =
            str_format(copying->task->arena, "%.*s%.*s[%zu]/", STR_ARGS(path),
                       STR_ARGS(question->key), i + 1);
        add_row(copying, question, value_at(answer, i));
        copying->path = path;
    }
}

static void add_row(struct copying *copying, const struct question *repeat,
                    const struct value *answers)
{
    for (size_t i = 0; i < value_count(answers); i++) {
        struct str key = value_name_at(answers, i);
        const struct question *question =
            repeat ? form_find_in(copying->form, repeat, key)
                   : form_find(copying->form, key);

        if (question && value_type(value_at(answers, i)) != VALUE_NULL)
            add_one(copying, question, value_at(answers, i));
    }
}

static enum error add_kind(struct copying *copying, const struct form *form,
                           struct value *sections, struct err *err)
{
    struct task *task = copying->task;
    struct arena *arena = task->arena;
    struct record_filter filter = {
        .kind = form->name, .order = "_created, _id", .limit = 5000};
    struct value *section = value_object(arena), *list = value_list(arena);
    struct record *record = NULL;
    size_t count = 0;
    enum error error =
        person_narrow(task, copying->file, copying->files, &filter, err);

    if (!error)
        error = record_list(&task->office->log, task->db, &filter, true, arena,
                            &record, &count, err);
    for (size_t i = 0; i < count && !error; i++) {
        struct value *item = value_object(arena);

        if (!role_has(task->actor.role, right_to_read(form->name)) ||
            !role_reads_record(task->actor.role, form, record[i].answers)) {
            copying->closed++;
            continue;
        }
        copying->form = form;
        copying->answers = record[i].answers;
        copying->items = value_list(arena);
        copying->path = STR("");
        add_row(copying, NULL, record[i].answers);
        if (!value_count(copying->items))
            continue;
        value_put_str(item, arena, "id", record[i].id);
        value_put_str(item, arena, "created",
                      instant_text(arena, record[i].created));
        value_put(item, arena, "items", copying->items);
        value_add(list, arena, item);
    }
    if (error || !value_count(list))
        return error;
    value_put_str(section, arena, "kind", form->name);
    value_put_str(section, arena, "label",
                  texts_in(form, form->title, task->language));
    value_put(section, arena, "records", list);
    value_add(sections, arena, section);
    return ERROR_NONE;
}

/* The kinds that are about a person, the person's own first. */
static enum error add_kinds(struct copying *copying, struct value *sections,
                            struct err *err)
{
    const struct form **form = NULL;
    size_t count =
        forms_list(copying->task->office->forms, copying->task->arena, &form);
    enum error error = ERROR_NONE;

    for (int first = 1; first >= 0 && !error; first--)
        for (size_t i = 0; i < count && !error; i++) {
            bool person = str_equal_c(form[i]->name, "person");
            struct str subject =
                value_text_of(form[i]->settings, "cobijo:subject");

            if (person == (first == 1) && subject.size)
                error = add_kind(copying, form[i], sections, err);
        }
    return error;
}

enum error copy_make(struct task *task, struct str person, struct value **copy,
                     struct err *err)
{
    struct arena *arena = task->arena;
    struct copying copying = {.task = task};
    struct value *out = value_object(arena), *sections = value_list(arena),
                 *shared = NULL;
    struct person_header header;
    enum error error = person_header(task, person, &header, err);

    if (!error)
        error = person_ids(task, header.id, &copying.file, &copying.files, err);
    if (!error)
        error = add_kinds(&copying, sections, err);
    if (!error)
        error = shared_list(task, header.id, &shared, err);
    if (error)
        return error;
    value_put_str(out, arena, "format", STR("cobijo-copy-1"));
    value_put_str(out, arena, "site", task->office->site_name);
    value_put_str(out, arena, "made_at", instant_text(arena, task->now));
    value_put_str(out, arena, "language", task->language);
    value_put_str(out, arena, "person", header.id);
    value_put_str(out, arena, "code", header.case_code);
    value_put_int(out, arena, "closed", (int64_t)copying.closed);
    value_put_int(out, arena, "left_out", (int64_t)copying.left_out);
    value_put(out, arena, "sections", sections);
    value_put(out, arena, "shared", shared);
    *copy = out;
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}

void copy_csv(const struct value *copy, struct buf *out)
{
    static const char *const column[] = {"path", "label", "value", "text"};
    const struct value *sections = value_get(copy, "sections");
    struct arena *arena = out->arena;

    buf_puts(out, "kind,record,created,question,label,value,text\n");
    for (size_t i = 0; i < value_count(sections); i++) {
        const struct value *section = value_at(sections, i);
        const struct value *records = value_get(section, "records");

        for (size_t k = 0; k < value_count(records); k++) {
            const struct value *record = value_at(records, k);
            const struct value *items = value_get(record, "items");

            for (size_t n = 0; n < value_count(items); n++) {
                buf_put_csv(out, value_text_of(section, "kind"));
                buf_putc(out, ',');
                buf_put_csv(out, value_text_of(record, "id"));
                buf_putc(out, ',');
                buf_put_csv(out, value_text_of(record, "created"));
                for (size_t c = 0; c < 4; c++) {
                    buf_putc(out, ',');
                    buf_put_csv(out, value_as_text(value_get(value_at(items, n),
                                                             column[c]),
                                                   arena));
                }
                buf_putc(out, '\n');
            }
        }
    }
}

enum error copy_note(struct task *task, struct str person, const char *format,
                     struct err *err)
{
    struct value *body = value_object(task->arena);
    struct change change;

    value_put_str(body, task->arena, "copy", str_of(format));
    value_put_str(body, task->arena, "to", STR("titular"));
    change_init(&change, task);
    change_add(&change, STR("person"), person, OP_SHARE, body, person);
    return change_commit(&change, NULL, err);
}
