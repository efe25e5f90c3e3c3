/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* alert.h - alerts of this house and of others, from the draft to the end.
 *
 *     draft -> approved (by somebody who did not write it) -> published
 *                -> replaced (an update) | cancelled | expired (app_tick)
 *     review -> published | refused          what another sender's feed brought
 *
 * The record (kind alert, forms/alert.csv) and its entries are the truth; every
 * step is an entry. When an alert is published its CAP document is made, signed
 * and kept in the record; from then on it does not change. public_alert is what
 * the public side reads: published alerts and nothing else.
 */
#ifndef COBIJO_ALERT_H
#define COBIJO_ALERT_H

#include "core/note.h"
#include "domain/alert/cap.h"
#include "domain/record/record.h"

enum {
    ALERT_FEED_MOST = 100, /* entries of the Atom feed */
    ALERT_AREAS_MAX = 400, /* codes of one alert */
    ALERT_KEPT_DAYS = 30   /* over, and still in the feed's history */
};

enum alert_act {
    ALERT_EDIT,
    ALERT_APPROVE,
    ALERT_PUBLISH,
    ALERT_UPDATE,
    ALERT_CANCEL,
    ALERT_SHOW, /* one that waits for review */
    ALERT_REFUSE
};
/* In that stage? Who may is asked apart. */
bool alert_can(struct str stage, enum alert_act act);

/* The rule of the kind (rules.def): what a draft must be. */
enum error alert_rule(struct task *task, struct change *change,
                      const struct save *save, const struct value *before,
                      struct value *after, struct err *err);
enum error alert_read(struct task *task, struct str id, struct record *record,
                      struct err *err);
/* Somebody with alert.approve who wrote nothing of it. read: the clock of what
 * she read; when it was changed since, she has approved nothing. */
enum error alert_approve(struct task *task, struct str id, int64_t read,
                         struct err *err);
/* An approved one. Makes, signs and keeps the document; what it updates is
 * replaced. Everything in one transaction; nobody is waited for. */
enum error alert_publish(struct task *task, struct str id, struct err *err);
/* A new draft with the same texts that refers to the old one. */
enum error alert_update(struct task *task, struct str id, struct str *draft,
                        struct err *err);
/* At once, by one person with alert.approve: taking back harms less than
 * leaving something wrong. *cancel: the new record. */
enum error alert_cancel(struct task *task, struct str id, struct str why,
                        struct str *cancel, struct err *err);
/* What waits for review is shown, or not. Only then does an update take the
 * place of what it updates, and a cancellation end what it calls off. */
enum error alert_review(struct task *task, struct str id, bool show,
                        struct err *err);
/* Published ones whose time is over, and what waited too long for review. */
enum error alert_tick(struct task *task, size_t *changed, struct err *err);

/* --- alert_make.c: answers as CAP -------------------------------------------
 */

/* As it would be sent now. problems: what CAP would not take. */
enum error alert_make(struct task *task, struct str id,
                      const struct value *answers, const struct value **cap,
                      struct cap_problems *problems, struct err *err);
/* What somebody typed as municipalities as codes of INEGI; ERROR_INPUT names
 * the one that is not known. */
enum error alert_municipalities(struct task *task, struct str typed,
                                struct str *codes, struct err *err);

/* --- alert_area.c: whom it is for ------------------------------------------
 */

/* Codes of the places an alert is for, separated by spaces: INEGI's of
 * municipalities, ISO 3166-2, ISO 3166-1 alpha-3; "*" everybody. From its
 * geocodes; where an area has none that is known, from its shape. */
struct str alert_areas(struct task *task, const struct value *cap);
/* The code of the place that this one lies in; empty: none. */
struct str alert_area_above(struct task *task, struct str code);
/* "Tapachula", "Chiapas", "México". */
struct str alert_area_name(struct task *task, struct str code);

/* --- alert_sign.c ----------------------------------------------------------
 */

struct alert_keys {
    struct note_key key;
    unsigned char seed[32];
};
enum error alert_keys_open(const struct task *task, struct alert_keys *keys,
                           struct err *err);
void alert_keys_wipe(const struct task *task, struct alert_keys *keys);
/* A signed note about a document: what stands in it, and its SHA-256. Empty
 * where the house has no key. */
struct str alert_note(const struct task *task, const struct value *cap,
                      struct str document);
/* Is the note about this very document, and signed by the key (a line as
 * `cobijo alert key` writes it)? */
enum error alert_note_check(const struct host *host, struct arena *arena,
                            const struct value *cap, struct str document,
                            struct str note, struct str key, struct err *err);

/* "own": this house's, "checked": the sender's note, against the key of its
 * feed, "not_checked": an XML Signature inside the document, "none". */
const char *alert_signature(struct str origin, struct str note,
                            const struct value *cap);

/* --- alert_public.c: what everybody may see ---------------------------------
 */

struct public_alert {
    struct str id, identifier, sender, sent, status, msg_type, origin, state;
    struct str severity, urgency, certainty;
    int64_t sent_at, expires, published;
    struct str brief;        /* JSON: [{language, headline, event, area}] */
    const struct value *cap; /* only public_alert_find */
    struct str document, note;
};

/* Puts a published alert (or what became of it) into the public tables when
 * the change is committed. cap NULL: only its state. */
void public_alert_put(struct change *change, struct str id,
                      const struct value *cap, struct str state,
                      struct str origin, struct str document, struct str note);
/* All of them again from the records: after log rebuild. */
enum error public_alert_rebuild(struct task *task, size_t *count,
                                struct err *err);
/* Valid now, for people: Actual first, then exercises. */
enum error public_alert_list(struct task *task, struct public_alert **alert,
                             size_t *count, struct err *err);
/* Newest messages of all kinds, for the feed. */
enum error public_alert_feed(struct task *task, struct public_alert **alert,
                             size_t *count, struct err *err);
enum error public_alert_find(struct task *task, struct str id,
                             struct public_alert *alert, struct err *err);
/* Real ones that are valid now for a place (a code as above): for it, for
 * something in it, or for all of what it lies in. Empty: the site's country.
 * Worst first. */
enum error alerts_for_area(struct task *task, struct str area,
                           struct public_alert **alert, size_t *count,
                           struct err *err);
/* {id, href, headline, event, area, severity, severity_text, …} in a language.
 */
struct value *public_alert_view(struct task *task,
                                const struct public_alert *alert);

/* --- alert_import.c --------------------------------------------------------
 */

struct alert_source {
    struct str name;  /* of the feed, "" a file */
    struct str label; /* shown as "from …" */
    bool shown;       /* else it waits for review */
    struct str note;  /* its signature, which was checked; or empty */
};
enum alert_taken {
    ALERT_NEW,
    ALERT_KNOWN,  /* the same sender, identifier and sent */
    ALERT_OURS,   /* our own that came back */
    ALERT_OVER,   /* expired already */
    ALERT_NOT_FOR /* not public, a draft, a test of somebody's system */
};
/* The earlier messages that an alert of others changes ("replaced") or calls
 * off ("cancelled"), when they came by the same road (its label): those that
 * are published get that stage, those that wait are refused. stage NULL: what
 * is published stays. *first: one of them, or as it was. */
enum error alert_end_referred(struct change *change, const struct value *cap,
                              struct str road, const char *stage,
                              struct str *first, struct err *err);
/* When its last block ends; without any: when it was sent. */
int64_t alert_end(const struct value *cap);
enum error alert_import(struct task *task, struct str document,
                        const struct alert_source *source,
                        enum alert_taken *taken, struct str *id,
                        struct cap_problems *problems, struct err *err);

#endif
