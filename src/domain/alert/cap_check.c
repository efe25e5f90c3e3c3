/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cap_check.c - what an alert must be that somebody can rely on. First the
 * schema (cap.def), on a tree wherever it comes from; then what the schema
 * lets pass: identifiers that cannot be referred to, references to itself or to
 * the future, the same language twice for the same people, polygons that are
 * open or cross themselves, an end before the beginning.
 */
#include "domain/alert/cap_table.h"

#include <string.h>

struct checking {
    struct cap_problems *problems;
    struct arena *arena;
    const struct value *alert;
    int64_t sent; /* 0: not known */
};

/* --- the schema ----------------------------------------------------------- */

static struct str below(struct checking *checking, struct str path,
                        const char *name, size_t number)
{
    struct str last = number
                          ? str_format(checking->arena, "%s[%zu]", name, number)
                          : str_of(name);

    return path.size ? str_format(checking->arena, "%.*s/%.*s", STR_ARGS(path),
                                  STR_ARGS(last))
                     : last;
}

static void check_group(struct checking *checking, enum cap_type group,
                        const struct value *value, struct str path);

static void check_member(struct checking *checking, const struct cap_row *row,
                         const struct value *member, struct str path)
{
    if (cap_is_group(row->type))
        check_group(checking, row->type, member, path);
    else
        cap_check_text(row, value_text(member), path, checking->problems);
}

static void check_group(struct checking *checking, enum cap_type group,
                        const struct value *value, struct str path)
{
    size_t count;
    const struct cap_row *row = cap_rows(&count);

    for (size_t i = 0; i < count; i++) {
        const struct value *member = value_get(value, row[i].name);

        if (row[i].group != group)
            continue;
        if (!member && row[i].least)
            cap_problem(checking->problems,
                        below(checking, path, row[i].name, 0),
                        N_("Falta «{1}»: CAP lo exige."), str_of(row[i].name));
        else if (member && !row[i].many)
            check_member(checking, &row[i], member,
                         below(checking, path, row[i].name, 0));
        for (size_t j = 0; row[i].many && j < value_count(member); j++)
            check_member(checking, &row[i], value_at(member, j),
                         below(checking, path, row[i].name, j + 1));
    }
}

/* --- names and references ------------------------------------------------- */

static void check_name(struct checking *checking, const char *name)
{
    struct str text = value_text_of(checking->alert, name);

    for (size_t i = 0; i < text.size; i++)
        if (strchr(" \t\r\n,<&", text.at[i])) {
            cap_problem(checking->problems, str_of(name),
                        N_("«{1}» lleva un espacio, una coma, < o &, y así "
                           "nadie puede referirse a esta alerta: quítelos."),
                        text);
            return;
        }
    if (text.size > 300)
        cap_problem(checking->problems, str_of(name),
                    N_("Es demasiado largo: use 300 letras o menos."),
                    STR_NULL);
}

static bool is_itself(const struct checking *checking,
                      const struct cap_reference *reference)
{
    return str_equal(reference->identifier,
                     value_text_of(checking->alert, "identifier")) &&
           str_equal(reference->sender,
                     value_text_of(checking->alert, "sender"));
}

static void check_reference(struct checking *checking,
                            const struct cap_reference *reference, bool whole,
                            struct str all)
{
    const char *problem = NULL;
    int64_t sent = 0;

    if (!whole || !cap_time_parse(reference->sent, &sent))
        problem = N_("Una referencia se escribe remitente,identificador,hora "
                     "de envío, sin espacios; «{1}» no está completa.");
    else if (is_itself(checking, reference))
        problem = N_("La alerta se refiere a sí misma: en las referencias van "
                     "solo alertas anteriores.");
    else if (checking->sent && sent > checking->sent)
        problem = N_("La referencia «{1}» es posterior a esta alerta: revise "
                     "la hora de envío de las dos.");
    if (problem)
        cap_problem(checking->problems, STR("references"), problem, all);
}

static void check_references(struct checking *checking)
{
    struct str rest = value_text_of(checking->alert, "references");
    struct str type = value_text_of(checking->alert, "msgType");
    struct cap_reference reference;
    bool whole, any = false;
    size_t count = 0;

    while (count++ < 200 && cap_reference_next(&rest, &reference, &whole)) {
        any = true;
        check_reference(checking, &reference, whole,
                        reference.identifier.size ? reference.identifier
                                                  : reference.sender);
    }
    if (!any && (str_equal_c(type, "Update") || str_equal_c(type, "Cancel") ||
                 str_equal_c(type, "Ack") || str_equal_c(type, "Error")))
        cap_problem(checking->problems, STR("references"),
                    N_("Un mensaje «{1}» debe decir en las referencias a qué "
                       "alerta se refiere."),
                    type);
}

static void check_scope(struct checking *checking)
{
    struct str scope = value_text_of(checking->alert, "scope");

    if (str_equal_c(scope, "Restricted") &&
        !str_trim(value_text_of(checking->alert, "restriction")).size)
        cap_problem(checking->problems, STR("restriction"),
                    N_("Una alerta restringida debe decir para quién es "
                       "(restriction)."),
                    STR_NULL);
    if (str_equal_c(scope, "Private") &&
        !str_trim(value_text_of(checking->alert, "addresses")).size)
        cap_problem(checking->problems, STR("addresses"),
                    N_("Una alerta privada debe decir a quién va "
                       "(addresses)."),
                    STR_NULL);
}

/* --- one info ------------------------------------------------------------- */

static void check_times(struct checking *checking, const struct value *info,
                        struct str path)
{
    int64_t effective = checking->sent, onset = 0, expires = 0;

    cap_time_parse(value_text_of(info, "effective"), &effective);
    if (!cap_time_parse(value_text_of(info, "expires"), &expires))
        return;
    if (expires <= effective)
        cap_minor(checking->problems, below(checking, path, "expires", 0),
                  N_("Deja de valer («{1}») antes de empezar: corrija una de "
                     "las dos horas."),
                  value_text_of(info, "expires"));
    else if (cap_time_parse(value_text_of(info, "onset"), &onset) &&
             onset > expires)
        cap_minor(checking->problems, below(checking, path, "onset", 0),
                  N_("Empieza («{1}») cuando la alerta ya no vale: corrija "
                     "una de las dos horas."),
                  value_text_of(info, "onset"));
}

static void check_polygons(struct checking *checking, const struct value *list,
                           struct str path)
{
    for (size_t i = 0; i < value_count(list); i++) {
        struct cap_ring ring;
        struct str arg, here = below(checking, path, "polygon", i + 1);
        const char *problem = cap_polygon(
            checking->arena, value_text(value_at(list, i)), &ring, &arg);

        checking->problems->points += ring.count;
        if (checking->problems->points > CAP_ALL_POINTS_MAX)
            problem = N_("Los polígonos tienen más de 20,000 puntos en total: "
                         "dibújelos con menos detalle.");
        if (problem)
            cap_problem(checking->problems, here, problem, arg);
        if (checking->problems->points > CAP_ALL_POINTS_MAX)
            return;
    }
}

static void check_area(struct checking *checking, const struct value *area,
                       struct str path)
{
    const struct value *list = value_get(area, "circle");

    check_polygons(checking, value_get(area, "polygon"), path);
    for (size_t i = 0; i < value_count(list); i++) {
        struct str text = value_text(value_at(list, i));
        struct cap_point centre;
        double radius;
        const char *problem = cap_circle(text, &centre, &radius);

        if (problem)
            cap_problem(checking->problems,
                        below(checking, path, "circle", i + 1), problem, text);
    }
    if (value_get(area, "ceiling") && !value_get(area, "altitude"))
        cap_problem(checking->problems, below(checking, path, "ceiling", 0),
                    N_("Dice hasta qué altura pero no desde cuál: escriba "
                       "también «altitude»."),
                    STR_NULL);
}

/* Are both for the same people? Without an area: for everybody. */
static bool shares_area(const struct value *a, const struct value *b)
{
    const struct value *first = value_get(a, "area");
    const struct value *second = value_get(b, "area");

    if (!value_count(first) || !value_count(second))
        return true;
    for (size_t i = 0; i < value_count(first); i++)
        for (size_t j = 0; j < value_count(second); j++)
            if (str_equal(value_text_of(value_at(first, i), "areaDesc"),
                          value_text_of(value_at(second, j), "areaDesc")))
                return true;
    return false;
}

static void check_language(struct checking *checking, const struct value *list,
                           size_t at)
{
    struct str language = cap_language(value_at(list, at));

    for (size_t i = 0; i < at; i++)
        if (str_equal_nocase(cap_language(value_at(list, i)), language) &&
            shares_area(value_at(list, i), value_at(list, at))) {
            cap_problem(checking->problems,
                        below(checking,
                              below(checking, STR(""), "info", at + 1),
                              "language", 0),
                        N_("El idioma «{1}» está dos veces para la misma zona: "
                           "deje un bloque por idioma."),
                        language);
            return;
        }
}

static void check_infos(struct checking *checking)
{
    const struct value *list = value_get(checking->alert, "info");

    if (value_count(list) > CAP_INFO_MAX) {
        cap_problem(checking->problems, STR("info"),
                    N_("Tiene demasiados bloques de información: 40 como "
                       "mucho."),
                    STR_NULL);
        return;
    }
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *info = value_at(list, i);
        const struct value *areas = value_get(info, "area");
        struct str path = below(checking, STR(""), "info", i + 1);

        check_times(checking, info, path);
        check_language(checking, list, i);
        if (value_count(areas) > CAP_AREA_MAX)
            cap_problem(checking->problems, below(checking, path, "area", 0),
                        N_("Tiene demasiadas zonas: 500 como mucho."),
                        STR_NULL);
        for (size_t j = 0; j < value_count(areas) && j < CAP_AREA_MAX; j++)
            check_area(checking, value_at(areas, j),
                       below(checking, path, "area", j + 1));
    }
}

void cap_check(const struct value *alert, struct cap_problems *problems)
{
    struct checking checking = {
        .problems = problems, .arena = problems->arena, .alert = alert};

    check_group(&checking, CAP_ALERT, alert, STR(""));
    cap_time_parse(value_text_of(alert, "sent"), &checking.sent);
    check_name(&checking, "identifier");
    check_name(&checking, "sender");
    check_references(&checking);
    check_scope(&checking);
    check_infos(&checking);
}
