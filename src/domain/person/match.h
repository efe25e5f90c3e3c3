/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* match.h - is this the same person? Compares two persons' answers field by
 * field and adds the weights of evidence (Fellegi and Sunter). It proposes,
 * with the reasons; a worker decides (merge.h). Nothing is merged by itself.
 */
#ifndef COBIJO_MATCH_H
#define COBIJO_MATCH_H

#include "domain/person/name.h"
#include "domain/office.h"

enum match_level {
#define MATCH_LEVEL(name, field, level, weight, text) MATCH_##name,
#include "domain/person/match.def"
#undef MATCH_LEVEL
    MATCH_LEVEL_COUNT
};

struct match_weights {
    double level[MATCH_LEVEL_COUNT];
    double possible, probable; /* from here up */
};
/* table may be NULL: the weights of match.def. */
void match_weights_read(const struct catalog_table *table,
                        struct match_weights *weights);

enum { MATCH_PARTS = 4, MATCH_DOCUMENTS = 6, MATCH_STEPS_MAX = 16 };

/* A given name or a surname, its words together. */
struct match_part {
    struct str text;
    struct phonetic sound;
    struct str word[3]; /* its words */
    double share;       /* of people who have it */
    bool known;         /* a given name that name_word.csv has */
};

struct match_document {
    struct str type, country, number; /* number: letters and digits only */
};

/* What is compared, made once per person. */
struct match_facts {
    struct match_part given[MATCH_PARTS];
    size_t givens;
    struct match_part surname[2];
    size_t surnames;
    struct str alias;        /* folded */
    struct str birth_date;   /* whole, and not 01-01 */
    int year_low, year_high; /* of birth; 0 unknown */
    struct str sex, nationality, place, contact;
    struct str phone[2]; /* digits, with the country where it was written */
    struct match_document document[MATCH_DOCUMENTS];
    size_t documents;
};

void match_facts_of(const struct name_rules *rules, struct arena *arena,
                    const struct value *answers, int64_t day,
                    struct match_facts *facts);

struct match_step {
    enum match_level level;
    double weight;
};

enum match_zone { MATCH_UNLIKELY, MATCH_POSSIBLE, MATCH_PROBABLE };

struct match {
    struct str id;               /* of the file that stands */
    const struct value *answers; /* hers */
    double score;
    enum match_zone zone;
    struct match_step step[MATCH_STEPS_MAX]; /* the waterfall */
    size_t steps;
};

void match_compare(const struct name_rules *rules,
                   const struct match_weights *weights,
                   const struct match_facts *a, const struct match_facts *b,
                   struct match *match);
const char *match_level_text(enum match_level level);  /* msgid */
const char *match_level_field(enum match_level level); /* given, birth_date */
const char *match_level_name(enum match_level level);  /* exact, sound */
/* Texts of what speaks for it, strongest first; returns how many. */
size_t match_reasons(const struct match *match,
                     const struct translator *translator,
                     struct str reason[MATCH_STEPS_MAX]);
/* The strongest of them in one line: "mismo apellido, el nombre suena igual" */
struct str match_because(const struct match *match, struct arena *arena,
                         const struct translator *translator);
/* field, level, weight and text of each step; reasons: texts of what speaks
 * for it, strongest first. */
struct value *match_view(const struct match *match, struct arena *arena,
                         const struct translator *translator);

/* Persons in the store that draft could be, best first, at most limit; id is
 * left out (empty: a new person). Bounded work: made for every keystroke. */
enum error person_matches(struct task *task, const struct value *draft,
                          struct str id, size_t limit, struct match **match,
                          size_t *count, struct err *err);
/* For every row of an import: the person in the store that draft most likely
 * is. *found false: nobody that is probable, nobody with the same document. */
enum error person_twin(struct task *task, const struct value *draft,
                       struct match *match, bool *found, struct err *err);
/* Worth a line: probable, or the same document under another name. */
bool match_is_twin(const struct match *match);

#endif
