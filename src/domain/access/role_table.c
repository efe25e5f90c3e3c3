/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* role_table.c - reads role.csv, compartment.csv and purpose.csv. Every word
 * is one of a list; a word that is none is refused with the row it stands in
 * and the words that would do.
 */
#include "domain/access/role_table.h"

static const char *const compartment_names =
    "health, violence, asylum, child, sogiesc";

enum act act_of(struct str name)
{
    static const char *const text[] = {
#define ACT(name, text) text,
#include "domain/access/acts.def"
#undef ACT
    };

    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
        if (str_equal_c(name, text[i]))
            return (enum act)i;
    return ACT_COUNT;
}

/* One cell of one table, and how to speak of it. */
struct cell {
    struct arena *arena;
    const struct catalog_table *table;
    size_t row;
    const char *column;
    struct err *err;
};

static struct str cell_text(const struct cell *cell)
{
    return str_trim(catalog_cell(cell->table, cell->row, cell->column));
}

/* "role.csv, fila 7, columna reach" */
static const char *cell_place(const struct cell *cell)
{
    size_t line =
        cell->table->line ? cell->table->line[cell->row] : cell->row + 2;

    return str_c(cell->arena,
                 str_format(cell->arena, "%.*s.csv, %zu, %s",
                            STR_ARGS(cell->table->name), line, cell->column));
}

static enum error say_word(const struct cell *cell, struct str word,
                           const char *instead)
{
    return err_set(cell->err, ERROR_INPUT,
                   N_("En el catálogo ({1}: archivo, fila y columna) no se "
                      "entiende «{2}». Escriba {3}."),
                   cell_place(cell), str_c(cell->arena, word), instead);
}

static enum error need_column(const struct cell *cell)
{
    if (catalog_column(cell->table, cell->column) != SIZE_MAX)
        return ERROR_NONE;
    return err_set(
        cell->err, ERROR_INPUT,
        N_("A la tabla {1}.csv le falta la columna {2}. Agréguela: sin "
           "ella no se sabe qué puede ver cada función."),
        str_c(cell->arena, cell->table->name), cell->column, NULL);
}

static enum error read_compartments(struct cell *cell, const char *column,
                                    unsigned *bits)
{
    struct str rest, word;

    cell->column = column;
    rest = cell_text(cell);
    *bits = 0;
    while (rest.size && str_cut(&rest, ' ', &word)) {
        unsigned bit = word.size ? access_compartments(word) : 0;

        if (bit & ~(unsigned)COMPARTMENT_ALL)
            return say_word(cell, word, compartment_names);
        *bits |= bit;
    }
    return ERROR_NONE;
}

static enum error read_rights(struct cell *cell, struct role *role)
{
    struct str rest, word;

    cell->column = "rights";
    rest = cell_text(cell);
    while (rest.size && str_cut(&rest, ' ', &word)) {
        enum right right = access_right(word);

        if (!word.size)
            continue;
        if (right == RIGHT_COUNT)
            return err_set(cell->err, ERROR_INPUT,
                           N_("La función {1} nombra un permiso que no "
                              "existe: {2}. Escriba uno de right.csv."),
                           str_c(cell->arena, role->name),
                           str_c(cell->arena, word), NULL);
        role->rights |= (uint64_t)1 << right;
    }
    return ERROR_NONE;
}

static enum error read_reach(struct cell *cell, struct role *role)
{
    static const char *const text[] = {"none", "referred", "assigned", "own"};
    struct str word;

    cell->column = "reach";
    word = cell_text(cell);
    for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++)
        if (str_equal_c(word, text[i])) {
            role->reach = (enum reach)i;
            cell->column = "unassigned";
            word = cell_text(cell);
            role->unassigned = str_equal_c(word, "open");
            if (!role->unassigned && !str_equal_c(word, "closed") && word.size)
                return say_word(cell, word, "open, closed");
            return ERROR_NONE;
        }
    return say_word(cell, word, "own, assigned, referred, none");
}

/* The same role in a file of which she is in charge, and where flags are
 * told. */
static void make_variants(struct role *role)
{
    for (int i = 1; i < ROLE_VARIANTS; i++) {
        role[i] = role[0];
        role[i].own = role;
        role[i].variant = NULL;
        if (i & ROLE_IN_CHARGE)
            role[i].compartments |= role->assigned;
        if (i & ROLE_ASKS)
            role[i].compartments |= role->asks;
        if (i & ROLE_FLAGS)
            role[i].compartments |= role->flags | role->assigned;
    }
    role->variant = role;
}

static enum error read_role(struct cell *cell, struct role *role)
{
    enum error error;

    role->name = str_trim(catalog_cell(cell->table, cell->row, "name"));
    if ((error = read_rights(cell, role)) ||
        (error =
             read_compartments(cell, "compartments", &role->compartments)) ||
        (error = read_compartments(cell, "assigned", &role->assigned)) ||
        (error = read_compartments(cell, "flags", &role->flags)) ||
        (error = read_compartments(cell, "asks", &role->asks)) ||
        (error = read_reach(cell, role)))
        return error;
    /* a right over files that no reach ever opens is a slip of the pen */
    if (role->reach <= REACH_REFERRED && (role_has(role, RIGHT_PERSON_READ) ||
                                          role_has(role, RIGHT_PERSON_WRITE))) {
        cell->column = "reach";
        return say_word(cell, cell_text(cell), "own, assigned");
    }
    make_variants(role);
    return ERROR_NONE;
}

static enum error read_roles(struct cell *cell, struct role_tables *tables)
{
    static const char *const needed[] = {
        "rights", "compartments", "assigned",  "flags",
        "asks",   "reach",        "unassigned"};
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < sizeof needed / sizeof *needed; i++) {
        cell->column = needed[i];
        error = need_column(cell);
    }
    tables->role = ARENA_ARRAY(cell->arena, struct role,
                               cell->table->rows * ROLE_VARIANTS);
    for (size_t i = 0; !error && tables->role && i < cell->table->rows; i++) {
        cell->row = i;
        error = read_role(cell, &tables->role[i * ROLE_VARIANTS]);
        tables->roles++;
    }
    return error;
}

/* --- compartment.csv ------------------------------------------------------ */

/* Names and classes are for people; what the program knows must all be there,
 * and nothing else. */
static enum error check_compartments(struct cell *cell)
{
    unsigned seen = 0;

    for (cell->row = 0; cell->row < cell->table->rows; cell->row++) {
        struct str word, class;

        cell->column = "name";
        word = cell_text(cell);
        if (access_compartments(word) & ~(unsigned)COMPARTMENT_ALL ||
            !word.size)
            return say_word(cell, word, compartment_names);
        seen |= access_compartments(word);
        cell->column = "class";
        class = cell_text(cell);
        if (!str_equal_c(class, "PER") && !str_equal_c(class, "SEN"))
            return say_word(cell, class, "PER, SEN");
        cell->column = "without";
        if (!str_equal_c(cell_text(cell), "absent") &&
            !str_equal_c(cell_text(cell), "flag"))
            return say_word(cell, cell_text(cell), "absent, flag");
    }
    if (seen == COMPARTMENT_ALL)
        return ERROR_NONE;
    return err_set(cell->err, ERROR_INPUT,
                   N_("A la tabla {1}.csv le faltan filas. Escriba una por "
                      "cada uno: {2}."),
                   str_c(cell->arena, cell->table->name), compartment_names,
                   NULL);
}

/* --- purpose.csv ---------------------------------------------------------- */

static bool role_known(const struct role_tables *tables, struct str name)
{
    for (size_t i = 0; i < tables->roles; i++)
        if (str_equal(tables->role[i * ROLE_VARIANTS].name, name))
            return true;
    return false;
}

static enum error read_purpose(struct cell *cell,
                               const struct role_tables *tables,
                               struct purpose *purpose)
{
    struct str rest, word;

    cell->column = "name";
    purpose->name = cell_text(cell);
    cell->column = "consent";
    purpose->consent = cell_text(cell);
    cell->column = "roles";
    rest = purpose->roles = cell_text(cell);
    while (rest.size && str_cut(&rest, ' ', &word))
        if (word.size && !role_known(tables, word))
            return say_word(cell, word, "role.csv: name");
    cell->column = "of";
    purpose->house = str_equal_c(cell_text(cell), "house");
    if (!purpose->house && !str_equal_c(cell_text(cell), "file"))
        return say_word(cell, cell_text(cell), "file, house");
    cell->column = "acts";
    rest = cell_text(cell);
    while (rest.size && str_cut(&rest, ' ', &word)) {
        if (word.size && act_of(word) == ACT_COUNT)
            return say_word(cell, word,
                            "read, write, list, export, share, print, history");
        if (word.size)
            purpose->acts |= 1u << act_of(word);
    }
    cell->column = "classes";
    rest = cell_text(cell);
    while (rest.size && str_cut(&rest, ' ', &word)) {
        if (word.size && access_class(word) == CLASS_SEN &&
            !str_equal_c(word, "SEN"))
            return say_word(cell, word, "PUB, INT, PER, SEN");
        if (word.size)
            purpose->classes |= access_class(word);
    }
    return ERROR_NONE;
}

static enum error read_purposes(struct cell *cell, struct role_tables *tables)
{
    static const char *const needed[] = {"name", "roles",   "of",
                                         "acts", "classes", "consent"};
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < sizeof needed / sizeof *needed; i++) {
        cell->column = needed[i];
        error = need_column(cell);
    }
    tables->purpose =
        ARENA_ARRAY(cell->arena, struct purpose, cell->table->rows);
    for (size_t i = 0; !error && tables->purpose && i < cell->table->rows;
         i++) {
        cell->row = i;
        error = read_purpose(cell, tables, &tables->purpose[i]);
        tables->purposes++;
    }
    return error;
}

enum error role_tables_read(struct arena *arena, const struct catalog *catalog,
                            struct role_tables *tables, struct err *err)
{
    struct cell cell = {.arena = arena, .err = err};
    enum error error;

    cell.table = catalog_table(catalog, "role");
    if (!cell.table)
        return err_set(err, ERROR_NOT_FOUND,
                       N_("Falta el archivo {1}. Vuelva a instalar Cobijo."),
                       "catalog/role.csv", NULL, NULL);
    error = read_roles(&cell, tables);
    cell.table = catalog_table(catalog, "compartment");
    if (!error && cell.table)
        error = check_compartments(&cell);
    cell.table = catalog_table(catalog, "purpose");
    if (!error && cell.table)
        error = read_purposes(&cell, tables);
    if (!error && arena_failed(arena))
        error = err_memory(err);
    return error;
}
