/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hsds_term.c - the two taxonomies: needs (sectors, and the services of
 * catalog/service.csv below them) and kinds of place. Ids are made of the
 * codes, so they are the same in every house.
 */
#include "domain/directory/directory_private.h"
#include "domain/directory/hsds.h"

struct str hsds_taxonomy_id(struct task *task, const char *taxonomy)
{
    return directory_uuid(task->office->host, task->arena, STR("taxonomy"),
                          str_of(taxonomy));
}

struct str hsds_term_id(struct task *task, const char *taxonomy,
                        struct str code)
{
    return directory_uuid(task->office->host, task->arena, str_of(taxonomy),
                          code);
}

static struct value *taxonomy(struct task *task, const char *name,
                              const char *title, const char *description)
{
    struct value *object = value_object(task->arena);

    value_put_str(object, task->arena, "id", hsds_taxonomy_id(task, name));
    value_put_text(object, task->arena, "name", title);
    value_put_text(object, task->arena, "description", description);
    value_put_text(object, task->arena, "version", "1");
    return object;
}

struct value *hsds_taxonomies(struct task *task)
{
    struct value *list = value_list(task->arena);

    value_add(list, task->arena,
              taxonomy(task, "need", "Necesidades",
                       "Lo que una persona en movilidad puede necesitar, por "
                       "sector."));
    value_add(list, task->arena,
              taxonomy(task, "kind", "Tipos de lugar",
                       "Qué clase de lugar u oficina es."));
    return list;
}

static struct str sector_name(struct task *task, struct str code)
{
    const struct form *form =
        forms_find(task->office->forms, STR("need"), STR_NULL);
    const struct question *sector =
        form ? form_find(form, STR("sector")) : NULL;
    const struct choice *choice =
        sector ? choice_find(sector->choices, code) : NULL;

    return choice ? texts_in(form, choice->label, STR("es")) : code;
}

static struct value *term(struct task *task, const char *name, struct str code,
                          struct str label, struct str english)
{
    struct arena *arena = task->arena;
    struct value *object = value_object(arena);
    bool kind = name[0] == 'k';

    value_put_str(object, arena, "id", hsds_term_id(task, name, code));
    value_put_str(object, arena, "code", code);
    value_put_str(object, arena, "name", label);
    value_put_str(object, arena, "description", english.size ? english : label);
    value_put_text(object, arena, "taxonomy",
                   kind ? "Tipos de lugar" : "Necesidades");
    value_put_str(object, arena, "taxonomy_id", hsds_taxonomy_id(task, name));
    value_put_text(object, arena, "language", "es");
    return object;
}

static bool is_sector(const struct catalog_table *table, struct str code)
{
    for (size_t row = 0; table && row < table->rows; row++)
        if (str_equal(catalog_cell(table, row, "sector"), code))
            return true;
    return false;
}

static struct value *sector_term(struct task *task, struct str code)
{
    return term(task, "need", code, sector_name(task, code), STR_NULL);
}

static struct value *row_term(struct task *task, const char *name,
                              const struct catalog_table *table, size_t row)
{
    return term(task, name, catalog_cell(table, row, "name"),
                catalog_label(table, row, "label", STR("es")),
                catalog_label(table, row, "label", STR("en")));
}

static struct value *need_term(struct task *task,
                               const struct catalog_table *table, size_t row)
{
    struct value *one = row_term(task, "need", table, row);

    value_put_str(
        one, task->arena, "parent_id",
        hsds_term_id(task, "need", catalog_cell(table, row, "sector")));
    return one;
}

static bool is_told(const struct catalog_table *table, size_t row)
{
    return !str_equal_c(catalog_cell(table, row, "enforcement"), "yes");
}

static void add_needs(struct task *task, struct value *list)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "service");

    for (size_t row = 0; table && row < table->rows; row++) {
        struct str sector = catalog_cell(table, row, "sector");
        bool known = false;

        for (size_t i = 0; !known && i < row; i++)
            known = str_equal(catalog_cell(table, i, "sector"), sector);
        if (!known)
            value_add(list, task->arena, sector_term(task, sector));
        value_add(list, task->arena, need_term(task, table, row));
    }
}

struct value *hsds_terms(struct task *task)
{
    const struct catalog_table *table =
        catalog_table(task->office->catalog, "place_type");
    struct value *list = value_list(task->arena);

    add_needs(task, list);
    for (size_t row = 0; table && row < table->rows; row++)
        if (is_told(table, row))
            value_add(list, task->arena, row_term(task, "kind", table, row));
    return list;
}

struct value *hsds_term(struct task *task, const char *taxonomy,
                        struct str code)
{
    bool kind = strcmp(taxonomy, "kind") == 0;
    const struct catalog_table *table =
        catalog_table(task->office->catalog, kind ? "place_type" : "service");

    for (size_t row = 0; table && row < table->rows; row++)
        if (str_equal(catalog_cell(table, row, "name"), code))
            return !kind                 ? need_term(task, table, row)
                   : is_told(table, row) ? row_term(task, "kind", table, row)
                                         : NULL;
    return !kind && is_sector(table, code) ? sector_term(task, code) : NULL;
}
