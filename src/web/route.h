/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* route.h - one row per page in routes.def: method, path, right, handler,
 * template. The dispatcher finds the row, asks for the session, checks right,
 * method and CSRF token, runs the handler, renders HTML or JSON. A page cannot
 * forget a check, because it does not do it.
 */
#ifndef COBIJO_ROUTE_H
#define COBIJO_ROUTE_H

#include "domain/account/account.h"
#include "domain/access/decide.h"
#include "domain/record/record.h"
#include "web/app.h"

/* What a handler reads from and fills. */
struct view {
    struct app *app;
    struct task task; /* who asks, db, arena, language */
    const struct request *request;
    const struct session *session; /* NULL: no cookie of ours; she is in only
                                      when it is open (task.actor) */
    struct str param[4];           /* :id … of the path, decoded */
    const struct value *query;     /* fields of the query string */
    const struct value *fields;    /* of the body: form, multipart or JSON */
    struct value *data;            /* the answer: this is the JSON face */
    struct value *page;            /* only for the HTML face: labels, form
                                      widgets, csrf; added to data when
                                      rendering */
    const char *template;          /* may be changed by the handler */
    struct response *response;
    const struct route *route;           /* NULL: no row fits */
    struct err err;                      /* set on failure */
    const struct check_problem *problem; /* with ERROR_INPUT */
    size_t problems;
    struct str counted;      /* a public page: what usage.h counts it as; empty:
                                its row's path */
    struct str counted_area; /* and the state it is about, or empty */
    bool json;               /* the reader wants the JSON face */
    bool bearer;             /* a program with a token */
    bool forms;              /* the page has a form: form.wasm may run */
    bool widgets;            /* and questions that widgets.css draws */
    bool microphone;         /* and a question that is answered aloud */
    struct session opened;   /* by this very request; session may point here */
    struct str device;       /* a new cookie for the machine, or empty */
    struct attached *file;   /* that came with the answers (attach.h) */
    size_t files;
};

/* ERROR_NONE: render the template (or what the handler put into response:
 * a redirect, a file). Otherwise the error page or, when the handler set
 * view->template on an ERROR_INPUT/CONFLICT, that page again, status 4xx. */
typedef enum error (*route_handler)(struct view *view);

enum route_flags {
    ROUTE_PLAIN = 0,
    ROUTE_NO_CSRF = 1,    /* says why in routes.def */
    ROUTE_LARGE = 2,      /* body up to request_body_max, else 1 MiB */
    ROUTE_FIRST_RUN = 4,  /* allowed before the first user exists */
    ROUTE_READS_KIND = 8, /* also needs right_to_read(first :param) */
    ROUTE_OPENROSA = 64,  /* for telephones: openrosa.h looks who is there, and
                             errors are OpenRosa's XML */
    ROUTE_NO_STORE = 32,  /* asks neither who is there nor the database */
    ROUTE_WRITES_KIND = 16, /* also needs right_to_write(first :param) */
    ROUTE_FILES = 128,      /* a form that may bring files: as ROUTE_LARGE when
                               it is multipart */
    ROUTE_ENROL = 256,      /* also for who must set up a second factor before
                               anything else */
    ROUTE_CLOSED = 1024,    /* also while the house is closed: the handler can
                               do without a database (task.db is NULL) */
    ROUTE_KEPT = 2048,      /* a public page, the same for everybody who asks in
                               a language (public/keep.h) */
    ROUTE_PUBLIC = 512 /* for anybody (public/public.h): asks for no session,
                          sets no cookie, has the public layout */
};
/* Whose file a page shows: the kind of record that its first :parameter
 * names. The dispatcher asks decide() before the handler runs, and gives it the
 * role as it is open for that file; a page without a word here shows nobody's
 * file and has the role as it is open in every file. */
enum route_opens {
    OPENS_PERSON = 1 << 16,
    OPENS_SCREENING = 2 << 16,
    OPENS_FLAG = 3 << 16,
    OPENS_PROFILE = 4 << 16,
    OPENS_REFERRAL = 5 << 16,
    OPENS_CASEFILE = 6 << 16,
    OPENS_RECEIVED = 7 << 16, /* a referral, as its receiver */
    OPENS_RECORD = 8 << 16,   /* /record/:kind/:id */
    OPENS_NEW = 9 << 16,      /* a new record of :kind, about whom its fields
                                 name */
    OPENS_NEW_PERSON = 10 << 16,
    OPENS_FORM = 11 << 16,      /* the questions of :kind and no answers */
    OPENS_INTERVIEW = 12 << 16, /* a new screening of the person */
    OPENS_CONSENT = 13 << 16,
    OPENS_REQUEST = 14 << 16, /* a request about data (rights_request) */
    OPENS_GLASS = 15 << 16,   /* asks for a person's file that is closed */
    OPENS_NOBODY = 16 << 16, /* :id is an account, a room, a batch …: nobody's
                                file; the handler asks whose it is */
    OPENS_GIVEN = 17 << 16,  /* what another house gave about her */
    OPENS_MASK = 31 << 16
};
/* What it does with it; without a word it reads. */
enum route_does {
    DOES_WRITE = ACT_WRITE << 24,
    DOES_LIST = ACT_LIST << 24,
    DOES_EXPORT = ACT_EXPORT << 24,
    DOES_SHARE = ACT_SHARE << 24,
    DOES_PRINT = ACT_PRINT << 24,
    DOES_HISTORY = ACT_HISTORY << 24,
    DOES_MASK = 7 << 24
};
enum { ROUTE_BODY_MAX = 1024 * 1024 };

struct route {
    const char *method; /* "GET" answers HEAD too */
    const char *path;   /* "/person/:id"; a last "*" takes what remains */
    enum right right;
    route_handler handler;
    const char *template; /* NULL: the handler writes the response */
    unsigned flags;
};
extern const struct route route_table[];
extern const size_t route_count;

/* 303 to a path of ours; JSON clients get 200/201 with view->data. */
void view_redirect(struct view *view, struct str path);
void view_created(struct view *view, struct str path, struct str id);
/* A field of the body or the query as text; "" when absent. */
struct str view_field(const struct view *view, const char *name);
struct str view_query(const struct view *view, const char *name);
/* Translated. */
struct str view_say(const struct view *view, const char *msgid);
/* A short notice shown once on the next page (cookie-free: ?said=key). */

/* The form of a kind as widgets for templates/form.html: page.form =
 * {groups:[{label, questions:[{key,label,hint,type flags,value,choices,error,
 * why…}]}]}. answers may be NULL; problems mark their questions and the first
 * gets focus. `only`: keys to show, NULL-terminated, or NULL for all. */
struct value *form_view(struct view *view, const struct form *form,
                        const struct value *answers,
                        const struct check_problem *problem, size_t problems,
                        const char *const *only);
/* A record for reading: [{label, text, key, sensitive}] of what has an answer
 * and the role may read. */
struct value *record_view(struct view *view, const struct form *form,
                          const struct value *answers);

#endif
