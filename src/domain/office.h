/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* office.h - the program as a whole, as the domain sees it: one site's store,
 * log, forms and catalogue. Made once in main (or the shim, or a test), then
 * shared by all threads and read only.
 *
 * A task is one piece of work: a request, a command, a tick. It names who
 * asks, when, in which language, and holds the arena all of it is done in.
 */
#ifndef COBIJO_OFFICE_H
#define COBIJO_OFFICE_H

#include "core/host.h"
#include "core/translate.h"
#include "domain/access/access.h"
#include "domain/catalog.h"
#include "domain/record/forms.h"
#include "store/log.h"

struct keeper;
struct screening_rules;
struct indicators;
struct know;
struct node;
struct node_builder;
struct openrosa_shelf;
struct seen_shelf;
struct help_limit;
struct usage_shelf;

/* An XML text as a tree: form/read/xml_tree.h, which the browser has not. */
typedef enum error (*xml_reader)(struct node_builder *builder, struct str text,
                                 const struct node **document, struct err *err);

/* How a change reaches the store: at once (command line, browser, tests) or
 * through the writer thread that groups them (server). Blocks until durable. */
typedef enum error (*office_write)(void *context, store_change change,
                                   void *change_context, struct err *err);

struct office {
    const struct host *host;
    struct store *store;
    struct log log;  /* its site and node are the office's */
    struct str base; /* the site of the store: accounts and sessions stand
                        there, whatever room a task works in (room.h) */
    struct forms *forms;
    struct openrosa_shelf *shelf;   /* openrosa_kept.h: made of the forms */
    struct seen_shelf *seen;        /* proof/seen.h: who opened what */
    struct help_limit *help;        /* outreach/help_limit.h */
    const struct form_files *files; /* as in the options */
    const struct catalog *catalog;
    const struct screening_rules *rules; /* screening.h */
    const struct indicators *indicators; /* report/indicator.h */
    void *changes; /* office_version: how often something was written */
    struct usage_shelf *usage;        /* notice/usage.h */
    const struct know *know;          /* notice/know.h */
    const unsigned char *report_salt; /* 32 bytes of this process alone:
                                         directory/report.c */
    struct str site_name;
    struct str zone;       /* IANA name of the site */
    struct str country;    /* ISO 3166-1 alpha-3 of the site */
    struct str public_url; /* empty: a shelter's own network */
    xml_reader read_xml;   /* NULL: no submissions over OpenRosa */
    office_write write;
    void *write_context;
    /* 32 bytes in locked memory (core/seal.h), whoever opened the office keeps
     * them. NULL: nothing is sealed (the browser, a store of before). */
    const unsigned char *site_key;
    const struct keeper *keeper; /* core/keeper.h; NULL: nobody keeps keys */
    struct arena arena;          /* what lives as long as the office */
};

struct holding; /* access/decide.c */

struct actor {
    struct str id;   /* user record, or "system", or "link:…" */
    struct str name; /* login name */
    struct str display;
    struct str place;        /* of the directory, whose referrals she answers */
    const struct role *role; /* NULL: nobody, public pages only */
};

struct task {
    const struct office *office;
    struct db *db; /* a reading connection */
    struct arena *arena;
    struct actor actor;
    int64_t now;                         /* instant */
    int utc_offset;                      /* of the site at now, seconds */
    struct str language;                 /* es, en, … of the reader */
    const struct translator *translator; /* NULL: Spanish */
    bool in_list;  /* what is read now are lines of a list (seen.h) */
    unsigned seen; /* how many files were opened, lines of lists among them */
    struct str purpose;      /* of purpose.csv; empty: the role's usual one */
    struct holding *holding; /* who is in charge of which file */
};

struct office_options {
    const struct host *host;
    const char *store_url;
    /* assets by path: "forms/person.csv", "catalog/role.csv" */
    const struct form_files *files;
    office_write write; /* NULL: at once on a connection of its own */
    void *write_context;
    const unsigned char *site_key;  /* as in the office */
    const unsigned char *store_key; /* as in struct store_options */
    const struct keeper *keeper;
    const char *keys_id;   /* for office_create: noted in the store, or NULL */
    struct str trace;      /* tests: store/trace.h */
    struct str site, zone; /* a store in memory has no other moment: founded
                              while it is opened; empty for all others */
};

/* Opens an existing store (ERROR_NOT_FOUND: `cobijo init` first). */
enum error office_open(struct office *office,
                       const struct office_options *options, struct err *err);
void office_close(struct office *office);
/* A new store: tables, site, shipped forms as entries. */
enum error office_create(const struct office_options *options, struct str name,
                         struct str zone, struct err *err);
/* Runs a change through office->write: durable on return. */
enum error office_change(const struct office *office, store_change change,
                         void *context, struct err *err);

/* Another number after each change that this process wrote. */
uint64_t office_version(const struct office *office);
/* The same and also another one when another process wrote (store_changes):
 * what is kept of the store under one edition is true while it is that. false:
 * it cannot be told, nothing may be kept. db: NULL on a thread that must not
 * wait. */
bool office_edition(const struct office *office, struct db *db,
                    uint64_t *edition);

int64_t task_day(const struct task *task); /* today at the site */
void task_init(struct task *task, const struct office *office, struct db *db,
               struct arena *arena);
void task_as_system(struct task *task);
/* A UUID made of two texts, always the same. */
struct str task_uuid(const struct task *task, struct str a, struct str b);

#endif
