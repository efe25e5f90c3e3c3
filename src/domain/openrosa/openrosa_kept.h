/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* openrosa_kept.h - what is made of a form for telephones, made once: a form
 * version never changes, so neither does its XForm for a role. And the hashes
 * of lists, for as long as nothing is written to them.
 *
 * One per office; all threads look, whoever comes first makes.
 */
#ifndef COBIJO_OPENROSA_KEPT_H
#define COBIJO_OPENROSA_KEPT_H

#include "domain/office.h"
#include "form/xls/xls.h"

struct openrosa_kept {
    const struct form *form;
    struct str xml, hash; /* the XForm and its "md5:…"; null: none */
    struct err problem;   /* why there is none */
    struct str *file;     /* names of the files that it reads */
    struct str *text;     /* of those that the form brings, else null */
    size_t files;
    struct str *node; /* names of its elements, sorted */
    size_t nodes;
    const struct xls *xls; /* of forms that keep entities, else NULL */
};

struct openrosa_shelf *openrosa_shelf_new(struct arena *arena);
void openrosa_shelf_release(struct openrosa_shelf *shelf);

/* NULL when out of memory. Lives as long as the office. */
const struct openrosa_kept *openrosa_kept(const struct task *task,
                                          const struct form *form);
bool openrosa_kept_has(const struct openrosa_kept *kept, struct str node);

/* The hash of a list as it was last made for this role, when nothing has been
 * written to the kind since; null when that is not known. *seq: the end of the
 * log, for openrosa_hash_keep. */
enum error openrosa_hash_find(struct task *task, const struct form *kind,
                              struct arena *arena, struct str *hash,
                              int64_t *seq, struct err *err);
/* seq: as it was before the list was read. */
void openrosa_hash_keep(const struct task *task, const struct form *kind,
                        int64_t seq, struct str hash);

#endif
