/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_private.h - shared by the import_*.c of this folder. */
#ifndef COBIJO_DIRECTORY_IMPORT_PRIVATE_H
#define COBIJO_DIRECTORY_IMPORT_PRIVATE_H

#include "domain/directory/directory_import.h"
#include "domain/directory/directory_private.h"
#include "domain/record/record.h"

/* Where records go (import_save.c). */
struct sink {
    struct task *task;    /* keeps */
    struct task work;     /* emptied after each transaction */
    struct arena scratch; /* of work */
    struct place_import *import;
    struct str file_name, batch; /* of which everything written says it is */
    bool noted;                  /* the batch has its record */
    struct change change;
    bool open;   /* change was begun */
    size_t puts; /* since it was */
    size_t most; /* records in one transaction */
    bool bulk;   /* the file is large */
    bool quiet;  /* a row that is read again later says nothing now */
    bool organization_told; /* that names of them are left out */
    size_t line;         /* of the row; 0: rows come in the order of the file */
    struct heard *heard; /* told in the order of lines (import_order.c) */
    const struct form *place, *organization;
    struct spelled *spelled; /* values of the catalogue (import_words.c) */
    struct value *map;       /* heading -> field, as somebody said; or NULL */
    struct err *err;
};

enum error sink_open(struct sink *sink, struct task *task,
                     struct place_import *import, struct err *err);
/* Between two records: writes when there are enough, empties work.arena. */
enum error sink_next(struct sink *sink);
enum error place_import_right(const struct task *task, struct err *err);
/* The record of the batch, new or as it ends. */
enum error place_batch_save(struct task *task, struct str batch, bool create,
                            const struct value *system, struct err *err);
/* So many bytes come: prepares for many records. */
enum error sink_bulk(struct sink *sink, size_t size);
/* Writes what there is. */
enum error sink_flush(struct sink *sink);
enum error sink_close(struct sink *sink);

struct sunk {
    const char *kind;
    struct str id, where;
    struct value *answers;
    struct value *system; /* hsds_id …, or NULL */
    struct value *hsds;   /* what came in: location, services, spots; or NULL */
};
/* Into the next transaction. Only an error of the store or of rights fails. */
enum error sink_put(struct sink *sink, const struct sunk *sunk);
/* Told, and counted as refused. */
void sink_refuse(struct sink *sink, struct str where, const struct err *err);
void sink_hint(struct sink *sink, struct str where, const char *msgid,
               struct str argument);
struct str sink_line(struct sink *sink, size_t line);

/* import_words.c: what people write, as codes of the catalogue; "" unknown. */
struct spelled *spelled_make(struct task *task);
struct str spelled_code(const struct spelled *spelled, struct arena *arena,
                        const char *field, struct str text);
/* Lists (a; b, c) of such; what is unknown goes into *rest. */
struct str spelled_codes(const struct spelled *spelled, struct arena *arena,
                         const char *field, struct str text, struct str *rest);
/* Which question a heading asks; "" none. */
struct str heading_field(struct task *task, struct arena *arena,
                         struct str heading);

/* What somebody says of headings (place_import.map), as heading -> field. */
enum error heading_map(struct task *task, struct str csv, struct value **map,
                       struct err *err);

/* Whose consulate it is stands in its name; where it does not, the place is
 * filed as another kind. */
void import_consulate(struct sink *sink, struct str where,
                      struct value *answers);

/* import_hsds.c */
enum error import_hsds_json(struct sink *sink, const struct value *json,
                            struct str where);
bool is_hsds_tables(const struct value *json);
/* import_tables.c: tables as lists of objects, then as nested services. */
enum error import_hsds_tables(struct sink *sink, const struct value *tables);
enum error import_hsds_files(struct sink *sink, const struct place_file *file,
                             size_t files);
/* import_order.c: a row of a large file, where it begins and whose it is. */
struct seat {
    unsigned char id[16];
    size_t at, line;
};
struct seat_list {
    struct arena *arena;
    struct seat *at;
    size_t count, room;
};
/* id: a UUID, or empty. */
void seat_add(struct seat_list *list, struct str id, size_t at, size_t line);
void seats_sort(struct seat_list *list);
/* Tells later, by line; false: it is to be told now. */
bool heard_keep(struct sink *sink, struct str where, struct str what);
/* Tells all that was kept. */
void heard_tell(struct sink *sink);

/* import_rows.c: one row as field -> text; several columns may ask the same
 * field. */
struct row {
    struct sink *sink;
    struct str where;
    struct value *cells;
};
/* "" when it has none. */
struct str row_cell(const struct row *row, const char *field);
/* The id that row_put would give it. */
struct str row_id(const struct row *row);
enum error row_put(const struct row *row);
enum error import_geojson(struct sink *sink, const struct value *json);

/* import_csv.c */
enum error import_csv(struct sink *sink, struct str text);

#endif
