/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* classes.c - see classes.h. */
#include "domain/record/classes.h"

struct question_class {
    struct str question;
    unsigned char class;
};

struct kind_class {
    struct str kind;
    unsigned char class; /* 0: that of kind * */
    enum seal_owner owner;
    struct question_class *question; /* sorted */
    size_t count;
};

enum { COMPARTMENTS_MAX = 16 };

struct classes {
    struct seal_rules rules;
    struct kind_class *kind; /* sorted */
    size_t kinds;
    struct question_class compartment[COMPARTMENTS_MAX];
    size_t compartments;
    unsigned char class; /* of kind * */
};

/* --- asking --------------------------------------------------------------- */

static const struct kind_class *kind_find(const struct classes *classes,
                                          struct str kind)
{
    size_t from = 0, to = classes->kinds;

    while (from < to) {
        size_t middle = (from + to) / 2;
        int order = str_compare(classes->kind[middle].kind, kind);

        if (!order)
            return &classes->kind[middle];
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return NULL;
}

static unsigned char listed(const struct kind_class *kind, struct str key)
{
    size_t from = 0, to = kind ? kind->count : 0;

    while (from < to) {
        size_t middle = (from + to) / 2;
        int order = str_compare(kind->question[middle].question, key);

        if (!order)
            return kind->question[middle].class;
        if (order < 0)
            from = middle + 1;
        else
            to = middle;
    }
    return 0;
}

static unsigned char of_compartments(const struct classes *classes,
                                     struct str names)
{
    struct str name;

    while (names.size && str_cut(&names, ' ', &name))
        for (size_t i = 0; i < classes->compartments; i++)
            if (str_equal(classes->compartment[i].question, name))
                return classes->compartment[i].class;
    return 0;
}

static unsigned char of_question(const struct classes *classes,
                                 const struct question *question)
{
    unsigned char class = 0;

    for (; question && !class; question = question->parent)
        if (question->compartment.size)
            class = of_compartments(classes, question->compartment);
    return class;
}

static unsigned char class_of(const struct classes *classes,
                              const struct kind_class *kind,
                              const struct form *form, struct str key)
{
    unsigned char class = 0;

    if (key.size && key.at[0] != '_') {
        class = listed(kind, key);
        if (!class && form)
            class = of_question(classes, form_find(form, key));
        if (!class && kind)
            class = kind->class;
    }
    return class ? class : classes->class;
}

static void classify(void *context, const struct form *form, struct str kind,
                     const struct value *object, unsigned char *class)
{
    const struct classes *classes = context;
    const struct kind_class *rows = kind_find(classes, kind);

    for (size_t i = 0; i < value_count(object); i++)
        class[i] = class_of(classes, rows, form, value_name_at(object, i));
}

static enum seal_owner owner(void *context, struct str kind)
{
    const struct kind_class *rows = kind_find(context, kind);

    return rows ? rows->owner : SEAL_OF_SUBJECT;
}

enum seal_class class_of_answer(const struct seal_rules *rules,
                                const struct form *form, struct str kind,
                                struct str key)
{
    const struct classes *classes = rules ? rules->context : NULL;
    const struct kind_class *rows;

    if (!classes)
        return SEAL_OTHER;
    rows = kind_find(classes, kind);
    if (!key.size && rows && rows->class)
        return (enum seal_class)rows->class;
    return (enum seal_class)class_of(classes, rows, form, key);
}

/* --- reading -------------------------------------------------------------- */

struct reading {
    struct arena *arena;
    const struct catalog_table *table;
    struct classes *classes;
    struct err *err;
};

static enum error wrong(const struct reading *reading, size_t row)
{
    char line[24];

    snprintf(line, sizeof(line), "%zu",
             reading->table->line ? reading->table->line[row] : row + 2);
    return err_set(reading->err, ERROR_INPUT,
                   N_("catalog/class.csv, línea {1}: clase o llave que no se "
                      "conoce, o una fila repetida."),
                   line, NULL, NULL);
}

static struct str cell(const struct reading *reading, size_t row,
                       const char *column)
{
    struct str text = catalog_cell(reading->table, row, column);

    return text.at ? text : STR("");
}

static int compare_kinds(const void *a, const void *b)
{
    return str_compare(((const struct kind_class *)a)->kind,
                       ((const struct kind_class *)b)->kind);
}

static int compare_questions(const void *a, const void *b)
{
    return str_compare(((const struct question_class *)a)->question,
                       ((const struct question_class *)b)->question);
}

static struct kind_class *kind_of(struct classes *classes, struct str name)
{
    for (size_t i = 0; i < classes->kinds; i++)
        if (str_equal(classes->kind[i].kind, name))
            return &classes->kind[i];
    classes->kind[classes->kinds] = (struct kind_class){.kind = name};
    return &classes->kind[classes->kinds++];
}

static bool owner_read(struct str name, enum seal_owner *owner_out)
{
    *owner_out = str_equal_c(name, "record") ? SEAL_OF_RECORD
                 : str_equal_c(name, "site") ? SEAL_OF_SITE
                                             : SEAL_OF_SUBJECT;
    return !name.size || *owner_out != SEAL_OF_SUBJECT;
}

static bool add_question(const struct reading *reading, struct kind_class *kind,
                         struct str question, unsigned char class)
{
    for (size_t i = 0; i < kind->count; i++)
        if (str_equal(kind->question[i].question, question))
            return false;
    kind->question = arena_grow(reading->arena, kind->question,
                                kind->count * sizeof(*kind->question),
                                (kind->count + 1) * sizeof(*kind->question));
    if (kind->question)
        kind->question[kind->count++] =
            (struct question_class){question, class};
    return kind->question != NULL;
}

static enum error read_row(const struct reading *reading, size_t row)
{
    struct classes *classes = reading->classes;
    struct str name = cell(reading, row, "kind");
    struct str compartment = cell(reading, row, "compartment");
    struct str question = cell(reading, row, "question");
    unsigned char class =
        (unsigned char)seal_class_named(cell(reading, row, "class"));
    struct kind_class *kind;
    enum seal_owner whose;

    if (!class || !name.size || (compartment.size && question.size) ||
        !owner_read(cell(reading, row, "key"), &whose))
        return wrong(reading, row);
    if (str_equal_c(name, "*")) {
        if (question.size || classes->compartments == COMPARTMENTS_MAX)
            return wrong(reading, row);
        if (compartment.size)
            classes->compartment[classes->compartments++] =
                (struct question_class){compartment, class};
        else
            classes->class = class;
        return ERROR_NONE;
    }
    kind = kind_of(classes, name);
    if (question.size)
        return add_question(reading, kind, question, class)
                   ? ERROR_NONE
                   : wrong(reading, row);
    if (kind->class || compartment.size)
        return wrong(reading, row);
    kind->class = class;
    kind->owner = whose;
    return ERROR_NONE;
}

enum error classes_read(struct arena *arena, const struct catalog *catalog,
                        const struct seal_rules **rules, struct err *err)
{
    struct classes *classes = ARENA_NEW(arena, struct classes);
    struct reading reading = {arena, catalog_table(catalog, "class"), classes,
                              err};
    size_t count = reading.table ? reading.table->rows : 0;
    enum error error = ERROR_NONE;

    if (classes)
        classes->kind = ARENA_ARRAY(arena, struct kind_class, count + 1);
    if (!classes || !classes->kind)
        return err_memory(err);
    classes->class = SEAL_OTHER;
    for (size_t i = 0; i < count && !error; i++)
        error = read_row(&reading, i);
    qsort(classes->kind, classes->kinds, sizeof(*classes->kind), compare_kinds);
    for (size_t i = 0; i < classes->kinds; i++)
        if (classes->kind[i].count)
            qsort(classes->kind[i].question, classes->kind[i].count,
                  sizeof(*classes->kind[i].question), compare_questions);
    classes->rules = (struct seal_rules){classes, classify, owner};
    *rules = &classes->rules;
    return error;
}
