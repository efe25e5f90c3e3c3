/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* pack.c - a form becomes a tree of values; see pack.h. */
#include "form/pack.h"

#include "core/buf.h"
#include "form/expr/tree.h"
#include "form/pack_names.h"

/* What form/check and form/clean may say; test/t_live.c holds the list against
 * their source. */
static const char *const said[] = {
    N_("Aquí se espera una lista de filas."),
    N_("Filas que van aquí: {1}. Hay {2}: agregue las que faltan."),
    N_("Filas que van aquí: {1}. Hay {2}: quite las que sobran."),
    N_("El formulario no tiene esta pregunta."),
    N_("El valor no es del tipo que pide la pregunta."),
    N_("Esa razón no existe: use NA, NR, ND o DK."),
    N_("Esa respuesta no va con lo que contestó antes."),
    N_("Esta respuesta no se admite; revísela."),
    N_("Falta esta respuesta. Si no la hay, diga por qué."),
    N_("Hay demasiadas filas."),
    N_("Las respuestas deben ser un objeto."),
    N_("El número es demasiado grande."),
    N_("El número queda fuera de lo que admite esta pregunta."),
    N_("El texto es demasiado largo: caben 10 000 caracteres."),
    N_("El texto tiene caracteres dañados; escríbalo otra vez."),
    N_("Esa fecha no existe; revise el día y el mes."),
    N_("Esa respuesta no está en la lista."),
    N_("Escriba la fecha como día/mes/año, o solo el mes y el año, o solo el "
       "año: 22/11/1998, 11/1998, 1998."),
    N_("Escriba la fecha como día/mes/año, por ejemplo 22/11/2026."),
    N_("Escriba la fecha y la hora, por ejemplo 22/11/2026 14:30."),
    N_("Escriba la hora como hora:minutos, por ejemplo 14:30."),
    N_("Escriba latitud y longitud, por ejemplo 14.9 -92.26."),
    N_("Escriba un número entero, por ejemplo 3."),
    N_("Escriba un número, por ejemplo 2.5."),
    N_("Escriba un número, por ejemplo 3."),
    N_("Marque la casilla o déjela sin marcar."),
};

struct packing {
    const struct form *form;
    struct str language;
    struct arena *arena;
};

static void put(const struct packing *p, struct value *out, const char *name,
                struct str text)
{
    if (text.size > 0)
        value_put_str(out, p->arena, name, text);
}

static void put_number(const struct packing *p, struct value *out,
                       const char *name, size_t number)
{
    value_put_int(out, p->arena, name, (int64_t)number);
}

static struct value *pack_question(const struct packing *p,
                                   const struct question *q)
{
    struct value *out = value_object(p->arena);

    put_number(p, out, "type", (size_t)q->type);
    put(p, out, "name", q->name);
    if (!str_equal(q->key, q->name))
        put(p, out, "key", q->key);
    if (q->parent)
        put_number(p, out, "in", q->parent->index);
    if (q->choices)
        put_number(p, out, "list", (size_t)(q->choices - p->form->list));
    put(p, out, "wrong", texts_in(p->form, q->constraint_message, p->language));
    put(p, out, "need", texts_in(p->form, q->required_message, p->language));
    put(p, out, "text", q->default_text);
    put(p, out, "appearance", q->appearance);
    put(p, out, "parameters", q->parameters);
    if (q->system)
        value_put_bool(out, p->arena, "system", true);
#define PACK_EXPR(member, field)                                               \
    if (q->field)                                                              \
        put(p, out, #member, q->field->source);
    PACK_EXPRS(PACK_EXPR)
#undef PACK_EXPR
    return out;
}

/* --- lists -----------------------------------------------------------------
 */

enum list_use {
    LIST_LABELS = 1, /* shown, or asked for by jr:choice-name */
    LIST_COLUMNS = 2 /* a filter or instance() reads them */
};

static bool mentions(const struct question *q, struct str word)
{
#define PACK_EXPR(member, field)                                               \
    if (q->field && str_find(q->field->source, word) < SIZE_MAX)               \
        return true;
    PACK_EXPRS(PACK_EXPR)
#undef PACK_EXPR
    return false;
}

static unsigned use_of(const struct form *form, const struct choice_list *list)
{
    unsigned use = 0;

    for (size_t i = 0; i < form->question_count; i++) {
        const struct question *q = form->question[i];

        if (q->choices == list && q->choice_filter)
            use |= LIST_LABELS | LIST_COLUMNS;
        if (q->choices == list && q->calculation)
            use |= LIST_LABELS;
        if (mentions(q, STR("choice-name")))
            use |= LIST_LABELS;
        if (mentions(q, STR("instance(")) || mentions(q, STR("pulldata")))
            use |= LIST_LABELS | LIST_COLUMNS;
    }
    return use;
}

/* name, or [name, label, {column: …}] */
static struct value *pack_choice(const struct packing *p, unsigned use,
                                 const struct choice *choice)
{
    struct value *out;

    if (!use)
        return value_string(p->arena, choice->name);
    out = value_list(p->arena);
    value_add(out, p->arena, value_string(p->arena, choice->name));
    value_add(
        out, p->arena,
        value_string(p->arena, texts_in(p->form, choice->label, p->language)));
    if ((use & LIST_COLUMNS) && value_count(choice->extra))
        value_add(out, p->arena, value_copy(choice->extra, p->arena));
    return out;
}

static struct value *pack_list(const struct packing *p,
                               const struct choice_list *list)
{
    struct value *out = value_object(p->arena);
    struct value *choices = value_list(p->arena);
    unsigned use = use_of(p->form, list);

    value_put_str(out, p->arena, "name", list->name);
    for (size_t i = 0; i < list->count; i++)
        value_add(choices, p->arena, pack_choice(p, use, &list->choice[i]));
    value_put(out, p->arena, "choices", choices);
    return out;
}

struct value *form_pack(const struct form *form, struct str language,
                        const struct translator *translator,
                        struct arena *arena)
{
    const struct packing p = {form, language, arena};
    struct value *out = value_object(arena), *questions = value_list(arena);
    struct value *lists = value_list(arena), *order = value_list(arena);
    struct value *says = value_object(arena);

    value_put_int(out, arena, "packed", PACK_VERSION);
    put(&p, out, "name", form->name);
    put(&p, out, "version", form->version);
    put(&p, out, "language", language);
    for (size_t i = 0; i < form->question_count; i++) {
        value_add(questions, arena, pack_question(&p, form->question[i]));
        value_add(order, arena,
                  value_int(arena, (int64_t)form->order[i]->index));
    }
    for (size_t i = 0; i < form->list_count; i++)
        value_add(lists, arena, pack_list(&p, &form->list[i]));
    for (size_t i = 0; translator && i < sizeof said / sizeof said[0]; i++)
        value_set(says, arena, str_of(said[i]),
                  value_string(arena, translate(translator, str_of(said[i]))));
    value_put(out, arena, "questions", questions);
    value_put(out, arena, "order", order);
    value_put(out, arena, "lists", lists);
    value_put(out, arena, "says", says);
    return out;
}
