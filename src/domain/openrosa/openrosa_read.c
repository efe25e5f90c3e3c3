/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* openrosa_read.c - an XForm instance, as Collect sends it, read into answers.
 *
 * The document is walked along the form: groups do not nest in answers, each
 * occurrence of a repeat is a row. What the program computes or sets by itself
 * is not taken from it. An element that the form does not know is refused when
 * it says something, unless the XForm has it (a count, metadata).
 */
#include "domain/openrosa/openrosa.h"

#include "domain/openrosa/openrosa_kept.h"
#include "form/expr/node.h"

enum { TEXT_ID_MAX = 200, ENTITIES_MAX = 200 };

struct reading {
    struct task *task;
    struct openrosa_instance *out;
    const struct form *form, *newest;
    const struct openrosa_kept *kept; /* asked for when something needs it */
    size_t file_room, entity_room;
    struct err *err;
    enum error error;
};

/* --- ids ------------------------------------------------------------------ */

static bool is_uuid(struct str text)
{
    if (text.size != 36)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        bool dash = i == 8 || i == 13 || i == 18 || i == 23;

        if (dash ? text.at[i] != '-' : !strchr("0123456789abcdef", text.at[i]))
            return false;
    }
    return true;
}

struct str openrosa_record(const struct task *task, struct str instance)
{
    struct str rest = instance;

    if (str_starts(rest, STR("uuid:")))
        rest = str_slice(rest, 5, rest.size);
    return is_uuid(rest) ? rest
                         : task_uuid(task, STR("openrosa record"), instance);
}

/* --- small things about nodes --------------------------------------------- */

static const struct node *element_in(const struct node *parent,
                                     const char *name)
{
    for (const struct node *at = parent ? parent->first : NULL; at;
         at = at->next)
        if (at->kind == NODE_ELEMENT && str_equal_c(name_local(at->name), name))
            return at;
    return NULL;
}

static struct str text_in(struct reading *reading, const struct node *parent,
                          const char *name)
{
    const struct node *node = element_in(parent, name);

    return node ? str_trim(node_text(node, reading->task->arena)) : STR("");
}

static void refuse(struct reading *reading, enum error code, const char *msgid,
                   struct str argument)
{
    struct str cut = str_slice(argument, 0, 100);

    if (reading->error)
        return;
    reading->error = err_set(reading->err, code, msgid,
                             str_c(reading->task->arena, cut), NULL, NULL);
}

/* --- what only the XForm knows -------------------------------------------- */

static const struct openrosa_kept *kept_of(struct reading *reading)
{
    if (!reading->kept)
        reading->kept = openrosa_kept(reading->task, reading->form);
    if (!reading->kept && !reading->error)
        reading->error = err_memory(reading->err);
    return reading->kept;
}

static bool xform_has(struct reading *reading, struct str name)
{
    const struct openrosa_kept *kept;

    if (str_ends(name, STR("_count")))
        return true;
    kept = kept_of(reading);
    return kept && openrosa_kept_has(kept, name);
}

/* --- answers -------------------------------------------------------------- */

static void add_file(struct reading *reading, struct str name)
{
    struct openrosa_instance *out = reading->out;

    for (size_t i = 0; i < out->files; i++)
        if (str_equal(out->file[i], name))
            return;
    if (out->files == reading->file_room) {
        size_t room = reading->file_room ? reading->file_room * 2 : 8;

        out->file = arena_grow(reading->task->arena, out->file,
                               out->files * sizeof(*out->file),
                               room * sizeof(*out->file));
        if (!out->file) {
            reading->error = err_memory(reading->err);
            out->files = 0;
            return;
        }
        reading->file_room = room;
    }
    out->file[out->files++] = name;
}

/* An empty answer is told only where it takes back a default: an empty field
 * of a closed compartment must not read as an attempt to write there. */
static bool empties(const struct reading *reading,
                    const struct question *question)
{
    return (question->default_value || question->default_text.size) &&
           role_reads(
               role_widest(reading->task->actor.role, reading->form->name),
               question);
}

/* Set by the program, in the version at hand or by now. */
static bool is_system(const struct reading *reading,
                      const struct question *question)
{
    const struct question *now =
        question->system || question->repeat || reading->newest == reading->form
            ? question
            : form_find(reading->newest, question->key);

    return now && now->system;
}

static void take_answer(struct reading *reading,
                        const struct question *question,
                        const struct node *node, struct value *answers)
{
    struct str text;

    if (!question_has_value(question) || is_system(reading, question) ||
        question->calculation)
        return;
    text = str_trim(node_text(node, reading->task->arena));
    if (!text.size && !empties(reading, question))
        return;
    if (text.size && question_is_file(question))
        add_file(reading, text);
    value_set(answers, reading->task->arena, question->key,
              value_string(reading->task->arena, text));
}

static const struct question *find_named(const struct question *first,
                                         struct str name)
{
    while (first && !str_equal(first->name, name))
        first = first->next;
    return first;
}

static void take_level(struct reading *reading, const struct question *first,
                       const struct node *parent, struct value *answers);

static void take_row(struct reading *reading, const struct question *question,
                     const struct node *node, struct value *answers)
{
    struct arena *arena = reading->task->arena;
    struct value *row = value_object(arena), *rows = NULL;
    const struct value *before = value_get_str(answers, question->key);

    if (!str_is_null(node_attribute(node, "jr:template")))
        return; /* what a new row looks like */
    if (before) {
        rows = (struct value *)(uintptr_t)before; /* made below: ours */
    } else {
        rows = value_list(arena);
        value_set(answers, arena, question->key, rows);
    }
    take_level(reading, question->child, node, row);
    value_add(rows, arena, row);
}

static void take_level(struct reading *reading, const struct question *first,
                       const struct node *parent, struct value *answers)
{
    for (const struct node *node = parent->first; node && !reading->error;
         node = node->next) {
        const struct question *question;
        struct str name;

        if (node->kind != NODE_ELEMENT)
            continue;
        name = name_local(node->name);
        question = find_named(first, name);
        if (question && question->type == QUESTION_GROUP)
            take_level(reading, question->child, node, answers);
        else if (question && question->type == QUESTION_REPEAT)
            take_row(reading, question, node, answers);
        else if (question)
            take_answer(reading, question, node, answers);
        else if (!str_equal_c(name, "meta") &&
                 str_trim(node_text(node, reading->task->arena)).size &&
                 !xform_has(reading, name))
            refuse(reading, ERROR_SYNTAX,
                   N_("El envío trae «{1}», que este formulario no tiene. "
                      "Actualice el formulario en el teléfono."),
                   name);
    }
}

/* --- entities ------------------------------------------------------------- */

static bool is_yes(struct str text)
{
    return str_equal_c(text, "1") || str_equal_nocase(text, STR("true"));
}

/* The property of a list that a row's answer is saved to, or no text. */
static struct str property_for(const struct xls *xls,
                               const struct xls_node *row, struct str list)
{
    for (size_t i = 0; row->saveto.size && i < xls->entity_count; i++) {
        const struct xls_entity *entity = &xls->entity[i];

        if (!str_equal(entity->name, list))
            continue;
        for (size_t j = 0; j < entity->references; j++)
            if (entity->reference[j].saveto && entity->reference[j].node == row)
                return row->saveto;
    }
    return STR_NULL;
}

/* Walks the instance beside the rows of the form. */
static void take_properties(struct reading *reading,
                            const struct xls_node *level,
                            const struct node *parent,
                            struct openrosa_entity *entity)
{
    struct arena *arena = reading->task->arena;

    for (const struct xls_node *row = level->child; row; row = row->next) {
        const struct node *node = parent->first;

        for (; node; node = node->next) {
            struct str property;

            if (node->kind != NODE_ELEMENT ||
                !str_equal(name_local(node->name), row->name))
                continue;
            if (row->child && row->type && row->type->kind != XLS_REPEAT)
                take_properties(reading, row, node, entity);
            property = property_for(reading->kept->xls, row, entity->list);
            if (property.size)
                value_set(
                    entity->answers, arena, property,
                    value_string(arena, str_trim(node_text(node, arena))));
        }
    }
}

/* What ODK calls the label: the question label, name or title of a kind. (No
 * save_to may be called name or label.) */
static void take_label(struct reading *reading, const struct form *kind,
                       struct str label, struct openrosa_entity *entity)
{
    static const char *const named[] = {"label", "name", "title"};

    for (size_t i = 0; label.size && i < sizeof named / sizeof named[0]; i++)
        if (form_find(kind, str_of(named[i]))) {
            value_put_str(entity->answers, reading->task->arena, named[i],
                          label);
            return;
        }
}

static void take_entity(struct reading *reading, const struct node *node,
                        const struct xls_node *level, const struct node *scope)
{
    struct openrosa_instance *out = reading->out;
    struct openrosa_entity entity = {
        .list = node_attribute(node, "dataset"),
        .id = node_attribute(node, "id"),
        .create = is_yes(node_attribute(node, "create")),
        .update = is_yes(node_attribute(node, "update")),
        .answers = value_object(reading->task->arena)};
    struct str base = node_attribute(node, "baseVersion");
    struct str label = text_in(reading, node, "label");
    const struct form *kind;

    if (!entity.create && !entity.update)
        return;
    if (str_starts(entity.id, STR("uuid:")))
        entity.id = str_slice(entity.id, 5, entity.id.size);
    kind = forms_find(reading->task->office->forms, entity.list, STR_NULL);
    if (!kind) {
        refuse(reading, ERROR_NOT_FOUND,
               N_("El envío guarda en la lista «{1}», que aquí no existe."),
               entity.list);
        return;
    }
    if (!is_uuid(entity.id) || out->entities == ENTITIES_MAX ||
        (base.size && !str_to_int(base, &entity.base))) {
        refuse(reading, ERROR_SYNTAX,
               N_("El envío nombra mal un registro de la lista «{1}»."),
               entity.list);
        return;
    }
    take_properties(reading, level, scope, &entity);
    take_label(reading, kind, label, &entity);
    if (!out->entity)
        out->entity = ARENA_ARRAY(reading->task->arena, struct openrosa_entity,
                                  ENTITIES_MAX);
    if (out->entity)
        out->entity[out->entities++] = entity;
}

/* The <meta> of the form, and those of groups and repeats that make one. */
static void take_entities(struct reading *reading, const struct xls_node *level,
                          const struct node *scope)
{
    for (const struct node *node = scope->first; node && !reading->error;
         node = node->next) {
        if (node->kind != NODE_ELEMENT)
            continue;
        if (str_equal_c(name_local(node->name), "meta")) {
            for (const struct node *at = node->first; at; at = at->next)
                if (at->kind == NODE_ELEMENT &&
                    str_equal_c(name_local(at->name), "entity"))
                    take_entity(reading, at, level, scope);
            continue;
        }
        for (const struct xls_node *row = level->child; row; row = row->next)
            if (row->child && str_equal(row->name, name_local(node->name)))
                take_entities(reading, row, node);
    }
}

/* --- the whole ------------------------------------------------------------ */

static void find_form(struct reading *reading, const struct node *top)
{
    struct task *task = reading->task;
    struct str id = node_attribute(top, "id");
    struct str version = node_attribute(top, "version");

    if (str_is_null(id))
        id = top->space;
    if (!id.size) {
        refuse(reading, ERROR_SYNTAX,
               N_("El envío no dice de qué formulario es."), STR(""));
        return;
    }
    reading->newest = forms_find(task->office->forms, id, STR_NULL);
    reading->form = forms_find(task->office->forms, id, version);
    if (!reading->form)
        reading->form = reading->newest;
    reading->out->version = version;
    if (!reading->form)
        refuse(reading, ERROR_NOT_FOUND, N_("Aquí no hay un formulario {1}."),
               id);
    else if (!openrosa_offers(task, reading->form))
        refuse(reading, ERROR_FORBIDDEN,
               N_("Este teléfono no puede enviar el formulario {1}."), id);
}

static void read_meta(struct reading *reading, const struct node *top)
{
    struct openrosa_instance *out = reading->out;
    const struct node *meta = element_in(top, "meta");
    struct str audit;

    out->id = text_in(reading, meta, "instanceID");
    out->deprecated = text_in(reading, meta, "deprecatedID");
    if (!out->id.size)
        out->id = str_trim(node_attribute(top, "instanceID"));
    if (!out->id.size || out->id.size > TEXT_ID_MAX ||
        out->deprecated.size > TEXT_ID_MAX)
        refuse(reading, ERROR_SYNTAX,
               N_("El envío no trae su identificador (instanceID)."), STR(""));
    audit = text_in(reading, meta, "audit");
    if (audit.size)
        add_file(reading, audit);
}

/* --- encrypted --------------------------------------------------------------
 */

/* The names of the other files, in the order of the manifest: no name has a
 * slash in it. */
static struct str sealed_media(struct reading *reading, const struct node *top)
{
    struct buf out;
    size_t files = 0;

    buf_init(&out, reading->task->arena);
    for (const struct node *at = top; at; at = node_after(at, top)) {
        struct str name;

        if (at->kind != NODE_ELEMENT || !at->parent ||
            !str_equal_c(name_local(at->name), "file") ||
            !str_equal_c(name_local(at->parent->name), "media"))
            continue;
        name = str_trim(node_text(at, reading->task->arena));
        if (!name.size || str_find_char(name, '/') != SIZE_MAX ||
            ++files >= OPENROSA_FILES_MAX) {
            refuse(reading, ERROR_SYNTAX,
                   N_("El manifiesto del envío cifrado nombra mal un archivo: "
                      "«{1}»."),
                   name);
            return STR("");
        }
        add_file(reading, name);
        if (out.size)
            buf_putc(&out, '/');
        buf_put(&out, name);
    }
    return buf_str(&out);
}

/* The manifest of an encrypted submission becomes a record of kind sealed
 * whose files are kept as they come. */
static void read_sealed(struct reading *reading, const struct node *top)
{
    static const char *const element[][2] = {
        {"base64EncryptedKey", "sealed_key"},
        {"base64EncryptedElementSignature", "signature"},
        {"encryptedXmlFile", "xml_file"}};
    struct openrosa_instance *out = reading->out;
    struct arena *arena = reading->task->arena;
    const struct role *role = reading->task->actor.role;

    value_put_str(out->answers, arena, "of_kind", reading->form->name);
    value_put_str(out->answers, arena, "of_version",
                  node_attribute(top, "version"));
    value_put_str(out->answers, arena, "instance", out->id);
    value_put_str(out->answers, arena, "sender_role",
                  role ? role->name : STR(""));
    value_put_str(out->answers, arena, "media", sealed_media(reading, top));
    for (size_t i = 0; i < sizeof element / sizeof element[0]; i++) {
        struct str text = text_in(reading, top, element[i][0]);

        if (!text.size)
            refuse(reading, ERROR_SYNTAX,
                   N_("Al manifiesto del envío cifrado le falta «{1}»."),
                   str_of(element[i][0]));
        value_put_str(out->answers, arena, element[i][1], text);
    }
    add_file(reading, value_text_of(out->answers, "xml_file"));
    out->id = str_join(arena, STR("sealed:"), out->id);
    out->deprecated = STR(""); /* what it corrects is said inside */
    out->sealed = true;
    reading->form =
        forms_find(reading->task->office->forms, STR("sealed"), STR_NULL);
    if (reading->form)
        out->version = reading->form->version;
    else
        refuse(reading, ERROR_NOT_FOUND, N_("Aquí no hay un formulario {1}."),
               STR("sealed"));
}

static bool has_entity(const struct node *top)
{
    for (const struct node *at = top; at; at = node_after(at, top))
        if (at->kind == NODE_ELEMENT && at->parent &&
            str_equal_c(name_local(at->name), "entity") &&
            str_equal_c(name_local(at->parent->name), "meta"))
            return true;
    return false;
}

enum error openrosa_read(struct task *task, struct str xml,
                         struct openrosa_instance *out, struct err *err)
{
    struct reading reading = {.task = task, .out = out, .err = err};
    struct node_builder builder = {.arena = task->arena};
    const struct node *document = NULL, *top;
    static const struct xls_node nothing;
    const struct openrosa_kept *kept;
    enum error error;

    *out = (struct openrosa_instance){.answers = value_object(task->arena)};
    if (!task->office->read_xml)
        return err_set(err, ERROR_NOT_FOUND,
                       N_("Este programa no recibe envíos de teléfonos."), NULL,
                       NULL, NULL);
    if (xml.size > OPENROSA_XML_MAX)
        return err_set(err, ERROR_TOO_LARGE,
                       N_("El XML del envío es demasiado grande: cabe 1 MB."),
                       NULL, NULL, NULL);
    error = task->office->read_xml(&builder, xml, &document, err);
    if (error)
        return error;
    top = node_top(document);
    if (!top)
        return err_set(err, ERROR_SYNTAX,
                       N_("El envío no dice de qué formulario es."), NULL, NULL,
                       NULL);
    find_form(&reading, top);
    if (!reading.error)
        read_meta(&reading, top);
    if (!reading.error && str_equal_c(node_attribute(top, "encrypted"), "yes"))
        read_sealed(&reading, top);
    else if (!reading.error)
        take_level(&reading, reading.form->first, top, out->answers);
    if (!reading.error && has_entity(top)) {
        kept = kept_of(&reading);
        if (kept)
            take_entities(&reading, kept->xls ? &kept->xls->top : &nothing,
                          top);
        if (kept && !kept->xls && out->entities)
            refuse(&reading, ERROR_SYNTAX,
                   N_("El formulario {1} no dice cómo se guardan los registros "
                      "que trae el envío."),
                   reading.form->name);
    }
    if (reading.error)
        return reading.error;
    out->form = reading.form;
    return arena_failed(task->arena) ? err_memory(err) : ERROR_NONE;
}
