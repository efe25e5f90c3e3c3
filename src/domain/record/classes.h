/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* classes.h - which answer is of which class of keys (store/sealing.h), and
 * whose key closes a kind of record: catalog/class.csv, in a shape that can be
 * asked for every entry that is written.
 *
 * For an answer the row of its kind and question decides, else that of the
 * compartment of the question (or of a group around it) in the form, else that
 * of the kind, else that of kind *.
 */
#ifndef COBIJO_CLASSES_H
#define COBIJO_CLASSES_H

#include "domain/catalog.h"
#include "store/sealing.h"

/* A class that nobody knows, or two rows for the same: an error that says the
 * line. */
enum error classes_read(struct arena *arena, const struct catalog *catalog,
                        const struct seal_rules **rules, struct err *err);
/* Of one answer. key "": what is of no question. */
enum seal_class class_of_answer(const struct seal_rules *rules,
                                const struct form *form, struct str kind,
                                struct str key);

#endif
