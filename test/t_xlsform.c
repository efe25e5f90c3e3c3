/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* Golden folder test/forms: x.csv is read; beside it stands x.json, what must
 * come of it, or x.err, what must be said about it (or both: warnings). With
 * UPDATE=1 the files are written instead. Then broken input of all kinds. */
#include "form/expr/tree.h"
#include "form/xlsform.h"

#include "file.h"
#include "tap.h"

static struct str list_file(void *context, struct str name)
{
    struct arena *arena = context;

    return file_read(arena, str_c(arena, str_format(arena, "test/forms/%.*s",
                                                    STR_ARGS(name))));
}

static void put_texts(struct value *to, struct arena *arena, const char *name,
                      const struct form *form, struct texts texts)
{
    struct value *all = value_object(arena);

    for (size_t i = 0; texts.text && i < form->language_count; i++)
        if (texts.text[i].at)
            value_set(all, arena,
                      form->language[i].size ? form->language[i] : STR("-"),
                      value_string(arena, texts.text[i]));
    if (value_count(all))
        value_put(to, arena, name, all);
}

static void put_expr(struct value *to, struct arena *arena, const char *name,
                     const struct expr *expr)
{
    struct value *list = value_list(arena);
    struct str *reference;
    size_t count = expr_references(expr, arena, &reference);

    for (size_t i = 0; i < count; i++)
        value_add(list, arena, value_string(arena, reference[i]));
    if (expr)
        value_put(to, arena, name, list);
}

static void put_origin(struct value *to, struct arena *arena,
                       const struct choice_origin *origin)
{
    static const char *const source[] = {"", "list", "file", "repeat",
                                         "external"};

    if (origin->source == CHOICES_NONE || origin->source == CHOICES_LIST)
        return;
    value_put_str(
        to, arena, "from",
        str_format(arena, "%s %.*s%s%.*s%s%.*s%s", source[origin->source],
                   STR_ARGS(origin->name), origin->value.size ? " value=" : "",
                   STR_ARGS(origin->value), origin->label.size ? " label=" : "",
                   STR_ARGS(origin->label),
                   origin->select == QUESTION_SELECT_MULTIPLE ? ", several"
                                                              : ""));
    if (origin->from)
        value_put_int(to, arena, "from_row", (int64_t)origin->from->row);
}

static const struct value *question_dump(const struct form *form,
                                         const struct question *question,
                                         struct arena *arena)
{
    static const char *const type[] = {
#define QUESTION_TYPE(name, text, bind, has_value) text,
#include "form/question_types.def"
#undef QUESTION_TYPE
    };
    static const char *const merge[] = {"last", "keep_both", "restrict",
                                        "append", "highest"};
    struct value *dump = value_object(arena), *children;

    value_put_text(dump, arena, "type", type[question->type]);
    value_put_str(dump, arena, "key", question->key);
    value_put_int(dump, arena, "row", (int64_t)question->row);
    put_texts(dump, arena, "label", form, question->label);
    put_texts(dump, arena, "hint", form, question->hint);
    put_texts(dump, arena, "constraint_message", form,
              question->constraint_message);
    put_texts(dump, arena, "required_message", form,
              question->required_message);
    if (question->choices)
        value_put_str(dump, arena, "list", question->choices->name);
    put_origin(dump, arena, &question->origin);
    put_expr(dump, arena, "relevant", question->relevant);
    put_expr(dump, arena, "constraint", question->constraint);
    put_expr(dump, arena, "required", question->required);
    put_expr(dump, arena, "readonly", question->readonly);
    put_expr(dump, arena, "calculation", question->calculation);
    put_expr(dump, arena, "default_value", question->default_value);
    put_expr(dump, arena, "choice_filter", question->choice_filter);
    put_expr(dump, arena, "repeat_count", question->repeat_count);
    if (question->default_text.size)
        value_put_str(dump, arena, "default", question->default_text);
    if (question->appearance.size)
        value_put_str(dump, arena, "appearance", question->appearance);
    if (question->merge != MERGE_LAST)
        value_put_text(dump, arena, "merge", merge[question->merge]);
    if (question->compartment.size)
        value_put_str(dump, arena, "compartment", question->compartment);
    if (question->class.size)
        value_put_str(dump, arena, "class", question->class);
    if (question->listed || question->system)
        value_put_text(dump, arena, "flags",
                       question->listed ? "list" : "system");
    if (question->extra)
        value_put(dump, arena, "extra", question->extra);
    if (question->child) {
        children = value_list(arena);
        for (const struct question *child = question->child; child;
             child = child->next)
            value_add(children, arena, question_dump(form, child, arena));
        value_put(dump, arena, "children", children);
    }
    return dump;
}

static struct str form_dump(const struct form *form, struct arena *arena)
{
    struct value *dump = value_object(arena), *list = value_list(arena);
    struct buf out;

    value_put_str(dump, arena, "name", form->name);
    value_put_str(dump, arena, "version", form->version);
    put_texts(dump, arena, "title", form, form->title);
    value_put(dump, arena, "settings", form->settings);
    for (size_t i = 0; i < form->language_count; i++)
        value_add(list, arena, value_string(arena, form->language[i]));
    value_put(dump, arena, "languages", list);
    value_put_int(dump, arena, "default_language",
                  (int64_t)form->default_language);
    list = value_list(arena);
    for (const struct question *at = form->first; at; at = at->next)
        value_add(list, arena, question_dump(form, at, arena));
    value_put(dump, arena, "questions", list);
    list = value_list(arena);
    for (size_t i = 0; i < form->question_count; i++)
        value_add(list, arena, value_string(arena, form->order[i]->key));
    value_put(dump, arena, "order", list);
    list = value_list(arena);
    for (size_t i = 0; i < form->list_count; i++)
        for (size_t j = 0; j < form->list[i].count; j++) {
            const struct choice *choice = &form->list[i].choice[j];
            struct value *item = value_object(arena);

            value_put_str(item, arena, "list", form->list[i].name);
            value_put_str(item, arena, "name", choice->name);
            put_texts(item, arena, "label", form, choice->label);
            if (choice->extra)
                value_put(item, arena, "extra", choice->extra);
            value_add(list, arena, item);
        }
    value_put(dump, arena, "choices", list);
    buf_init(&out, arena);
    value_write_pretty(dump, &out);
    return buf_str(&out);
}

static struct str problems_dump(const struct form_problems *problems,
                                struct arena *arena)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < problems->count; i++) {
        const struct form_problem *problem = &problems->problem[i];

        buf_printf(
            &out, "%s%.*s %zu %.*s: ", problem->warning ? "warning " : "",
            STR_ARGS(problem->sheet), problem->row, STR_ARGS(problem->column));
        buf_put(&out, err_text(&problem->err, NULL, arena));
        buf_putc(&out, '\n');
    }
    return buf_str(&out);
}

static void compare(struct tap *tap, struct arena *arena, const char *path,
                    struct str got)
{
    struct str want;

    if (getenv("UPDATE")) {
        FILE *file = got.size ? fopen(path, "wb") : NULL;

        if (!got.size)
            remove(path);
        if (file) {
            fwrite(got.at, 1, got.size, file);
            fclose(file);
        }
    }
    want = file_read(arena, path);
    tap_is(tap, str_c(arena, str_trim(got)), str_c(arena, str_trim(want)),
           path);
}

static void check_golden(struct tap *tap, const char *name)
{
    struct form_problems problems = {0};
    struct form_files files = {.file = list_file};
    const struct form *form;
    struct str base, dump;
    struct arena arena;

    arena_init(&arena, NULL);
    files.context = &arena;
    base = str_format(&arena, "test/forms/%.*s", (int)(strlen(name) - 4), name);
    form = xlsform_read(
        &arena,
        file_read(&arena, str_c(&arena, str_join(&arena, base, STR(".csv")))),
        &files, &problems);
    tap_ok(tap, (form != NULL) == (problems.errors == 0),
           "%s: a form exactly when there is no error", name);
    compare(tap, &arena, str_c(&arena, str_join(&arena, base, STR(".err"))),
            problems_dump(&problems, &arena));
    dump = form ? form_dump(form, &arena) : STR_NULL;
    compare(tap, &arena, str_c(&arena, str_join(&arena, base, STR(".json"))),
            dump);
    arena_release(&arena);
}

/* Every cut of a good form is read without a crash. */
static void check_cuts(struct tap *tap)
{
    struct arena kept, arena;
    struct str text;
    bool told = true;

    arena_init(&kept, NULL);
    arena_init(&arena, NULL);
    text = file_read(&kept, "test/forms/all.csv");
    for (size_t size = 0; size < text.size; size += 7) {
        struct form_problems problems = {0};
        struct form_files files = {&arena, list_file};

        if (!xlsform_read(&arena, str_slice(text, 0, size), &files,
                          &problems) &&
            problems.errors == 0)
            told = false;
        arena_clear(&arena);
    }
    tap_ok(tap, told, "a form cut anywhere is read or said to be wrong");
    arena_release(&arena);
    arena_release(&kept);
}

/* A form that the reader of an earlier day let pass. */
static void check_kept(struct tap *tap)
{
    static const char text[] =
        "survey\n,type,name,label,bind::cobijo:list,relevant\n"
        ",text,a,,si,\n,text,b,B,,${a} = 'x'\nsettings\n,form_id\n,old\n";
    struct form_problems problems = {0};
    const struct form *form;
    struct arena arena;

    arena_init(&arena, NULL);
    tap_ok(tap,
           !xlsform_read(&arena, STR(text), NULL, &problems) &&
               problems.errors == 2,
           "today it is refused, for what the standard and what we ask");
    form = xlsform_read_kept(&arena, STR(text), NULL, &problems);
    tap_ok(tap,
           form && form->question_count == 2 && form->question[1]->relevant &&
               !form->question[0]->listed,
           "in use, it stays");
    tap_ok(tap, !xlsform_read_kept(&arena, STR("x,y\n"), NULL, &problems),
           "what is no form is none");
    arena_release(&arena);
}

/* Memory that ends at the n-th call. */
struct failing {
    size_t left;
};

static void *failing_resize(void *context, void *block, size_t size)
{
    struct failing *failing = context;

    if (size == 0) {
        free(block);
        return NULL;
    }
    if (failing->left == 0)
        return NULL;
    failing->left--;
    return realloc(block, size);
}

static void check_memory(struct tap *tap)
{
    struct failing failing = {0};
    struct memory memory = {&failing, failing_resize};
    struct arena kept, arena;
    bool done = false, told = true;
    struct str text;
    size_t limit;

    arena_init(&kept, NULL);
    text = file_read(&kept, "test/forms/all.csv");
    for (limit = 0; limit < 4 << 20 && !done; limit += 1500) {
        struct form_problems problems = {0};
        struct form_files files = {&kept, list_file};

        failing.left = SIZE_MAX;
        arena_init(&arena, &memory);
        arena.limit = limit + 1;
        done = xlsform_read(&arena, text, &files, &problems) != NULL;
        told = told && (done || arena_failed(&arena));
        arena_release(&arena);
    }
    tap_ok(tap, done && told,
           "out of memory at any point gives no form (needs %zu bytes)", limit);
    arena_release(&kept);
}

int main(void)
{
    const char *name[TEST_FILES_MAX];
    struct tap tap = {0};
    struct arena arena;
    size_t count;

    arena_init(&arena, NULL);
    count = file_names(&arena, "test/forms", ".csv", name);
    for (size_t i = 0; i < count; i++)
        if (strncmp(name[i], "list_", 5))
            check_golden(&tap, name[i]);
    check_kept(&tap);
    check_cuts(&tap);
    check_memory(&tap);
    arena_release(&arena);
    return tap_done(&tap);
}
