/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_people_import.c - cells of a spreadsheet, and the registers of three
 * shelters read, imported, imported again and undone. */
#include <stdlib.h>

#include "core/utf8.h"
#include "domain/import/import.h"
#include "domain/import/import_read.h"
#include "domain/person/merge.h"
#include "domain/person/twin.h"

#include "domain_fixture.h"
#include "people.h"

/* --- cells ---------------------------------------------------------------- */

static const struct {
    const char *text, *got; /* "" empty, "?" open, "!" wrong */
} dates[] = {
    {"31/12/1998", "1998-12-31"},
    {"31/12/98", "1998-12-31"},
    {"1998-12-31", "1998-12-31"},
    {"1998-12", "1998-12"},
    {"12/1998", "1998-12"},
    {"27-oct-1999", "1999-10-27"},
    {"9-feb-2004", "2004-02-09"},
    {"1998", "1998"},
    {"3 de mayo de 1990", "1990-05-03"},
    {"1-ene-2000", "2000-01-01"},
    {"31/02/1984", "!"},
    {"32/01/1984", "!"},
    {"05/23/1989", "!"},
    {"29/02/2001", "!"},
    {"29/02/2000", "2000-02-29"},
    {"29/02/04", "2004-02-29"},
    {"", ""},
    {"-", ""},
    {"no sabe", ""},
    {"aprox 25", "?"},
    {"25", "?"},
    {"1/2/3/4", "?"},
    {"01.06.2002", "2002-06-01"},
    {"2000/1/5", "2000-01-05"},
    {"1998-12-31 00:00:00", "1998-12-31"},
    {"05/13/16", "!"},
    {"12/05/16", "2016-05-12"},
    {"12/05/35", "1935-05-12"},
};

static const struct {
    const char *text;
    int years, highest;
    bool about;
    enum cell cell;
} ages[] = {
    {"31", 31, -1, false, CELL_OK},
    {"31 años", 31, -1, false, CELL_OK},
    {"aprox 25 años", 25, -1, true, CELL_OK},
    {"aprox. 19 años", 19, -1, true, CELL_OK},
    {"~33", 33, -1, true, CELL_OK},
    {"30-35", 30, 35, true, CELL_OK},
    {"entre 16 y 19", 16, 19, true, CELL_OK},
    {"8 meses", 0, -1, false, CELL_OK},
    {"18 meses", 1, -1, false, CELL_OK},
    {"1 año", 1, -1, false, CELL_OK},
    {"230", 0, 0, false, CELL_WRONG},
    {"-4", 0, 0, false, CELL_WRONG},
    {"121", 0, 0, false, CELL_WRONG},
    {"", 0, 0, false, CELL_EMPTY},
    {"mayor", 0, 0, false, CELL_OPEN},
    {"5o grado", 0, 0, false, CELL_OPEN},
};

static void check_dates(struct tap *tap)
{
    struct arena arena;

    arena_init(&arena, NULL);
    for (size_t i = 0; i < sizeof dates / sizeof dates[0]; i++) {
        struct cell_date date;
        const char *got = "";

        switch (cell_date(&arena, str_of(dates[i].text), &date)) {
        case CELL_OK:
            cell_century(&date, fixture_day("2023-06-30"), -1);
            got = str_c(&arena, date_text(&arena, date.date));
            break;
        case CELL_WRONG:
            got = "!";
            break;
        case CELL_OPEN:
            got = "?";
            break;
        case CELL_EMPTY:
            break;
        }
        tap_is(tap, got, dates[i].got, dates[i].text);
    }
    arena_release(&arena);
}

static void check_ages(struct tap *tap)
{
    struct arena arena;

    arena_init(&arena, NULL);
    for (size_t i = 0; i < sizeof ages / sizeof ages[0]; i++) {
        struct cell_age age = {0};
        enum cell cell = cell_age(&arena, str_of(ages[i].text), &age);

        tap_ok(tap,
               cell == ages[i].cell &&
                   (cell != CELL_OK || (age.years == ages[i].years &&
                                        age.highest == ages[i].highest &&
                                        age.about == ages[i].about)),
               "age '%s'", ages[i].text);
    }
    arena_release(&arena);
}

static const struct {
    const char *text, *country, *got;
} phones[] = {
    {"+504 9876-5432", "MEX", "+50498765432"},
    {"00504 98765432", "MEX", "+50498765432"},
    {"50498765432", "MEX", "+50498765432"},
    {"962 123 4567", "MEX", "+529621234567"},
    {"55219539", "MEX", "55219539"},
    {"123", "MEX", "?"},
    {"9876 5432 / 22334455", "MEX", "?"},
    {"pedir a su hermana", "MEX", "?"},
    {"", "MEX", ""},
};

static void check_phones(struct tap *tap)
{
    struct arena arena;

    arena_init(&arena, NULL);
    for (size_t i = 0; i < sizeof phones / sizeof phones[0]; i++) {
        struct str phone = STR_NULL;
        enum cell cell = cell_phone(&arena, str_of(phones[i].text),
                                    str_of(phones[i].country), &phone);

        tap_is(tap, cell == CELL_OPEN ? "?" : str_c(&arena, phone),
               phones[i].got, phones[i].text);
    }
    arena_release(&arena);
}

static const struct {
    const char *field, *text, *code;
} choices[] = {
    {"nationality", "honduras ", "HND"},
    {"nationality", "Hond.", "HND"},
    {"nationality", "hondureña", "HND"},
    {"nationality", "HONDURAS", "HND"},
    {"nationality", "HND", "HND"},
    {"nationality", "Vzla", "VEN"},
    {"nationality", "Nica", "NIC"},
    {"nationality", "Salvador", "SLV"},
    {"nationality", "AYITI", "HTI"},
    {"nationality", "Guate", "GTM"},
    {"nationality", "camerunés", "CMR"},
    {"nationality", "Camerún", "CMR"},
    {"nationality", "nicaragüense", "NIC"},
    {"nationality", "brasileña", "BRA"},
    {"nationality", "Rep. Dominicana", "DOM"},
    {"nationality", "Narnia", "?"},
    {"sex", "Mujer", "M"},
    {"sex", "FEM", "M"},
    {"sex", "H", "H"},
    {"sex", "MASC", "H"},
    {"sex", "M", "?"},
    {"sex", "M.", "?"},
    {"sex", "F", "M"},
    {"language_main", "criollo", "hat"},
    {"language_main", "español", "spa"},
    {"language_main", "portugués", "por"},
};

static void check_choices(struct tap *tap, struct fixture *fixture)
{
    const struct form *form =
        forms_find(fixture->office.forms, STR("person"), STR_NULL);
    const struct catalog_table *values =
        catalog_table(fixture->office.catalog, "import_value");

    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        struct str code = STR_NULL;
        struct spellings *spellings = spellings_make(
            &fixture->arena, form_find(form, str_of(choices[i].field)),
            form->language_count, values);
        enum cell cell = cell_choice(&fixture->arena, spellings,
                                     str_of(choices[i].text), &code);

        tap_is(tap, cell == CELL_OK ? str_c(&fixture->arena, code) : "?",
               choices[i].code, choices[i].text);
    }
}

/* --- a small file ----------------------------------------------------------
 */

static int64_t count_of(struct fixture *fixture, const char *sql)
{
    int64_t count = -1;
    bool found = false;
    struct err err = {0};

    if (db_get_int(fixture->db, &count, &found, &err, sql, ""))
        fixture_say(&err);
    return count;
}

static const char small[] =
    "REGISTRO 2023;;;;\r\n"
    "Nombre;Edad;Sexo;Nacionalidad;Observaciones\r\n"
    "LÓPEZ PÉREZ, ANA MARÍA;aprox 25 años;M;Hond.;embarazada\r\n"
    "José Hernández;230;H;HND;\r\n"
    ";30;H;HND;\r\n"
    "Rosa Cruz;31;F;Narnia;\r\n"
    "Rosa Cruz;31;F;Narnia;\r\n"
    "TOTAL;;;;5\r\n";

static const struct import_row *row_at(const struct import_plan *plan,
                                       size_t line)
{
    for (size_t i = 0; i < plan->rows; i++)
        if (plan->row[i].line == line)
            return &plan->row[i];
    return NULL;
}

static void check_small(struct tap *tap, struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "system");
    struct import_plan plan = {0};
    struct err err = {0};
    const struct import_row *row;

    if (!tap_ok(tap,
                !import_plan(&task, STR("person"), STR(small), STR_NULL, &plan,
                             &err),
                "the plan of a small file")) {
        fixture_say(&err);
        return;
    }
    tap_is_int(tap, (long long)plan.heading_line, 2, "the title is no heading");
    tap_is_int(tap, (long long)plan.added, 2, "rows that come in");
    tap_is_int(tap, (long long)plan.refused, 3, "rows refused");
    tap_is_int(tap, (long long)plan.duplicates, 1, "the same row twice");
    tap_is_int(tap, (long long)plan.open, 2, "rows with something open");
    row = row_at(&plan, 3);
    tap_ok(tap,
           row && !value_text_of(row->person, "sex").size &&
               str_equal_c(value_text_of(value_get(row->person, "_why"), "sex"),
                           "ND"),
           "M beside H and F stays open");
    tap_is(tap,
           row ? str_c(&fixture->arena,
                       value_text_of(row->person, "first_surname"))
               : "",
           "López", "surname first, with a comma");
    tap_is(tap,
           row ? str_c(&fixture->arena, value_text_of(row->person, "notes"))
               : "",
           "embarazada", "remarks are notes");
    tap_ok(tap,
           str_starts(
               import_problems(&task, &plan),
               STR("línea 4: rechazada: Edad: la edad «230» no es posible")),
           "reasons with their lines, refusals first");
    tap_ok(tap,
           !import_plan(&task, STR("person"), STR(small),
                        STR("heading,field,values\nSexo,sex,M=M\n"), &plan,
                        &err) &&
               str_equal_c(value_text_of(row_at(&plan, 3)->person, "sex"), "M"),
           "a map file may say what M means");
    tap_ok(tap,
           import_plan(&task, STR("person"), STR(small),
                       STR("heading,field\nSexo,sexo_raro\n"), &plan,
                       &err) == ERROR_INPUT,
           "a map with an unknown field is refused");
    err_clear(&err);
    tap_ok(tap,
           import_plan(&task, STR("person"), STR("a;b\n1;2\n"), STR_NULL, &plan,
                       &err) == ERROR_INPUT,
           "no heading row");
}

/* --- as the file may come --------------------------------------------------
 */

static const char rows_a[] = "Nombre;Edad;Sexo;Nacionalidad;Fecha de ingreso\n"
                             "Jos\xC3\xA9 N\xC3\xBA\xC3\xB1"
                             "ez;aprox 25 "
                             "a\xC3\xB1os;H;Hond.;31/12/22\n"
                             "Rosa Cruz;31;F;HND;01/01/23\n";

/* From UTF-8 of two bytes at most; order: 0 low byte first, 1 high first. */
static struct str as_utf16(struct arena *arena, struct str text, bool big)
{
    struct buf out;

    buf_init(&out, arena);
    buf_add(&out, big ? "\xfe\xff" : "\xff\xfe", 2);
    for (size_t at = 0; at < text.size;) {
        uint32_t code = utf8_next(text, &at);
        char high = (char)(code >> 8), low = (char)(code & 0xFF);

        buf_putc(&out, big ? high : low);
        buf_putc(&out, big ? low : high);
    }
    return buf_str(&out);
}

static struct str as_latin1(struct arena *arena, struct str text)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t at = 0; at < text.size;)
        buf_putc(&out, (char)(utf8_next(text, &at) & 0xFF));
    return buf_str(&out);
}

static struct str with_separator(struct arena *arena, const char *rows,
                                 const char *separator)
{
    struct buf out;

    buf_init(&out, arena);
    for (const char *c = rows; *c; c++)
        if (*c == ';')
            buf_puts(&out, separator);
        else
            buf_putc(&out, *c);
    return buf_str(&out);
}

static void check_shape(struct tap *tap, struct fixture *fixture,
                        struct str bytes, const char *what)
{
    struct task task = fixture_task(fixture, "system");
    struct import_plan plan = {0};
    struct err err = {0};
    const struct value *person = NULL;
    size_t i = 0;

    if (import_plan(&task, STR("person"), bytes, STR_NULL, &plan, &err))
        fixture_say(&err);
    while (i < plan.rows && plan.row[i].outcome != IMPORT_ADD)
        i++;
    if (i < plan.rows)
        person = plan.row[i].person;
    tap_ok(tap,
           plan.added == 2 && plan.refused == 0 &&
               str_equal_c(value_text_of(person, "first_surname"), "Núñez") &&
               str_equal_c(value_text_of(person, "age_years"), "25") &&
               str_equal_c(value_text_of(person, "nationality"), "HND"),
           "a register %s", what);
}

static void check_shapes(struct tap *tap, struct fixture *fixture)
{
    struct arena *arena = &fixture->arena;
    struct str rows = str_of(rows_a);

    check_shape(tap, fixture, rows, "in UTF-8");
    check_shape(tap, fixture, str_join(arena, STR("\xEF\xBB\xBF"), rows),
                "in UTF-8 with its mark");
    check_shape(tap, fixture, as_latin1(arena, rows), "in Latin-1");
    check_shape(tap, fixture, as_utf16(arena, rows, false), "in UTF-16");
    check_shape(tap, fixture, as_utf16(arena, rows, true),
                "in UTF-16, high byte first");
    check_shape(tap, fixture, with_separator(arena, rows_a, "\t"), "with tabs");
    check_shape(tap, fixture, with_separator(arena, rows_a, ","),
                "with commas");
    check_shape(tap, fixture, with_separator(arena, rows_a, "|"), "with bars");
    check_shape(tap, fixture, str_join(arena, STR("sep=;\n"), rows),
                "that names its separator");
    check_shape(
        tap, fixture,
        str_join(arena, STR("Albergue, Tenosque, Tabasco, 2023\n\n"), rows),
        "under a title with commas");
    check_shape(tap, fixture,
                STR("\"Nombre\";\"Edad\";\"Sexo\";\"Nacionalidad\";"
                    "\"Notas\"\r\n\"José\nNúñez\";\"aprox. 25\";"
                    "\"H\";\"hondureño\";\"dijo:\n\"\"no sé\"\"\"\r\n"
                    "\"Rosa Cruz\";31;F;HND;\r\n"),
                "with quotes and line breaks inside");
    check_shape(tap, fixture,
                STR("Nombre;Edad;Sexo;Nacionalidad;;;\n"
                    "José Núñez;unos 25;H;HND;;;\n"
                    ";;;;;;\nNombre;Edad;Sexo;Nacionalidad;;;\n"
                    "Rosa Cruz;31;F;HND;;;;;;\n"),
                "with empty columns, empty lines and the headings again");
    check_shape(tap, fixture,
                STR("Nombre;Edad;Sexo;Nacionalidad\rJosé Núñez;25;H;HND\r"
                    "Rosa Cruz;31;F;HND\r"),
                "with old Macintosh line ends");
}

static const struct {
    const char *bytes, *says;
} not_csv[] = {
    {"PK\x03\x04rest", "Guardar como"},
    {"\xD0\xCF\x11\xE0rest", "Guardar como"},
    {"%PDF-1.7", "PDF"},
    {"<html><table>", "guárdelo como CSV"},
    {"", "vacío"},
    {" \n\n", "vacío"},
    {"Nombre;Edad\n\"José;25\nRosa;31\n", "comillas"},
};

static void check_not_csv(struct tap *tap, struct fixture *fixture)
{
    for (size_t i = 0; i < sizeof not_csv / sizeof not_csv[0]; i++) {
        struct task task = fixture_task(fixture, "system");
        struct import_plan plan = {0};
        struct err err = {0};
        enum error error =
            import_plan(&task, STR("person"), str_of(not_csv[i].bytes),
                        STR_NULL, &plan, &err);
        struct str said = err_text(&err, task.translator, task.arena);

        tap_ok(tap,
               error != ERROR_NONE && error_status(error) < 500 &&
                   str_find(said, str_of(not_csv[i].says)) != SIZE_MAX,
               "not a register: %.*s", STR_ARGS(said));
    }
}

static const char reasons[] =
    "Nombre;Fecha de nacimiento;Sexo;Fecha de ingreso\n"
    "Ana Cruz;01/05/2023;F;01/02/2023\n"
    "Ana Paz;01/05/1820;F;01/02/2023\n"
    ";01/05/2000;M;01/02/2023\n"
    "Ana Ríos;2000;M;01/02/2023\nAna Sol;2001;M;01/02/2023\n"
    "Ana Luz;2002;?;01/02/2023\n"
    "Ana Mar;2002;quizá;01/02/2023\nAna Vega;2002;H;31/12/2027\n";

static void check_reasons(struct tap *tap, struct fixture *fixture)
{
    static const char *const lines[] = {
        "línea 2: rechazada: Fecha de nacimiento: la fecha de nacimiento "
        "«01/05/2023» es posterior a su llegada\n",
        "línea 3: rechazada: Fecha de nacimiento: la fecha de nacimiento "
        "«01/05/1820» es anterior a 1900\n",
        "línea 4: rechazada: no tiene nombre\n",
        "línea 9: rechazada: Fecha de ingreso: la fecha «31/12/2027» es "
        "futura\n",
        "líneas 5, 6: por aclarar: Sexo: «M» puede ser mujer o masculino: el "
        "sexo queda sin contestar\n",
        "línea 7: por aclarar: Sexo: dice «?»: queda sin contestar\n",
        "línea 8: por aclarar: Sexo: no se reconoce «quizá»: queda sin "
        "contestar\n"};
    struct task task = fixture_task(fixture, "system");
    struct import_plan plan = {0};
    struct err err = {0};
    struct str said;

    if (import_plan(&task, STR("person"), STR(reasons), STR_NULL, &plan, &err))
        fixture_say(&err);
    said = import_problems(&task, &plan);
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        tap_ok(tap, str_find(said, str_of(lines[i])) != SIZE_MAX, "%.*s",
               (int)strlen(lines[i]) - 1, lines[i]);
    tap_ok(tap, str_find(said, STR("línea 4: por aclarar")) == SIZE_MAX,
           "a row that is refused says why and no more");
}

/* --- people who are there already ------------------------------------------
 */

static const char twins[] =
    "Nombres,Apellidos,Nacimiento,Sexo,Nacionalidad,Teléfono\n"
    "Mirian Yudith,Selaya Euceda,14/09/1991,Mujer,HND,\n" /* 2: in the store */
    "Yessenia,Zelaya Euceda,14/09/1991,Mujer,HND,\n"      /* 3: her twin */
    "Mirian Yudith,Selaya Euceda,02/02/1971,Mujer,HND,\n" /* 4: her mother */
    "Osmar,Tábora,3/4/1988,Hombre,HND,98761234\n"         /* 5 */
    "Osmar Adán,Tabora,3/4/1988,Hombre,HND,98761234\n"    /* 6: of line 5 */
    "Karen,Bustillo,3/5/1999,Mujer,HND,\n";               /* 7: nobody */

static bool notes_say(struct task *task, const struct import_row *row,
                      const char *wanted)
{
    for (size_t i = 0; row && i < row->notes; i++)
        if (str_find(err_text(&row->note[i].err, task->translator, task->arena),
                     str_of(wanted)) != SIZE_MAX)
            return true;
    return false;
}

static void check_twin_list(struct tap *tap, struct fixture *fixture,
                            struct task *task, struct str batch,
                            struct str known)
{
    struct twin *twin = NULL;
    size_t count = 0, total = 0;
    struct task reader = fixture_task(fixture, "");
    struct err err = {0};

    if (twin_list(task, batch, 10, &twin, &count, &total, &err))
        fixture_say(&err);
    if (!tap_ok(tap, count == 2 && total == 2, "two pairs wait for a decision"))
        return;
    tap_ok(tap,
           str_equal(twin[0].other, known) &&
               !str_equal(twin[0].person, known) && twin[0].match.steps > 3,
           "the one in the store, with the reasons");
    tap_ok(tap,
           !value_text_of(twin[0].answers, "merged_into").size &&
               !value_text_of(twin[0].other_answers, "merged_into").size,
           "nobody was merged");
    tap_ok(tap, twin_dismiss(&reader, twin[0].person, &err) == ERROR_FORBIDDEN,
           "not everybody may decide");
    err_clear(&err);
    if (person_merge(task, known, twin[0].person, STR("Ella lo dijo"), &err) ||
        twin_dismiss(task, twin[1].person, &err))
        fixture_say(&err);
    if (twin_list(task, STR(""), 10, &twin, &count, &total, &err))
        fixture_say(&err);
    tap_ok(tap, count == 0 && total == 0,
           "one merged, one said to be two: nothing waits");
}

static void check_twins(struct tap *tap, struct fixture *fixture)
{
    struct task task = fixture_task(fixture, "system");
    struct import_plan plan = {0};
    struct import_result result = {0};
    struct err err = {0};
    struct str known = fixture_person(
        fixture, "{'given_names':'Miriam Judith','first_surname':'Zelaya',"
                 "'second_surname':'Euceda','birth_date':'1991-09-14',"
                 "'sex':'M','nationality':'HND'}");

    if (import_plan(&task, STR("person"), STR(twins), STR_NULL, &plan, &err) ||
        import_plan_known(&task, &plan, &err))
        fixture_say(&err);
    tap_is_int(tap, (long long)plan.added, 6, "all rows come in");
    tap_is_int(tap, (long long)plan.twins, 2, "two may be somebody already");
    tap_ok(
        tap,
        notes_say(&task, row_at(&plan, 2), "puede ser Miriam Judith") &&
            notes_say(&task, row_at(&plan, 2), "misma fecha de nacimiento") &&
            notes_say(&task, row_at(&plan, 2), "suena igual"),
        "a person in the store: who, and why");
    tap_ok(tap,
           notes_say(&task, row_at(&plan, 6), "línea 5: Osmar") &&
               notes_say(&task, row_at(&plan, 6), "mismo teléfono"),
           "a row of the file: which, and why");
    tap_ok(tap,
           !row_at(&plan, 3)->notes && !row_at(&plan, 4)->notes &&
               !row_at(&plan, 7)->notes,
           "not her twin sister, not her mother, not a stranger");
    if (import_run(&task, &plan, STR("twins.csv"), &result, &err))
        fixture_say(&err);
    tap_is_int(tap, (long long)result.added, 6, "and all came in");
    tap_is(tap,
           fixture_answer(fixture, "person", row_at(&plan, 2)->id, "twin_of"),
           str_c(&fixture->arena, known), "the run left the pair for a worker");
    check_twin_list(tap, fixture, &task, result.batch, known);
}

/* What is kept of a batch says where, not what the cells said: of who was
 * refused there is no file to be erased. */
static void check_kept(struct tap *tap, struct fixture *fixture)
{
    static const char text[] = "Nombre,Apellido,Sexo,Edad,Teléfono\n"
                               "Zunilda,Quetzaltepec,M,noventaytantos,x1x2\n"
                               "Zunilda,Quetzaltepec,F,230,\n"
                               "Rufina,Quetzaltepec,Zunildo,40,\n";
    struct task task = fixture_task(fixture, "system");
    struct import_plan plan = {0};
    struct import_result result = {0};
    struct str said, kept;
    struct err err = {0};

    if (import_plan(&task, STR("person"), STR(text), STR_NULL, &plan, &err))
        fixture_say(&err);
    said = import_problems(&task, &plan);
    tap_ok(tap,
           str_find(said, STR("noventaytantos")) != SIZE_MAX &&
               str_find(said, STR("230")) != SIZE_MAX &&
               str_find(said, STR("Zunildo")) != SIZE_MAX,
           "who imports reads what the cells say");
    if (import_run(&task, &plan, STR("kept.csv"), &result, &err))
        fixture_say(&err);
    kept = str_of(
        fixture_answer(fixture, "import_batch", result.batch, "problems"));
    tap_ok(tap,
           str_find(kept, STR("línea")) != SIZE_MAX &&
               str_find(kept, STR("Edad")) != SIZE_MAX,
           "the batch keeps which lines and columns");
    tap_ok(tap,
           str_find(kept, STR("noventaytantos")) == SIZE_MAX &&
               str_find(kept, STR("230")) == SIZE_MAX &&
               str_find(kept, STR("unild")) == SIZE_MAX &&
               str_find(kept, STR("x1x2")) == SIZE_MAX,
           "and nothing of what stood in them");
}

/* --- the three registers ----------------------------------------------------
 */

struct expected {
    const char *file;
    size_t added, refused, duplicates, skipped, open;
    char separator;
    bool latin1;
};

static const struct expected registers[] = {
    {"albergue_frontera_2023.csv", 1591, 9, 0, 2, 0, ';', true},
    {"casa_de_paso_2023.csv", 2361, 40, 0, 1, 0, ',', false},
    {"oficina_municipal_2023.tsv", 1800, 0, 0, 1, 0, '\t', false},
};

/* The first rows of a file, the heading is one. */
static bool plan_rows(struct task *task, const char *file, size_t rows,
                      struct import_plan *plan)
{
    struct str bytes = file_read(
        task->arena,
        str_format(task->arena, "../shared/data/register/%s", file).at);
    struct err err = {0};

    if (str_is_null(bytes))
        return false;
    for (size_t i = 0; i < bytes.size; i++)
        if (bytes.at[i] == '\n' && rows-- == 1)
            bytes.size = i + 1;
    if (import_plan(task, STR("person"), bytes, STR_NULL, plan, &err))
        fixture_say(&err);
    return true;
}

static bool plan_file(struct task *task, const char *file,
                      struct import_plan *plan)
{
    return plan_rows(task, file, SIZE_MAX, plan);
}

/* How often each reason was given, without the cells. */
static void print_refused(struct task *task, const struct import_plan *plan)
{
    const char *seen[32];
    size_t times[32], count = 0;

    (void)task;
    for (size_t i = 0; i < plan->rows; i++) {
        for (size_t j = 0; j < plan->row[i].notes; j++) {
            const char *message = plan->row[i].note[j].err.message;
            size_t at = 0;

            while (at < count && strcmp(seen[at], message) != 0)
                at++;
            if (at == 32)
                continue;
            if (at == count) {
                seen[count] = message;
                times[count++] = 0;
            }
            times[at]++;
        }
    }
    for (size_t i = 0; i < count; i++)
        printf("#   %zu x %s\n", times[i], seen[i]);
}

static void check_register(struct tap *tap, struct fixture *fixture,
                           const struct expected *expected)
{
    struct task task = fixture_task(fixture, "system");
    struct import_plan plan = {0};
    struct import_result result = {0};
    struct import_undone undone = {0};
    struct err err = {0};
    struct arena arena;
    int64_t before, entries;

    arena_init(&arena, NULL);
    task.arena = &arena;
    if (!plan_file(&task, expected->file, &plan)) {
        tap_skip(tap, expected->file, "../shared is not here");
        arena_release(&arena);
        return;
    }
    printf("# %s: %zu rows, %zu added, %zu open, %zu refused, %zu twice, "
           "%zu skipped\n",
           expected->file, plan.rows, plan.added, plan.open, plan.refused,
           plan.duplicates, plan.skipped);
    for (size_t i = 0; i < plan.map.count; i++)
        printf("#   %.*s -> %.*s (%d)\n", STR_ARGS(plan.map.column[i].heading),
               STR_ARGS(plan.map.column[i].field),
               plan.map.column[i].confidence);
    tap_ok(tap,
           plan.separator == expected->separator &&
               plan.latin1 == expected->latin1,
           "%s: separator and encoding", expected->file);
    tap_is_int(tap, (long long)plan.added, (long long)expected->added,
               "rows that come in");
    tap_is_int(tap, (long long)plan.refused, (long long)expected->refused,
               "rows refused");
    tap_is_int(tap, (long long)plan.skipped, (long long)expected->skipped,
               "titles and headings");
    print_refused(&task, &plan);
    if (getenv("COBIJO_TEST_PROBLEMS"))
        printf("%s", str_c(&arena, import_problems(&task, &plan)));
    before = count_of(fixture, "SELECT count(*) FROM record"
                               " WHERE kind = 'person' AND state <> 'erased'");
    if (import_run(&task, &plan, str_of(expected->file), &result, &err))
        fixture_say(&err);
    tap_is_int(tap,
               count_of(fixture,
                        "SELECT count(*) FROM record WHERE kind = 'person'"
                        " AND state <> 'erased'") -
                   before,
               (long long)expected->added, "persons in the store");
    printf("# %zu groups\n", result.groups);
    entries = count_of(fixture, "SELECT count(*) FROM entry");
    plan_file(&task, expected->file, &plan);
    tap_is_int(tap, (long long)plan.added, 0, "a second plan adds nothing");
    if (import_run(&task, &plan, str_of(expected->file), &result, &err))
        fixture_say(&err);
    tap_is_int(tap, count_of(fixture, "SELECT count(*) FROM entry"), entries,
               "a second import writes nothing");
    (void)undone;
    arena_release(&arena);
}

static struct str batch_of(struct fixture *fixture, struct task *task,
                           const char *file)
{
    struct db_value value[] = {{.type = 't', .t = str_of(file)}};
    struct record_filter filter = {.kind = STR("import_batch"),
                                   .where = "{file_name} = $3",
                                   .value = value,
                                   .value_count = 1};
    struct record *record = NULL;
    size_t count = 0;
    struct err err = {0};

    if (record_list(&fixture->office.log, fixture->db, &filter, false,
                    task->arena, &record, &count, &err))
        fixture_say(&err);
    return count ? record[0].id : STR_NULL;
}

static void check_undo(struct tap *tap, struct fixture *fixture)
{
    const char *file = registers[2].file;
    struct task task = fixture_task(fixture, "system");
    struct import_undone undone = {0};
    struct import_plan plan = {0};
    struct import_result result = {0};
    struct err err = {0};
    struct str batch = batch_of(fixture, &task, file), used = STR_NULL;
    int64_t before = count_of(
        fixture, "SELECT count(*) FROM record WHERE state <> 'erased'");

    if (!batch.size) {
        tap_skip(tap, "undoing a batch", "../shared is not here");
        return;
    }
    if (import_undo(&task, batch, &undone, &err))
        fixture_say(&err);
    tap_is_int(tap, (long long)undone.removed, 1800, "a batch is taken back");
    tap_is_int(tap, (long long)undone.kept, 0, "nothing is left of it");
    tap_ok(tap,
           count_of(fixture,
                    "SELECT count(*) FROM record WHERE state <> 'erased'") <
               before - 3600,
           "arrivals and families went too");
    plan_file(&task, file, &plan);
    tap_is_int(tap, (long long)plan.added, 1800, "it can come in again");
    plan_rows(&task, file, 201, &plan);
    if (import_run(&task, &plan, str_of(file), &result, &err))
        fixture_say(&err);
    tap_is_int(tap, (long long)result.added, 200, "and its beginning does");
    for (size_t i = 0; i < plan.rows && !used.size; i++)
        if (plan.row[i].outcome == IMPORT_ADD)
            used = plan.row[i].id;
    fixture_record(
        fixture, "need",
        str_c(task.arena,
              str_format(task.arena, "{'person':'%.*s','sector':'SALUD'}",
                         STR_ARGS(used))));
    if (import_undo(&task, result.batch, &undone, &err))
        fixture_say(&err);
    tap_is_int(tap, (long long)undone.kept, 1,
               "a person somebody worked with since is kept");
    tap_is_int(tap, (long long)undone.removed, 199, "the others go");
}

static void check(struct tap *tap, struct fixture *fixture)
{
    fixture->now = fixture_instant("2026-11-22T12:00:00Z");
    check_dates(tap);
    check_ages(tap);
    check_phones(tap);
    check_choices(tap, fixture);
    check_small(tap, fixture);
    check_shapes(tap, fixture);
    check_not_csv(tap, fixture);
    check_reasons(tap, fixture);
    check_twins(tap, fixture);
    check_kept(tap, fixture);
    for (size_t i = 0; i < sizeof registers / sizeof registers[0]; i++)
        check_register(tap, fixture, &registers[i]);
    check_undo(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
