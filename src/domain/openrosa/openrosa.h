/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* openrosa.h - Cobijo as an OpenRosa server: the forms that ODK Collect and
 * Enketo may download, and what they send back.
 *
 * A submission becomes records by record_save's own road: the rights of the
 * telephone's role, the checks of the form, the rules of the kind. The
 * record's id is the uuid of its instanceID; the entry's id is made of
 * instanceID and the hash of the XML, so the log alone knows a repeat.
 */
#ifndef COBIJO_OPENROSA_H
#define COBIJO_OPENROSA_H

#include "domain/record/record.h"
#include "form/xls/xls.h"

enum {
    OPENROSA_XML_MAX = 1024 * 1024, /* of one instance */
    OPENROSA_FILES_MAX = 100,       /* in one post */
    OPENROSA_ENTITIES_MAX = 20000   /* rows of a list */
};

/* openrosa_form.c ---------------------------------------------------------- */

/* Is this a form that people fill in, and may the role write its kind? */
bool openrosa_offers(const struct task *task, const struct form *form);

struct openrosa_media {
    struct str name;                /* of the file: "service.csv" */
    struct str text;                /* as the form brings it, or */
    const struct choice_list *list; /* choices of the program, or */
    struct str kind;                /* records, as an entity list */
};
struct openrosa_form {
    const struct form *form;
    struct str xml, hash; /* the XForm, "md5:…" */
    struct openrosa_media *media;
    size_t media_count;
};
/* ERROR_NOT_FOUND: no such form for this role. version "": the newest. */
enum error openrosa_form(struct task *task, struct str kind, struct str version,
                         struct openrosa_form *out, struct err *err);
/* The bytes of one of them. */
enum error openrosa_file(struct task *task, const struct openrosa_form *form,
                         const struct openrosa_media *media, struct str *csv,
                         struct err *err);
/* Their hash, without making what has not changed since. */
enum error openrosa_file_hash(struct task *task,
                              const struct openrosa_form *form,
                              const struct openrosa_media *media,
                              struct str *hash, struct err *err);
/* Records of a kind as an entity list: name, label, __version, properties.
 * Only what the role reads; of a question that is neither listed nor public or
 * internal nothing goes out to a telephone. */
enum error openrosa_entities(struct task *task, struct str kind,
                             struct str *csv, struct err *err);
/* May the role have the records of a kind as an entity list? */
bool openrosa_lists(const struct task *task, struct str kind);
/* openrosa_phone.c: changes the sheet to what a telephone of the actor's role
 * asks. Depends on the form and the role alone. */
bool openrosa_for_phone(const struct task *task, const struct form *form,
                        struct arena *arena, struct xls_book *book);
/* Does the list hold this record (as it does of those that are open)? */
enum error openrosa_entity_there(struct task *task, struct str kind,
                                 struct str id, bool *there, struct err *err);
/* "md5:…" */
struct str openrosa_hash(struct arena *arena, struct str bytes);

/* openrosa_read.c: an instance, read -------------------------------------- */

struct openrosa_entity {
    struct str list, id; /* kind and record */
    bool create, update;
    int64_t base; /* baseVersion, 0: none */
    struct value *answers;
};
struct openrosa_instance {
    const struct form *form;   /* in the version it names, else the newest */
    struct str version;        /* that it names */
    struct str id, deprecated; /* instanceID, deprecatedID or "" */
    struct value *answers;
    struct str *file; /* names of the attachments it speaks of */
    size_t files;
    struct openrosa_entity *entity;
    size_t entities;
    bool sealed; /* encrypted: answers are what its manifest says, form is the
                    kind sealed, id is "sealed:" and the instanceID */
};
/* ERROR_SYNTAX: not a submission; ERROR_NOT_FOUND: no such form. */
enum error openrosa_read(struct task *task, struct str xml,
                         struct openrosa_instance *out, struct err *err);

/* openrosa_save.c: kept --------------------------------------------------- */

struct openrosa_part {
    struct str name, type, bytes; /* the file's name */
    struct str field;             /* the part's: the same, says the standard */
};
struct openrosa_post {
    struct str xml;
    const struct openrosa_part *part; /* attachments */
    size_t parts;
};
struct openrosa_saved {
    const struct form *form;
    struct str record;
    bool repeated;      /* the very same had come before */
    size_t waiting;     /* files that are named and have not come */
    size_t ignored;     /* files that nobody named */
    struct str unknown; /* the version it names, when the store has it not */
    const struct check_problem *problem; /* of ERROR_INPUT */
    size_t problems;
    bool sealed; /* kept as it came, until there is a key */
};
/* Durable on return. ERROR_CONFLICT: another XML under the same instanceID,
 * other bytes under the same name, an edit of what was edited already. */
enum error openrosa_submit(struct task *task, const struct openrosa_post *post,
                           struct openrosa_saved *saved, struct err *err);

/* An attachment of a record whose answer names it; rights as record_get. */
enum error openrosa_attachment(struct task *task, struct str kind,
                               struct str record, struct str name,
                               struct openrosa_part *part, struct err *err);

/* attachment_sweep.c: erases the attachments of records that were erased, and
 * those that a record named once and names no more, with their bytes when
 * nothing else refers to them. Looks at what was written since it looked last;
 * all or nothing, so a crash only makes it look again. A tick calls it. */
enum error attachments_sweep(struct task *task, size_t *erased,
                             struct err *err);

/* The record that an instanceID stands for. */
struct str openrosa_record(const struct task *task, struct str instance);

/* openrosa_open.c: encrypted submissions ----------------------------------- */

/* Those that wait for a key, in the order in which they came, at most 1,000
 * after the first ones left out; kind empty: of every form. */
enum error openrosa_sealed(struct task *task, struct str kind, size_t leave,
                           struct record **record, size_t *count,
                           struct err *err);
/* Opens one with a key of host->unsealer and keeps what it holds as
 * openrosa_submit does. Needs FORM_ADMIN. What is refused stays as it was. */
enum error openrosa_open(struct task *task, const struct record *sealed,
                         void *key, struct openrosa_saved *saved,
                         struct err *err);

#endif
