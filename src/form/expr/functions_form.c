/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* functions_form.c - functions about answers: branches, choices, rows. */
#include <math.h>

#include "form/expr/eval.h"

void expr_function_if(struct eval *eval, const struct expr *call,
                      struct expr_result *result)
{
    eval_node(eval,
              eval_truth(eval, call->arg[0]) ? call->arg[1] : call->arg[2],
              result);
}

void expr_function_coalesce(struct eval *eval, const struct expr *call,
                            struct expr_result *result)
{
    for (size_t i = 0; i < call->arg_count; i++) {
        struct str text = eval_text(eval, call->arg[i]);

        result_text(result, text);
        if (text.size > 0)
            return;
    }
}

/* The value the question has, else the argument's. */
void expr_function_once(struct eval *eval, const struct expr *call,
                        struct expr_result *result)
{
    struct expr_result self = {0};
    struct str text;

    eval_self(eval, EXPR_ROOT_CURRENT, &self);
    text = result_to_text(eval, &self);
    if (text.size == 0)
        text = eval_text(eval, call->arg[0]);
    result_text(result, text);
}

static bool next_word(struct str *rest, struct str *word)
{
    size_t end;

    *rest = str_trim(*rest);
    if (rest->size == 0)
        return false;
    for (end = 0; end < rest->size && !strchr(" \t\r\n", rest->at[end]); end++)
        ;
    *word = str_slice(*rest, 0, end);
    *rest = str_slice(*rest, end, rest->size);
    return true;
}

void expr_function_selected(struct eval *eval, const struct expr *call,
                            struct expr_result *result)
{
    struct str rest = eval_text(eval, call->arg[0]), word;
    struct str wanted = str_trim(eval_text(eval, call->arg[1]));
    bool found = rest.size == 0 && wanted.size == 0;

    while (!found && next_word(&rest, &word))
        found = str_equal(word, wanted);
    result_truth(result, found);
}

void expr_function_count_selected(struct eval *eval, const struct expr *call,
                                  struct expr_result *result)
{
    struct str rest = eval_text(eval, call->arg[0]), word;
    double count = 0;

    while (next_word(&rest, &word))
        count++;
    result_number(result, count);
}

void expr_function_selected_at(struct eval *eval, const struct expr *call,
                               struct expr_result *result)
{
    struct str rest = eval_text(eval, call->arg[0]), word;
    double wanted = eval_number(eval, call->arg[1]);

    for (double at = 0; next_word(&rest, &word); at++)
        if (at == floor(wanted)) {
            result_text(result, word);
            return;
        }
}

/* The labels of the chosen ones, in the language of the scope. */
void expr_function_choice_name(struct eval *eval, const struct expr *call,
                               struct expr_result *result)
{
    struct str rest = eval_text(eval, call->arg[0]), word;
    const struct question *question = eval_target(eval, call->arg[1]);
    struct buf out;

    if (!question || !question->choices || !eval->scope->form) {
        result_text(result, rest);
        return;
    }
    buf_init(&out, eval->arena);
    while (next_word(&rest, &word)) {
        const struct choice *choice = choice_find(question->choices, word);
        struct str label = choice ? texts_in(eval->scope->form, choice->label,
                                             eval->scope->language)
                                  : STR_NULL;

        if (out.size > 0)
            buf_puts(&out, ", ");
        buf_put(&out, label.size ? label : word);
    }
    result_text(result, buf_str(&out));
}

static bool eval_nodes(struct eval *eval, const struct expr *call,
                       struct expr_result *nodes)
{
    eval_node(eval, call->arg[0], nodes);
    if (nodes->type == EXPR_NODES)
        return true;
    eval_fail(eval, call,
              N_("La función del carácter {1} necesita una pregunta o un "
                 "grupo que se repite."));
    return false;
}

void expr_function_count(struct eval *eval, const struct expr *call,
                         struct expr_result *result)
{
    struct expr_result nodes = {0};

    if (eval_nodes(eval, call, &nodes))
        result_number(result, (double)nodes.count);
}

void expr_function_count_non_empty(struct eval *eval, const struct expr *call,
                                   struct expr_result *result)
{
    struct expr_result nodes = {0};
    double count = 0;

    if (!eval_nodes(eval, call, &nodes))
        return;
    for (size_t i = 0; i < nodes.count; i++)
        count += expr_node_text(&nodes, i).size > 0;
    result_number(result, count);
}

/* Among its brothers of the same name. */
static void position_in_tree(struct eval *eval, const struct expr *path,
                             struct expr_result *result)
{
    struct expr_result nodes = {0};
    const struct node *node;
    double position = 1;

    if (!eval_tree_nodes(eval, path, &nodes) || !nodes.count)
        return;
    for (node = nodes.tree[0]->previous; node; node = node->previous)
        position += node->kind == nodes.tree[0]->kind &&
                    str_equal(node->name, nodes.tree[0]->name);
    result_number(result, position);
}

/* position(): in the list a predicate goes through, or of the row;
 * position(..): the row of that repeat. */
void expr_function_position(struct eval *eval, const struct expr *call,
                            struct expr_result *result)
{
    const struct question *target;
    const struct level *level = eval->now.level;
    size_t position = eval->now.position;

    if (call->arg_count > 0) {
        if (call->arg[0]->kind != EXPR_KIND_PATH) {
            eval_fail(eval, call,
                      N_("La función del carácter {1} necesita una pregunta "
                         "o un grupo que se repite."));
            return;
        }
        if (eval->now.tree) {
            position_in_tree(eval, call->arg[0], result);
            return;
        }
        target = eval_target(eval, call->arg[0]);
        if (target && target->type != QUESTION_REPEAT)
            target = target->repeat;
        while (target && level->up && level->repeat != target)
            level = level->up;
        if (target && level->repeat == target)
            position = level->position;
    }
    result_number(result, position ? (double)position : 1);
}

void expr_function_last(struct eval *eval, const struct expr *call,
                        struct expr_result *result)
{
    (void)call;
    result_number(result, eval->now.size ? (double)eval->now.size : 1);
}

/* The same in a document: of the nodes that arg[0] stands for anywhere below
 * the top, the one in the chosen rows. */
static void indexed_in_tree(struct eval *eval, const struct expr *call,
                            struct expr_result *result)
{
    struct expr_result rows = {0}, nodes = {0};
    const struct node *within = NULL, *node;

    for (size_t i = 1; i + 1 < call->arg_count; i += 2) {
        double index = eval_number(eval, call->arg[i + 1]), at = 0;

        if (!eval_tree_nodes(eval, call->arg[i], &rows) || !rows.count)
            return;
        node = within ? within : node_document(rows.tree[0]);
        within = NULL;
        for (const struct node *top = node; node && !within;
             node = node_after(node, top))
            if (node->kind == NODE_ELEMENT &&
                str_equal(node->name, rows.tree[0]->name) &&
                eval_work(eval, 1) && ++at == index)
                within = node;
        if (!within)
            return;
    }
    if (!eval_tree_nodes(eval, call->arg[0], &nodes) || !nodes.count)
        return;
    for (node = within; node; node = node_after(node, within))
        if (node->kind == NODE_ELEMENT &&
            node->question == nodes.tree[0]->question &&
            str_equal(node->name, nodes.tree[0]->name)) {
            result_text(result, node_text(node, eval->arena));
            return;
        }
}

/* indexed-repeat(node, repeat, index, …): the node in that row, of a repeat
 * in that row, … */
void expr_function_indexed_repeat(struct eval *eval, const struct expr *call,
                                  struct expr_result *result)
{
    const struct question *target = NULL, *repeat = NULL;
    struct level row[4]; /* each is above the next */
    size_t depth = (call->arg_count - 1) / 2;
    bool wrong = call->arg_count % 2 == 0;

    if (eval->in_tree && !wrong) {
        indexed_in_tree(eval, call, result);
        return;
    }
    target = wrong ? NULL : eval_target(eval, call->arg[0]);
    row[0] = *eval->now.level;
    for (size_t i = 0; i < depth && !wrong; i++) {
        double index = eval_number(eval, call->arg[2 * i + 2]);

        repeat = eval_target(eval, call->arg[2 * i + 1]);
        wrong = !repeat || repeat->type != QUESTION_REPEAT;
        while (!wrong && i == 0 && row[0].up && row[0].repeat != repeat->repeat)
            row[0] = *row[0].up;
        if (wrong || row[i].repeat != repeat->repeat) {
            wrong = true;
            break;
        }
        if (!(index >= 1) || index > (double)level_row_count(&row[i], repeat))
            return;
        row[i + 1] = level_row(&row[i], repeat, (size_t)index - 1);
    }
    if (wrong || !target || target->repeat != repeat) {
        eval_fail(eval, call,
                  N_("indexed-repeat (carácter {1}) necesita una pregunta, el "
                     "grupo que se repite donde está y el número de fila."));
        return;
    }
    result_text(result, level_text(&row[depth], target, eval->arena));
}

static void check_count(struct expr_result *result, double min, double max,
                        double count)
{
    result_truth(result,
                 (min < 0 || count >= min) && (max < 0 || count <= max));
}

/* The values of an argument, each node by itself. */
static size_t part_count(const struct expr_result *part)
{
    return part->type == EXPR_NODES ? part->count : 1;
}

static bool part_truth(const struct expr_result *part, size_t index)
{
    return part->type == EXPR_NODES ? expr_node_text(part, index).size > 0
                                    : expr_to_bool(part);
}

static double part_number(const struct expr_result *part, size_t index)
{
    return part->type == EXPR_NODES
               ? text_to_number(expr_node_text(part, index), part->dated,
                                part->utc_offset)
               : expr_to_number(part);
}

void expr_function_checklist(struct eval *eval, const struct expr *call,
                             struct expr_result *result)
{
    double count = 0;

    for (size_t i = 2; i < call->arg_count; i++) {
        struct expr_result part = {0};

        eval_node(eval, call->arg[i], &part);
        for (size_t j = 0; j < part_count(&part); j++)
            count += part_truth(&part, j);
    }
    check_count(result, eval_number(eval, call->arg[0]),
                eval_number(eval, call->arg[1]), count);
}

void expr_function_weighted_checklist(struct eval *eval,
                                      const struct expr *call,
                                      struct expr_result *result)
{
    double sum = 0;

    for (size_t i = 2; i + 1 < call->arg_count; i += 2) {
        struct expr_result part = {0}, weight = {0};

        eval_node(eval, call->arg[i], &part);
        eval_node(eval, call->arg[i + 1], &weight);
        for (size_t j = 0; j < part_count(&part) && j < part_count(&weight);
             j++)
            if (part_truth(&part, j))
                sum += part_number(&weight, j);
    }
    check_count(result, eval_number(eval, call->arg[0]),
                eval_number(eval, call->arg[1]), sum);
}

void expr_function_true(struct eval *eval, const struct expr *call,
                        struct expr_result *result)
{
    (void)eval;
    (void)call;
    result_truth(result, true);
}

void expr_function_false(struct eval *eval, const struct expr *call,
                         struct expr_result *result)
{
    (void)eval;
    (void)call;
    result_truth(result, false);
}

void expr_function_boolean(struct eval *eval, const struct expr *call,
                           struct expr_result *result)
{
    result_truth(result, eval_truth(eval, call->arg[0]));
}

void expr_function_boolean_from_string(struct eval *eval,
                                       const struct expr *call,
                                       struct expr_result *result)
{
    struct str text = eval_text(eval, call->arg[0]);

    result_truth(result,
                 str_equal_nocase(text, STR("true")) || str_equal_c(text, "1"));
}

void expr_function_not(struct eval *eval, const struct expr *call,
                       struct expr_result *result)
{
    result_truth(result, !eval_truth(eval, call->arg[0]));
}
