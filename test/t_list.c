/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* t_list.c - lists by name against looking at all places, whichever way they
 * are walked (list.c): common and rare words, towns, needs, states, what is
 * protected, what is stale, and pages of it. Rows are written into the public
 * tables; none is a real place.
 */
#include "domain/directory/directory.h"
#include "test/domain_fixture.h"

enum { PLACES = 5000, ASKED = 400, PAGE = 20 };

struct made {
    const char *admin1, *municipality, *need, *word;
    unsigned flags;
    bool stale;
    unsigned name; /* where it stands among all names */
};

struct trial {
    struct fixture *fixture;
    struct str site;
    struct made made[PLACES];
    size_t order[PLACES]; /* by name */
    uint64_t seed;
};

/* Rare, then common: the last one is what most have. */
static const char *const admin1s[] = {"MX-COL", "MX-TAB", "MX-BCN", "MX-CHP"};
static const char *const towns[] = {"comala", "teapa", "tijuana", "tapachula"};
static const char *const needs[] = {"SA9", "LE1", "AL5", "AL1"};
static const char *const words[] = {"rara", "poca", "sol", "casa"};
/* What a word stands for: with these flags, or called so. */
static const struct near_name names[] = {
    {.text = {"silla de ruedas", 15}, .flags = PUBLIC_ACCESSIBLE},
    {.text = {"poca", 4}, .flags = PUBLIC_PROTECTED}};

static size_t random_below(struct trial *trial, size_t most)
{
    trial->seed = trial->seed * 6364136223846793005u + 1442695040888963407u;
    return (size_t)(trial->seed >> 33) % most;
}

/* 0 in a few of a thousand, then more and more. */
static size_t rank(struct trial *trial)
{
    size_t at = random_below(trial, 1000);

    return at < 3 ? 0 : at < 60 ? 1 : at < 500 ? 2 : 3;
}

static struct str id_at(struct arena *arena, size_t number)
{
    return str_format(arena, "00000000-0000-7000-8000-%012zx", number);
}

static void invent(struct trial *trial)
{
    for (size_t i = 0; i < PLACES; i++) {
        size_t where = rank(trial);

        trial->made[i] = (struct made){
            .admin1 = admin1s[where],
            .municipality = towns[where],
            .need = needs[rank(trial)],
            .word = words[rank(trial)],
            .flags = (random_below(trial, 600) ? 0 : PUBLIC_PROTECTED) |
                     (random_below(trial, 5) ? 0 : PUBLIC_ACCESSIBLE),
            .stale = random_below(trial, 200) == 0,
        };
        trial->order[i] = i;
    }
    for (size_t i = PLACES - 1; i > 0; i--) {
        size_t other = random_below(trial, i + 1), was = trial->order[i];

        trial->order[i] = trial->order[other];
        trial->order[other] = was;
    }
    for (size_t i = 0; i < PLACES; i++)
        trial->made[trial->order[i]].name = (unsigned)i;
}

static enum error write_place(struct db *db, const struct trial *trial,
                              size_t number, struct err *err)
{
    const struct made *made = &trial->made[number];
    struct arena *arena = &trial->fixture->arena;
    struct str id = id_at(arena, number);
    struct str key[] = {STR("*"), str_of(made->need)};
    struct str word[] = {str_of(made->word), str_of(made->municipality)};
    bool hidden = made->flags & PUBLIC_PROTECTED;

    db_run(db, NULL, err,
           "INSERT INTO public_place (site, id, organization, name, folded,"
           " place_type, admin1, municipality, lat, lon, flags, languages,"
           " hours, due, changed, body, more) VALUES ($1, $2, '', 'x', $3,"
           " 'ALB', $4, $5, 0, 0, $6, '', '', $7, 0, '{}', '{}')",
           "tttttii", trial->site, id,
           str_format(arena, "lugar %06u", made->name), str_of(made->admin1),
           str_of(made->municipality), (int64_t)made->flags,
           (int64_t)(made->stale ? 0 : 999999));
    for (size_t i = 0; i < 2 && !err->code; i++) {
        db_run(db, NULL, err,
               "INSERT INTO public_near (site, key, cell, place, lat, lon,"
               " flags, due, hours) VALUES ($1, $2, $3, $4, 0, 0, 0, 0, '')",
               "ttit", trial->site, key[i], (int64_t)(hidden ? -1 : 7), id);
        db_run(db, NULL, err,
               "INSERT INTO public_word (site, word, place)"
               " VALUES ($1, $2, $3)",
               "ttt", trial->site, word[i], id);
    }
    return err->code;
}

static enum error write_all(struct db *db, void *context, struct err *err)
{
    struct trial *trial = context;

    for (size_t i = 0; i < PLACES && !err->code; i++)
        write_place(db, trial, i, err);
    return err->code;
}

/* The first half of the names is stale. */
static enum error age(struct db *db, void *context, struct err *err)
{
    struct trial *trial = context;

    for (size_t i = 0; i < PLACES; i++)
        trial->made[i].stale = trial->made[i].name < PLACES / 2;
    return db_run(db, NULL, err,
                  "UPDATE public_place SET due ="
                  " CASE WHEN folded < $1 THEN 0 ELSE 999999 END",
                  "t",
                  str_format(&trial->fixture->arena, "lugar %06d", PLACES / 2));
}

static bool fits(const struct made *made, const struct near_query *query)
{
    return (!query->admin1.size || str_equal_c(query->admin1, made->admin1)) &&
           (!query->municipality.size ||
            str_equal_c(query->municipality, made->municipality)) &&
           (!query->need.size || str_equal_c(query->need, made->need)) &&
           (!query->words.size || str_equal_c(query->words, made->word) ||
            (str_equal_c(query->words, "silla") &&
             made->flags & PUBLIC_ACCESSIBLE) ||
            (str_equal_c(query->words, "poca") &&
             made->flags & PUBLIC_PROTECTED)) &&
           (made->flags & query->flags) == query->flags;
}

/* The page as it should be: numbers of places. */
static size_t expected(const struct trial *trial,
                       const struct near_query *query, size_t *list)
{
    size_t count = 0, skip = query->offset;

    for (int stale = 0; stale < 2; stale++)
        for (size_t i = 0; i < PLACES && count <= PAGE; i++) {
            const struct made *made = &trial->made[trial->order[i]];

            if (made->stale != stale || !fits(made, query))
                continue;
            if (skip > 0)
                skip--;
            else
                list[count++] = trial->order[i];
        }
    return count;
}

static bool agrees(const struct trial *trial, struct task *task,
                   const struct near_query *query)
{
    struct near_found found = {0};
    struct err err = {0};
    size_t list[PAGE + 1], count = expected(trial, query, list);
    bool same = directory_list(task, query, &found, &err) == ERROR_NONE &&
                found.more == (count > PAGE) &&
                found.count == (count > PAGE ? PAGE : count);

    for (size_t i = 0; same && i < found.count; i++)
        same = str_equal(found.place[i].id,
                         id_at(&trial->fixture->arena, list[i]));
    if (!same)
        printf("# %.*s %.*s %.*s %.*s %u %zu: %zu, not %zu\n",
               STR_ARGS(query->admin1), STR_ARGS(query->municipality),
               STR_ARGS(query->need), STR_ARGS(query->words), query->flags,
               query->offset, found.count, count);
    return same;
}

static struct str maybe(struct trial *trial, const char *const *list)
{
    return random_below(trial, 5) < 2 ? str_of(list[random_below(trial, 4)])
                                      : STR("");
}

static void check_lists(struct tap *tap, struct trial *trial, const char *name)
{
    struct task task = fixture_task(trial->fixture, "");
    size_t same = 0;

    for (size_t i = 0; i < ASKED; i++) {
        struct near_query query = {
            .admin1 = maybe(trial, admin1s),
            .municipality = maybe(trial, towns),
            .need = maybe(trial, needs),
            .words =
                random_below(trial, 8) ? maybe(trial, words) : STR("silla"),
            .name = names,
            .names = sizeof names / sizeof names[0],
            .flags = random_below(trial, 6)   ? 0
                     : random_below(trial, 2) ? PUBLIC_PROTECTED
                                              : PUBLIC_ACCESSIBLE,
            .limit = PAGE,
            .offset =
                PAGE * (random_below(trial, 3) ? 0 : random_below(trial, 40)),
        };

        same += agrees(trial, &task, &query);
    }
    tap_is_int(tap, (long long)same, ASKED, name);
}

static void check(struct tap *tap, struct fixture *fixture)
{
    static struct trial trial;
    struct err err = {0};

    trial = (struct trial){.fixture = fixture,
                           .site = log_site(&fixture->office.log, STR("place")),
                           .seed = 5};
    invent(&trial);
    tap_ok(tap, !office_change(&fixture->office, write_all, &trial, &err),
           "places by the thousand");
    check_lists(tap, &trial, "lists, few stale");
    tap_ok(tap, !office_change(&fixture->office, age, &trial, &err),
           "half of them are stale");
    check_lists(tap, &trial, "lists, half of all stale");
}

int main(void)
{
    return fixture_main(check);
}
