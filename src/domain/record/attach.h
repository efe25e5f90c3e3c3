/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* attach.h - photos, recordings and files of a record. The answer is a name;
 * a record of kind attachment says in the log whose it is, its type, size and
 * hash; the bytes stand in table blob, sealed (store/blob.h). Telephones
 * (domain/openrosa) and pages keep them alike, and nobody's metadata.
 */
#ifndef COBIJO_ATTACH_H
#define COBIJO_ATTACH_H

#include "store/blob.h"
#include "store/project.h"

struct change;
struct check_result;
struct save;
struct task;

/* A file that came with the answers of a page. */
struct attached {
    const struct question *question;
    struct str path;   /* key, or repeat[2]/key, as check.h has it */
    struct str kept;   /* the answer before it, or "" */
    struct str name;   /* the answer: made of question and bytes */
    struct str type;   /* what it is, by its bytes */
    struct str bytes;  /* without metadata */
    const char *wrong; /* msgid: why it cannot be taken, or NULL */
};

/* Fills name, type, bytes and wrong from question, bytes and what the sender
 * says of the type. */
void attach_read(const struct task *task, struct attached *file);

/* Attachments of a record. */
enum error attach_list(struct task *task, struct str record,
                       struct record **attachment, size_t *count,
                       struct err *err);
const struct record *attach_named(const struct record *attachment, size_t count,
                                  struct str name);

struct attach_to {
    struct str kind, record, subject;
    struct str instance; /* of a submission, or "" */
    struct str entry;    /* that names the files: an attachment is that one's,
                            so a file that was swept can come again */
    struct str question; /* whose answer it is, or "" */
};
/* Where the bytes of an attachment stand. */
struct blob attach_blob(const struct task *task, const struct record *file);
/* Adds its record to the change and its bytes to the same transaction. */
void attach_add(struct change *change, const struct attach_to *to,
                struct str name, struct str type, struct str bytes,
                struct str sha256);
/* Does one of the answers (repeat: of a row of it) name the file? only: the
 * question it must be the answer of, or NULL. */
bool attach_is_named(const struct form *form, const struct question *repeat,
                     const struct value *answers, const struct question *only,
                     struct str name);
/* The same, by any version of the kind's form. */
bool attach_is_answer(const struct task *task, struct str kind,
                      const struct value *answers, struct str name);
/* Adds problems: files that cannot be taken, and names of files that neither
 * came along nor were the answer before. Without it, who may write one answer
 * could name the file of another that is closed to her. */
enum error attach_check(struct task *task, const struct form *form,
                        const struct save *save, const struct value *before,
                        struct check_result *check, struct err *err);
/* The files of a page that the answers name and that do not stand there. */
enum error attach_all(struct change *change, const struct attach_to *to,
                      const struct form *form, const struct value *answers,
                      const struct attached *file, size_t files,
                      struct err *err);

#endif
