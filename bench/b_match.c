/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* b_match.c - how well and how fast persons are matched: FEBRL files (every
 * pair that shares a sound of a name or the birth date), names, birth date and
 * state only. Prints precision, recall and F1 at several thresholds, and pairs
 * per second.
 *
 *     b_match ../shared/algorithms/vectors/febrl_dataset1.csv …
 */
#include <time.h>

#include "core/date.h"
#include "domain/person/match.h"

#include "../test/people.h"

enum { RECORDS_MAX = 12000 };

struct one {
    struct match_facts facts;
    struct str id; /* rec-N: the truth */
};

struct counts {
    double right, found;
};

static const double threshold[] = {6, 8, 9, 10, 11, 12, 14, 16, 18};
enum { THRESHOLDS = sizeof threshold / sizeof threshold[0] };

static size_t read_records(struct arena *arena, const struct name_rules *rules,
                           const char *path, struct one *record)
{
    const struct catalog_table *table = table_read(arena, path);
    int64_t day = date_to_day((struct date){2026, 11, 22});
    size_t count = 0;

    for (size_t row = 0; table && row < table->rows && count < RECORDS_MAX;
         row++) {
        struct value *answers = value_object(arena);
        struct str born = str_trim(catalog_cell(table, row, "date_of_birth"));
        struct str id = catalog_cell(table, row, "rec_id");
        struct str rest = str_slice(id, 4, id.size);

        value_put_str(answers, arena, "given_names",
                      str_trim(catalog_cell(table, row, "given_name")));
        value_put_str(answers, arena, "first_surname",
                      str_trim(catalog_cell(table, row, "surname")));
        value_put_str(answers, arena, "birth_place_text",
                      str_trim(catalog_cell(table, row, "state")));
        if (born.size == 8)
            value_put_str(answers, arena, "birth_date",
                          str_format(arena, "%.4s-%.2s-%.2s", born.at,
                                     born.at + 4, born.at + 6));
        match_facts_of(rules, arena, answers, day, &record[count].facts);
        record[count++].id = str_slice(rest, 0, str_find_char(rest, '-'));
    }
    return count;
}

static bool sound_shared(const struct match_facts *a,
                         const struct match_facts *b)
{
    for (size_t i = 0; i < a->givens; i++)
        for (size_t j = 0; j < b->givens; j++)
            if (phonetic_equal(&a->given[i].sound, &b->given[j].sound))
                return true;
    for (size_t i = 0; i < a->surnames; i++)
        for (size_t j = 0; j < b->surnames; j++)
            if (phonetic_equal(&a->surname[i].sound, &b->surname[j].sound))
                return true;
    return false;
}

static bool is_candidate(const struct match_facts *a,
                         const struct match_facts *b)
{
    if (a->birth_date.size && str_equal(a->birth_date, b->birth_date))
        return true;
    if (a->givens && b->surnames &&
        phonetic_equal(&a->given[0].sound, &b->surname[0].sound))
        return true;
    if (a->surnames && b->givens &&
        phonetic_equal(&a->surname[0].sound, &b->given[0].sound))
        return true;
    return sound_shared(a, b);
}

static void measure(struct arena *arena, const struct name_rules *rules,
                    const struct match_weights *weights, const char *path)
{
    struct one *record = ARENA_ARRAY(arena, struct one, RECORDS_MAX);
    size_t count = read_records(arena, rules, path, record);
    struct counts counts[THRESHOLDS] = {{0, 0}};
    struct counts zone[3] = {{0, 0}};
    double wanted = 0, reachable = 0, pairs = 0, seconds;
    struct timespec from, to;

    clock_gettime(CLOCK_MONOTONIC, &from);
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            bool same = str_equal(record[i].id, record[j].id);
            struct match match = {0};

            wanted += same;
            if (!is_candidate(&record[i].facts, &record[j].facts))
                continue;
            reachable += same;
            pairs++;
            match_compare(rules, weights, &record[i].facts, &record[j].facts,
                          &match);
            zone[match.zone].found++;
            zone[match.zone].right += same;
            for (size_t k = 0; k < THRESHOLDS; k++) {
                counts[k].found += match.score >= threshold[k];
                counts[k].right += same && match.score >= threshold[k];
            }
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &to);
    seconds = (double)(to.tv_sec - from.tv_sec) +
              (double)(to.tv_nsec - from.tv_nsec) / 1e9;
    printf("%s: %zu records, %.0f pairs compared, completeness %.4f, "
           "%.2f s\n",
           path, count, pairs, reachable / wanted, seconds);
    printf("  probable: %.0f of %.0f right (%.4f), recall %.4f; possible: "
           "%.0f of %.0f right\n",
           zone[MATCH_PROBABLE].right, zone[MATCH_PROBABLE].found,
           zone[MATCH_PROBABLE].right / zone[MATCH_PROBABLE].found,
           zone[MATCH_PROBABLE].right / wanted, zone[MATCH_POSSIBLE].right,
           zone[MATCH_POSSIBLE].found);
    for (size_t k = 0; k < THRESHOLDS; k++) {
        double precision = counts[k].right / counts[k].found;
        double recall = counts[k].right / wanted;

        printf("  score >= %4.1f  precision %.4f  recall %.4f  F1 %.4f\n",
               threshold[k], precision, recall,
               2 * precision * recall / (precision + recall));
    }
}

int main(int argc, char **argv)
{
    struct arena arena;
    const struct name_rules *rules;
    struct match_weights weights;

    arena_init(&arena, NULL);
    rules = name_rules_make(&arena, table_read(&arena, "catalog/name_word.csv"),
                            table_read(&arena, "catalog/nickname.csv"));
    match_weights_read(table_read(&arena, "catalog/match_weight.csv"),
                       &weights);
    for (int i = 1; i < argc; i++)
        measure(&arena, rules, &weights, argv[i]);
    arena_release(&arena);
    return 0;
}
