/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo_private.h - what demo.c and demo_person.c share. */
#ifndef COBIJO_DEMO_PRIVATE_H
#define COBIJO_DEMO_PRIVATE_H

#include "domain/demo/demo.h"

struct demo_random {
    uint64_t state;
    uint64_t ids; /* given so far */
};
uint64_t demo_next(struct demo_random *random);
size_t demo_below(struct demo_random *random, size_t limit);
bool demo_chance(struct demo_random *random, unsigned percent);
struct str demo_uuid(struct demo_random *random, struct arena *arena);

/* Things to draw from, with their running sums. */
struct demo_list {
    struct str *text;
    uint64_t *until;
    size_t count;
};
struct str demo_draw(const struct demo_list *list, struct demo_random *random);

enum { DEMO_COUNTRIES = 24 };

struct demo_country {
    struct str code;
    struct demo_list given[2], surname; /* given: men, women */
    struct demo_list language;
    bool one_surname;
    const char *dialling;
};

struct demo_source {
    struct demo_country country[DEMO_COUNTRIES];
    size_t countries;
    struct demo_list mix; /* codes by weight */
};
void demo_source_read(struct arena *arena, const struct catalog *catalog,
                      struct demo_source *source);

/* What members of a family share. */
struct demo_family {
    const struct demo_country *country;
    struct str surname[2], language, phone;
    int64_t arrived; /* day */
};
void demo_family_draw(struct arena *arena, const struct demo_source *source,
                      struct demo_random *random, int64_t today,
                      struct demo_family *family);
/* Answers of one person; age in years, sex 0 man 1 woman. */
struct value *demo_person(struct arena *arena, const struct demo_family *family,
                          struct demo_random *random, int age, int sex);
/* The same person as another clerk would write her. */
struct value *demo_again(struct arena *arena, const struct value *person,
                         struct demo_random *random);

#endif
