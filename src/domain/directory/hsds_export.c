/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* hsds_export.c - see hsds_export.h. Pages of the tables, so that a long
 * directory does not stand in memory; but for the tables of HSDS, which must
 * know what they have.
 */
#include "domain/directory/hsds_export.h"

#include "domain/directory/directory_private.h"
#include "domain/directory/hsds_tables.h"
#include "domain/person/words.h"
#include "form/table.h"

enum { PAGE = 200, TABLES_MOST = 24 };

struct exporting {
    struct task *task;
    struct task work; /* emptied after each piece */
    struct arena scratch;
    enum directory_format format;
    export_taker take;
    void *context;
    struct err *err;
    bool any;
};

/* --- places, one after another -------------------------------------------- */

typedef enum error (*place_taker)(struct exporting *exporting,
                                  const struct public_place *place);

static enum error each_place(struct exporting *exporting, place_taker take)
{
    struct str last = STR("");
    struct arena kept;
    size_t count;
    enum error error = ERROR_NONE;

    arena_init(&kept, NULL);
    do {
        struct task *task = &exporting->work;
        struct public_place *list;
        struct rows rows;

        arena_clear(&exporting->scratch);
        list = ARENA_ARRAY(&exporting->scratch, struct public_place, PAGE);
        count = 0;
        if (!list) {
            error = err_memory(exporting->err);
            break;
        }
        db_query(task->db, &rows, exporting->err,
                 "SELECT " PLACE_COLUMNS " FROM public_place"
                 " WHERE public_place.site = $1 AND public_place.id > $2"
                 " ORDER BY public_place.id LIMIT $3",
                 "tti", log_site(&task->office->log, STR("place")), last,
                 (int64_t)PAGE);
        while (count < PAGE && rows_next(&rows)) {
            public_place_read(&rows, &exporting->scratch, &list[count]);
            public_place_judge(task, &list[count++]);
        }
        error = rows_end(&rows);
        for (size_t i = 0; i < count && !error; i++)
            error = take(exporting, &list[i]);
        arena_clear(&kept);
        if (count)
            last = str_copy(&kept, list[count - 1].id);
    } while (!error && count == PAGE);
    arena_release(&kept);
    return error;
}

static enum error put(struct exporting *exporting, struct str piece)
{
    return exporting->take(exporting->context, piece, exporting->err);
}

/* A piece, with a comma between two. */
static enum error put_item(struct exporting *exporting,
                           const struct value *item)
{
    struct buf out;

    buf_init(&out, &exporting->scratch);
    buf_puts(&out, exporting->any ? ",\n" : "\n");
    value_write(item, &out);
    exporting->any = true;
    return put(exporting, buf_str(&out));
}

/* --- GeoJSON and CSV ------------------------------------------------------ */

static enum error put_feature(struct exporting *exporting,
                              const struct public_place *place)
{
    struct arena *arena = &exporting->scratch;
    struct value *feature = value_object(arena), *point = value_object(arena);
    struct value *at = value_list(arena);
    struct value *properties =
        directory_place_view(&exporting->work, place, true);

    if (!place->located)
        return ERROR_NONE;
    value_remove(properties, STR("lat"));
    value_remove(properties, STR("lon"));
    value_add(at, arena, value_number(arena, place->lon));
    value_add(at, arena, value_number(arena, place->lat));
    value_put_text(point, arena, "type", "Point");
    value_put(point, arena, "coordinates", at);
    value_put_text(feature, arena, "type", "Feature");
    value_put_str(feature, arena, "id", place->id);
    value_put(feature, arena, "geometry", point);
    value_put(feature, arena, "properties", properties);
    return put_item(exporting, feature);
}

static struct str joined(struct arena *arena, const struct value *list,
                         const char *member, const char *between)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < value_count(list); i++) {
        struct str text = value_text_of(value_at(list, i), member);

        if (text.size)
            buf_printf(&out, "%s%.*s", out.size ? between : "", STR_ARGS(text));
    }
    return buf_str(&out);
}

static const char csv_head[] =
    "id,name,place_type,description,lat,lon,address,municipality,state,"
    "country,phone,whatsapp,email,website,hours,languages,services,who,"
    "accessible,without_documents,verified_on\n";

static enum error put_line(struct exporting *exporting,
                           const struct public_place *place)
{
    struct arena *arena = &exporting->scratch;
    const struct value *view =
        directory_place_view(&exporting->work, place, true);
    struct str cell[21] = {
        place->id,
        value_text_of(view, "name"),
        place->place_type,
        value_text_of(view, "description"),
        place->located ? value_as_text(value_get(view, "lat"), arena) : STR(""),
        place->located ? value_as_text(value_get(view, "lon"), arena) : STR(""),
        value_text_of(view, "address"),
        value_text_of(view, "municipality"),
        place->admin1,
        value_text_of(view, "country"),
        joined(arena, value_get(view, "phones"), "number", "; "),
        value_text_of(view, "whatsapp"),
        value_text_of(view, "email"),
        value_text_of(view, "website"),
        place->hours,
        joined(arena, value_get(view, "languages"), "code", "; "),
        joined(arena, value_get(view, "services"), "code", "; "),
        joined(arena, value_get(view, "who"), "code", "; "),
        value_text_of(view, "accessible"),
        value_text_of(view, "without_documents"),
        value_text_of(view, "verified_on")};
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < 21; i++) {
        if (i)
            buf_putc(&out, ',');
        if (i == 4 || i == 5) /* a minus of a number is no formula */
            buf_put(&out, cell[i]);
        else
            buf_put_csv(&out, cell[i]);
    }
    buf_putc(&out, '\n');
    return put(exporting, buf_str(&out));
}

/* --- services ------------------------------------------------------------- */

typedef enum error (*service_taker)(struct exporting *exporting,
                                    const struct value *service);

static enum error each_service(struct exporting *exporting, service_taker take)
{
    struct task *task = &exporting->work;
    struct arena kept;
    struct str last = STR("");
    size_t count;
    enum error error = ERROR_NONE;

    arena_init(&kept, NULL);
    do {
        struct str *id = ARENA_ARRAY(&kept, struct str, PAGE);
        struct rows rows;

        count = 0;
        if (!id) {
            error = err_memory(exporting->err);
            break;
        }
        db_query(task->db, &rows, exporting->err,
                 "SELECT DISTINCT id FROM public_service"
                 " WHERE site = $1 AND id > $2 ORDER BY id LIMIT $3",
                 "tti", log_site(&task->office->log, STR("place")), last,
                 (int64_t)PAGE);
        while (count < PAGE && rows_next(&rows))
            id[count++] = str_copy(&kept, rows_text(&rows, 0));
        error = rows_end(&rows);
        for (size_t i = 0; i < count && !error; i++) {
            struct value *service = NULL;

            arena_clear(&exporting->scratch);
            error =
                hsds_one(task, HSDS_SERVICE, id[i], &service, exporting->err);
            if (!error)
                error = take(exporting, service);
        }
        if (count)
            last = id[count - 1];
    } while (!error && count == PAGE);
    arena_release(&kept);
    return error;
}

static void exporting_init(struct exporting *exporting, struct task *task,
                           struct err *err)
{
    *exporting = (struct exporting){.task = task, .work = *task, .err = err};
    arena_init(&exporting->scratch, NULL);
    exporting->work.arena = &exporting->scratch;
    exporting->work.in_list = true;
}

enum error directory_export(struct task *task, enum directory_format format,
                            export_taker take, void *context, struct err *err)
{
    struct exporting exporting;
    enum error error;

    exporting_init(&exporting, task, err);
    exporting.format = format;
    exporting.take = take;
    exporting.context = context;
    if (format == DIRECTORY_CSV) {
        error = put(&exporting, str_of(csv_head));
        if (!error)
            error = each_place(&exporting, put_line);
    } else if (format == DIRECTORY_GEOJSON) {
        error = put(&exporting,
                    STR("{\"type\":\"FeatureCollection\",\"features\":["));
        if (!error)
            error = each_place(&exporting, put_feature);
        if (!error)
            error = put(&exporting, STR("\n]}\n"));
    } else {
        error = put(&exporting, STR("["));
        if (!error)
            error = each_service(&exporting, put_item);
        if (!error)
            error = put(&exporting, STR("\n]\n"));
    }
    arena_release(&exporting.scratch);
    return error;
}

/* --- tables --------------------------------------------------------------- */

/* Rows that stand already, by table and id. */
struct known {
    struct str *slot;
    size_t slots, count;
};

struct flattening {
    struct exporting exporting; /* first: its takers get this */
    struct arena *arena;        /* of what is kept */
    struct buf text[TABLES_MOST];
    struct known known;
};

static bool known_put(struct flattening *flattening, size_t table,
                      struct str id)
{
    struct known *known = &flattening->known;
    struct str key =
        str_format(flattening->arena, "%zu %.*s", table, STR_ARGS(id));
    size_t at;

    if (known->count * 2 >= known->slots) {
        struct known grown = {.slots = known->slots ? known->slots * 2 : 1024,
                              .count = known->count};

        grown.slot = ARENA_ARRAY(flattening->arena, struct str, grown.slots);
        for (size_t i = 0; grown.slot && i < known->slots; i++) {
            size_t to = str_hash(known->slot[i]) & (grown.slots - 1);

            if (!known->slot[i].size)
                continue;
            while (grown.slot[to].size)
                to = (to + 1) & (grown.slots - 1);
            grown.slot[to] = known->slot[i];
        }
        if (!grown.slot)
            return true;
        *known = grown;
    }
    at = str_hash(key) & (known->slots - 1);
    for (; known->slot[at].size; at = (at + 1) & (known->slots - 1))
        if (str_equal(known->slot[at], key))
            return true;
    known->slot[at] = key;
    known->count++;
    return false;
}

/* Keys that the nesting says and the object may not. */
struct above {
    const char *key;
    struct str id;
};

static size_t table_number(const char *name)
{
    size_t at = 0;

    while (at < hsds_tables && strcmp(hsds_table[at].name, name) != 0)
        at++;
    return at;
}

static void write_row(struct flattening *flattening, size_t table,
                      const struct value *object, const struct above *above)
{
    struct arena *arena = &flattening->exporting.scratch;
    struct buf *out = &flattening->text[table];

    for (size_t i = 0; hsds_table[table].column[i]; i++) {
        const char *column = hsds_table[table].column[i];
        struct str text = value_as_text(value_get(object, column), arena);

        if (!text.size && above->key && strcmp(above->key, column) == 0)
            text = above->id;
        for (size_t k = 0; !text.size && k < hsds_nests; k++)
            if (hsds_nest[k].one && strcmp(hsds_nest[k].key, column) == 0 &&
                strcmp(hsds_nest[k].parent, hsds_table[table].name) == 0)
                text = value_as_text(
                    value_get(value_get(object, hsds_nest[k].member), "id"),
                    arena);
        if (i)
            buf_putc(out, ',');
        buf_put_cell(out, text, false);
    }
    buf_putc(out, '\n');
}

static void flatten(struct flattening *flattening, size_t table,
                    const struct value *object, const struct above *above)
{
    struct str id = value_text_of(object, "id");

    if (table >= hsds_tables || !id.size)
        return;
    if (!known_put(flattening, table, id))
        write_row(flattening, table, object, above);
    for (size_t i = 0; i < hsds_nests; i++) {
        const struct hsds_nest *nest = &hsds_nest[i];
        const struct value *part = value_get(object, nest->member);
        struct above below = {nest->one ? NULL : nest->key, id};

        if (strcmp(nest->parent, hsds_table[table].name) != 0 || !part)
            continue;
        if (nest->one)
            flatten(flattening, table_number(nest->table), part, &below);
        for (size_t k = 0; !nest->one && k < value_count(part); k++)
            flatten(flattening, table_number(nest->table), value_at(part, k),
                    &below);
    }
}

/* Tables want an organization for every service: one that has none gets its
 * own. */
static enum error flatten_service(struct exporting *exporting,
                                  const struct value *service)
{
    struct flattening *flattening = (struct flattening *)(void *)exporting;
    struct arena *arena = &exporting->scratch;
    struct value *copy = value_copy(service, arena);
    struct above none = {0};

    if (!value_get(copy, "organization") &&
        !value_text_of(copy, "organization_id").size) {
        struct value *organization = value_object(arena);
        struct str name = value_text_of(copy, "name");

        value_put_str(organization, arena, "id",
                      directory_uuid(exporting->task->office->host, arena,
                                     STR("organization"),
                                     value_text_of(copy, "id")));
        value_put_str(organization, arena, "name", name);
        value_put_str(organization, arena, "description", name);
        value_put(copy, arena, "organization", organization);
    }
    flatten(flattening, table_number("service"), copy, &none);
    return arena_failed(flattening->arena) ? err_memory(exporting->err)
                                           : ERROR_NONE;
}

static enum error put_package(struct flattening *flattening, export_file take,
                              void *context)
{
    struct arena *arena = &flattening->exporting.scratch;
    struct value *package = value_object(arena), *list = value_list(arena);
    struct buf out;

    value_put_text(package, arena, "name", "human_services_data");
    value_put_text(package, arena, "title", "HSDS 3.0");
    for (size_t i = 0; i < hsds_tables; i++) {
        struct value *resource = value_object(arena);
        struct value *schema = value_object(arena);
        struct value *fields = value_list(arena);

        for (size_t k = 0; hsds_table[i].column[k]; k++) {
            struct value *field = value_object(arena);

            value_put_text(field, arena, "name", hsds_table[i].column[k]);
            value_add(fields, arena, field);
        }
        value_put(schema, arena, "fields", fields);
        value_put_text(resource, arena, "name", hsds_table[i].name);
        value_put_text(resource, arena, "path", hsds_table[i].file);
        value_put(resource, arena, "schema", schema);
        value_add(list, arena, resource);
    }
    value_put(package, arena, "resources", list);
    buf_init(&out, flattening->arena);
    value_write_pretty(package, &out);
    return take(context, "datapackage.json", buf_str(&out),
                flattening->exporting.err);
}

enum error directory_export_tables(struct task *task, export_file take,
                                   void *context, struct err *err)
{
    struct flattening *flattening = ARENA_NEW(task->arena, struct flattening);
    enum error error;

    if (!flattening)
        return err_memory(err);
    exporting_init(&flattening->exporting, task, err);
    flattening->arena = task->arena;
    for (size_t i = 0; i < hsds_tables; i++) {
        buf_init(&flattening->text[i], task->arena);
        for (size_t k = 0; hsds_table[i].column[k]; k++)
            buf_printf(&flattening->text[i], "%s%s", k ? "," : "",
                       hsds_table[i].column[k]);
        buf_putc(&flattening->text[i], '\n');
    }
    error = each_service(&flattening->exporting, flatten_service);
    for (size_t i = 0; i < hsds_tables && !error; i++)
        error = take(context, hsds_table[i].file, buf_str(&flattening->text[i]),
                     err);
    if (!error)
        error = put_package(flattening, take, context);
    arena_release(&flattening->exporting.scratch);
    return error;
}

static enum error pack_file(void *context, const char *name, struct str text,
                            struct err *err)
{
    struct packed *packed = context;

    if (packed->count == PACKED_MOST)
        return err_set(err, ERROR_TOO_LARGE,
                       N_("El archivo es demasiado grande."), NULL, NULL, NULL);
    packed->file[packed->count].name = str_of(name);
    packed->file[packed->count++].bytes = text;
    return ERROR_NONE;
}

enum error directory_export_zip(struct task *task, struct str *bytes,
                                struct err *err)
{
    const struct host *host = task->office->host;
    struct packed *packed = ARENA_NEW(task->arena, struct packed);
    enum error error;

    if (!packed)
        return err_memory(err);
    if (!host->write_archive)
        return err_set(err, ERROR_NOT_FOUND,
                       N_("Aquí no se hacen archivos zip."), NULL, NULL, NULL);
    error = directory_export_tables(task, pack_file, packed, err);
    return error ? error
                 : host->write_archive(host->context, task->arena, packed,
                                       bytes, err);
}
