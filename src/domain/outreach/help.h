/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* help.h - asking for help without an account, from the message to the file.
 *
 * A request is a record of kind help_request, each thing that is said a record
 * of kind help_message about it. The request has a data key of its own
 * (class.csv), so erasing it takes all of it. Nobody's name or address is
 * kept; who comes back shows the code word: a word that she chose and two that
 * the house added (help_code.c).
 *
 * Nothing is taken where nothing can be sealed: without a site key the box is
 * closed (help_open). What is said to strangers is chosen by web/public, which
 * speaks more languages; here it is a word of enum help_trouble.
 */
#ifndef COBIJO_HELP_H
#define COBIJO_HELP_H

#include "domain/outreach/help_limit.h"
#include "domain/record/record.h"

enum {
    HELP_TEXT_MAX = 2000,   /* letters of a message */
    HELP_MESSAGES_MAX = 60, /* of one request */
    HELP_WORD_LETTERS = 6,  /* of her own word, at least */
    HELP_WORD_MAX = 40
};

enum help_trouble {
    HELP_FINE,
    HELP_CLOSED,     /* no key: nothing can be taken */
    HELP_WAIT,       /* too many for now; seconds say how long */
    HELP_EMPTY,      /* no text */
    HELP_LONG,       /* too long */
    HELP_FULL,       /* too many messages in this request */
    HELP_WORD_SHORT, /* her word: too short, too long, too easy */
    HELP_WORD_LONG,
    HELP_WORD_EASY,
    HELP_PHONE,      /* no telephone where she wants to be called, or none */
    HELP_SAFE,       /* is it safe to call? was not answered */
    HELP_OTHER_WORD, /* sent twice with two words */
    HELP_NOBODY      /* no request has this code word */
};

/* Can messages be taken, and opened again? */
bool help_open(const struct task *task);

struct help_wish {
    struct str needs; /* codes of help_need.csv */
    struct str admin1, municipality;
    struct str answer_by; /* codigo, telefono, whatsapp; empty: codigo */
    struct str phone, safe, contact_how;
    struct str text, word;
    struct str entry;   /* uuid of the form: sent twice is one request */
    struct str address; /* whence; it is not kept */
};

struct help_told {
    enum help_trouble trouble;
    int64_t seconds; /* of HELP_WAIT */
    struct str code; /* "girasol lago mesa", to be told once */
    struct str request;
};
enum error help_write(struct task *task, const struct help_wish *wish,
                      struct help_told *told, struct err *err);

/* --- with the code word --- */

/* The request that a code word opens; a wrong one is counted. */
enum error help_come_back(struct task *task, struct str code,
                          struct str address, struct help_told *told,
                          struct err *err);
/* What stands in a form instead of the code word, for half an hour. */
struct str help_ticket(struct task *task, struct str request);
/* The request, or empty: none, or its time is over. */
struct str help_ticket_open(struct task *task, struct str ticket);

/* {id, needs:[{code,label}], needs_text, place, tongue, urgency,
 * urgency_label, state, state_label, answer_by…, messages:[{hers, text, at}],
 * asked, consent, person …}. For the house it is noted that it was seen.
 * ERROR_NOT_FOUND when it was erased. */
enum error help_show(struct task *task, struct str request, bool house,
                     struct value **view, struct err *err);

/* She writes again. */
enum error help_add(struct task *task, struct str request, struct str text,
                    struct str entry, enum help_trouble *trouble,
                    struct err *err);
/* She answers whether a file may be opened. */
enum error help_consent(struct task *task, struct str request, bool yes,
                        struct err *err);
/* With the change: no code word leads to the request any more. */
void help_drop_name(struct change *change, struct str request);
/* All of it goes, and its key. Until retention would have taken it no restored
 * backup brings it back (keyring.h). */
enum error help_erase(struct task *task, struct str request, struct err *err);

/* --- the desk: right help.answer --- */

/* {waiting:[…], answered:[…], done:[…]}: most urgent and longest waiting
 * first; all: what is closed, too. Shows nothing of what was written. */
enum error help_list(struct task *task, bool all, struct value **view,
                     struct err *err);
/* For Today: how many wait, and the first of them. */
enum error help_today(struct task *task, struct value **list, size_t *count,
                      struct err *err);

enum error help_take(struct task *task, struct str request, bool take,
                     struct err *err);
enum error help_answer(struct task *task, struct str request, struct str text,
                       struct str entry, struct err *err);
/* May we open a file? stands on her page until she answers. */
enum error help_ask(struct task *task, struct str request, struct err *err);
/* She said yes on the telephone, or here: in which words and when. */
enum error help_consent_told(struct task *task, struct str request,
                             struct str why, struct err *err);
enum error help_urgency(struct task *task, struct str request,
                        struct str urgency, struct err *err);
/* cerrada, spam, or back to work: tomada. */
enum error help_close(struct task *task, struct str request, struct str state,
                      struct str why, struct err *err);

/* What a new file begins with: {answers of kind person}. ERROR_BLOCKED without
 * her consent. */
enum error help_file(struct task *task, struct str request,
                     struct value **answers, struct err *err);
/* The file was made: the request says so. */
enum error help_filed(struct task *task, struct str request, struct str person,
                      struct err *err);
/* She has a file already (its case code): what she wrote goes into its
 * notes. */
enum error help_join(struct task *task, struct str request,
                     struct str case_code, struct str *person, struct err *err);

/* Requests that nobody touched for the days in retention.csv go. */
enum error help_sweep(struct task *task, size_t *erased, struct err *err);
/* The days; 0: they stay. */
int64_t help_days(const struct task *task);

/* --- help_code.c --- */

/* Small letters and figures without accents, one space between words. */
struct str help_plain(struct arena *arena, struct str text);
/* Is her own word fit? */
enum help_trouble help_word_check(const struct task *task, struct str word);
/* Her word and two of the house's, which follow from entry and turn. */
struct str help_code_make(struct task *task, struct str word, struct str entry,
                          int turn);
/* Under which name a code word stands in the store; empty: no memory. Slow. */
struct str help_code_name(struct task *task, struct str code);

#endif
