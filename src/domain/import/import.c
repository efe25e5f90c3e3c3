/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import.c - the plan: finds the heading row, reads every row, gives ids,
 * knows which rows are in the store already, ties families together. Writes
 * nothing. */
#include "domain/import/import.h"

#include "core/utf8.h"
#include "domain/import/import_private.h"
#include "domain/person/person.h"

enum { HEADING_ROWS = 20 };

struct str import_uuid(const struct host *host, struct arena *arena,
                       const char *what, struct str text)
{
    struct str part[3] = {str_of(what), STR("\x1f"), text};
    unsigned char hash[32];
    struct buf out;

    host->hash(host->context, part, 3, hash);
    hash[6] = (unsigned char)((hash[6] & 0x0F) | 0x80); /* version 8: ours */
    hash[8] = (unsigned char)((hash[8] & 0x3F) | 0x80);
    buf_init(&out, arena);
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            buf_putc(&out, '-');
        buf_put_hex(&out, &hash[i], 1);
    }
    return buf_str(&out);
}

/* --- the heading row ------------------------------------------------------ */

struct rows_read {
    struct csv_row *row;
    size_t count, capacity;
};

static enum error read_rows(struct task *task, struct str text, char separator,
                            struct rows_read *rows, struct err *err)
{
    struct csv csv;
    struct csv_row row;
    struct err own = {0};

    csv_init(&csv, text, separator);
    while (csv_next(&csv, task->arena, &row, &own)) {
        if (rows->count == rows->capacity) {
            size_t more = rows->capacity ? rows->capacity * 2 : 1024;

            rows->row = arena_grow(task->arena, rows->row,
                                   rows->capacity * sizeof *rows->row,
                                   more * sizeof *rows->row);
            if (!rows->row)
                return err_memory(err);
            rows->capacity = more;
        }
        if (rows->count == IMPORT_ROWS_MAX)
            return err_set(err, ERROR_TOO_LARGE,
                           N_("El archivo tiene más de {1} renglones. Divídalo "
                              "en partes."),
                           "200000", NULL, NULL);
        rows->row[rows->count++] = row;
    }
    if (own.code)
        *err = own;
    return own.code;
}

static bool map_has_name(const struct import_map *map)
{
    return import_map_find(map, "full_name") ||
           import_map_find(map, "given_names") ||
           import_map_find(map, "surnames") ||
           import_map_find(map, "first_surname") ||
           import_map_find(map, "alias");
}

/* A spreadsheet's own format, a PDF, a page: what to do instead. */
static enum error check_format(struct str bytes, struct err *err)
{
    static const struct {
        const char *start, *msgid;
    } other[] = {
        {"PK\x03\x04",
         N_("Este archivo es un libro de la hoja de cálculo (.xlsx u .ods). "
            "Ábralo, elija Archivo, Guardar como, tipo «CSV UTF-8 (delimitado "
            "por comas)», e importe ese archivo. Si el libro tiene varias "
            "hojas, guarde cada una.")},
        {"\xD0\xCF\x11\xE0",
         N_("Este archivo es un libro antiguo de la hoja de cálculo (.xls). "
            "Ábralo, elija Archivo, Guardar como, tipo CSV, e importe ese "
            "archivo.")},
        {"%PDF", N_("Este archivo es un PDF. Hace falta la hoja de cálculo de "
                    "donde salió, guardada como CSV.")},
        {"<", N_("Este archivo es una página o un XML, no una hoja guardada "
                 "como CSV. Ábralo con la hoja de cálculo y guárdelo como "
                 "CSV.")},
        {"{\\rtf", N_("Este archivo es un texto con formato, no una hoja "
                      "guardada como CSV.")}};

    if (!str_trim(bytes).size)
        return err_set(err, ERROR_INPUT, N_("El archivo está vacío."), NULL,
                       NULL, NULL);
    for (size_t i = 0; i < sizeof other / sizeof other[0]; i++)
        if (str_starts(bytes, str_of(other[i].start)))
            return err_set(err, ERROR_INPUT, other[i].msgid, NULL, NULL, NULL);
    return ERROR_NONE;
}

/* Headings that mean something in the best of the first rows. */
static size_t known_headings(struct import_reader *reader, struct str text,
                             char separator)
{
    struct task *task = reader->task;
    struct csv csv;
    struct csv_row row;
    struct err own = {0};
    size_t best = 0;

    csv_init(&csv, text, separator);
    for (size_t i = 0;
         i < HEADING_ROWS && csv_next(&csv, task->arena, &row, &own); i++) {
        struct import_map map;
        size_t known = 0;

        if (import_map_propose(task->arena, task->office->catalog, reader->form,
                               &row, &map, &known, &own))
            break;
        if (known > best && map_has_name(&map))
            best = known;
    }
    return best;
}

/* A title above the headings may have commas of its own: the separator is the
 * one that makes most of the headings, the counted one when nothing does. */
static char find_separator(struct import_reader *reader, struct str text)
{
    static const char separators[] = ",;\t|";
    char guess = csv_guess_separator(text);
    size_t best = known_headings(reader, text, guess);

    for (const char *one = separators; *one; one++) {
        size_t known = known_headings(reader, text, *one);

        if (known <= best)
            continue;
        best = known;
        guess = *one;
    }
    return guess;
}

/* The row among the first whose cells mean most. */
static enum error find_heading(struct import_reader *reader,
                               const struct rows_read *rows, size_t *at,
                               struct err *err)
{
    struct task *task = reader->task;
    size_t best = 0;

    for (size_t i = 0; i < rows->count && i < HEADING_ROWS; i++) {
        struct import_map map;
        size_t known = 0;
        enum error error =
            import_map_propose(task->arena, task->office->catalog, reader->form,
                               &rows->row[i], &map, &known, err);

        if (error)
            return error;
        if (known <= best || !map_has_name(&map))
            continue;
        best = known;
        *at = i;
        reader->plan->map = map;
    }
    if (best < 2)
        return err_set(err, ERROR_INPUT,
                       N_("No se encontró el renglón de los títulos (nombre, "
                          "sexo, nacionalidad…). Escríbalo arriba de los datos "
                          "o dé un archivo de correspondencia."),
                       NULL, NULL, NULL);
    return ERROR_NONE;
}

/* With a map file the heading row is the one that has its headings. */
static enum error find_heading_for(struct import_reader *reader,
                                   const struct rows_read *rows,
                                   struct str map_csv, size_t *at,
                                   struct err *err)
{
    struct task *task = reader->task;
    struct err first = {0};

    for (size_t i = 0; i < rows->count && i < HEADING_ROWS; i++) {
        struct import_map map;
        size_t known = 0;
        struct err own = {0};
        enum error error =
            import_map_propose(task->arena, task->office->catalog, reader->form,
                               &rows->row[i], &map, &known, err);

        if (error)
            return error;
        error = import_map_read(task->arena, reader->form, map_csv, &map, &own);
        if (error && (!first.code || known > 1))
            first = own;
        if (error)
            continue;
        *at = i;
        reader->plan->map = map;
        return ERROR_NONE;
    }
    *err = first;
    return first.code ? first.code : ERROR_INPUT;
}

/* --- ids ------------------------------------------------------------------ */

static struct str row_text(struct arena *arena, const struct csv_row *cells)
{
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < cells->count; i++) {
        buf_put(&out, str_trim(utf8_nfc(arena, cells->cell[i])));
        buf_putc(&out, '\x1f');
    }
    return buf_str(&out);
}

/* A row that is in already is known by its id. */
static enum error give_id(struct task *task, struct arena *scratch,
                          const struct csv_row *cells, struct import_row *row,
                          struct err *err)
{
    struct str text = row_text(scratch, cells);
    int64_t one = 0;
    bool known = false;
    enum error error;

    row->id =
        import_uuid(task->office->host, task->arena, "person row 0", text);
    error = db_get_int(task->db, &one, &known, err,
                       "SELECT 1 FROM record WHERE site = $1 AND id = $2", "tt",
                       task->office->log.site, row->id);
    if (!error && known)
        row->outcome = IMPORT_DUPLICATE;
    return error;
}

/* --- an index of rows by a text ------------------------------------------- */

struct row_index {
    size_t *slot; /* row + 1 */
    size_t slots;
};

static bool index_init(struct row_index *index, struct arena *arena,
                       size_t rows)
{
    index->slots = 16;
    while (index->slots < rows * 2)
        index->slots *= 2;
    index->slot = ARENA_ARRAY(arena, size_t, index->slots);
    return index->slot != NULL;
}

/* The row that has the key already, else SIZE_MAX and row takes it. */
static size_t index_put(struct row_index *index, const struct import_row *all,
                        size_t row, struct str key, bool by_ref)
{
    size_t at = str_hash(key) & (index->slots - 1);

    for (; index->slot[at]; at = (at + 1) & (index->slots - 1)) {
        const struct import_row *other = &all[index->slot[at] - 1];

        if (str_equal(by_ref ? other->ref : other->id, key))
            return index->slot[at] - 1;
    }
    if (row != SIZE_MAX)
        index->slot[at] = row + 1;
    return SIZE_MAX;
}

static void find_twice(struct import_reader *reader)
{
    struct import_plan *plan = reader->plan;
    struct row_index index;

    if (!index_init(&index, reader->task->arena, plan->rows))
        return;
    for (size_t i = 0; i < plan->rows; i++) {
        struct import_row *row = &plan->row[i];
        size_t first;

        if (!row->id.size)
            continue;
        first = index_put(&index, plan->row, i, row->id, false);
        if (first == SIZE_MAX || row->outcome != IMPORT_ADD)
            continue;
        row->outcome = IMPORT_DUPLICATE;
        import_row_note(
            reader->task->arena, row, IMPORT_HINT, STR_NULL,
            N_("es igual al renglón de la línea {1}"),
            str_format(reader->task->arena, "%zu", plan->row[first].line),
            STR_NULL);
    }
}

static bool stands(const struct import_row *row)
{
    return row->outcome == IMPORT_ADD || row->outcome == IMPORT_DUPLICATE;
}

static void tie_families(struct import_reader *reader)
{
    struct import_plan *plan = reader->plan;
    struct row_index index;

    if (!import_map_find(&plan->map, "head_ref") ||
        !index_init(&index, reader->task->arena, plan->rows))
        return;
    for (size_t i = 0; i < plan->rows; i++)
        if (plan->row[i].ref.size && stands(&plan->row[i]))
            index_put(&index, plan->row, i, plan->row[i].ref, true);
    for (size_t i = 0; i < plan->rows; i++) {
        struct import_row *row = &plan->row[i];

        if (!row->head_ref.size || !stands(row) ||
            str_equal(row->head_ref, row->ref))
            continue;
        row->head = index_put(&index, plan->row, SIZE_MAX, row->head_ref, true);
        if (row->head == SIZE_MAX)
            import_row_note(reader->task->arena, row, IMPORT_OPEN, STR_NULL,
                            N_("no está quien responde por su familia (folio "
                               "{1})"),
                            row->head_ref, STR_NULL);
    }
}

/* --- what the form says --------------------------------------------------- */

static void check_row(struct import_reader *reader, struct import_row *row)
{
    struct task *task = reader->task;
    struct check_options options = {.language = task->language,
                                    .now = task->now,
                                    .utc_offset = task->utc_offset,
                                    .defaults = true,
                                    .keep_system = true};
    struct check_result result = {0};
    struct err err = {0};

    arena_clear(reader->scratch);
    if (form_check(reader->form, row->person, &options, reader->scratch,
                   &result, &err))
        return; /* out of memory: found when the row is saved */
    for (size_t i = 0; i < result.count; i++) {
        const struct check_problem *problem = &result.problem[i];
        struct str text =
            problem->text.size
                ? problem->text
                : err_text(&problem->err, task->translator, reader->scratch);

        import_row_note(reader->task->arena, row, IMPORT_FATAL,
                        str_copy(reader->task->arena, problem->path), "{1}",
                        text, STR_NULL);
    }
}

/* --- the plan ------------------------------------------------------------- */

static enum error make_spellings(struct import_reader *reader, struct err *err)
{
    const struct import_map *map = &reader->plan->map;
    struct arena *arena = reader->task->arena;

    reader->spellings = ARENA_ARRAY(arena, struct spellings *, map->count + 1);
    if (!reader->spellings)
        return err_memory(err);
    for (size_t i = 0; i < map->count; i++) {
        const struct question *question =
            form_find(reader->form, map->column[i].field);

        if (question && question->type == QUESTION_SELECT_ONE)
            reader->spellings[i] = spellings_make(
                arena, question, reader->form->language_count, reader->values);
    }
    return ERROR_NONE;
}

static enum error make_rows(struct import_reader *reader,
                            const struct rows_read *rows, size_t heading,
                            struct err *err)
{
    struct import_plan *plan = reader->plan;
    enum error error = ERROR_NONE;

    plan->row =
        ARENA_ARRAY(reader->task->arena, struct import_row, rows->count + 1);
    if (!plan->row)
        return err_memory(err);
    for (size_t i = 0; !error && i < rows->count; i++) {
        struct import_row *row = &plan->row[plan->rows++];

        if (i <= heading) {
            *row = (struct import_row){.line = rows->row[i].line,
                                       .head = SIZE_MAX,
                                       .outcome = IMPORT_SKIP};
            continue;
        }
        import_row_read(reader, &rows->row[i], row);
        if (row->outcome != IMPORT_ADD)
            continue;
        arena_clear(reader->scratch);
        error = give_id(reader->task, reader->scratch, &rows->row[i], row, err);
        if (!error && row->outcome == IMPORT_ADD)
            check_row(reader, row);
    }
    return error;
}

static void count_rows(struct import_plan *plan)
{
    size_t *const counter[] = {[IMPORT_ADD] = &plan->added,
                               [IMPORT_DUPLICATE] = &plan->duplicates,
                               [IMPORT_REFUSE] = &plan->refused,
                               [IMPORT_SKIP] = &plan->skipped};

    for (size_t i = 0; i < plan->rows; i++) {
        ++*counter[plan->row[i].outcome];
        plan->open += plan->row[i].open && plan->row[i].outcome == IMPORT_ADD;
    }
}

static enum error check_kind(const struct import_reader *reader,
                             struct str kind, struct err *err)
{
    if (str_equal_c(kind, "person") && reader->form)
        return ERROR_NONE;
    return err_set(err, ERROR_INPUT,
                   N_("Por ahora solo se importan personas (person)."), NULL,
                   NULL, NULL);
}

enum error import_plan(struct task *task, struct str kind, struct str bytes,
                       struct str map_csv, struct import_plan *plan,
                       struct err *err)
{
    const struct catalog *catalog = task->office->catalog;
    struct import_reader reader = {
        .task = task,
        .plan = plan,
        .form = forms_find(task->office->forms, STR("person"), STR_NULL),
        .names = task_names(task),
        .values = catalog_table(catalog, "import_value"),
        .totals = catalog_table(catalog, "import_total")};
    struct rows_read rows = {0};
    struct arena scratch;
    size_t heading = 0;
    struct str text;
    enum error error;

    *plan = (struct import_plan){.kind = kind};
    error = check_kind(&reader, kind, err);
    if (!error)
        error = check_format(bytes, err);
    if (error)
        return error;
    plan->file_hash = host_hash_hex(task->office->host, task->arena, bytes);
    text = csv_decode(task->arena, bytes, &plan->latin1);
    plan->separator = find_separator(&reader, text);
    error = read_rows(task, text, plan->separator, &rows, err);
    if (!error)
        error = str_is_null(map_csv)
                    ? find_heading(&reader, &rows, &heading, err)
                    : find_heading_for(&reader, &rows, map_csv, &heading, err);
    if (!error && !map_has_name(&plan->map))
        error = err_set(err, ERROR_INPUT,
                        N_("Ninguna columna tiene los nombres. Diga cuál es."),
                        NULL, NULL, NULL);
    if (error)
        return error;
    reader.heading = &rows.row[heading];
    plan->heading_line = rows.row[heading].line;
    error = make_spellings(&reader, err);
    arena_init(&scratch, NULL);
    reader.scratch = &scratch;
    if (!error)
        error = make_rows(&reader, &rows, heading, err);
    if (!error) {
        find_twice(&reader);
        tie_families(&reader);
        import_find_twins(&reader);
        count_rows(plan);
    }
    arena_release(&scratch);
    if (error)
        return error;
    return arena_failed(task->arena) ? err_memory(err) : ERROR_NONE;
}
