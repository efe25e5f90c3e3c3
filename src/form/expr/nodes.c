/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* nodes.c - paths over a document tree: axes, tests, predicates, unions.
 *
 * A set of nodes is an array in document order without repetitions. Every
 * step counts as work, so that a path nested in its own predicates ends with
 * an error instead of never.
 */
#include "form/expr/eval.h"

struct node_set {
    struct eval *eval;
    const struct node **at;
    size_t count, capacity;
    bool disordered;
};

static void set_add(struct node_set *set, const struct node *node)
{
    if (!node || !eval_work(set->eval, 1))
        return;
    if (set->count == set->capacity) {
        size_t capacity = set->capacity ? set->capacity * 2 : 4;
        const struct node **room =
            arena_grow(set->eval->arena, set->at, set->capacity * sizeof *room,
                       capacity * sizeof *room);

        if (!room)
            return;
        set->at = room;
        set->capacity = capacity;
    }
    if (set->count > 0 && set->at[set->count - 1]->order >= node->order)
        set->disordered = true;
    set->at[set->count++] = node;
}

/* --- order -----------------------------------------------------------------
 */

static void set_merge(const struct node **at, const struct node **room,
                      size_t half, size_t count)
{
    size_t left = 0, right = half, out = 0;

    while (left < half || right < count)
        if (right == count ||
            (left < half && at[left]->order <= at[right]->order))
            room[out++] = at[left++];
        else
            room[out++] = at[right++];
    memcpy(at, room, count * sizeof *at);
}

static void set_sort(const struct node **at, const struct node **room,
                     size_t count)
{
    size_t half = count / 2;

    if (count < 2)
        return;
    set_sort(at, room, half);
    set_sort(at + half, room, count - half);
    if (at[half - 1]->order > at[half]->order)
        set_merge(at, room, half, count);
}

static void set_order(struct node_set *set)
{
    const struct node **room;
    size_t kept = 0;

    if (!set->disordered)
        return;
    set->disordered = false;
    room = arena_array(set->eval->arena, sizeof *room, set->count);
    if (!room) {
        set->count = 0;
        return;
    }
    set_sort(set->at, room, set->count);
    for (size_t i = 0; i < set->count; i++)
        if (kept == 0 || set->at[kept - 1] != set->at[i])
            set->at[kept++] = set->at[i];
    set->count = kept;
}

/* --- tests -----------------------------------------------------------------
 */

static const char xhtml[] = "http://www.w3.org/1999/xhtml";

/* Names fit as written. A name without prefix does not find an element of the
 * XHTML namespace, which in an XForm is the paper around the instance; xhtml:
 * and h: find it whatever its prefix. */
static bool name_fits(const struct eval *eval, const struct node *node,
                      struct str name)
{
    struct str local = name_local(name), own = name_local(node->name);
    bool star = str_equal_c(local, "*");

    if (name.size == 0 || str_equal_c(name, "*"))
        return true;
    if (local.size == name.size) {
        if (!str_equal(node->name, name))
            return false;
        return eval->scope->every_name || node->kind == NODE_ATTRIBUTE ||
               !str_equal_c(node->space, xhtml);
    }
    if ((str_starts(name, STR("xhtml:")) || str_starts(name, STR("h:"))) &&
        str_equal_c(node->space, xhtml))
        return star || str_equal(local, own);
    if (star)
        return own.size < node->name.size &&
               str_starts(node->name, str_slice(name, 0, name.size - 1));
    return str_equal(node->name, name);
}

static bool test_fits(const struct eval *eval, const struct expr_step *step,
                      const struct node *node)
{
    enum node_kind main =
        step->axis == EXPR_AXIS_ATTRIBUTE ? NODE_ATTRIBUTE : NODE_ELEMENT;

    switch (step->test) {
    case EXPR_TEST_NODE:
        return true;
    case EXPR_TEST_NAME:
        return node->kind == main && name_fits(eval, node, step->name);
    case EXPR_TEST_TEXT:
        return node->kind == NODE_TEXT;
    case EXPR_TEST_COMMENT:
        return node->kind == NODE_COMMENT;
    case EXPR_TEST_INSTRUCTION:
        return node->kind == NODE_INSTRUCTION &&
               (step->name.size == 0 || str_equal(step->name, node->name));
    }
    return false;
}

/* --- axes ------------------------------------------------------------------
 */

/* The nearest in the direction of the axis first: so positions count. */
struct reach {
    struct node_set *set;
    const struct expr_step *step;
};

static void reach_one(struct reach *reach, const struct node *node)
{
    if (!node || !eval_work(reach->set->eval, 1))
        return;
    if (test_fits(reach->set->eval, reach->step, node))
        set_add(reach->set, node);
}

static void reach_descendants(struct reach *reach, const struct node *top)
{
    const struct node *node;

    if (top->kind == NODE_ATTRIBUTE)
        return;
    for (node = node_after(top, top); node && !reach->set->eval->code;
         node = node_after(node, top))
        reach_one(reach, node);
}

static void reach_following(struct reach *reach, const struct node *from)
{
    const struct node *top = node_document(from), *node = from;

    if (node->kind == NODE_ATTRIBUTE)
        node = node_after(node->parent, top);
    else
        do { /* past its own descendants */
            while (node && node != top && !node->next)
                node = node->parent;
            node = node && node != top ? node->next : NULL;
        } while (0);
    for (; node && !reach->set->eval->code; node = node_after(node, top))
        reach_one(reach, node);
}

static const struct node *node_deepest(const struct node *node)
{
    while (node->last)
        node = node->last;
    return node;
}

static void reach_preceding(struct reach *reach, const struct node *from)
{
    const struct node *node = from, *above = from->parent;

    if (from->kind == NODE_ATTRIBUTE) {
        node = from->parent;
        above = node->parent;
    }
    while (node && !reach->set->eval->code) {
        if (node->previous) {
            node = node_deepest(node->previous);
        } else {
            node = node->parent;
            if (node == above) {
                above = node ? node->parent : NULL;
                continue; /* an ancestor */
            }
        }
        reach_one(reach, node);
    }
}

static void reach_up(struct reach *reach, const struct node *node)
{
    for (; node; node = node->parent)
        reach_one(reach, node);
}

static void reach_along(struct reach *reach, const struct node *from)
{
    const struct node *node;
    bool attribute = from->kind == NODE_ATTRIBUTE;

    switch (reach->step->axis) {
    case EXPR_AXIS_CHILD:
        for (node = attribute ? NULL : from->first; node; node = node->next)
            reach_one(reach, node);
        break;
    case EXPR_AXIS_SELF:
        reach_one(reach, from);
        break;
    case EXPR_AXIS_PARENT:
        reach_one(reach, from->parent);
        break;
    case EXPR_AXIS_ATTRIBUTE:
        for (node = from->attribute; node; node = node->next)
            reach_one(reach, node);
        break;
    case EXPR_AXIS_DESCENDANT_OR_SELF:
        reach_one(reach, from);
        reach_descendants(reach, from);
        break;
    case EXPR_AXIS_DESCENDANT:
        reach_descendants(reach, from);
        break;
    case EXPR_AXIS_ANCESTOR_OR_SELF:
        reach_up(reach, from);
        break;
    case EXPR_AXIS_ANCESTOR:
        reach_up(reach, from->parent);
        break;
    case EXPR_AXIS_FOLLOWING_SIBLING:
        for (node = attribute ? NULL : from->next; node; node = node->next)
            reach_one(reach, node);
        break;
    case EXPR_AXIS_PRECEDING_SIBLING:
        for (node = from->previous; node; node = node->previous)
            reach_one(reach, node);
        break;
    case EXPR_AXIS_FOLLOWING:
        reach_following(reach, from);
        break;
    case EXPR_AXIS_PRECEDING:
        reach_preceding(reach, from);
        break;
    case EXPR_AXIS_COUNT:
        break;
    }
}

/* --- predicates ------------------------------------------------------------
 */

/* What a document holds is there when it is there; an answer, as everywhere
 * in forms, is as true as its text. */
static bool predicate_true(const struct expr_result *result, size_t position)
{
    if (result->type == EXPR_NUMBER)
        return result->number == (double)position;
    if (result->type == EXPR_NODES && result->tree && result->count > 0 &&
        !result->tree[0]->question)
        return true;
    return expr_to_bool(result);
}

static void set_filter(struct node_set *set, const struct expr *predicate)
{
    struct eval *eval = set->eval;
    struct eval_context kept = eval->now;
    bool in_tree = eval->in_tree;
    size_t count = 0;

    for (size_t i = 0; i < set->count && !eval->code; i++) {
        struct expr_result result = {0};

        eval->now.choice = NULL;
        eval->now.tree = set->at[i];
        eval->now.position = i + 1;
        eval->now.size = set->count;
        eval->in_tree = eval->only_tree;
        eval_node(eval, predicate, &result);
        if (predicate_true(&result, i + 1))
            set->at[count++] = set->at[i];
    }
    set->count = count;
    eval->now = kept;
    eval->in_tree = in_tree;
}

static void set_filter_all(struct node_set *set, const struct expr_step *step)
{
    for (size_t i = 0; i < step->predicate_count; i++)
        set_filter(set, step->predicate[i]);
}

static struct node_set set_step(const struct node_set *from,
                                const struct expr_step *step)
{
    struct node_set to = {.eval = from->eval};
    struct node_set near = {.eval = from->eval};

    for (size_t i = 0; i < from->count && !from->eval->code; i++) {
        struct reach reach = {step->predicate_count ? &near : &to, step};

        near.count = 0;
        reach_along(&reach, from->at[i]);
        if (!step->predicate_count)
            continue;
        set_filter_all(&near, step);
        for (size_t j = 0; j < near.count; j++)
            set_add(&to, near.at[j]);
    }
    set_order(&to);
    return to;
}

/* --- beginnings ------------------------------------------------------------
 */

/* ${name}: the nearest of that name, seen from the context outwards. */
static void begin_name(struct node_set *set, const struct expr *path)
{
    struct eval *eval = set->eval;
    struct expr_step step = {.axis = EXPR_AXIS_DESCENDANT,
                             .name = path->step[0].name};
    struct reach reach = {set, &step};
    const struct node *from = eval_place(eval, &eval->start);

    for (; from && set->count == 0 && !eval->code; from = from->parent)
        reach_descendants(&reach, from);
}

static void begin(struct node_set *set, const struct expr *path)
{
    struct eval *eval = set->eval;
    struct expr_result result = {0};

    switch (path->root) {
    case EXPR_ROOT_NAME:
        begin_name(set, path);
        return;
    case EXPR_ROOT_DOCUMENT:
        set_add(set, eval_document(eval));
        return;
    case EXPR_ROOT_CONTEXT:
        set_add(set, eval_place(eval, &eval->now));
        return;
    case EXPR_ROOT_CURRENT:
        set_add(set, eval_place(eval, &eval->start));
        return;
    case EXPR_ROOT_INSTANCE:
        set_add(set, eval_instance_tree(eval, path, path->text));
        return;
    case EXPR_ROOT_FILTER:
        if (!eval_tree_nodes(eval, path->arg[0], &result))
            return;
        for (size_t i = 0; i < result.count; i++)
            set_add(set, result.tree[i]);
        return;
    }
}

static void set_result(const struct node_set *set, struct expr_result *result)
{
    const struct question *question = set->count ? set->at[0]->question : NULL;

    result->type = EXPR_NODES;
    result->tree = set->at;
    result->count = set->count;
    result->dated = question && (question->type == QUESTION_DATE ||
                                 question->type == QUESTION_TODAY);
}

static bool needs_document(struct eval *eval, const struct expr *expr)
{
    if (expr->kind != EXPR_KIND_PATH || expr->root == EXPR_ROOT_FILTER ||
        expr->root == EXPR_ROOT_INSTANCE || eval->now.tree ||
        eval_document(eval))
        return true;
    eval_fail(eval, expr,
              N_("La ruta del carácter {1} necesita un formulario con sus "
                 "respuestas, o un documento."));
    return false;
}

void eval_tree_path(struct eval *eval, const struct expr *path,
                    struct expr_result *result)
{
    struct node_set set = {.eval = eval};
    size_t from = 0;

    if (!needs_document(eval, path))
        return;
    begin(&set, path);
    if (path->root == EXPR_ROOT_NAME || path->root == EXPR_ROOT_FILTER)
        set_filter_all(&set, &path->step[from++]);
    for (size_t i = from; i < path->step_count && !eval->code; i++) {
        struct expr_step step = path->step[i];

        if (i == 0 && path->root == EXPR_ROOT_DOCUMENT &&
            !eval->scope->document && step.kind == EXPR_STEP_CHILD)
            step.name = STR_NULL; /* the form itself, whatever its name */
        set = set_step(&set, &step);
    }
    set_result(&set, result);
}

bool eval_tree_nodes(struct eval *eval, const struct expr *expr,
                     struct expr_result *result)
{
    bool in_tree = eval->in_tree;

    eval->in_tree = true;
    eval_node(eval, expr, result);
    eval->in_tree = in_tree;
    if (result->type == EXPR_NODES && (result->tree || !result->count))
        return !eval->code;
    eval_fail(eval, expr,
              N_("En el carácter {1} se esperaba un conjunto de respuestas."));
    return false;
}

void eval_union(struct eval *eval, const struct expr *expr,
                struct expr_result *result)
{
    struct node_set set = {.eval = eval};

    for (size_t i = 0; i < expr->arg_count; i++) {
        struct expr_result part = {0};

        if (!eval_tree_nodes(eval, expr->arg[i], &part))
            return;
        for (size_t j = 0; j < part.count; j++)
            set_add(&set, part.tree[j]);
    }
    set_order(&set);
    set_result(&set, result);
}
