/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* paper.h - a form for the day without power: what a sheet of paper has to
 * say and how much room each answer needs, as a tree that
 * templates/paper.html prints.
 *
 * The same questions as on the page, in the same order, numbered. What the
 * program decides by itself (relevance, sums) is put in words for people;
 * what cannot be said exactly is not said, but pointed to. Needs no store: the
 * command line prints a file as it stands.
 */
#ifndef COBIJO_PAPER_H
#define COBIJO_PAPER_H

#include "core/host.h"
#include "core/translate.h"
#include "form/form.h"

struct paper {
    struct arena *arena;
    const struct form *form;
    struct str language;                 /* of the questions */
    const struct translator *translator; /* of the words around them */
    const struct host *host;
    int64_t now;
    int utc_offset;
    struct str site;    /* name of the house, or empty: a line to write it */
    struct str address; /* of this paper in the program, or empty */
};

/* Every name that the templates ask for is there, absent ones false. */
struct value *paper_value(const struct paper *paper);
/* One file that needs nothing else: style inside, nothing fetched. */
enum error paper_html(const struct paper *paper, struct str *html,
                      struct err *err);
/* FORM · VERSION · four letters of its text: what stands at the foot. */
struct str paper_code(const struct paper *paper);
/* A language that the form has, nearest to the one asked for. */
struct str paper_language(const struct form *form, struct str asked);

#endif
