/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_row.c - one row of the file becomes answers of a person and of an
 * arrival, with notes on all that was not plain. Reads no store. */
#include "domain/import/import_private.h"

void import_row_note(struct arena *arena, struct import_row *row,
                     enum import_weight weight, struct str heading,
                     const char *msgid, struct str arg1, struct str arg2)
{
    struct import_note *note =
        arena_grow(arena, row->note, row->notes * sizeof *note,
                   (row->notes + 1) * sizeof *note);

    if (!note)
        return;
    row->note = note;
    note += row->notes++;
    *note = (struct import_note){.weight = weight, .heading = heading};
    err_set(&note->err, ERROR_INPUT, msgid, str_c(arena, arg1),
            str_c(arena, arg2), NULL);
    if (weight == IMPORT_FATAL)
        row->outcome = IMPORT_REFUSE;
    if (weight == IMPORT_OPEN)
        row->open = true;
}

struct row_reading {
    struct import_reader *reader;
    const struct csv_row *cells;
    struct import_row *row;
    struct value *person, *arrival, *why;
    int64_t day; /* of arrival, else today */
    struct cell_age age;
    bool has_age;
};

static struct str cell_at(const struct row_reading *reading,
                          const struct import_column *column)
{
    return column && column->index < reading->cells->count
               ? str_trim(reading->cells->cell[column->index])
               : STR_NULL;
}

static const struct import_column *column_of(const struct row_reading *reading,
                                             const char *field)
{
    return import_map_find(&reading->reader->plan->map, field);
}

static struct str cell_of(const struct row_reading *reading, const char *field)
{
    return cell_at(reading, column_of(reading, field));
}

/* For what is made on the way; what stays is copied when the row is read. */
static struct arena *arena_of(const struct row_reading *reading)
{
    return reading->reader->scratch;
}

static struct arena *notes_arena(const struct row_reading *reading)
{
    return reading->reader->task->arena;
}

static void note(struct row_reading *reading, enum import_weight weight,
                 const struct import_column *column, const char *msgid,
                 struct str arg)
{
    import_row_note(notes_arena(reading), reading->row, weight,
                    column ? column->heading : STR_NULL, msgid, arg,
                    column ? column->heading : STR_NULL);
}

static void put(struct row_reading *reading, const char *field, struct str text)
{
    if (text.size)
        value_put_str(reading->person, arena_of(reading), field, text);
}

/* Why there is no answer: "no sabe" is DK, what we did not understand is ND. */
static void put_open(struct row_reading *reading, struct str field,
                     struct str cell)
{
    const struct catalog_table *values = reading->reader->values;
    struct str words = cell_words(arena_of(reading), cell);
    struct str reason = STR("ND");

    for (size_t row = 0; values && words.size && row < values->rows; row++) {
        struct str code = catalog_cell(values, row, "code");

        if (str_equal_c(catalog_cell(values, row, "field"), "*") &&
            str_equal(catalog_cell(values, row, "value"), words) &&
            str_starts(code, STR("_why:")))
            reason = str_slice(code, 5, code.size);
    }
    value_set(reading->why, arena_of(reading), field,
              value_string(arena_of(reading), reason));
}

/* Says what is wrong with a date; unclear: msgid for one that may be meant in
 * several ways. */
static enum cell read_date(struct row_reading *reading,
                           const struct import_column *column, struct str cell,
                           struct cell_date *date, const char *unclear)
{
    enum cell read = cell_date(arena_of(reading), cell, date);

    if (read == CELL_WRONG)
        note(reading, IMPORT_FATAL, column, N_("la fecha «{1}» no existe"),
             cell);
    if (read == CELL_OPEN)
        note(reading, IMPORT_OPEN, column, unclear, cell);
    return read;
}

/* --- arrival -------------------------------------------------------------- */

static void read_arrival(struct row_reading *reading)
{
    const struct import_column *column = column_of(reading, "arrived_on");
    struct str cell = cell_at(reading, column);
    struct cell_date date;
    int64_t today = task_day(reading->reader->task);

    reading->day = today;
    if (read_date(reading, column, cell, &date,
                  N_("no se entiende la fecha de llegada «{1}»")) != CELL_OK)
        return;
    cell_century(&date, today, -1);
    if (date_to_day(date.date) > today) {
        note(reading, IMPORT_FATAL, column, N_("la fecha «{1}» es futura"),
             cell);
        return;
    }
    if (!date.date.day) {
        note(reading, IMPORT_OPEN, column,
             N_("falta el día en la fecha de llegada «{1}»"), cell);
        return;
    }
    reading->day = date_to_day(date.date);
    reading->arrival = value_object(arena_of(reading));
    value_put_str(reading->arrival, arena_of(reading), "arrived_on",
                  date_text(arena_of(reading), date.date));
}

static void read_leaving(struct row_reading *reading)
{
    const struct import_column *column = column_of(reading, "left_on");
    struct str cell = cell_at(reading, column);
    struct cell_date date;
    enum cell read = cell_date(arena_of(reading), cell, &date);

    if (read == CELL_EMPTY || !reading->arrival)
        return;
    if (read == CELL_OK)
        cell_century(&date, task_day(reading->reader->task), -1);
    if (read == CELL_OK && date.date.day &&
        date_to_day(date.date) >= reading->day)
        value_put_str(reading->arrival, arena_of(reading), "left_on",
                      date_text(arena_of(reading), date.date));
    else
        note(reading, IMPORT_OPEN, column,
             N_("no se entiende la fecha de salida «{1}»"), cell);
}

/* --- names ---------------------------------------------------------------- */

static void put_name(struct row_reading *reading, const struct name *name)
{
    put(reading, "given_names", name->given);
    put(reading, "first_surname", name->first_surname);
    put(reading, "second_surname", name->second_surname);
    put(reading, "alias", name->alias);
    if (name->note)
        put(reading, "name_order_note", str_of(name->note));
    if (name->unsure)
        import_row_note(notes_arena(reading), reading->row, IMPORT_HINT,
                        STR_NULL,
                        N_("revise qué es nombre y qué es apellido en «{1}»"),
                        reading->row->name, STR_NULL);
}

static void read_parts(struct row_reading *reading, enum name_custom custom,
                       struct name *name)
{
    static const char *const field[] = {"given_names", "first_surname",
                                        "second_surname", "alias"};
    struct str *part[] = {&name->given, &name->first_surname,
                          &name->second_surname, &name->alias};
    struct str surnames = cell_of(reading, "surnames");

    if (surnames.size)
        name_split_surnames(arena_of(reading), surnames, custom,
                            reading->reader->names, name);
    for (size_t i = 0; i < 4; i++) {
        struct str cell = cell_of(reading, field[i]);

        if (cell.size)
            *part[i] =
                name_tidy(reading->reader->names, arena_of(reading), cell);
    }
}

static bool has_name(const struct name *name)
{
    return name->given.size || name->first_surname.size ||
           name->second_surname.size || name->alias.size;
}

static void read_name(struct row_reading *reading)
{
    enum name_custom custom =
        name_custom_of(value_text_of(reading->person, "nationality"));
    struct str full = cell_of(reading, "full_name");
    struct name name = {0};
    bool any = false;

    if (full.size)
        any = name_split(reading->reader->names, arena_of(reading), full,
                         custom, &name);
    if (!any)
        read_parts(reading, custom, &name);
    reading->row->name =
        str_format(arena_of(reading), "%.*s %.*s %.*s", STR_ARGS(name.given),
                   STR_ARGS(name.first_surname), STR_ARGS(name.second_surname));
    reading->row->name = str_trim(reading->row->name);
    if (has_name(&name))
        put_name(reading, &name);
    else
        note(reading, IMPORT_FATAL, NULL, N_("no tiene nombre"), STR_NULL);
}

/* --- birth and age -------------------------------------------------------- */

static void read_age(struct row_reading *reading,
                     const struct import_column *column, struct str cell)
{
    switch (cell_age(arena_of(reading), cell, &reading->age)) {
    case CELL_EMPTY:
        return;
    case CELL_WRONG:
        note(reading, IMPORT_FATAL, column, N_("la edad «{1}» no es posible"),
             cell);
        return;
    case CELL_OPEN:
        note(reading, IMPORT_OPEN, column, N_("no se entiende la edad «{1}»"),
             cell);
        put_open(reading, STR("age_years"), cell);
        return;
    case CELL_OK:
        reading->has_age = true;
    }
}

static void put_age(struct row_reading *reading)
{
    put(reading, "age_years",
        str_format(arena_of(reading), "%d", reading->age.years));
    put(reading, "age_on",
        date_text(arena_of(reading), date_from_day(reading->day)));
    put(reading, "age_source",
        reading->age.about ? STR("estimada") : STR("declarada"));
    if (reading->age.highest >= 0)
        put(reading, "age_youngest",
            str_format(arena_of(reading), "%d", reading->age.years));
}

/* A date and an age that cannot both be true: both are kept, in doubt. */
static void check_age(struct row_reading *reading, struct date birth,
                      const struct import_column *column)
{
    int low = date_age(birth, reading->day, true);
    int high = date_age(birth, reading->day, false);
    int slack = reading->age.about ? 4 : 1;
    struct str age = str_format(arena_of(reading), "%d", reading->age.years);

    if (!reading->has_age || (reading->age.years >= low - slack &&
                              reading->age.years <= high + slack)) {
        put(reading, "age_source", STR("declarada"));
        return;
    }
    put_age(reading);
    put(reading, "age_source", STR("en_disputa"));
    note(reading, IMPORT_OPEN, column,
         N_("la edad {1} y la fecha de nacimiento no concuerdan: quedan las "
            "dos, en duda"),
         age);
}

static const char *birth_wrong(const struct row_reading *reading,
                               const struct cell_date *date)
{
    if (date->date.year < 1900)
        return N_("la fecha de nacimiento «{1}» es anterior a 1900");
    return reading->arrival
               ? N_("la fecha de nacimiento «{1}» es posterior a su llegada")
               : N_("la fecha de nacimiento «{1}» es futura");
}

static void put_birth(struct row_reading *reading,
                      const struct import_column *column, struct str cell,
                      struct cell_date *date)
{
    cell_century(date, reading->day,
                 reading->has_age ? reading->age.years : -1);
    if (date_to_day(date->date) > reading->day || date->date.year < 1900) {
        note(reading, IMPORT_FATAL, column, birth_wrong(reading, date), cell);
        return;
    }
    put(reading, "birth_date", date_text(arena_of(reading), date->date));
    check_age(reading, date->date, column);
}

static void read_birth(struct row_reading *reading,
                       const struct import_column *column, struct str cell)
{
    struct cell_date date;
    enum cell read =
        read_date(reading, column, cell, &date,
                  N_("no se entiende la fecha de nacimiento «{1}»"));

    if (read == CELL_OPEN)
        put_open(reading, STR("birth_date"), cell);
    if (read == CELL_OK)
        put_birth(reading, column, cell, &date);
    else if (read != CELL_WRONG && reading->has_age)
        put_age(reading);
}

/* One column for both: four figures or a sign of a date make it a date. */
static bool looks_like_age(struct arena *arena, struct str cell)
{
    struct cell_age age;
    enum cell read = cell_age(arena, cell, &age);

    return read == CELL_OK ||
           (read == CELL_WRONG && str_find_char(cell, '/') == SIZE_MAX &&
            str_find_char(cell, '-') == SIZE_MAX && cell.size != 4);
}

static void read_birth_and_age(struct row_reading *reading)
{
    const struct import_column *both = column_of(reading, "birth_or_age");
    const struct import_column *birth = column_of(reading, "birth_date");
    const struct import_column *age = column_of(reading, "age_years");
    struct str cell = cell_at(reading, both);

    if (cell.size && looks_like_age(arena_of(reading), cell))
        read_age(reading, both, cell);
    else if (age)
        read_age(reading, age, cell_at(reading, age));
    if (cell.size && !reading->has_age)
        read_birth(reading, both, cell);
    else
        read_birth(reading, birth, cell_at(reading, birth));
}

/* --- the other columns ---------------------------------------------------- */

static void read_select(struct row_reading *reading,
                        const struct import_column *column,
                        const struct spellings *spellings, struct str cell)
{
    struct str said = import_map_value(arena_of(reading), column, cell);
    struct str code = STR_NULL;
    bool sex = str_equal_c(column->field, "sex");

    if (said.size) {
        value_set(reading->person, arena_of(reading), column->field,
                  value_string(arena_of(reading), said));
        return;
    }
    switch (cell_choice(arena_of(reading), spellings, cell, &code)) {
    case CELL_OK:
        value_set(reading->person, arena_of(reading), column->field,
                  value_string(arena_of(reading), code));
        return;
    case CELL_EMPTY:
        if (sex || str_equal_c(column->field, "nationality"))
            put_open(reading, column->field, cell);
        return;
    case CELL_OPEN:
    case CELL_WRONG:
        break;
    }
    put_open(reading, column->field, cell);
    if (sex && str_equal_c(cell_words(arena_of(reading), cell), "m"))
        note(reading, IMPORT_OPEN, column,
             N_("«{1}» puede ser mujer o masculino: el sexo queda sin "
                "contestar"),
             cell);
    else if (cell_is_blank(arena_of(reading), cell))
        note(reading, IMPORT_OPEN, column,
             N_("dice «{1}»: queda sin contestar"), cell);
    else
        note(reading, IMPORT_OPEN, column,
             N_("no se reconoce «{1}»: queda sin contestar"), cell);
}

static void read_phone(struct row_reading *reading,
                       const struct import_column *column, struct str cell)
{
    struct str phone = STR_NULL;

    switch (cell_phone(arena_of(reading), cell,
                       reading->reader->task->office->country, &phone)) {
    case CELL_OK:
        value_set(reading->person, arena_of(reading), column->field,
                  value_string(arena_of(reading), phone));
        break;
    case CELL_OPEN:
    case CELL_WRONG:
        note(reading, IMPORT_OPEN, column,
             N_("no se entiende el teléfono «{1}»"), cell);
        break;
    case CELL_EMPTY:
        break;
    }
}

/* Remarks are kept beside the arrival, else beside the person. */
static void read_notes(struct row_reading *reading, struct str cell)
{
    struct value *target =
        reading->arrival ? reading->arrival : reading->person;
    struct str before = value_text_of(target, "notes");

    if (!cell.size)
        return;
    value_put_str(target, arena_of(reading), "notes",
                  before.size ? str_format(arena_of(reading), "%.*s\n%.*s",
                                           STR_ARGS(before), STR_ARGS(cell))
                              : cell);
}

static bool is_name_field(struct str field)
{
    static const char *const name[] = {"full_name",
                                       "surnames",
                                       "given_names",
                                       "first_surname",
                                       "second_surname",
                                       "alias",
                                       "birth_or_age",
                                       "birth_date",
                                       "age_years",
                                       "arrived_on",
                                       "left_on",
                                       "head_ref",
                                       NULL};

    for (size_t i = 0; name[i]; i++)
        if (str_equal_c(field, name[i]))
            return true;
    return false;
}

static void read_column(struct row_reading *reading, size_t i)
{
    const struct import_column *column = &reading->reader->plan->map.column[i];
    const struct question *question =
        form_find(reading->reader->form, column->field);
    struct str cell = cell_at(reading, column);

    if (!column->field.size || is_name_field(column->field) || !question)
        return;
    if (str_equal_c(column->field, "notes"))
        read_notes(reading, cell);
    else if (question->search.size && str_equal_c(question->search, "phone"))
        read_phone(reading, column, cell);
    else if (question->type == QUESTION_SELECT_ONE)
        read_select(reading, column, reading->reader->spellings[i], cell);
    else if (cell.size)
        value_set(reading->person, arena_of(reading), column->field,
                  value_string(arena_of(reading), cell));
}

static void read_answers(struct row_reading *reading)
{
    const struct import_map *map = &reading->reader->plan->map;

    read_arrival(reading);
    read_leaving(reading);
    for (size_t i = 0; i < map->count; i++)
        read_column(reading, i);
    read_name(reading);
    read_birth_and_age(reading);
    reading->row->ref = cell_of(reading, "external_id");
    reading->row->head_ref = cell_of(reading, "head_ref");
    if (value_count(reading->why))
        value_put(reading->person, arena_of(reading), "_why", reading->why);
}

/* --- what is no row of a person ------------------------------------------- */

static bool is_empty(const struct csv_row *cells)
{
    for (size_t i = 0; i < cells->count; i++)
        if (str_trim(cells->cell[i]).size)
            return false;
    return true;
}

static bool is_heading(const struct csv_row *heading,
                       const struct csv_row *cells)
{
    for (size_t i = 0; i < heading->count; i++)
        if (i >= cells->count ||
            !str_equal(str_trim(heading->cell[i]), str_trim(cells->cell[i])))
            return false;
    return true;
}

static bool is_total(const struct import_reader *reader,
                     const struct csv_row *cells)
{
    for (size_t i = 0; i < cells->count; i++)
        if (cell_is_total(reader->scratch, reader->totals, cells->cell[i]))
            return true;
    return false;
}

/* Cells beyond the headings: a separator inside a cell moved the rest. */
static bool is_shifted(const struct import_reader *reader,
                       const struct csv_row *cells)
{
    for (size_t i = reader->heading->count; i < cells->count; i++)
        if (str_trim(cells->cell[i]).size)
            return true;
    return false;
}

/* A row that does not come in says why and no more. */
static void keep_fatal(struct import_row *row)
{
    size_t kept = 0;

    for (size_t i = 0; i < row->notes; i++)
        if (row->note[i].weight == IMPORT_FATAL)
            row->note[kept++] = row->note[i];
    row->notes = kept;
    row->open = false;
}

static void keep_row(struct row_reading *reading, struct arena *arena)
{
    struct import_row *row = reading->row;

    row->name = str_copy(arena, row->name);
    row->ref = str_copy(arena, row->ref);
    row->head_ref = str_copy(arena, row->head_ref);
    if (row->outcome == IMPORT_REFUSE) {
        keep_fatal(row);
        return;
    }
    row->person = value_copy(reading->person, arena);
    if (reading->arrival)
        row->arrival = value_copy(reading->arrival, arena);
}

void import_row_read(struct import_reader *reader, const struct csv_row *cells,
                     struct import_row *row)
{
    struct arena *arena = reader->task->arena;
    struct row_reading reading = {.reader = reader, .cells = cells, .row = row};

    arena_clear(reader->scratch);
    *row = (struct import_row){.line = cells->line, .head = SIZE_MAX};
    if (is_empty(cells) || is_heading(reader->heading, cells)) {
        row->outcome = IMPORT_SKIP;
        return;
    }
    if (is_total(reader, cells)) {
        import_row_note(arena, row, IMPORT_FATAL, STR_NULL,
                        N_("es un renglón de totales"), STR_NULL, STR_NULL);
        return;
    }
    if (is_shifted(reader, cells)) {
        import_row_note(arena, row, IMPORT_FATAL, STR_NULL,
                        N_("tiene más celdas que títulos: revise los "
                           "separadores"),
                        STR_NULL, STR_NULL);
        return;
    }
    reading.person = value_object(reader->scratch);
    reading.why = value_object(reader->scratch);
    read_answers(&reading);
    keep_row(&reading, arena);
}
