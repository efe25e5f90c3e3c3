/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_know.c - notices for the public: CommonMark that carries nothing harmful,
 * syllables and scores against counts made by hand, every shipped text in its
 * five languages, the house's own with a second person, and readings that are
 * forgotten below the threshold.
 */
#include "domain/notice/house.h"
#include "domain/notice/readability.h"
#include "domain/notice/usage.h"
#include "domain_fixture.h"
#include "sys/commonmark.h"

/* --- CommonMark
 * --------------------------------------------------------------- */

static const struct {
    const char *text, *html;
} safe[] = {
    {"Hola **a todos**", "<p>Hola <strong>a todos</strong></p>\n"},
    {"# Uno\n\n## Dos", "<h2>Uno</h2>\n<h2>Dos</h2>\n"},
    {"<script>alert(1)</script>", ""},
    {"a <b onclick=x>b</b> c", "<p>a b c</p>\n"},
    {"a <script>alert(1)</script>", "<p>a alert(1)</p>\n"},
    {"[x](javascript:alert(1))", "<p>x</p>\n"},
    {"[x](JaVaScRiPt:alert(1))", "<p>x</p>\n"},
    {"[x](&#106;avascript:alert(1))", "<p>x</p>\n"},
    {"[x](data:text/html,x)", "<p>x</p>\n"},
    {"[x](vbscript:x) [y](file:///etc)", "<p>x y</p>\n"},
    {"<javascript:alert(1)>", "<p>javascript:alert(1)</p>\n"},
    {"[x](//example.org)", "<p>x</p>\n"},
    {"[x](/\\example.org)", "<p>x</p>\n"},
    {"[x](https://example.org \"t\")",
     "<p><a href=\"https://example.org\">x</a></p>\n"},
    {"[x](tel:911)", "<p><a href=\"tel:911\">x</a></p>\n"},
    {"[x](/know/asylum)", "<p><a href=\"/know/asylum?lang=fr\">x</a></p>\n"},
    {"![foto](https://example.org/x.png)", "<p>foto</p>\n"},
    {"[![a](https://e.org/x.png)](javascript:x)", "<p>a</p>\n"},
    {"![a *b*](x)", "<p>a <em>b</em></p>\n"},
    {"```js\" onload=\"x\nalert\n```", "<pre><code>alert\n</code></pre>\n"},
    {"<!-- x -->\n\nhola", "<p>hola</p>\n"},
    {"<iframe src=x></iframe>\n", ""},
    {"[a]: javascript:x\n\n[a]", "<p>a</p>\n"},
    {"\"&<>", "<p>&quot;&amp;&lt;&gt;</p>\n"},
};

static void commonmark(struct tap *tap)
{
    struct arena arena;
    struct str html = {0};
    char *deep, name[32];

    arena_init(&arena, NULL);
    for (size_t i = 0; i < sizeof safe / sizeof safe[0]; i++) {
        bool read = commonmark_html(&arena, str_of(safe[i].text),
                                    STR("?lang=fr"), &html);

        snprintf(name, sizeof name, "CommonMark %zu", i);
        tap_is(tap, read ? str_c(&arena, html) : "refused", safe[i].html, name);
    }
    deep = arena_alloc(&arena, 40001);
    memset(deep, '>', 40000);
    tap_ok(tap,
           !commonmark_html(&arena, (struct str){deep, 40000}, STR(""), &html),
           "a text nested 40,000 deep is refused");
    memset(deep, '[', 40000);
    tap_ok(tap,
           commonmark_html(&arena, (struct str){deep, 40000}, STR(""), &html),
           "40,000 open brackets are a text");
    deep = arena_alloc(&arena, COMMONMARK_MOST + 1);
    memset(deep, 'a', COMMONMARK_MOST + 1);
    tap_ok(tap,
           !commonmark_html(&arena, (struct str){deep, COMMONMARK_MOST + 1},
                            STR(""), &html),
           "a text that is too long is refused");
    arena_release(&arena);
}

/* --- how easy it is to read
 * ------------------------------------------------------ */

static const struct {
    const char *word;
    size_t count;
} spanish[] =
    {
        {"casa", 2},      {"ciudad", 2},   {"día", 2},     {"país", 2},
        {"aéreo", 4},     {"que", 1},      {"guerra", 2},  {"pingüino", 3},
        {"ahí", 2},       {"rey", 1},      {"cuidado", 3}, {"lección", 2},
        {"teatro", 3},    {"albergue", 3}, {"búho", 2},    {"aunque", 2},
        {"migración", 3}, {"prohíbe", 3},  {"oiga", 2},    {"y", 1},
        {"leer", 2},      {"río", 2},      {"NIÑEZ", 2},   {"constancia", 3},
},
  english[] = {
      {"house", 1}, {"people", 2}, {"table", 2},  {"wanted", 2},
      {"asked", 1}, {"help", 1},   {"doctor", 2}, {"asylum", 3},
      {"free", 1},  {"the", 1},    {"papers", 2}, {"emergency", 4},
      {"time", 1},  {"you", 1},
};

static void reading(struct tap *tap)
{
    struct readability out;

    for (size_t i = 0; i < sizeof spanish / sizeof spanish[0]; i++)
        tap_is_int(tap, (long long)syllables_spanish(str_of(spanish[i].word)),
                   (long long)spanish[i].count, spanish[i].word);
    for (size_t i = 0; i < sizeof english / sizeof english[0]; i++)
        tap_is_int(tap, (long long)syllables_english(str_of(english[i].word)),
                   (long long)english[i].count, english[i].word);
    /* 2 sentences, 20 words, 30 syllables: counted by hand */
    readability_of(STR("La casa es de la mujer y de la niña que vive "
                       "aquí. Ella come pan con su hermana buena.\n"),
                   STR("es"), &out);
    tap_is_int(tap, (long long)out.sentences, 2, "two sentences");
    tap_is_int(tap, (long long)out.words, 20, "twenty words");
    tap_is_int(tap, (long long)out.longest, 13, "thirteen in the longest");
    tap_is_int(tap, (long long)out.syllables, 30, "thirty syllables");
    tap_ok(tap,
           out.score > 206.835 - 62.3 * 30 / 20 - 10 - 0.01 &&
               out.score < 206.835 - 62.3 * 30 / 20 - 10 + 0.01,
           "Szigriszt-Pazos, by hand: %.2f", out.score);
    readability_of(STR("## Título\n- [enlace](/know/largo.muy.largo)\n- dos\n"),
                   STR("es"), &out);
    tap_is_int(tap, (long long)out.words, 3,
               "addresses and marks are no words");
    tap_is_int(tap, (long long)out.sentences, 3, "a list item is a sentence");
    tap_ok(tap, out.ease == READING_NONE, "too little text has no score");
    readability_of(
        STR("La implementación de procedimientos administrativos "
            "interinstitucionales condiciona significativamente las "
            "posibilidades de reconocimiento de la condición de refugiado "
            "durante las etapas correspondientes del procedimiento "
            "establecido por la legislación aplicable."),
        STR("es"), &out);
    tap_ok(tap, out.ease == READING_VERY_HARD, "officialese is very hard");
    readability_of(STR(""), STR("es"), &out);
    tap_ok(tap, out.words == 0 && out.score == 0, "nothing is nothing");
}

/* --- what is shipped
 * ---------------------------------------------------------------- */

static void shipped(struct tap *tap, struct fixture *fixture)
{
    const struct know *know = fixture->office.know;
    size_t missing = 0, hard = 0, raw = 0, names = 0, reviewed = 0;

    tap_is_int(tap, (long long)know->languages, 5, "five languages");
    tap_is_int(tap, (long long)know->topic->rows, 13, "thirteen topics");
    for (size_t i = 0; i < know->topic->rows; i++)
        for (size_t k = 0; k < know->languages; k++) {
            struct str name = catalog_cell(know->topic, i, "name");
            const struct notice *notice =
                know_file(know, name, know->language[k]);
            struct readability out;

            if (!notice) {
                missing++;
                continue;
            }
            readability_of(notice->source, notice->language, &out);
            if (out.ease > READING_EASY || out.longest > 32 ||
                out.sentence_size > 12) {
                printf("# %.*s.%.*s: %.0f, longest %zu\n", STR_ARGS(name),
                       STR_ARGS(notice->language), out.score, out.longest);
                hard++;
            }
            raw += str_find(notice->html, STR("**")) != SIZE_MAX ||
                   str_find(notice->html, STR("{clock")) != SIZE_MAX;
            names += catalog_label(know->topic, i, "label", know->language[k])
                         .size == 0;
            reviewed += notice->reviewed_by.size > 0;
        }
    tap_is_int(tap, (long long)missing, 0, "every topic in every language");
    tap_is_int(tap, (long long)hard, 0, "every text is easy to read");
    tap_is_int(tap, (long long)raw, 0, "no mark or placeholder is left over");
    tap_is_int(tap, (long long)names, 0, "every topic has its names");
    tap_is_int(tap, (long long)reviewed, 0,
               "none says that it was reviewed (change when one was)");
    tap_ok(tap,
           str_find(know_file(know, STR("asylum"), STR("es"))->html,
                    STR("<strong>30 días hábiles</strong>")) != SIZE_MAX,
           "the clock of the law is in the text");
}

static void parsing(struct tap *tap, struct fixture *fixture)
{
    static const struct {
        const char *text;
        bool good;
    } cases[] = {
        {"---\ntitle: A\n---\nHola", true},
        {"---\ntitle: A\nreviewed_on: 2026-11-02\n---\nHola", true},
        {"---\r\ntitle: A\r\n---\r\nHola", true},
        {"Hola", false},
        {"---\ntitel: A\n---\nHola", false},
        {"---\n---\nHola", false},
        {"---\ntitle: A\nreviewed_on: ayer\n---\nHola", false},
        {"---\ntitle: A\n---\n{clock:nada} días", false},
        {"---\ntitle: A\n---\n{clock:asylum_filing", false},
        {"", false},
    };

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct notice notice = {0};
        struct err err = {0};
        enum error error =
            notice_parse(&fixture->arena, fixture->office.catalog,
                         str_of(cases[i].text), &notice, &err);

        tap_ok(tap,
               (error == ERROR_NONE) == cases[i].good &&
                   (error != 0) == (err.message != NULL),
               "notice %zu is %s", i, cases[i].good ? "read" : "refused");
    }
}

/* --- the house's own
 * ------------------------------------------------------------------ */

/* The clock of the text about rights in Spanish as it stands now. */
static int64_t read_at(struct task *task)
{
    struct record record = {0};
    struct err err = {0};
    bool found = false;

    house_record(task, STR("rights"), STR("es"), &found, &record, &err);
    return found ? record.clock : 0;
}

static void house(struct tap *tap, struct fixture *fixture)
{
    struct task writer = fixture_task(fixture, "supervisor");
    struct task reviewer = fixture_task(fixture, "admin");
    struct task nobody = fixture_task(fixture, "");
    struct notice draft = {.name = STR("rights"),
                           .language = STR("es"),
                           .title = STR("Sus derechos aquí"),
                           .source = STR("Aquí puede quedarse.")};
    struct notice now = {0};
    struct err err = {0};
    int64_t read;

    nobody.language = STR("es");
    tap_ok(tap, !house_write(&writer, &draft, &err), "somebody writes a text");
    tap_ok(tap, !know_read(&nobody, STR("rights"), &now, &err) && !now.house,
           "readers have the shipped one still");
    tap_ok(tap,
           house_approve(&writer, STR("rights"), STR("es"), STR("Yo"),
                         read_at(&writer), &err) == ERROR_FORBIDDEN,
           "who wrote it cannot review it");
    err = (struct err){0};
    tap_ok(tap,
           house_approve(&reviewer, STR("rights"), STR("es"), STR(" "),
                         read_at(&writer), &err) == ERROR_INPUT,
           "a review says by whom");
    err = (struct err){0};
    read = read_at(&writer);
    draft.source = STR("Aquí **puede** descansar.");
    tap_ok(tap, !house_write(&writer, &draft, &err), "it is changed");
    tap_ok(tap,
           house_approve(&reviewer, STR("rights"), STR("es"),
                         STR("Abogada de la red"), read,
                         &err) == ERROR_CONFLICT,
           "who read the older text reviews nothing");
    err = (struct err){0};
    tap_ok(tap,
           !house_approve(&reviewer, STR("rights"), STR("es"),
                          STR("Abogada de la red"), read_at(&writer), &err),
           "somebody else reviews it");
    tap_ok(tap,
           !know_read(&nobody, STR("rights"), &now, &err) && now.house &&
               str_equal_c(now.html,
                           "<p>Aquí <strong>puede</strong> descansar.</p>\n") &&
               str_equal_c(now.reviewed_by, "Abogada de la red") &&
               notice_reviewed_days(&now, task_day(&nobody)) == 0,
           "now readers have it, with who reviewed it and when");
    nobody.language = STR("ar");
    tap_ok(tap,
           !know_read(&nobody, STR("asylum"), &now, &err) &&
               str_equal_c(now.language, "es"),
           "a language without texts gets Spanish");
    draft.source = STR("{clock:nada}");
    tap_ok(tap, house_write(&writer, &draft, &err) == ERROR_INPUT,
           "a time limit that does not exist is refused");
    draft.source = STR("Hola");
    draft.name = STR("nada");
    err = (struct err){0};
    tap_ok(tap, house_write(&writer, &draft, &err) == ERROR_NOT_FOUND,
           "a topic that does not exist is refused");
    draft.name = STR("rights");
    err = (struct err){0};
    nobody = fixture_task(fixture, "");
    tap_ok(tap, house_write(&nobody, &draft, &err) != ERROR_NONE,
           "nobody without an account writes");
    reviewer = fixture_task(fixture, "intake");
    err = (struct err){0};
    tap_ok(tap, house_write(&reviewer, &draft, &err) != ERROR_NONE,
           "nor who may not");
    err = (struct err){0};
    tap_ok(tap, !house_drop(&writer, STR("rights"), STR("es"), true, &err),
           "the house takes its text away");
    nobody.language = STR("es");
    tap_ok(tap, !know_read(&nobody, STR("rights"), &now, &err) && !now.house,
           "and the shipped one shows again");
    tap_ok(tap, know_read(&nobody, STR("nada"), &now, &err) == ERROR_NOT_FOUND,
           "what is no topic is not there");
}

/* --- readings
 * -------------------------------------------------------------------------- */

static void readings(struct tap *tap, struct fixture *fixture)
{
    struct task task;
    struct usage *usage = NULL;
    struct err err = {0};
    size_t count = 0;
    int64_t day;

    fixture->now = fixture_instant("2026-11-22T12:00:00Z");
    task = fixture_task(fixture, "");
    day = task_day(&task);
    for (int i = 0; i < 12; i++)
        usage_count(&task, STR("/know/asylum"),
                    i < 3 ? STR("MX-CHP") : STR("canario"));
    for (int i = 0; i < 9; i++)
        usage_count(&task, STR("/know/health"), STR(""));
    tap_ok(tap, !usage_flush(&task, &err), "the day is not over");
    usage_list(&task, day - 5, day + 5, STR(""), &usage, &count, &err);
    tap_is_int(tap, (long long)count, 0, "so nothing is written");
    fixture->now += 86400000;
    task = fixture_task(fixture, "");
    usage_count(&task, STR("/know/asylum"), STR(""));
    tap_ok(tap, !usage_flush(&task, &err), "the next day");
    usage_list(&task, day - 5, day + 5, STR(""), &usage, &count, &err);
    tap_ok(tap,
           count == 1 && usage[0].count == 12 && usage[0].day == day &&
               str_equal_c(usage[0].page, "/know/asylum") &&
               usage[0].area.size == 0,
           "what was read 12 times is written; 9 times, and 3 in a state, not");
    tap_ok(tap, !usage_flush(&task, &err), "again");
    usage_list(&task, day - 5, day + 5, STR("/know/asylum"), &usage, &count,
               &err);
    tap_is_int(tap, (long long)count, 1, "is the same");
    for (int i = 0; i < 5000; i++) {
        char page[24];

        snprintf(page, sizeof page, "p%d", i);
        usage_count(&task, str_of(page), STR(""));
    }
    fixture->now += 86400000;
    task = fixture_task(fixture, "");
    tap_ok(tap, !usage_flush(&task, &err),
           "many pages fill the shelf, no more");
}

/* A server stops at noon, another one goes on. */
static void stopped(struct tap *tap, struct fixture *fixture)
{
    struct usage_shelf *first = fixture->office.usage;
    struct task task = fixture_task(fixture, "");
    struct usage *usage = NULL;
    struct err err = {0};
    int64_t day = task_day(&task), rows = 0;
    size_t count = 0;
    bool found;

    fixture->office.usage = usage_shelf_new(&fixture->arena);
    for (int i = 0; i < 7; i++)
        usage_count(&task, STR("/know/return"), STR("MX-CHP"));
    tap_ok(tap, !usage_keep(&task, &err), "a server that stops");
    fixture_say(&err);
    usage_list(&task, day, day, STR(""), &usage, &count, &err);
    tap_is_int(tap, (long long)count, 0, "tells no number that is too small");
    db_get_int(task.db, &rows, &found, &err,
               "SELECT count(*) FROM usage_kept WHERE length(sealed) > 60", "");
    fixture->office.usage = usage_shelf_new(&fixture->arena);
    for (int i = 0; i < 7; i++)
        usage_count(&task, STR("/know/return"), STR("MX-CHP"));
    fixture->now += 86400000;
    task = fixture_task(fixture, "");
    tap_ok(tap, !usage_flush(&task, &err), "the next one goes on");
    fixture_say(&err);
    usage_list(&task, day, day, STR(""), &usage, &count, &err);
    if (task.office->site_key) {
        tap_is_int(tap, rows, 1, "the day is sealed");
        tap_ok(tap,
               count == 2 && usage[0].count == 14 && usage[1].count == 14 &&
                   str_equal_c(usage[1].area, "MX-CHP"),
               "7 and 7 are 14 of that day");
    } else {
        tap_is_int(tap, rows, 0, "without a key nothing small is kept");
        tap_is_int(tap, (long long)count, 0, "and it is forgotten");
    }
    db_get_int(task.db, &rows, &found, &err, "SELECT count(*) FROM usage_kept",
               "");
    tap_is_int(tap, rows, 0, "once");
    fixture->office.usage = first;
}

static void count_times(const struct task *task, int times)
{
    for (int i = 0; i < times; i++)
        usage_count(task, STR("/know/killed"), STR(""));
}

static int64_t number_of(struct task *task, const char *sql)
{
    struct err err = {0};
    int64_t number = -1;
    bool found;

    db_get_int(task->db, &number, &found, &err, sql, "");
    return number;
}

/* What of it was told of the day, -1: nothing. */
static long long told(struct task *task, int64_t day)
{
    struct usage *usage = NULL;
    struct err err = {0};
    size_t count = 0;

    usage_list(task, day, day, STR("/know/killed"), &usage, &count, &err);
    return count ? (long long)usage[0].count : -1;
}

/* A server is killed; the next one has what was counted until minutes before.
 * Then two at once: nothing is counted twice. */
static void killed(struct tap *tap, struct fixture *fixture)
{
    static const char kept[] = "SELECT count(*) FROM usage_kept";
    struct usage_shelf *first = fixture->office.usage, *a, *b;
    struct task task = fixture_task(fixture, "");
    int64_t day = task_day(&task);
    struct err err = {0};

    if (!task.office->site_key)
        return;
    fixture->office.usage = a = usage_shelf_new(&fixture->arena);
    count_times(&task, 6);
    tap_ok(tap, !usage_flush(&task, &err), "a server counts");
    fixture_say(&err);
    tap_is_int(tap, number_of(&task, kept), 1, "and seals");
    tap_is_int(tap,
               number_of(&task, "SELECT count(*) FROM usage_kept WHERE"
                                " length(id) = 32 AND length(sealed) > 2048"
                                " AND length(sealed) < 2148"),
               1, "under a name that tells no time, in a block of one size");
    count_times(&task, 4);
    fixture->now += USAGE_SEAL_MS / 2;
    task = fixture_task(fixture, "");
    usage_flush(&task, &err);
    count_times(&task, 5);
    fixture->now += USAGE_SEAL_MS / 2;
    task = fixture_task(fixture, "");
    usage_flush(&task, &err); /* 15 are sealed */
    count_times(&task, 100);
    fixture->now += USAGE_SEAL_MS / 2;
    task = fixture_task(fixture, "");
    usage_flush(&task, &err); /* too soon */
    tap_is_int(tap, told(&task, day), -1, "nothing is told of the day");
    fixture->office.usage = b = usage_shelf_new(&fixture->arena);
    count_times(&task, 3);
    usage_flush(&task, &err); /* has 18 */
    tap_is_int(tap, number_of(&task, kept), 1, "the next one has the row");
    fixture->office.usage = a; /* it was not dead */
    fixture->now += USAGE_SEAL_MS;
    task = fixture_task(fixture, "");
    usage_flush(&task, &err);
    tap_is_int(tap, number_of(&task, kept), 2, "the other one has its own");
    count_times(&task, 11);
    fixture->now += 86400000;
    task = fixture_task(fixture, "");
    tap_ok(tap, !usage_flush(&task, &err), "the day is over for one");
    tap_is_int(tap, told(&task, day), 111, "who has what came since");
    fixture->office.usage = b;
    tap_ok(tap, !usage_flush(&task, &err), "and for the other");
    tap_is_int(tap, told(&task, day), 129, "15, 3, 100 and 11: each once");
    tap_is_int(tap, number_of(&task, kept), 0, "and nothing is kept");
    fixture_say(&err);
    count_times(&task, 2);
    usage_keep(&task, &err);
    fixture->office.usage = a = usage_shelf_new(&fixture->arena);
    usage_flush(&task, &err);
    fixture->office.usage = usage_shelf_new(&fixture->arena);
    usage_flush(&task, &err);
    count_times(&task, 8);
    fixture->now += 86400000;
    task = fixture_task(fixture, "");
    usage_flush(&task, &err);
    tap_is_int(tap, told(&task, day + 1), 10,
               "handed from one to the next two that nobody read");
    fixture->office.usage = first;
}

static void check(struct tap *tap, struct fixture *fixture)
{
    if (!fixture->postgres) {
        commonmark(tap);
        reading(tap);
    }
    shipped(tap, fixture);
    parsing(tap, fixture);
    house(tap, fixture);
    readings(tap, fixture);
    stopped(tap, fixture);
    killed(tap, fixture);
}

int main(void)
{
    return fixture_main(check);
}
