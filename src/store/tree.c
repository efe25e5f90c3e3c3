/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* tree.c - the tree of a site's log, from kept nodes and from entries. */
#include "store/tree.h"

#include "store/chain.h"

enum { STEP = TREE_STEP, WIDTH = TREE_WIDTH, LEVELS = 56 };

static enum error node(void *context, unsigned level, uint64_t number,
                       unsigned char out[32]);

struct merkle_source tree_source(struct tree *tree)
{
    return (struct merkle_source){tree->host, node, tree};
}

static enum error gap(const struct tree *tree, uint64_t leaf)
{
    char number[24];

    snprintf(number, sizeof(number), "%llu", (unsigned long long)leaf + 1);
    return err_set(tree->err, ERROR_STORE,
                   N_("Falta la entrada {1} de la bitácora."), number, NULL,
                   NULL);
}

/* --- blocks --------------------------------------------------------------- */

static void take_rows(struct rows *rows, struct tree_block *block)
{
    while (rows_next(rows)) {
        uint64_t at = (uint64_t)rows_int(rows, 0) - block->first;
        struct str bytes = rows_bytes(rows, 1);

        if (at >= WIDTH || bytes.size != 32)
            continue;
        memcpy(block->hash[at], bytes.at, 32);
        block->have[at] = true;
        block->count++;
    }
}

static enum error read_block(const struct tree *tree, unsigned level,
                             uint64_t first, struct tree_block *block)
{
    struct rows rows;
    int64_t from = (int64_t)first;

    block->first = first;
    block->count = 0;
    memset(block->have, 0, sizeof(block->have));
    if (level)
        db_query(tree->db, &rows, tree->err,
                 "SELECT number, hash FROM log_node WHERE site = $1 "
                 "AND level = $2 AND number >= $3 AND number < $4",
                 "tiii", tree->site, (int64_t)level, from, from + WIDTH);
    else
        db_query(tree->db, &rows, tree->err,
                 "SELECT seq - 1, hash FROM entry WHERE site = $1 "
                 "AND seq > $2 AND seq <= $3",
                 "tii", tree->site, from, from + WIDTH);
    take_rows(&rows, block);
    if (rows_end(&rows))
        block->count = 0;
    return rows.error;
}

/* The block of a level (0, 8, 16 …) that holds this number. spare: for levels
 * of which nobody keeps one. What was not there yet is asked for again. */
static enum error take_block(struct tree *tree, unsigned level, uint64_t number,
                             uint64_t count, struct tree_block *spare,
                             struct tree_block **out)
{
    struct tree_block *block =
        level / STEP < TREE_KEPT ? &tree->block[level / STEP] : spare;
    uint64_t first = number / WIDTH * WIDTH;
    bool there = block != spare && block->count && block->first == first;

    for (uint64_t i = number - first; there && i < number - first + count; i++)
        there = block->have[i];
    *out = block;
    return there ? ERROR_NONE : read_block(tree, level, first, block);
}

/* --- entries -------------------------------------------------------------- */

/* Leaves from .. from + count, which lie in one block. */
static enum error add_entries(struct tree *tree, uint64_t from, uint64_t count,
                              struct merkle *fold)
{
    struct tree_block *block;
    enum error error = take_block(tree, 0, from, count, NULL, &block);

    for (uint64_t at = from; !error && at < from + count; at++) {
        const size_t i = (size_t)(at - block->first);
        unsigned char leaf[32];

        if (!block->have[i])
            return gap(tree, at);
        merkle_leaf(tree->host, (struct str){(char *)block->hash[i], 32}, leaf);
        merkle_add(fold, leaf);
    }
    return error;
}

/* --- nodes ---------------------------------------------------------------- */

/* Nodes of a kept level, those that are not kept from what is below. */
static enum error add_nodes(struct tree *tree, unsigned level, uint64_t from,
                            uint64_t count, struct merkle *fold)
{
    struct tree_block spare = {0}, *block = &spare;
    unsigned char hash[WIDTH][32];
    bool have[WIDTH] = {0};
    enum error error = ERROR_NONE;

    if (from << level < tree->kept)
        error = take_block(tree, level, from, count, &spare, &block);
    for (uint64_t i = 0; i < count && !error; i++) {
        size_t at = (size_t)((from + i) % WIDTH);

        have[i] = block->have[at];
        memcpy(hash[i], block->hash[at], 32);
    }
    for (uint64_t i = 0; i < count && !error; i++) {
        struct merkle below = {.host = tree->host};

        if (!have[i]) {
            error = level == STEP
                        ? add_entries(tree, (from + i) * WIDTH, WIDTH, &below)
                        : add_nodes(tree, level - STEP, (from + i) * WIDTH,
                                    WIDTH, &below);
            if (!error)
                merkle_root(&below, hash[i]);
        }
        if (!error)
            merkle_add(fold, hash[i]);
    }
    return error;
}

static enum error node(void *context, unsigned level, uint64_t number,
                       unsigned char out[32])
{
    struct tree *tree = context;
    struct merkle fold = {.host = tree->host};
    unsigned above = level % STEP;
    enum error error;

    if (level >= LEVELS)
        return err_set(tree->err, ERROR_INTERNAL,
                       N_("La bitácora es demasiado larga."), NULL, NULL, NULL);
    error = level < STEP ? add_entries(tree, number << above,
                                       (uint64_t)1 << above, &fold)
                         : add_nodes(tree, level - above, number << above,
                                     (uint64_t)1 << above, &fold);
    if (!error)
        merkle_root(&fold, out);
    return error;
}

/* --- opening, keeping ----------------------------------------------------- */

/* How many nodes of a level are kept: they are written in order. */
static enum error kept_count(const struct tree *tree, unsigned level,
                             uint64_t *count)
{
    int64_t last = -1;
    bool found = false;
    enum error error = db_get_int(tree->db, &last, &found, tree->err,
                                  "SELECT number FROM log_node "
                                  "WHERE site = $1 AND level = $2 "
                                  "ORDER BY number DESC LIMIT 1",
                                  "ti", tree->site, (int64_t)level);

    *count = found ? (uint64_t)(last + 1) : 0;
    return error;
}

enum error tree_open(struct tree *tree, const struct log *log, struct db *db,
                     int64_t *size, struct err *err)
{
    uint64_t count = 0;
    enum error error;

    *tree = (struct tree){
        .host = log->host, .db = db, .site = log->site, .err = err};
    *size = 0;
    error =
        db_get_int(db, size, NULL, err,
                   "SELECT seq FROM site_head WHERE site = $1", "t", log->site);
    if (!error)
        error = kept_count(tree, STEP, &count);
    tree->kept = count * WIDTH;
    return error;
}

enum error tree_keep(struct tree *tree, int64_t size)
{
    enum error error = ERROR_NONE;

    for (unsigned level = STEP; !error && (uint64_t)size >> level;
         level += STEP) {
        uint64_t from = 0;

        error = kept_count(tree, level, &from);
        for (uint64_t i = from; i < (uint64_t)size >> level && !error; i++) {
            unsigned char hash[32];

            error = node(tree, level, i, hash);
            if (!error)
                error = db_run(tree->db, NULL, tree->err,
                               "INSERT INTO log_node (site, level, number, "
                               "hash) VALUES ($1, $2, $3, $4) "
                               "ON CONFLICT (site, level, number) DO NOTHING",
                               "tiib", tree->site, (int64_t)level, (int64_t)i,
                               chain_bytes(hash));
        }
        if (level == STEP && !error)
            tree->kept = (uint64_t)size / WIDTH * WIDTH;
    }
    return error;
}
