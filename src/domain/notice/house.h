/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* house.h - notices that a house wrote itself, or said to have reviewed:
 * records of kind "notice", one per topic and language. What the public reads
 * and what is being written stand side by side in it; a second person makes
 * the one into the other.
 */
#ifndef COBIJO_HOUSE_H
#define COBIJO_HOUSE_H

#include "domain/notice/know.h"
#include "store/project.h"

/* The record of a topic in a language; always the same id. */
struct str house_id(const struct task *task, struct str name,
                    struct str language);
/* What is published, rendered. Without a database there is none. A recording
 * may stand there without a text: notice->audio then, and not *found. */
enum error house_notice(struct task *task, struct str name, struct str language,
                        bool *found, struct notice *notice, struct err *err);
/* The record itself, when there is one. */
enum error house_record(struct task *task, struct str name, struct str language,
                        bool *found, struct record *record, struct err *err);

/* A text that waits for somebody else. title, source, sources of draft. */
enum error house_write(struct task *task, const struct notice *draft,
                       struct err *err);
/* Somebody else says it is right; by: what readers see (a function, an
 * organisation). Without a draft: what readers have now was reviewed. read: the
 * record's clock when she read it, 0 where there was none; it changed since:
 * ERROR_CONFLICT. */
enum error house_approve(struct task *task, struct str name,
                         struct str language, struct str by, int64_t read,
                         struct err *err);
/* The draft away, or (published) the house's own text: the file shows again. */
enum error house_drop(struct task *task, struct str name, struct str language,
                      bool published, struct err *err);

#endif
