/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_people_match.c - which pairs are proposed as one person, and why; and how
 * well it does on FEBRL 1 (names, birth date and state only). */
#include <math.h>

#include "core/date.h"
#include "domain/match.h"

#include "people.h"
#include "tap.h"

struct matcher {
    struct arena arena;
    const struct name_rules *rules;
    struct match_weights weights;
    int64_t day;
};

/* given|first|second|birth|sex|nationality|phone */
static const struct value *person_of(struct matcher *matcher, const char *text)
{
    static const char *const field[] = {
        "given_names", "first_surname", "second_surname", "birth_date", "sex",
        "nationality", "phone",         "alias",          "age_years"};
    struct value *answers = value_object(&matcher->arena);
    struct str rest = str_of(text), part;

    for (size_t i = 0; i < 9 && str_cut(&rest, '|', &part); i++)
        if (part.size)
            value_put_str(answers, &matcher->arena, field[i], part);
    return answers;
}

static void compare(struct matcher *matcher, const char *a, const char *b,
                    struct match *match)
{
    struct match_facts one, two;

    match_facts_of(matcher->rules, &matcher->arena, person_of(matcher, a),
                   matcher->day, &one);
    match_facts_of(matcher->rules, &matcher->arena, person_of(matcher, b),
                   matcher->day, &two);
    memset(match, 0, sizeof *match);
    match_compare(matcher->rules, &matcher->weights, &one, &two, match);
}

static const struct {
    const char *a, *b;
    enum match_zone zone;
    const char *reason; /* a level that must be among the steps */
} pair[] = {
    {"José|Hernández|Zelaya|1998-12-31|H|HND|",
     "Jose|Ernandes|Selaya|1998-12-31|H|HND|", MATCH_PROBABLE,
     "misma fecha de nacimiento"},
    {"Xavier|Gómez||1990-03-02|H|MEX|", "Javier|Gomes||1990-02-03|H|MEX|",
     MATCH_PROBABLE, "misma fecha con día y mes cambiados"},
    {"Francisco|Cañas|Menjívar|1985-05-06|H|SLV|",
     "Pancho|Canas||1985-05-06|H|SLV|", MATCH_PROBABLE, "falta un apellido"},
    {"Rosa|Zelaya|Euceda|1990-03-07|M|HND|",
     "Rosa|Euceda|Zelaya|1990-03-07|M|HND|", MATCH_PROBABLE,
     "apellidos en otro orden"},
    {"Rosa|Zelaya|Euceda|1990-03-07|M|HND|", "Rosa|Euceda||1990-03-07|M|HND|",
     MATCH_PROBABLE, "usa solo el segundo apellido"},
    {"Ana|de la Cruz|López|1991-02-03|M|GTM|",
     "Ana|Cruz|Lopez|1991-02-03|M|GTM|", MATCH_PROBABLE,
     "misma fecha de nacimiento"},
    {"Pierre|Jean||1988-07-08|H|HTI|", "Jean|Pierre||1988-07-08|H|HTI|",
     MATCH_PROBABLE, "nombre y apellido cambiados de lugar"},
    {"Wideline|Toussaint||1995-05-09|M|HTI|", "Widline|Tousen||1995|M|HTI|",
     MATCH_PROBABLE, "mismo año de nacimiento"},
    {"Brayan|Murillo|Funes|||HND|98765432",
     "Bryan|Murillo|||H|HND|+504 9876-5432", MATCH_PROBABLE, "mismo teléfono"},
    /* twins, father and son, homonyms, strangers */
    {"Ana|Orellana|Zelaya|2015-05-05|M|HND|",
     "Marta|Orellana|Zelaya|2015-05-05|M|HND|", MATCH_POSSIBLE, "otro nombre"},
    {"Jairo|Euceda|Zelaya|1970-05-05|H|HND|",
     "Jairo|Euceda|Zelaya|1995-08-01|H|HND|", MATCH_POSSIBLE,
     "otra fecha de nacimiento"},
    {"José|López||1990-05-05|H|HND|", "José|López||1971-02-11|H|GTM|",
     MATCH_UNLIKELY, "mismo nombre"},
    {"María|García|Flores|1991-05-05|M|HND|",
     "Karla|Pineda|Reyes|1991-11-20|M|HND|", MATCH_UNLIKELY, "otro nombre"},
    {"José|López|||H|HND|", "José|López|||H|HND|", MATCH_POSSIBLE,
     "mismo apellido"},
    {"Juan|Caal||1977-01-01|H|GTM|", "Juan|Caal||1977-06-23|H|GTM|",
     MATCH_PROBABLE, "mismo año de nacimiento"},
};

static bool has_reason(const struct match *match, const char *text)
{
    for (size_t i = 0; i < match->steps; i++)
        if (strcmp(match_level_text(match->step[i].level), text) == 0)
            return true;
    return false;
}

static void check_pairs(struct tap *tap, struct matcher *matcher)
{
    for (size_t i = 0; i < sizeof pair / sizeof pair[0]; i++) {
        struct match one, two;
        bool ok;

        compare(matcher, pair[i].a, pair[i].b, &one);
        compare(matcher, pair[i].b, pair[i].a, &two);
        ok = one.zone == pair[i].zone && has_reason(&one, pair[i].reason);
        tap_ok(tap, ok && fabs(one.score - two.score) < 2, "%s = %s", pair[i].a,
               pair[i].b);
        if (ok && fabs(one.score - two.score) < 2)
            continue;
        printf("# %.1f (other way %.1f) zone %d\n", one.score, two.score,
               one.zone);
        for (size_t j = 0; j < one.steps; j++)
            printf("#   %+.1f %s\n", one.step[j].weight,
                   match_level_text(one.step[j].level));
    }
}

/* --- FEBRL ---------------------------------------------------------------- */

struct febrl {
    struct match_facts facts;
    struct str id; /* rec-N */
};

static size_t read_febrl(struct matcher *matcher, const char *path,
                         struct febrl *record, size_t capacity)
{
    const struct catalog_table *table = table_read(&matcher->arena, path);
    size_t count = 0;

    for (size_t row = 0; table && row < table->rows && count < capacity;
         row++) {
        struct value *answers = value_object(&matcher->arena);
        struct str born = str_trim(catalog_cell(table, row, "date_of_birth"));
        struct str id = catalog_cell(table, row, "rec_id");

        value_put_str(answers, &matcher->arena, "given_names",
                      str_trim(catalog_cell(table, row, "given_name")));
        value_put_str(answers, &matcher->arena, "first_surname",
                      str_trim(catalog_cell(table, row, "surname")));
        value_put_str(answers, &matcher->arena, "birth_place_text",
                      str_trim(catalog_cell(table, row, "state")));
        if (born.size == 8)
            value_put_str(answers, &matcher->arena, "birth_date",
                          str_format(&matcher->arena, "%.4s-%.2s-%.2s", born.at,
                                     born.at + 4, born.at + 6));
        match_facts_of(matcher->rules, &matcher->arena, answers, matcher->day,
                       &record[count].facts);
        record[count++].id =
            str_slice(id, 4, 4 + str_find_char(str_slice(id, 4, id.size), '-'));
    }
    return count;
}

static void check_febrl(struct tap *tap, struct matcher *matcher)
{
    static const char path[] =
        "../shared/algorithms/vectors/febrl_dataset1.csv";
    struct febrl *record = ARENA_ARRAY(&matcher->arena, struct febrl, 1000);
    size_t count = read_febrl(matcher, path, record, 1000);
    double right = 0, found = 0, wanted = 0, precision, recall, f1;

    if (!count) {
        tap_skip(tap, "FEBRL 1", "../shared is not here");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            struct match match = {0};
            bool same = str_equal(record[i].id, record[j].id), said;

            match_compare(matcher->rules, &matcher->weights, &record[i].facts,
                          &record[j].facts, &match);
            said = match.score >= 10 && match.zone != MATCH_UNLIKELY;
            wanted += same;
            found += said;
            right += same && said;
        }
    }
    precision = right / found;
    recall = right / wanted;
    f1 = 2 * precision * recall / (precision + recall);
    printf("# FEBRL 1, %zu records: precision %.4f recall %.4f F1 %.4f\n",
           count, precision, recall, f1);
    tap_ok(tap, f1 > 0.94, "FEBRL 1 with names, birth date and state: F1");
}

int main(void)
{
    struct tap tap = {0};
    struct matcher matcher = {0};

    arena_init(&matcher.arena, NULL);
    matcher.day = date_to_day((struct date){2026, 11, 22});
    matcher.rules = name_rules_make(
        &matcher.arena, table_read(&matcher.arena, "catalog/name_word.csv"),
        table_read(&matcher.arena, "catalog/nickname.csv"));
    match_weights_read(table_read(&matcher.arena, "catalog/match_weight.csv"),
                       &matcher.weights);
    check_pairs(&tap, &matcher);
    check_febrl(&tap, &matcher);
    arena_release(&matcher.arena);
    return tap_done(&tap);
}
