/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hsds.h - the directory in the words of HSDS 3.0 (Human Services Data
 * Specification, openreferral.org).
 *
 * A place is a location; each row of its services is a service at that
 * location, and rows of several places that have the same HSDS id are one
 * service. Made of the public tables and nothing else. What an import brought
 * and this program has no question for stands in `more` and comes out again as
 * it came in, as long as nobody changed that part here: an import and an export
 * give the same objects.
 *
 * Needs (catalog/service.csv, grouped by sector) and kinds of place are two
 * taxonomies; a term's id follows from its code.
 */
#ifndef COBIJO_HSDS_H
#define COBIJO_HSDS_H

#include "domain/directory/directory.h"

enum hsds_kind {
    HSDS_SERVICE,
    HSDS_ORGANIZATION,
    HSDS_SERVICE_AT_LOCATION,
    HSDS_TAXONOMY,
    HSDS_TAXONOMY_TERM
};

/* One object, with all that hangs on it; ERROR_NOT_FOUND. */
enum error hsds_one(struct task *task, enum hsds_kind kind, struct str id,
                    struct value **object, struct err *err);

enum { HSDS_PAGE_MOST = 500 };

struct hsds_query {
    struct str search, taxonomy_term_id, taxonomy_id, organization_id;
    struct str postcode;    /* of services and services at locations */
    struct str parent_id;   /* of terms */
    int64_t modified_after; /* instant, 0: any */
    int64_t page, per_page; /* from 1; 0: the first, 50 */
    bool full, minimal, top_only;
};
/* {"total_items", …, "contents": […]}; a page that is not there is empty. */
enum error hsds_list(struct task *task, enum hsds_kind kind,
                     const struct hsds_query *query, struct value **page,
                     struct err *err);

/* --- parts (hsds_make.c) -------------------------------------------------- */

struct value *hsds_location(struct task *task,
                            const struct public_place *place);
/* number: the row among the place's services. Without its locations. */
struct value *hsds_service(struct task *task, const struct public_place *place,
                           size_t number, bool whole);
/* The link: whole with contacts, telephones and schedules of its own. */
struct value *hsds_spot(struct task *task, const struct public_place *place,
                        size_t number, bool whole);
struct value *hsds_organization(struct task *task,
                                const struct public_organization *organization,
                                bool whole);
bool hsds_has_location(struct task *task, const struct public_place *place);
struct str hsds_term_id(struct task *task, const char *taxonomy,
                        struct str code);
/* taxonomy: "need" or "kind"; NULL when it has no such code. */
struct value *hsds_term(struct task *task, const char *taxonomy,
                        struct str code);
struct str hsds_taxonomy_id(struct task *task, const char *taxonomy);
struct value *hsds_terms(struct task *task); /* all */
struct value *hsds_taxonomies(struct task *task);

#endif
