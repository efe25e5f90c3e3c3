/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cap_read.c - a document as a value tree, by the table cap.def: names, order,
 * how often, what may stand in it. Whatever the schema refuses is refused
 * here; what it lets pass and nobody could use is cap_check.c.
 */
#include "domain/alert/cap.h"

#include "core/utf8.h"
#include "domain/alert/cap_table.h"

#include "form/expr/node.h"

#include <string.h>

static const struct cap_row table[] = {
#define CAP(group, name, type, least, many, choices)                           \
    {CAP_##group, name, CAP_##type, least, many, choices},
#include "domain/alert/cap.def"
#undef CAP
};
enum { ROWS = sizeof table / sizeof table[0] };

const struct cap_row *cap_rows(size_t *count)
{
    *count = ROWS;
    return table;
}

bool cap_is_group(enum cap_type type)
{
    return type <= CAP_AREA;
}

static const struct cap_row *row_find(enum cap_type group, struct str name)
{
    for (size_t i = 0; i < ROWS; i++)
        if (table[i].group == group && str_equal_c(name, table[i].name))
            return &table[i];
    return NULL;
}

/* --- problems ------------------------------------------------------------- */

static struct cap_problem *problem_add(struct cap_problems *problems,
                                       struct str path, const char *message,
                                       struct str arg)
{
    struct cap_problem *problem;

    if (problems->count == CAP_PROBLEMS_MAX)
        return &problems->problem[CAP_PROBLEMS_MAX - 1];
    problem = &problems->problem[problems->count++];
    *problem = (struct cap_problem){
        .path = str_copy(problems->arena, path),
        .message = message,
        .arg = str_copy(problems->arena, utf8_cut(arg, 120)),
        .minor = true};
    return problem;
}

void cap_minor(struct cap_problems *problems, struct str path,
               const char *message, struct str arg)
{
    problem_add(problems, path, message, arg);
}

void cap_problem(struct cap_problems *problems, struct str path,
                 const char *message, struct str arg)
{
    problem_add(problems, path, message, arg)->minor = false;
    problems->errors++;
}

enum error cap_refuse(const struct cap_problems *problems, struct err *err)
{
    for (size_t i = 0; i < problems->count; i++)
        if (!problems->problem[i].minor)
            return err_set(err, ERROR_INPUT, problems->problem[i].message,
                           str_c(problems->arena, problems->problem[i].arg),
                           NULL, NULL);
    return ERROR_NONE;
}

/* --- texts ---------------------------------------------------------------- */

static bool in_words(const char *words, struct str text)
{
    struct str rest = str_of(words), word;

    while (str_cut(&rest, ' ', &word))
        if (str_equal(word, text))
            return true;
    return false;
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* xs:language */
static bool is_language(struct str text)
{
    size_t size = 0;
    bool first = true;

    for (size_t i = 0; i < text.size; i++) {
        char c = text.at[i];

        if (c == '-' && size > 0) {
            size = 0;
            first = false;
        } else if ((!is_letter(c) && (first || !is_digit(c))) || ++size > 8) {
            return false;
        }
    }
    return size > 0;
}

static bool is_number(struct str text, bool whole)
{
    size_t digits = 0, points = 0;

    if (text.size > 40)
        return false;
    if (text.size && (text.at[0] == '-' || text.at[0] == '+'))
        text = str_slice(text, 1, text.size);
    for (size_t i = 0; i < text.size; i++)
        if (is_digit(text.at[i]))
            digits++;
        else if (text.at[i] != '.' || whole || points++)
            return false;
    return digits > 0;
}

static struct str scheme_of(struct str text)
{
    size_t colon = str_find_char(text, ':');

    for (size_t i = 0; colon != SIZE_MAX && i < colon; i++)
        if (!is_letter(text.at[i]) && !is_digit(text.at[i]) &&
            !strchr("+.-", text.at[i]))
            return STR_NULL;
    return colon == SIZE_MAX ? STR_NULL : str_slice(text, 0, colon);
}

/* Where a reader may be sent. */
static bool is_link(struct str text)
{
    static const char *const may[] = {"http", "https", "mailto",
                                      "tel",  "ftp",   "cid"};
    struct str scheme = scheme_of(text);

    for (size_t i = 0; i < text.size; i++)
        if ((unsigned char)text.at[i] <= ' ')
            return false;
    if (str_is_null(scheme))
        return text.size > 0 && !str_starts(text, STR("//"));
    for (size_t i = 0; i < sizeof may / sizeof may[0]; i++)
        if (str_equal_nocase(scheme, str_of(may[i])))
            return true;
    return false;
}

static const char *time_problem(struct str text)
{
    int64_t instant;

    if (str_ends(text, STR("Z")))
        return N_("La hora «{1}» termina en Z, y CAP no lo admite: escriba "
                  "la diferencia, como -06:00, o -00:00 si es la hora "
                  "universal.");
    return cap_time_parse(text, &instant)
               ? NULL
               : N_("«{1}» no es una hora de CAP. Escríbala así: "
                    "2026-11-22T14:30:00-06:00.");
}

/* What is wrong with a text of that type; NULL: nothing. */
static const char *text_problem(const struct cap_row *row, struct str text)
{
    switch (row->type) {
    case CAP_TIME:
        return time_problem(text);
    case CAP_CHOICE:
        return in_words(row->choices, text)
                   ? NULL
                   : N_("«{1}» no es una de las palabras que CAP admite aquí; "
                        "use las del estándar, con sus mayúsculas.");
    case CAP_LANGUAGE:
        return is_language(text)
                   ? NULL
                   : N_("«{1}» no es un código de idioma. Escriba uno como es, "
                        "es-MX, en o ht.");
    case CAP_LINK:
        return is_link(text)
                   ? NULL
                   : N_("«{1}» no es un enlace que se pueda seguir sin "
                        "peligro: escriba uno que empiece con https://.");
    case CAP_INTEGER:
    case CAP_DECIMAL:
        return is_number(text, row->type == CAP_INTEGER)
                   ? NULL
                   : N_("«{1}» no es un número.");
    default:
        if (row->least && !str_trim(text).size)
            return N_("Está vacío y hace falta: escríbalo.");
        return text.size > CAP_TEXT_MAX && row->type != CAP_DATA
                   ? N_("El texto es demasiado largo: acórtelo a 20,000 letras "
                        "o menos.")
                   : NULL;
    }
}

void cap_check_text(const struct cap_row *row, struct str text, struct str path,
                    struct cap_problems *problems)
{
    const char *problem = text_problem(row, text);

    if (problem)
        cap_problem(problems, path, problem, text);
}

/* --- nodes ---------------------------------------------------------------- */

#define XSI "http://www.w3.org/2001/XMLSchema-instance"
#define DSIG "http://www.w3.org/2000/09/xmldsig#"

struct cap_reading {
    struct arena *arena;
    struct cap_problems *problems;
};

static struct str path_of(struct cap_reading *reading, struct str above,
                          const struct cap_row *row, size_t number)
{
    struct str name = str_of(row->name);

    if (row->many)
        name = str_format(reading->arena, "%s[%zu]", row->name, number);
    return above.size ? str_format(reading->arena, "%.*s/%.*s", STR_ARGS(above),
                                   STR_ARGS(name))
                      : name;
}

static void check_attributes(struct cap_reading *reading,
                             const struct node *node, struct str path)
{
    const struct node *attribute = node->attribute;

    for (; attribute; attribute = attribute->next)
        if (!str_equal_c(attribute->space, XSI))
            cap_problem(reading->problems, path,
                        N_("Lleva un atributo «{1}» que CAP no tiene: "
                           "quítelo."),
                        attribute->name);
}

static const struct value *read_text(struct cap_reading *reading,
                                     const struct cap_row *row,
                                     const struct node *node, struct str path)
{
    struct str text = node_text(node, reading->arena);

    for (const struct node *child = node->first; child; child = child->next)
        if (child->kind == NODE_ELEMENT)
            cap_problem(reading->problems, path,
                        N_("Contiene el elemento «{1}», y aquí solo va texto."),
                        child->name);
    /* of these the schema does not count the space around */
    if (row->type == CAP_TIME || row->type == CAP_LANGUAGE ||
        row->type == CAP_LINK || row->type == CAP_INTEGER ||
        row->type == CAP_DECIMAL)
        text = str_trim(text);
    return value_string(reading->arena, text);
}

static struct value *read_group(struct cap_reading *reading,
                                enum cap_type group, const struct node *node,
                                struct str path);

static void take(struct cap_reading *reading, struct value *out,
                 const struct cap_row *row, const struct node *node,
                 struct str above)
{
    struct value *list = value_get_mutable(out, row->name);
    size_t number = value_count(list) + 1;
    struct str path = path_of(reading, above, row, number);
    const struct value *member;

    check_attributes(reading, node, path);
    if (cap_is_group(row->type))
        member = read_group(reading, row->type, node, path);
    else
        member = read_text(reading, row, node, path);
    if (!row->many) {
        if (value_get(out, row->name))
            cap_problem(reading->problems, path,
                        N_("«{1}» está dos veces y solo puede estar una."),
                        str_of(row->name));
        else
            value_put(out, reading->arena, row->name, member);
        return;
    }
    if (!list) {
        list = value_list(reading->arena);
        value_put(out, reading->arena, row->name, list);
    }
    value_add(list, reading->arena, member);
}

static void read_element(struct cap_reading *reading, enum cap_type group,
                         struct value *out, const struct node *node,
                         const struct cap_row **last, struct str path)
{
    const struct cap_row *row = row_find(group, name_local(node->name));

    if (group == CAP_ALERT && str_equal_c(node->space, DSIG)) {
        value_put_str(out, reading->arena, CAP_SIGNATURE, STR("not_checked"));
        return;
    }
    if (!row || !str_equal_c(node->space, CAP_SPACE)) {
        cap_problem(reading->problems, path,
                    N_("El elemento «{1}» no existe en CAP 1.2 en este lugar: "
                       "quítelo o corrija su nombre."),
                    node->name);
        return;
    }
    if (*last && row < *last)
        cap_problem(reading->problems, path,
                    N_("El elemento «{1}» está fuera de orden: CAP pide los "
                       "elementos en el orden del estándar."),
                    node->name);
    else
        *last = row;
    take(reading, out, row, node, path);
}

static struct value *read_group(struct cap_reading *reading,
                                enum cap_type group, const struct node *node,
                                struct str path)
{
    struct value *out = value_object(reading->arena);
    const struct cap_row *last = NULL;

    for (node = node->first; node; node = node->next)
        if (node->kind == NODE_ELEMENT)
            read_element(reading, group, out, node, &last, path);
        else if (node->kind == NODE_TEXT && str_trim(node->text).size)
            cap_problem(reading->problems, path,
                        N_("Hay texto suelto («{1}») entre los elementos: "
                           "quítelo."),
                        str_trim(node->text));
    return out;
}

static enum error say_no_alert(const struct node *top, struct arena *arena,
                               struct err *err)
{
    if (top && str_equal_c(name_local(top->name), "alert") &&
        str_starts(top->space, STR("urn:oasis:names:tc:emergency:cap:1.")))
        return err_set(err, ERROR_SYNTAX,
                       N_("Es una alerta de otra versión de CAP ({1}): "
                          "pida o convierta el documento a CAP 1.2."),
                       str_c(arena, top->space), NULL, NULL);
    return err_set(err, ERROR_SYNTAX,
                   N_("No es una alerta CAP 1.2: el documento debe empezar con "
                      "el elemento «alert» del espacio de nombres {1}."),
                   CAP_SPACE, NULL, NULL);
}

enum error cap_read(cap_xml xml, struct arena *arena, struct str text,
                    const struct value **alert, struct cap_problems *problems,
                    struct err *err)
{
    struct node_builder builder = {.arena = arena};
    struct cap_reading reading = {.arena = arena, .problems = problems};
    const struct node *document = NULL, *top;
    enum error error;

    *problems = (struct cap_problems){.arena = arena};
    if (text.size > CAP_SIZE_MAX)
        return err_set(err, ERROR_TOO_LARGE,
                       N_("La alerta es demasiado grande: el límite es de 512 "
                          "KB. Ponga los archivos adjuntos como enlaces."),
                       NULL, NULL, NULL);
    if (!xml)
        return err_set(err, ERROR_INTERNAL,
                       N_("Aquí no se pueden leer documentos XML."), NULL, NULL,
                       NULL);
    error = xml(&builder, text, &document, err);
    if (error)
        return error;
    top = node_top(document);
    if (!top || !str_equal_c(name_local(top->name), "alert") ||
        !str_equal_c(top->space, CAP_SPACE))
        return say_no_alert(top, arena, err);
    check_attributes(&reading, top, STR("alert"));
    *alert = read_group(&reading, CAP_ALERT, top, STR(""));
    cap_check(*alert, problems);
    if (value_get(*alert, CAP_SIGNATURE))
        cap_minor(problems, STR(CAP_SIGNATURE),
                  N_("El documento lleva una firma XML que no se comprobó: se "
                     "confía solo en la conexión por la que llegó."),
                  STR(""));
    return arena_failed(arena) ? err_memory(err) : ERROR_NONE;
}
