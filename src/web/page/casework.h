/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* casework.h - what the pages of the main job share: whose file it is, how
 * urgent, how long there is, the notice that is read aloud; private to web/.
 */
#ifndef COBIJO_CASEWORK_H
#define COBIJO_CASEWORK_H

#include "domain/referral/referral.h"
#include "web/page.h"

/* data.person: the header of her file; page.urgent. */
enum error casework_person(struct view *view, struct str id);
/* page.urgent {urgency, urgency_label, u}: the most urgent of her open flags
 * and files; stays false when nothing is open. */
void casework_urgent(struct view *view, struct str person);
void casework_urgent_of(struct view *view, const struct value *open);
/* Into an item: urgency, urgency_label, u ("u0", class and icon). */
void casework_urgency(struct view *view, struct value *item,
                      struct str urgency);
/* Into an item: has_due, late, left, left_text, due_when. */
void casework_due(struct view *view, struct value *item, struct str due);
/* What a choice of a form is called. */
struct str choice_text(struct view *view, const char *kind, const char *key,
                       struct str code);
/* What a code asks for help with is called: flag, profile or need. */
struct str reason_text(struct view *view, struct str code);
/* When an instant of a record was, for people; empty when not set. */
struct str stamp_text(struct view *view, const struct value *answers,
                      const char *key);
/* A day or the day of an instant, as people write it; anything else as it is.
 */
struct str day_shown(struct view *view, struct str text);
/* The same list with what day_shown says of `key` under `name`. */
struct value *days_shown(struct view *view, const struct value *list,
                         const char *key, const char *name);
/* page.notice: {version, parts:[{heading, item, text}]} in the reader's
 * language, or false when the catalogue has none. */
void casework_notice(struct view *view);

/* page.next: the step that comes next for a person, by what is open
 * (person_open_items) and by right. */
enum error casework_next(struct view *view, struct str person,
                         const struct value *open);
/* The page of a record: its own, where the kind has one. */
struct str record_href(struct view *view, struct str kind, struct str id);

/* page_referral.c */
bool referral_is_draft(const struct value *answers);
/* data: id, clock, to, service, state, state_label, urgency …; page.draft. */
void referral_put_head(struct view *view, const struct record *record,
                       const struct value *answers);
/* The codes of share_fields (ticked, or all) whose texts this reader may
 * look at. */
struct str share_readable(struct view *view, const struct value *answers,
                          bool all);

/* page_sent.c: the page of a referral that was sent. */
enum error sent_show(struct view *view);
/* data.package: what was shared, as this reader may see it;
 * page.hidden_share: there is more. */
enum error package_put(struct view *view, const struct record *record);
/* An answer from the fields kind, reason, text, outcome, when, by, code. */
enum error answer_read(struct view *view, struct answer *answer);
/* page.answer: {denials:[…], outcomes:[…]} for templates/answers.html, with
 * what was typed; by_phone: also who answered and the reply code. */
void answer_put(struct view *view, const struct value *answers, bool by_phone);

/* page_partner.c: what a receiver sees of a referral that is open to her, and
 * the answers she can give (page.over: none any more). */
enum error door_show(struct view *view, struct str referral);

/* page_grant.c: page.grant, what was given sealed and whether it can be. */
enum error grants_put(struct view *view, const struct record *record);

/* page_given.c: a sealed file that was chosen, or its text typed into another
 * field, with the ends of lines that it was made with. */
struct str sealed_text(struct view *view, const char *file, const char *text);
/* data.given: [{href, name, from, on, state, withdrawn}], what
 * other houses gave and was registered here. */
enum error given_list(struct view *view);

/* page_slip.c: the paper that goes along, as the answer to this request.
 * link: shown this once, or empty. */
enum error slip_put(struct view *view, const struct record *record,
                    struct str link);

/* page_arco.c: data.requests, data.requests_count: open requests of people
 * about their data, for who may handle them. */
enum error arco_today(struct view *view);

/* page_help_desk.c: data.help, data.help_count: who waits for an answer. */
enum error help_desk_today(struct view *view);
/* What she wrote without an account goes into the answers of a new file;
 * page.help: the request, or false. ERROR_BLOCKED without her consent. */
enum error help_desk_file(struct view *view, struct str request,
                          struct value *answers);

#endif
