/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xlsform_survey.c - the rows of survey become a tree of questions. Their
 * expressions come later, when all names are known. */
#include "form/xlsform_read.h"

struct building {
    struct reading *reading;
    struct question *open[FORM_GROUPS_DEEP_MAX];     /* groups not yet ended */
    struct question *last[FORM_GROUPS_DEEP_MAX + 1]; /* newest child of each */
    size_t depth;
    size_t skip; /* begun groups inside one that was too deep */
};

static bool is_named(const struct column *column)
{
    static const char *const named[] = {
#define COLUMN(name) #name,
        SURVEY_COLUMNS(COLUMN)
#undef COLUMN
            "label",
        "hint",
        "guidance_hint",
        "constraint_message",
        "required_message",
        "bind::cobijo:merge",
        "bind::cobijo:compartment",
        "bind::cobijo:class",
        "bind::cobijo:search",
        "bind::cobijo:ref",
        "bind::cobijo:list",
        "bind::cobijo:system",
    };

    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (str_equal_c(column->base, named[i]))
            return true;
    return false;
}

static bool name_good(struct str name)
{
    for (size_t i = 0; i < name.size; i++) {
        unsigned char c = (unsigned char)name.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                      c == '_' || c >= 0x80;

        if (!letter &&
            (i == 0 || (!(c >= '0' && c <= '9') && c != '-' && c != '.')))
            return false;
    }
    return name.size > 0 && name.size <= 200 && !str_equal_c(name, "_why") &&
           !str_equal_c(name, "meta");
}

static bool is_yes(struct str text)
{
    return str_equal_nocase(text, STR("yes")) ||
           str_equal_nocase(text, STR("true")) ||
           str_equal_nocase(text, STR("true()")) || str_equal_c(text, "1");
}

static bool one_of(struct str text, const char *const *word)
{
    for (; *word; word++)
        if (str_equal_c(text, *word))
            return true;
    return false;
}

/* A cell that may hold only certain words. */
static struct str checked_word(struct reading *reading,
                               const struct sheet_row *row, const char *column,
                               const char *const *word, const char *all)
{
    struct str text = sheet_get(&reading->workbook.survey, row, column);

    if (text.size == 0 || one_of(text, word))
        return text;
    problem_add(reading, "survey", row->row, str_of(column),
                N_("«{1}» no se conoce aquí; escriba una de estas: {2}."), text,
                str_of(all));
    return STR("");
}

static void read_cobijo(struct reading *reading, struct question *question,
                        const struct sheet_row *row)
{
    static const char *const merges[] = {"last",   "keep_both", "restrict",
                                         "append", "highest",   NULL};
    static const char *const compartments[] = {
        "health", "violence", "asylum", "child", "sogiesc", "all", NULL};
    static const char *const classes[] = {"PUB", "INT", "PER", "SEN", NULL};
    const struct sheet *sheet = &reading->workbook.survey;
    struct str merge = checked_word(reading, row, "bind::cobijo:merge", merges,
                                    "last, keep_both, restrict, append, "
                                    "highest");

    for (int i = 0; merge.size && merges[i]; i++)
        if (str_equal_c(merge, merges[i]))
            question->merge = (enum merge_policy)i;
    question->compartment =
        checked_word(reading, row, "bind::cobijo:compartment", compartments,
                     "health, violence, asylum, child, sogiesc, all");
    question->class = checked_word(reading, row, "bind::cobijo:class", classes,
                                   "PUB, INT, PER, SEN");
    question->search = sheet_get(sheet, row, "bind::cobijo:search");
    question->ref = sheet_get(sheet, row, "bind::cobijo:ref");
    question->listed = is_yes(sheet_get(sheet, row, "bind::cobijo:list"));
    question->system = is_yes(sheet_get(sheet, row, "bind::cobijo:system"));
}

static void read_texts(struct reading *reading, struct question *question,
                       const struct sheet_row *row)
{
    const struct sheet *sheet = &reading->workbook.survey;

    question->label = texts_read(reading, sheet, row, "label");
    question->hint = texts_read(reading, sheet, row, "hint");
    question->guidance_hint = texts_read(reading, sheet, row, "guidance_hint");
    question->constraint_message =
        texts_read(reading, sheet, row, "constraint_message");
    question->required_message =
        texts_read(reading, sheet, row, "required_message");
}

/* A required that is no plain yes stays readable: a page shows the mark only
 * where the answer is always required. */
static void read_extra(struct reading *reading, struct question *question,
                       const struct sheet_row *row)
{
    struct str required = sheet_cell(row, reading->column[SURVEY_required]);
    struct str type = sheet_cell(row, reading->column[SURVEY_type]);
    struct value *extra = (struct value *)extra_read(
        reading, &reading->workbook.survey, row, is_named);

    /* kept as a text; the page draws a map beside it */
    if (str_equal_c(type, "geotrace") || str_equal_c(type, "geoshape")) {
        if (!extra)
            extra = value_object(reading->arena);
        value_put_str(extra, reading->arena, "type", type);
    }
    if (required.size > 0 && !is_yes(required)) {
        if (!extra)
            extra = value_object(reading->arena);
        value_put_str(extra, reading->arena, "required", required);
    }
    question->extra = extra;
}

static bool needs_label(const struct question *question)
{
    switch (question->type) {
    case QUESTION_CALCULATE:
    case QUESTION_HIDDEN:
    case QUESTION_START:
    case QUESTION_END:
    case QUESTION_TODAY:
    case QUESTION_USERNAME:
    case QUESTION_GROUP:
    case QUESTION_REPEAT:
        return false;
    case QUESTION_TEXT:
    case QUESTION_INTEGER:
    case QUESTION_DECIMAL:
    case QUESTION_RANGE:
    case QUESTION_DATE:
    case QUESTION_TIME:
    case QUESTION_DATETIME:
    case QUESTION_SELECT_ONE:
    case QUESTION_SELECT_MULTIPLE:
    case QUESTION_RANK:
    case QUESTION_IMAGE:
    case QUESTION_AUDIO:
    case QUESTION_VIDEO:
    case QUESTION_FILE:
    case QUESTION_GEOPOINT:
    case QUESTION_ACKNOWLEDGE:
    case QUESTION_NOTE:
        break;
    }
    return !question->label.text && !question->hint.text;
}

static void link_question(struct building *building, struct question *question)
{
    struct form *form = building->reading->form;
    size_t depth = building->depth;
    struct question *parent = depth ? building->open[depth - 1] : NULL;

    question->parent = parent;
    question->repeat = !parent                           ? NULL
                       : parent->type == QUESTION_REPEAT ? parent
                                                         : parent->repeat;
    if (building->last[depth])
        building->last[depth]->next = question;
    else if (parent)
        parent->child = question;
    else
        form->first = question;
    building->last[depth] = question;
}

static void check_name(struct building *building, struct question *question)
{
    struct reading *reading = building->reading;
    const struct question *other =
        building->depth ? building->open[building->depth - 1]->child
                        : reading->form->first;
    char row[24];

    if (question->name.size == 0) {
        problem_add(reading, "survey", question->row, STR("name"),
                    N_("Falta el nombre de la pregunta en la columna name."),
                    STR(""), STR(""));
        return;
    }
    if (!name_good(question->name)) {
        problem_add(reading, "survey", question->row, STR("name"),
                    N_("El nombre «{1}» no sirve: empiece con una letra y use "
                       "solo letras, números, _ - y punto."),
                    question->name, STR(""));
        return;
    }
    for (; other && other != question; other = other->next)
        if (str_equal(other->name, question->name)) {
            snprintf(row, sizeof row, "%zu", other->row);
            problem_add(reading, "survey", question->row, STR("name"),
                        N_("Ya hay una pregunta «{1}» en el mismo grupo (fila "
                           "{2}). Dele otro nombre."),
                        question->name, str_of(row));
            return;
        }
}

static void read_list(struct reading *reading, struct question *question,
                      struct type_cell cell)
{
    question->choices = list_find(reading, cell.list);
    if (!question->choices && !cell.from_file)
        problem_add(reading, "survey", question->row, STR("type"),
                    N_("No hay ninguna lista «{1}» en la hoja choices."),
                    cell.list, STR(""));
    choices_for_multiple(reading, question);
}

static struct question *question_new(struct building *building,
                                     const struct sheet_row *row,
                                     struct type_cell cell)
{
    struct reading *reading = building->reading;
    struct form *form = reading->form;
    struct question *question = ARENA_NEW(reading->arena, struct question);

    if (!question)
        return NULL;
    question->type = cell.type;
    question->row = row->row;
    question->name = sheet_cell(row, reading->column[SURVEY_name]);
    question->index = form->question_count;
    question->end = question->index + 1;
    link_question(building, question);
    if (cell.type != QUESTION_NOTE || question->name.size > 0)
        check_name(building, question);
    form->question[form->question_count] = question;
    reading->draft[form->question_count++] =
        (struct draft){.question = question, .row = row};
    question->appearance = sheet_cell(row, reading->column[SURVEY_appearance]);
    question->parameters = sheet_cell(row, reading->column[SURVEY_parameters]);
    read_texts(reading, question, row);
    read_cobijo(reading, question, row);
    read_extra(reading, question, row);
    if (question_is_select(question))
        read_list(reading, question, cell);
    if (needs_label(question))
        problem_warn(reading, "survey", row->row, STR("label"),
                     N_("La pregunta «{1}» no tiene texto en la columna "
                        "label."),
                     question->name);
    return question;
}

/* or_other: the text that says which, asked when other is chosen. */
static void question_other(struct building *building,
                           const struct question *question,
                           const struct sheet_row *from)
{
    struct reading *reading = building->reading;
    struct sheet_row *row = other_row(reading, question, from);

    if (row)
        question_new(
            building, row,
            (struct type_cell){.kind = TYPE_QUESTION, .type = QUESTION_TEXT});
}

static void begin_group(struct building *building, struct question *question)
{
    if (building->depth == FORM_GROUPS_DEEP_MAX) {
        if (building->skip++ == 0)
            problem_add(building->reading, "survey", question->row, STR("type"),
                        N_("Hay demasiados grupos unos dentro de otros."),
                        STR(""), STR(""));
        return;
    }
    building->open[building->depth++] = question;
    building->last[building->depth] = NULL;
}

static void end_group(struct building *building, const struct sheet_row *row,
                      enum question_type type)
{
    struct reading *reading = building->reading;
    struct question *open;
    char number[24];

    if (building->skip > 0) {
        building->skip--;
        return;
    }
    if (building->depth == 0) {
        problem_add(reading, "survey", row->row, STR("type"),
                    N_("Esta fila cierra un grupo que no se abrió: quítela o "
                       "agregue antes begin_group o begin_repeat."),
                    STR(""), STR(""));
        return;
    }
    open = building->open[--building->depth];
    open->end = reading->form->question_count;
    if (open->type == type)
        return;
    snprintf(number, sizeof number, "%zu", open->row);
    problem_add(reading, "survey", row->row, STR("type"),
                open->type == QUESTION_REPEAT
                    ? N_("Aquí se cierra «{1}», que la fila {2} abrió como "
                         "begin_repeat: escriba end_repeat.")
                    : N_("Aquí se cierra «{1}», que la fila {2} abrió como "
                         "begin_group: escriba end_group."),
                open->name, str_of(number));
}

static void read_row(struct building *building, const struct sheet_row *row)
{
    struct reading *reading = building->reading;
    struct type_cell cell;
    struct question *question;

    if (is_yes(sheet_cell(row, reading->column[SURVEY_disabled]))) {
        problem_warn(reading, "survey", row->row, STR("disabled"),
                     N_("La fila está apagada en la columna disabled y se "
                        "omite."),
                     STR(""));
        return;
    }
    cell = type_read(reading, row);
    if (cell.kind == TYPE_END) {
        end_group(building, row, cell.type);
        return;
    }
    if (cell.kind == TYPE_OMIT)
        return;
    if (cell.kind == TYPE_WRONG) /* its name still counts as known */
        cell.type = QUESTION_TEXT;
    question = question_new(building, row, cell);
    if (question && cell.or_other)
        question_other(building, question, row);
    if (question &&
        (cell.type == QUESTION_GROUP || cell.type == QUESTION_REPEAT))
        begin_group(building, question);
}

void survey_read(struct reading *reading)
{
    const struct sheet *survey = &reading->workbook.survey;
    struct building building = {.reading = reading};
    struct form *form = reading->form;

    if (survey->rows > FORM_QUESTIONS_MAX) {
        problem_add(reading, "survey", FORM_QUESTIONS_MAX + 1, STR(""),
                    N_("El formulario tiene demasiadas preguntas."), STR(""),
                    STR(""));
        return;
    }
    form->question =
        ARENA_ARRAY(reading->arena, struct question *, survey->rows * 2 + 1);
    reading->draft =
        ARENA_ARRAY(reading->arena, struct draft, survey->rows * 2 + 1);
    if (!form->question || !reading->draft)
        return;
    for (size_t i = 0; i < survey->rows && !arena_failed(reading->arena); i++)
        read_row(&building, &survey->row[i]);
    while (building.depth > 0) {
        struct question *open = building.open[--building.depth];

        open->end = form->question_count;
        problem_add(reading, "survey", open->row, STR("type"),
                    open->type == QUESTION_REPEAT
                        ? N_("El grupo «{1}» no se cierra: agregue al final "
                             "una fila end_repeat.")
                        : N_("El grupo «{1}» no se cierra: agregue al final "
                             "una fila end_group."),
                    open->name, STR(""));
    }
}
