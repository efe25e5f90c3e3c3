/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* screening_rules.h - the tables sign, rule, index and index_band as parsed
 * expressions; private to screening*.c.
 */
#ifndef COBIJO_SCREENING_RULES_H
#define COBIJO_SCREENING_RULES_H

#include "domain/casework/screening.h"

struct rule {
    struct str id, code, state, urgency;
    bool flag;
    const struct expr *when;  /* over signs: ${T8} = 'yes' */
    const struct sign **sign; /* those it names */
    size_t signs;
};

struct index_factor {
    struct str code;
    bool protective;
    int intensity;
    const struct expr *when; /* over answers and context names */
};

struct index_band {
    struct str name;
    int from; /* lowest V */
};

struct screening_rules {
    struct sign *sign;
    size_t signs;
    struct rule *rule;
    size_t rules;
    struct index_factor *factor;
    size_t factors;
    struct index_band *band; /* ascending */
    size_t bands;
    struct str version; /* part of instrument_version: hash of the tables */
};

/* Position of a sign by code, or SIZE_MAX. */
size_t screening_sign_find(const struct screening_rules *rules,
                           struct str code);

#endif
