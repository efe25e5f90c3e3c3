/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* help_limit.c - leaky buckets: of each only the instant is kept at which it
 * will be empty again. A fixed table; where a row is full, who will be empty
 * first makes room.
 */
#include "domain/outreach/help_limit.h"

#include <stdatomic.h>
#include <string.h>

enum { ROWS = 1024, WAYS = 4, KEY = 32, GROUPS_V6 = 4 };

/* every: milliseconds in which one more may come; burst: at once. */
struct allowance {
    int64_t every, burst;
};

static const struct {
    struct allowance one, all, reserve;
} policy[HELP_ACTS] = {
    [HELP_ACT_WRITE] = {{1200000, 4}, {30000, 120}, {10000, 240}},
    [HELP_ACT_ADD] = {{120000, 20}, {6000, 600}, {6000, 600}},
    [HELP_ACT_OPEN] = {{4000, 30}, {200, 100}, {200, 100}},
    [HELP_ACT_GUESS] = {{300000, 6}, {60000, 60}, {15000, 240}},
};

struct slot {
    uint64_t key; /* 0: nobody's */
    int64_t empty_at;
};

struct help_limit {
    atomic_flag lock;
    unsigned char key[KEY];
    int64_t all[HELP_ACTS], reserve[HELP_ACTS];
    struct slot slot[ROWS][WAYS];
};

struct help_limit *help_limit_new(const struct host *host, struct arena *arena)
{
    struct help_limit *limit = ARENA_NEW(arena, struct help_limit);

    if (!limit)
        return NULL;
    memset(limit, 0, sizeof *limit);
    atomic_flag_clear(&limit->lock);
    host->random(host->context, limit->key, sizeof limit->key);
    return limit;
}

/* Of IPv6 the network: one line at home or one telephone has all of it. */
static struct str network(struct str address)
{
    static const struct str mapped = {"::ffff:", 7};
    size_t groups = 0;

    if (str_starts(address, mapped))
        return str_slice(address, mapped.size, address.size);
    for (size_t i = 0; i < address.size; i++)
        if (address.at[i] == ':' && ++groups == GROUPS_V6)
            return str_slice(address, 0, i);
    return address;
}

static uint64_t key_of(const struct help_limit *limit, const struct host *host,
                       enum help_act act, struct str who)
{
    char number = (char)('a' + (int)act);
    struct str part[3] = {{(const char *)limit->key, KEY}, {&number, 1}};
    unsigned char hash[32];
    uint64_t key;

    part[2] = network(who);
    host->hash(host->context, part, 3, hash);
    memcpy(&key, hash, sizeof key);
    return key ? key : 1;
}

static struct slot *slot_of(struct help_limit *limit, uint64_t key)
{
    struct slot *row = limit->slot[key % ROWS], *worst = &row[0];

    for (size_t i = 0; i < WAYS; i++) {
        if (row[i].key == key)
            return &row[i];
        if (row[i].empty_at < worst->empty_at)
            worst = &row[i];
    }
    *worst = (struct slot){.key = key};
    return worst;
}

/* Milliseconds until one more may come; 0: now. */
static int64_t wait_of(int64_t empty_at, struct allowance allowance,
                       int64_t now)
{
    int64_t wait = empty_at - now - (allowance.burst - 1) * allowance.every;

    return wait > 0 ? wait : 0;
}

static void fill(int64_t *empty_at, struct allowance allowance, int64_t now)
{
    *empty_at = (*empty_at > now ? *empty_at : now) + allowance.every;
}

/* A clock that went back must not shut anybody out. */
static void sane(int64_t *empty_at, struct allowance allowance, int64_t now)
{
    if (*empty_at > now + 2 * allowance.burst * allowance.every)
        *empty_at = now;
}

static int64_t take(struct help_limit *limit, enum help_act act,
                    struct slot *slot, int64_t now)
{
    int64_t wait, others;
    bool lately;

    sane(&slot->empty_at, policy[act].one, now);
    sane(&limit->all[act], policy[act].all, now);
    sane(&limit->reserve[act], policy[act].reserve, now);
    lately = slot->empty_at > now;
    wait = wait_of(slot->empty_at, policy[act].one, now);
    others = wait_of(limit->all[act], policy[act].all, now);
    if (wait)
        return wait;
    if (others && lately)
        return others;
    if (others) {
        others = wait_of(limit->reserve[act], policy[act].reserve, now);
        if (others)
            return others;
        fill(&limit->reserve[act], policy[act].reserve, now);
    } else {
        fill(&limit->all[act], policy[act].all, now);
    }
    fill(&slot->empty_at, policy[act].one, now);
    return 0;
}

static void lock(struct help_limit *limit)
{
    while (
        atomic_flag_test_and_set_explicit(&limit->lock, memory_order_acquire))
        ;
}

static void unlock(struct help_limit *limit)
{
    atomic_flag_clear_explicit(&limit->lock, memory_order_release);
}

int64_t help_limit_take(struct help_limit *limit, const struct host *host,
                        enum help_act act, struct str who, int64_t now)
{
    uint64_t key = key_of(limit, host, act, who);
    int64_t wait;

    lock(limit);
    wait = take(limit, act, slot_of(limit, key), now);
    unlock(limit);
    return (wait + 999) / 1000;
}

void help_limit_give_back(struct help_limit *limit, const struct host *host,
                          enum help_act act, struct str who)
{
    uint64_t key = key_of(limit, host, act, who);
    struct slot *slot;

    lock(limit);
    slot = slot_of(limit, key);
    if (slot->empty_at >= policy[act].one.every)
        slot->empty_at -= policy[act].one.every;
    if (limit->all[act] >= policy[act].all.every)
        limit->all[act] -= policy[act].all.every;
    unlock(limit);
}
