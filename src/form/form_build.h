/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* form_build.h - between the files that make a form (build/, unpack.c). */
#ifndef COBIJO_FORM_BUILD_H
#define COBIJO_FORM_BUILD_H

#include "form/names.h"
#include "form/xlsform.h"

enum {
    FORM_QUESTIONS_MAX = 5000,
    FORM_CHOICES_MAX = 100000,
    FORM_GROUPS_DEEP_MAX = 20,
    FORM_SCOPE_ANY = 0
};

/* Names that several questions have. */
#define FORM_SCOPE_TWICE SIZE_MAX

/* The scope of a repeat's keys in form->names (NULL: the record's). */
size_t form_scope(const struct question *repeat);

#endif
