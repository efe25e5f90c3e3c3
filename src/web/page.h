/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page.h - what the pages share: every handler of routes.def, and the small
 * things a handler needs again and again. Private to web/.
 *
 * A handler fills view->data (both faces) and view->page (HTML only: title,
 * widgets). In strict rendering a name that a template uses must be there,
 * so whatever may be absent is put as false.
 */
#ifndef COBIJO_PAGE_H
#define COBIJO_PAGE_H

#include "web/route.h"

enum { LANGUAGE_SECONDS = 31536000 }; /* how long a browser keeps it */

#ifndef COBIJO_VERSION /* the Makefile says it */
#define COBIJO_VERSION "0"
#endif

#define ROUTE(method, path, right, handler, template, flags)                   \
    enum error handler(struct view *view);
#include "web/routes.def"
#undef ROUTE

/* route.c: who asks, by bearer token or cookie; nobody is no error. */
enum error visitor_find(struct view *view, struct session *session);

/* visit.c: the cookie that says who is there. Over TLS it is called
 * __Host-cobijo, and the other name is not looked at. */
struct str session_cookie(const struct view *view);
/* An opened session into the browser: its cookie, the machine's, her
 * language. */
void session_keep(struct view *view, const struct session *session);
void session_drop(struct view *view);
/* Where this request comes from, for account_login_from and its like. */
struct visit visit_of(struct view *view);
/* Where a session in that state goes on; next is a path of ours. */
struct str session_next(struct view *view, const struct session *session,
                        struct str next);
/* Only a path of ours, never another site's. */
struct str next_path(struct str wanted);

/* page_account.c: two new passwords that are one; a login, with where it goes
 * on (in: where she wanted to); the profile again with a problem. */
enum error password_check(struct view *view, struct str password,
                          struct str again);
enum error log_in(struct view *view, struct str name, struct str password,
                  struct str *next);
enum error profile_again(struct view *view, enum error error);
/* One's own account is for people with a session, not for tokens. */
enum error need_session(struct view *view);
/* Is it still she? The field "present" is her password: ERROR_INPUT. */
enum error present_check(struct view *view);
/* page_user.c: page.roles, page.places; a place for whoever only answers. */
void put_roles(struct view *view);
enum error put_places(struct view *view);
enum error check_place(struct view *view);

/* view.c: did the request come over TLS, ours or that of the program before
 * us? */
bool over_tls(const struct view *view);
/* What the program is called from outside: http://host:port, without the last
 * slash. */
struct str view_base(struct view *view);
/* Where a browser fetches a file of ui/: "js/map.js"; "" when there is none. */
struct str asset_href(struct view *view, const char *path);
/* page_slip.c: page.qr = {size, path} of a text, or false. */
void view_qr(struct view *view, struct str text);
/* {size, path} of a text, or NULL where there is no QR code. */
struct value *qr_value(const struct host *host, struct arena *arena,
                       struct str text);

/* view.c: what stands around every page. */
void view_title(struct view *view, const char *msgid); /* never a name */
void view_furnish(struct view *view);
struct str view_format(struct view *view, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* page_glass.c: what Today says of broken glass and of duress. */
enum error notices_put(struct view *view);
/* Set-Cookie for the whole site: HttpOnly, SameSite=Lax, and Secure whenever
 * the request came over TLS, ours or that of the program before us. */
void view_cookie(struct view *view, const char *name, struct str value,
                 long seconds);
/* A msgid with {1} replaced, in the reader's language. */
struct str view_say_with(const struct view *view, const char *msgid,
                         struct str argument);
/* 303 to path?said=key: the notice is shown once there. */
void view_redirect_said(struct view *view, struct str path, const char *said);
/* The request again, for a form that shows problems: sets page.problem and
 * the template, and gives the code back. */
enum error view_again(struct view *view, const char *template,
                      enum error error);
/* What a language calls itself: Español, English. */
struct str language_name(struct str code);
bool uuid_valid(struct str text);
struct str path_escape(struct arena *arena, struct str text);

/* "Español", "Kreyòl ayisyen": a language in its own words. */
struct str language_name(struct str code);
/* The query of this page with one field changed: "?read=en&person=…". */
struct str query_with(struct view *view, const char *name, struct str value);
/* A member that a template may ask for even where there is no text. */
void put_text_or_false(struct view *view, struct value *object,
                       const char *name, struct str text);

/* Hidden fields that make a form safe to send twice and to edit in two
 * places: page.entry, page.record, page.base. */
void view_stamp(struct view *view, struct str record, int64_t base);
/* The same fields read back. */
void view_save(const struct view *view, struct save *save);
/* What the writer typed beside what somebody else wrote meanwhile:
 * page.conflict = [{label, yours, theirs}]. */
void view_conflict(struct view *view, const struct form *form,
                   const struct value *yours);
/* Answers from the body: a form post or a JSON object; our own fields, those
 * that begin with '_' (but "_why"), are left out. */
struct value *view_answers(struct view *view, const struct form *form);
/* The add and remove buttons of repeats: true when one was pressed, then the
 * answers have been changed and the page is to be shown again. */
bool view_repeat_pressed(struct view *view, const struct form *form,
                         struct value *answers);
const struct form *view_form(struct view *view, const char *kind);
/* The form of :kind that the query asks for: ?version=…, or ?draft=yes for who
 * may publish; else the one in use. NULL: there is none. form_packed.c */
const struct form *view_form_asked(struct view *view);

/* What a reference to a record is called: a person's name, a place's. The id
 * when it may not be read. */
struct str ref_text(struct view *view, struct str kind, struct str id);
/* A person as a card: {id, href, name, age, sex, nationality, code, …}. */
struct value *person_card(struct view *view, struct str id,
                          const struct value *answers);
/* data.matches: who a person might be already, `self` apart; *probable: one
 * is so likely that it must be asked about. page_register.c. */
enum error match_put(struct view *view, const struct value *draft,
                     struct str self, size_t most, bool *probable);
/* Instants for people: "hoy 14:05", "ayer", "22/11/2026". */
struct str when_text(const struct view *view, int64_t instant);
struct str day_text(const struct view *view, int64_t day);

/* One of several forms on a page: base stands before every name. */
struct form_part {
    const struct value *answers; /* may be NULL */
    const struct check_problem *problem;
    size_t problems;
    const char *const *only; /* NULL-terminated keys, or NULL for all */
    struct str base;         /* "family.0.", or empty */
};
struct value *form_view_part(struct view *view, const struct form *form,
                             const struct form_part *part);
/* The answers of such a part: form fields that begin with base, or the member
 * of that name of a JSON body ("family.0." is family[0]). NULL: none. */
struct value *view_answers_part(struct view *view, const struct form *form,
                                struct str base);
/* A new record's answers with the form's defaults filled in. */
const struct value *view_defaults(struct view *view, const struct form *form,
                                  const struct value *answers);

/* page.parts: the forms of this page as form.js wants them, page.draft_key:
 * what drafts are sealed with on the device. */
void form_parts_put(struct view *view);

/* A kept file for templates/kept.html. page.file_base, where it is set, is the
 * address of the record's files. */
struct value *file_shown(struct view *view, const struct question *question,
                         struct str name);
/* page.file_base of a record. */
void files_of(struct view *view, struct str kind, struct str record);

/* Live help for these answers into data: relevant, choices, errors, values. */
enum error live_put(struct view *view, const struct form *form,
                    const struct value *answers);

/* The problems of a check as [{id, label, text}] for page.problems. */
struct value *problem_list(struct view *view, const struct form *form,
                           const struct form_part *part);
/* Those of a record that was not saved, as page.problems. */
void problems_put(struct view *view, const struct form *form);
struct str problem_text(struct view *view, const struct check_problem *problem);
/* JSON of a value as response body with a MIME type. */
void view_body(struct view *view, const char *type, struct str body);

/* page_report.c: item.goal, {target, percent, bar, done} of a figure that has a
 * target, or false. */
void put_goal(struct view *view, struct value *item,
              const struct value *indicator);

#endif
