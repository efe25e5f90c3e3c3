/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* path.c - from a path to the answers it stands for.
 *
 * A name inside a repeat means the answer of the same row; from outside it
 * means those of all rows. Without a form (rules over signs, an import's
 * columns) a path is known by its last name alone.
 */
#include "form/expr/eval.h"

/* --- levels ----------------------------------------------------------------
 */

struct str level_text(const struct level *level,
                      const struct question *question, struct arena *arena)
{
    const struct value *value;

    if (level->text)
        return level->text[question->index - level->first];
    value = value_get_str(level->object, question->key);
    return value_type(value) == VALUE_STRING ? value_text(value)
           : value                           ? value_as_text(value, arena)
                                             : STR_NULL;
}

size_t level_row_count(const struct level *level, const struct question *repeat)
{
    const struct value *list;

    if (level->text)
        return level->rows ? level->rows[repeat->index - level->first].count
                           : 0;
    list = value_get_str(level->object, repeat->key);
    return value_type(list) == VALUE_LIST ? value_count(list) : 0;
}

struct level level_row(const struct level *level, const struct question *repeat,
                       size_t index)
{
    struct level row = {.up = level, .repeat = repeat, .position = index + 1};

    if (level->text) {
        row = *level->rows[repeat->index - level->first].row[index];
        row.position = index + 1;
        return row;
    }
    row.object = value_at(value_get_str(level->object, repeat->key), index);
    return row;
}

/* --- nodes -----------------------------------------------------------------
 */

struct nodes {
    struct arena *arena;
    struct str *node;
    size_t count, capacity;
};

static void nodes_add(struct nodes *nodes, struct str text)
{
    if (nodes->count == nodes->capacity) {
        size_t capacity = nodes->capacity ? nodes->capacity * 2 : 1;
        struct str *room =
            arena_grow(nodes->arena, nodes->node,
                       nodes->capacity * sizeof *room, capacity * sizeof *room);

        if (!room)
            return;
        nodes->node = room;
        nodes->capacity = capacity;
    }
    nodes->node[nodes->count++] = text.at ? text : STR("");
}

static void nodes_result(const struct nodes *nodes, struct expr_result *result)
{
    result->type = EXPR_NODES;
    result->node = nodes->node;
    result->count = nodes->count;
}

static void one_node(struct eval *eval, struct str text,
                     struct expr_result *result)
{
    struct nodes nodes = {.arena = eval->arena};

    nodes_add(&nodes, text);
    nodes_result(&nodes, result);
}

/* Do all predicates of a step hold in the present context? */
static bool predicates_hold(struct eval *eval, const struct expr_step *step)
{
    for (size_t i = 0; i < step->predicate_count; i++) {
        struct expr_result result = {0};
        bool holds;

        eval_node(eval, step->predicate[i], &result);
        holds = result.type == EXPR_NUMBER
                    ? result.number == (double)eval->now.position
                    : expr_to_bool(&result);
        if (!holds || eval->code)
            return false;
    }
    return true;
}

/* --- questions -------------------------------------------------------------
 */

/* A path on its way to its nodes. */
struct walk {
    struct eval *eval;
    const struct expr *path;
    const struct question *step[EXPR_STEPS_MAX];
    const struct question *target;
    const struct question *owner; /* the innermost repeat to be entered */
    struct nodes nodes;
};

/* Leaves step, which is large, as it is: walk_resolve fills what is used. */
static void walk_init(struct walk *walk, struct eval *eval,
                      const struct expr *path)
{
    walk->eval = eval;
    walk->path = path;
    walk->target = walk->owner = NULL;
    walk->nodes = (struct nodes){.arena = eval->arena};
}

static bool walk_resolve(struct walk *walk)
{
    const struct expr *path = walk->path;
    const struct expr_scope *scope = walk->eval->scope;
    const struct question *node = path->root == EXPR_ROOT_CURRENT
                                      ? walk->eval->start.node
                                      : walk->eval->now.node;

    if (path->step_count == 0 || path->root == EXPR_ROOT_INSTANCE)
        return false;
    if (path->form && (!scope->form || path->form == scope->form)) {
        for (size_t i = 0; i < path->step_count; i++)
            walk->step[i] = path->step[i].question;
    } else if (!scope->form ||
               !expr_resolve(scope->form, node, path, walk->step)) {
        return false;
    }
    walk->target = walk->step[path->step_count - 1];
    if (walk->target)
        walk->owner = walk->target->type == QUESTION_REPEAT
                          ? walk->target
                          : walk->target->repeat;
    return walk->target != NULL;
}

static bool is_above(const struct question *above,
                     const struct question *repeat)
{
    for (; repeat; repeat = repeat->repeat)
        if (repeat == above)
            return true;
    return above == NULL;
}

/* The level from which the walk enters rows: the innermost one around the
 * target that the context stands in, or, where a predicate chooses among the
 * rows of a repeat, the one above that repeat. */
static const struct level *walk_base(const struct walk *walk)
{
    const struct level *level = walk->path->root == EXPR_ROOT_CURRENT
                                    ? walk->eval->start.level
                                    : walk->eval->now.level;
    const struct question *inside = walk->target->type == QUESTION_REPEAT
                                        ? walk->target->repeat
                                        : walk->owner;

    for (size_t i = 0; walk->path->predicates && i < walk->path->step_count;
         i++)
        if (walk->path->step[i].predicate_count && walk->step[i] &&
            walk->step[i]->type == QUESTION_REPEAT) {
            inside = walk->step[i]->repeat;
            break;
        }
    while (level->up &&
           (level->repeat ? !is_above(level->repeat, inside) : inside == NULL))
        level = level->up;
    return level;
}

/* The last one there: "../../row[…]" comes through its own row, too. */
static const struct expr_step *walk_step(const struct walk *walk,
                                         const struct question *repeat)
{
    for (size_t i = walk->path->step_count; i > 0; i--)
        if (walk->step[i - 1] == repeat)
            return &walk->path->step[i - 1];
    return NULL;
}

static void walk_rows(struct walk *walk, const struct level *level)
{
    const struct question *repeat = walk->owner;
    const struct expr_step *step;
    struct eval_context kept = walk->eval->now;
    size_t count;

    if (level->repeat == walk->owner) {
        nodes_add(&walk->nodes,
                  walk->target == walk->owner
                      ? STR("")
                      : level_text(level, walk->target, walk->eval->arena));
        return;
    }
    while (repeat->repeat && repeat->repeat != level->repeat)
        repeat = repeat->repeat;
    step = walk->path->predicates ? walk_step(walk, repeat) : NULL;
    count = level_row_count(level, repeat);
    for (size_t i = 0; i < count && !walk->eval->code; i++) {
        struct level row = level_row(level, repeat, i);

        walk->eval->now = (struct eval_context){
            .level = &row, .node = repeat, .position = i + 1, .size = count};
        if (!step || predicates_hold(walk->eval, step))
            walk_rows(walk, &row);
    }
    walk->eval->now = kept;
}

static void eval_question(struct walk *walk, struct expr_result *result)
{
    const struct level *level = walk_base(walk);

    result->dated = walk->target->type == QUESTION_DATE ||
                    walk->target->type == QUESTION_TODAY;
    if (level->up && !level->repeat && walk->owner &&
        level->object) /* a row of which only the answers are known */
        nodes_add(&walk->nodes,
                  level_text(level, walk->target, walk->eval->arena));
    else
        walk_rows(walk, level);
    nodes_result(&walk->nodes, result);
}

/* --- names without a form --------------------------------------------------
 */

static void add_members(struct nodes *nodes, const struct value *object,
                        struct str name)
{
    for (size_t i = 0; i < value_count(object); i++) {
        const struct value *list = value_at(object, i);

        if (value_type(list) != VALUE_LIST)
            continue;
        for (size_t j = 0; j < value_count(list); j++) {
            const struct value *row = value_at(list, j);
            const struct value *found = value_type(row) == VALUE_OBJECT
                                            ? value_get_str(row, name)
                                            : NULL;

            if (found)
                nodes_add(nodes, value_as_text(found, nodes->arena));
        }
    }
}

static void eval_name(struct eval *eval, struct str name,
                      struct expr_result *result)
{
    struct nodes nodes = {.arena = eval->arena};
    const struct value *found = NULL;
    const struct level *level = eval->now.level;

    for (; level && !found; level = level->up)
        if (level->object)
            found = value_get_str(level->object, name);
    if (value_type(found) == VALUE_LIST) {
        for (size_t i = 0; i < value_count(found); i++) {
            const struct value *item = value_at(found, i);

            nodes_add(&nodes, value_type(item) == VALUE_OBJECT
                                  ? STR("")
                                  : value_as_text(item, eval->arena));
        }
    } else if (found) {
        nodes_add(&nodes, value_as_text(found, eval->arena));
    } else {
        add_members(&nodes, eval->scope->answers, name);
        if (!nodes.count)
            nodes_add(&nodes, STR(""));
    }
    nodes_result(&nodes, result);
}

/* --- choices ---------------------------------------------------------------
 */

struct str eval_choice_column(struct eval *eval, const struct choice *choice,
                              struct str name)
{
    if (str_equal_c(name, "name"))
        return choice->name;
    if (str_equal_c(name, "label") && eval->scope->form)
        return texts_in(eval->scope->form, choice->label,
                        eval->scope->language);
    return value_text(value_get_str(choice->extra, name));
}

const struct choice_list *eval_list(const struct eval *eval,
                                    const struct expr *path, struct str name)
{
    const struct form *form =
        eval->scope->form ? eval->scope->form : path->form;

    if (path->list)
        return path->list;
    for (size_t i = 0; form && i < form->list_count; i++)
        if (str_equal(form->list[i].name, name))
            return &form->list[i];
    return NULL;
}

/* [name = ${x}], the common case, without going through the list. */
static const struct expr *by_name(const struct expr_step *item)
{
    const struct expr *test =
        item->predicate_count == 1 ? item->predicate[0] : NULL;
    const struct expr *left =
        test && test->arg_count == 2 ? test->arg[0] : NULL;

    if (left && test->kind == EXPR_KIND_OPERATOR &&
        test->operation == EXPR_EQUAL && left->kind == EXPR_KIND_PATH &&
        left->root == EXPR_ROOT_CONTEXT && left->step_count == 1 &&
        str_equal_c(left->step[0].name, "name") &&
        (test->arg[1]->kind == EXPR_KIND_TEXT ||
         (test->arg[1]->kind == EXPR_KIND_PATH &&
          test->arg[1]->root == EXPR_ROOT_NAME)))
        return test->arg[1];
    return NULL;
}

static void eval_instance(struct eval *eval, const struct expr *path,
                          struct expr_result *result)
{
    const struct choice_list *list = eval_list(eval, path, path->text);
    const struct expr_step *item = &path->step[1];
    const struct expr *name = by_name(item);
    struct eval_context kept = eval->now;
    struct nodes nodes = {.arena = eval->arena};

    if (list && name) {
        const struct choice *choice = choice_find(list, eval_text(eval, name));

        if (choice)
            nodes_add(&nodes,
                      eval_choice_column(eval, choice, path->step[2].name));
    } else {
        for (size_t i = 0; list && i < list->count && !eval->code; i++) {
            eval->now.choice = &list->choice[i];
            eval->now.position = i + 1;
            eval->now.size = list->count;
            if (predicates_hold(eval, item))
                nodes_add(&nodes, eval_choice_column(eval, &list->choice[i],
                                                     path->step[2].name));
        }
        eval->now = kept;
    }
    nodes_result(&nodes, result);
}

/* --- the doors -------------------------------------------------------------
 */

static bool is_self(const struct expr *path)
{
    return path->step_count == 1 && path->step[0].kind == EXPR_STEP_SELF;
}

static bool is_column(const struct eval *eval, const struct expr *path)
{
    return eval->now.choice && path->root == EXPR_ROOT_CONTEXT &&
           path->step_count <= 2 &&
           path->step[path->step_count - 1].kind == EXPR_STEP_CHILD &&
           path->step[0].kind != EXPR_STEP_PARENT;
}

/* Does the path ask for a document? ${name} is asked of answers first. */
static bool wants_tree(const struct eval *eval, const struct expr *path)
{
    const struct expr_scope *scope = eval->scope;

    if (path->root == EXPR_ROOT_NAME && !path->general && !eval->in_tree)
        return false;
    if (eval->in_tree || path->general)
        return path->root != EXPR_ROOT_NAME || path->general ||
               !scope->document || !(scope->answers || scope->lookup);
    if (path->root == EXPR_ROOT_INSTANCE)
        return !eval_list(eval, path, path->text);
    if (path->root == EXPR_ROOT_CONTEXT && eval->now.tree)
        return true;
    return scope->document && path->root != EXPR_ROOT_NAME;
}

/* Predicates on a step that is no repeat: nothing here counts its nodes. */
static bool walk_general(const struct walk *walk)
{
    for (size_t i = 0; walk->path->predicates && i < walk->path->step_count;
         i++)
        if (walk->path->step[i].predicate_count &&
            (!walk->step[i] || walk->step[i]->type != QUESTION_REPEAT))
            return true;
    return false;
}

void eval_path(struct eval *eval, const struct expr *path,
               struct expr_result *result)
{
    const struct expr_scope *scope = eval->scope;
    struct walk walk;
    struct str name = expr_path_name(path), text = STR_NULL;

    if (wants_tree(eval, path)) {
        eval_tree_path(eval, path, result);
        return;
    }
    if (path->root == EXPR_ROOT_INSTANCE) {
        eval_instance(eval, path, result);
        return;
    }
    if (is_column(eval, path)) {
        one_node(eval, eval_choice_column(eval, eval->now.choice, name),
                 result);
        return;
    }
    if (is_self(path) && !eval->now.node && path->root != EXPR_ROOT_NAME) {
        one_node(eval, scope->current, result);
        return;
    }
    if (name.size > 0 && scope->lookup &&
        scope->lookup(scope->context, name, &text)) {
        one_node(eval, text, result);
        return;
    }
    walk_init(&walk, eval, path);
    if (walk_resolve(&walk)) {
        if (walk_general(&walk) && scope->form)
            eval_tree_path(eval, path, result);
        else
            eval_question(&walk, result);
    } else if (name.size > 0 && !scope->level)
        eval_name(eval, name, result);
    else
        one_node(eval, STR_NULL, result);
}

void eval_self(struct eval *eval, enum expr_root root,
               struct expr_result *result)
{
    struct expr_step self = {
        .kind = EXPR_STEP_SELF, .axis = EXPR_AXIS_SELF, .test = EXPR_TEST_NODE};
    struct expr path = {
        .kind = EXPR_KIND_PATH, .root = root, .step = &self, .step_count = 1};

    eval_node(eval, &path, result);
}

const struct question *eval_target(struct eval *eval, const struct expr *path)
{
    struct walk walk;

    walk_init(&walk, eval, path);
    return path->kind == EXPR_KIND_PATH && walk_resolve(&walk) ? walk.target
                                                               : NULL;
}
