/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* page_api.c - GET /api: the OpenAPI 3.1 description of everything there is,
 * made from routes.def and from the forms in use, so it cannot be out of
 * date. Holds no data about anybody.
 */
#include "web/page.h"

static struct value *text_object(struct arena *arena, const char *name,
                                 const char *text)
{
    struct value *object = value_object(arena);

    value_put_text(object, arena, name, text);
    return object;
}

static struct value *reference(struct arena *arena, struct str name)
{
    struct value *object = value_object(arena);

    value_put_str(
        object, arena, "$ref",
        str_format(arena, "#/components/schemas/%.*s", STR_ARGS(name)));
    return object;
}

static struct value *json_content(struct arena *arena,
                                  const struct value *schema)
{
    struct value *content = value_object(arena), *type = value_object(arena);

    value_put(type, arena, "schema", schema);
    value_put(content, arena, "application/json", type);
    return content;
}

static struct value *response_of(struct arena *arena, const char *text,
                                 const struct value *schema)
{
    struct value *response = text_object(arena, "description", text);

    if (schema)
        value_put(response, arena, "content", json_content(arena, schema));
    return response;
}

/* --- forms as schemas ----------------------------------------------------- */

static struct value *question_schema(struct view *view, const struct form *form,
                                     const struct question *question);

static void add_properties(struct view *view, const struct form *form,
                           const struct question *first,
                           struct value *properties)
{
    for (const struct question *child = first; child; child = child->next) {
        if (child->type == QUESTION_GROUP) {
            add_properties(view, form, child->child, properties);
            continue;
        }
        if (!question_has_value(child) && child->type != QUESTION_REPEAT)
            continue;
        value_set(properties, view->task.arena, child->key,
                  question_schema(view, form, child));
    }
}

static void add_choices(struct arena *arena, const struct question *question,
                        struct value *schema)
{
    struct value *list = value_list(arena);

    if (!question->choices || question->type != QUESTION_SELECT_ONE ||
        question->choices->count > 300)
        return;
    for (size_t i = 0; i < question->choices->count; i++)
        value_add(list, arena,
                  value_string(arena, question->choices->choice[i].name));
    value_add(list, arena, value_string(arena, STR("")));
    value_put(schema, arena, "enum", list);
}

static struct value *question_schema(struct view *view, const struct form *form,
                                     const struct question *question)
{
    struct arena *arena = view->task.arena;
    struct value *schema = value_object(arena);

    value_put_str(schema, arena, "title",
                  texts_in(form, question->label, view->task.language));
    if (question->type == QUESTION_REPEAT) {
        struct value *items = text_object(arena, "type", "object");
        struct value *properties = value_object(arena);

        add_properties(view, form, question->child, properties);
        value_put(items, arena, "properties", properties);
        value_put_text(schema, arena, "type", "array");
        value_put(schema, arena, "items", items);
        return schema;
    }
    value_put_text(schema, arena, "type", "string");
    if (question->type == QUESTION_DATE &&
        str_find(question->appearance, STR("partial")) == SIZE_MAX)
        value_put_text(schema, arena, "format", "date");
    if (question->type == QUESTION_DATETIME)
        value_put_text(schema, arena, "format", "date-time");
    if (question->system)
        value_put_bool(schema, arena, "readOnly", true);
    add_choices(arena, question, schema);
    return schema;
}

static struct value *form_schema(struct view *view, const struct form *form)
{
    struct arena *arena = view->task.arena;
    struct value *schema = text_object(arena, "type", "object");
    struct value *properties = value_object(arena);
    struct value *why = text_object(arena, "type", "object");

    value_put_text(why, arena, "description",
                   "why an answer is missing: NA, NR, ND or DK by question");
    add_properties(view, form, form->first, properties);
    value_put(properties, arena, "_why", why);
    value_put_str(schema, arena, "title",
                  texts_in(form, form->title, view->task.language));
    value_put_str(schema, arena, "x-version", form->version);
    value_put(schema, arena, "properties", properties);
    value_put_bool(schema, arena, "additionalProperties", false);
    return schema;
}

static struct value *error_schema(struct arena *arena)
{
    struct value *outer = text_object(arena, "type", "object");
    struct value *inner = text_object(arena, "type", "object");
    struct value *properties = value_object(arena);
    struct value *error = value_object(arena);

    value_put(properties, arena, "code", text_object(arena, "type", "string"));
    value_put(properties, arena, "message",
              text_object(arena, "type", "string"));
    value_put(properties, arena, "fields",
              text_object(arena, "type", "object"));
    value_put(inner, arena, "properties", properties);
    value_put(error, arena, "error", inner);
    value_put(outer, arena, "properties", error);
    return outer;
}

/* --- routes as paths ------------------------------------------------------ */

/* "/person/:id" as "/person/{id}"; the names are put into the list. */
static struct str open_path(struct arena *arena, const char *pattern,
                            struct value *parameters)
{
    struct str rest = str_of(pattern), part;
    struct buf out;

    buf_init(&out, arena);
    str_cut(&rest, '/', &part);
    while (str_cut(&rest, '/', &part)) {
        struct value *parameter;

        buf_putc(&out, '/');
        if (part.size == 0 || (part.at[0] != ':' && part.at[0] != '*')) {
            buf_put(&out, part);
            continue;
        }
        part = part.at[0] == '*' ? STR("path") : str_slice(part, 1, part.size);
        buf_printf(&out, "{%.*s}", STR_ARGS(part));
        parameter = value_object(arena);
        value_put_str(parameter, arena, "name", part);
        value_put_text(parameter, arena, "in", "path");
        value_put_bool(parameter, arena, "required", true);
        value_put(parameter, arena, "schema",
                  text_object(arena, "type", "string"));
        value_add(parameters, arena, parameter);
    }
    return buf_str(&out);
}

static struct value *operation(struct arena *arena, const struct route *route)
{
    struct value *operation = value_object(arena);
    struct value *responses = value_object(arena);
    struct value *object = text_object(arena, "type", "object");

    value_put_str(operation, arena, "operationId",
                  str_format(arena, "%s %s", route->method, route->path));
    if (route->right == RIGHT_NONE)
        value_put(operation, arena, "security", value_list(arena));
    if (strcmp(route->method, "POST") == 0) {
        struct value *body = value_object(arena);

        value_put(body, arena, "content", json_content(arena, object));
        value_put(operation, arena, "requestBody", body);
    }
    value_put(responses, arena, "200", response_of(arena, "done", object));
    value_put(responses, arena, "default",
              response_of(arena, "refused or failed",
                          reference(arena, STR("Error"))));
    value_put(operation, arena, "responses", responses);
    return operation;
}

static void add_operation(struct arena *arena, struct value *paths,
                          struct str path, const char *method,
                          const struct value *parameters,
                          const struct value *operation_value)
{
    struct value *item = value_get_mutable(paths, str_c(arena, path));

    if (!item) {
        item = value_object(arena);
        value_set(paths, arena, path, item);
        if (value_count(parameters) > 0)
            value_put(item, arena, "parameters", parameters);
    }
    value_put(item, arena, strcmp(method, "POST") == 0 ? "post" : "get",
              operation_value);
}

/* POST /record/KIND with the schema of the kind. */
static void add_kind(struct view *view, const struct form *form,
                     struct value *paths)
{
    struct arena *arena = view->task.arena;
    struct value *create = value_object(arena), *body = value_object(arena);
    struct value *responses = value_object(arena);
    struct str path = view_format(view, "/record/%.*s", STR_ARGS(form->name));

    value_put(body, arena, "content",
              json_content(arena, reference(arena, form->name)));
    value_put_str(create, arena, "summary",
                  texts_in(form, form->title, view->task.language));
    value_put_str(create, arena, "operationId",
                  view_format(view, "create %.*s", STR_ARGS(form->name)));
    value_put(create, arena, "requestBody", body);
    value_put(
        responses, arena, "201",
        response_of(arena, "created", text_object(arena, "type", "object")));
    value_put(responses, arena, "default",
              response_of(arena, "refused or failed",
                          reference(arena, STR("Error"))));
    value_put(create, arena, "responses", responses);
    add_operation(arena, paths, path, "POST", NULL, create);
}

static struct value *security_schemes(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *schemes = value_object(arena);
    struct value *token = text_object(arena, "type", "http");
    struct value *cookie = text_object(arena, "type", "apiKey");

    value_put_text(token, arena, "scheme", "bearer");
    value_put_text(cookie, arena, "in", "cookie");
    value_put_text(cookie, arena, "name",
                   over_tls(view) ? "__Host-cobijo" : "cobijo");
    value_put(schemes, arena, "token", token);
    value_put(schemes, arena, "session", cookie);
    return schemes;
}

static struct value *security_wanted(struct arena *arena)
{
    struct value *list = value_list(arena);
    struct value *token = value_object(arena), *cookie = value_object(arena);

    value_put(token, arena, "token", value_list(arena));
    value_put(cookie, arena, "session", value_list(arena));
    value_add(list, arena, token);
    value_add(list, arena, cookie);
    return list;
}

enum error api_page(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct value *paths = value_object(arena), *info = value_object(arena);
    struct value *components = value_object(arena);
    struct value *schemas = value_object(arena);
    const struct form **form = NULL;
    size_t forms = forms_list(view->app->office.forms, arena, &form);

    value_put_text(info, arena, "title", "Cobijo");
    value_put_text(info, arena, "version", COBIJO_VERSION);
    value_put_text(view->data, arena, "openapi", "3.1.0");
    value_put(view->data, arena, "info", info);
    for (size_t i = 0; i < route_count; i++) {
        struct value *parameters = value_list(arena);
        struct str path = open_path(arena, route_table[i].path, parameters);

        add_operation(arena, paths, path, route_table[i].method, parameters,
                      operation(arena, &route_table[i]));
    }
    for (size_t i = 0; i < forms; i++) {
        add_kind(view, form[i], paths);
        value_set(schemas, arena, form[i]->name, form_schema(view, form[i]));
    }
    value_put(schemas, arena, "Error", error_schema(arena));
    value_put(components, arena, "schemas", schemas);
    value_put(components, arena, "securitySchemes", security_schemes(view));
    value_put(view->data, arena, "security", security_wanted(arena));
    value_put(view->data, arena, "paths", paths);
    value_put(view->data, arena, "components", components);
    view->json = true;
    return ERROR_NONE;
}
