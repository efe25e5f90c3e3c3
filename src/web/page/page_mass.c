/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_mass.c - a bus arrives: a grid, one line a person, Tab and Enter only.
 * A whole name in one box, sex, age or year of birth or date, nationality (as
 * in the line above when left empty). All lines are saved, or none.
 */
#include "web/page.h"

#include "core/date.h"
#include "domain/person/person.h"

enum { MASS_LINES = 10, MASS_MOST = 200 };

struct line {
    struct str name, sex, age, nationality;
};

static struct str line_field(struct view *view, size_t index, const char *key)
{
    return str_trim(
        view_field(view, str_c(view->task.arena,
                               view_format(view, "row.%zu.%s", index, key))));
}

static size_t lines_read(struct view *view, struct line *line)
{
    size_t last = 0;

    for (size_t i = 0; i < MASS_MOST; i++) {
        line[i] = (struct line){
            line_field(view, i, "name"), line_field(view, i, "sex"),
            line_field(view, i, "age"), line_field(view, i, "nationality")};
        if (line[i].name.size + line[i].age.size + line[i].sex.size > 0)
            last = i + 1;
    }
    return last;
}

static struct value *options(struct view *view, const char *key,
                             struct str chosen)
{
    const struct form *form = view_form(view, "person");
    const struct question *question =
        form ? form_find(form, str_of(key)) : NULL;
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0;
         question && question->choices && i < question->choices->count; i++) {
        const struct choice *choice = &question->choices->choice[i];
        struct value *item = value_object(arena);

        value_put_str(item, arena, "name", choice->name);
        value_put_str(item, arena, "label",
                      texts_in(form, choice->label, view->task.language));
        value_put_bool(item, arena, "chosen", str_equal(choice->name, chosen));
        value_add(list, arena, item);
    }
    return list;
}

static void mass_fill(struct view *view, const struct line *line, size_t lines,
                      size_t wrong, struct str problem)
{
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);
    size_t shown = MASS_LINES;

    while (shown < lines)
        shown += MASS_LINES;
    if (str_equal_c(view_field(view, "_add"), "lines") && shown < MASS_MOST)
        shown += MASS_LINES;
    for (size_t i = 0; i < shown; i++) {
        struct line now = i < lines ? line[i] : (struct line){0};
        struct value *item = value_object(arena);

        value_put_int(item, arena, "index", (int64_t)i);
        value_put_int(item, arena, "number", (int64_t)i + 1);
        value_put_str(item, arena, "name", now.name);
        value_put_str(item, arena, "age", now.age);
        value_put(item, arena, "sexes", options(view, "sex", now.sex));
        value_put(item, arena, "nationalities",
                  options(view, "nationality", now.nationality));
        put_text_or_false(view, item, "error", i == wrong ? problem : STR(""));
        value_add(list, arena, item);
    }
    view_title(view, N_("Llegada de un grupo"));
    view_stamp(view, STR(""), 0);
    value_put(view->page, arena, "lines", list);
    value_put_bool(view->page, arena, "agreed",
                   view_field(view, "agreed").size > 0);
    value_put_bool(view->page, arena, "together",
                   view_field(view, "together").size > 0);
}

enum error mass_page(struct view *view)
{
    mass_fill(view, NULL, 0, SIZE_MAX, STR(""));
    return ERROR_NONE;
}

/* "34" is an age, "1990" and "1990-05" and "03/05/1990" are births. */
static bool age_read(struct arena *arena, struct str text,
                     struct value *answers)
{
    int64_t number;
    struct date date = {0};

    if (text.size == 0)
        return true;
    if (str_to_int(text, &number) && text.size <= 3) {
        value_put_str(answers, arena, "age_years", text);
        return true;
    }
    if (text.size == 10 && text.at[2] == '/' && text.at[5] == '/')
        text = str_format(arena, "%.4s-%.2s-%.2s", text.at + 6, text.at + 3,
                          text.at);
    if (!date_parse(text, &date))
        return false;
    value_put_str(answers, arena, "birth_date", text);
    return true;
}

static struct value *line_answers(struct view *view, const struct line *line,
                                  struct str nationality)
{
    struct arena *arena = view->task.arena;
    struct value *answers = value_object(arena);
    struct name name = {0};

    if (name_split(task_names(&view->task), arena, line->name,
                   name_custom_of(nationality), &name)) {
        value_put_str(answers, arena, "given_names", name.given);
        value_put_str(answers, arena, "first_surname", name.first_surname);
        value_put_str(answers, arena, "second_surname", name.second_surname);
    }
    if (line->sex.size > 0)
        value_put_str(answers, arena, "sex", line->sex);
    if (nationality.size > 0)
        value_put_str(answers, arena, "nationality", nationality);
    return age_read(arena, line->age, answers) ? answers : NULL;
}

struct mass {
    const struct value *person[MASS_MOST];
    size_t line[MASS_MOST]; /* which line each came from */
    size_t count;
    size_t wrong; /* line whose age could not be read */
};

static void mass_collect(struct view *view, const struct line *line,
                         size_t lines, struct mass *mass)
{
    struct str nationality = STR("");

    mass->wrong = SIZE_MAX;
    for (size_t i = 0; i < lines; i++) {
        struct value *answers;

        if (line[i].nationality.size > 0)
            nationality = line[i].nationality;
        if (line[i].name.size + line[i].age.size + line[i].sex.size == 0)
            continue;
        answers = line_answers(view, &line[i], nationality);
        if (!answers && mass->wrong == SIZE_MAX)
            mass->wrong = i;
        mass->line[mass->count] = i;
        mass->person[mass->count++] = answers;
    }
}

static enum error mass_save(struct view *view, const struct mass *mass,
                            struct registered *result)
{
    struct arena *arena = view->task.arena;
    struct value *consent = value_object(arena), *group = value_object(arena);
    struct registration registration = {.person = mass->person,
                                        .count = mass->count,
                                        .arrival = value_object(arena)};
    struct str entry = view_field(view, "_entry");

    value_put_text(consent, arena, "purpose", "atencion_local");
    value_put_text(consent, arena, "given", "yes");
    value_put_text(group, arena, "group_type", "grupo_viaje");
    if (view_field(view, "agreed").size > 0)
        registration.consent = consent;
    if (view_field(view, "together").size > 0)
        registration.group = group;
    if (uuid_valid(entry))
        registration.entry = entry;
    return person_register(&view->task, &registration, result, &view->err);
}

enum error mass_post(struct view *view)
{
    struct line *line = ARENA_ARRAY(view->task.arena, struct line, MASS_MOST);
    struct registered result = {.wrong = SIZE_MAX};
    struct mass mass = {.wrong = SIZE_MAX};
    struct str problem = STR("");
    size_t lines, wrong = SIZE_MAX;
    enum error error = ERROR_NONE;

    if (!line)
        return err_memory(&view->err);
    lines = lines_read(view, line);
    if (str_equal_c(view_field(view, "_add"), "lines")) {
        mass_fill(view, line, lines, SIZE_MAX, STR(""));
        return ERROR_NONE;
    }
    mass_collect(view, line, lines, &mass);
    if (mass.count == 0)
        error = err_set(&view->err, ERROR_INPUT,
                        N_("Escriba al menos un nombre."), NULL, NULL, NULL);
    else if (mass.wrong != SIZE_MAX)
        error = err_set(&view->err, ERROR_INPUT,
                        N_("No se entiende la edad. Escriba 34, 1990 o "
                           "03/05/1990."),
                        NULL, NULL, NULL);
    wrong = mass.wrong;
    if (error == ERROR_NONE) {
        error = mass_save(view, &mass, &result);
        if (result.wrong < mass.count)
            wrong = mass.line[result.wrong];
    }
    if (error == ERROR_NONE) {
        value_put_int(view->data, view->task.arena, "count",
                      (int64_t)result.count);
        view_redirect_said(view, STR("/today"), "mass");
        return ERROR_NONE;
    }
    if (error_status(error) >= 500)
        return error;
    problem = result.problems > 0 ? problem_text(view, &result.problem[0])
                                  : err_text(&view->err, view->task.translator,
                                             view->task.arena);
    mass_fill(view, line, lines, wrong, problem);
    return view_again(view, "mass", error);
}
