/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* forms_update.c - a newer program brings newer forms to an existing store.
 *
 * Only what a program once shipped is replaced by what a newer one ships; a
 * form that the site made its own waits for somebody to decide. Versions are
 * numbers (2026112201), as XLSForm advises; other ones are never "newer".
 */
#include "domain/record/forms.h"
#include "domain/office.h"

struct updating {
    struct office *office;
    struct db *db;
    struct str only;
    const struct forms_listener *listener;
};

static bool is_newer(struct str version, struct str than)
{
    int64_t a = 0, b = 0;

    return str_to_int(version, &a) && str_to_int(than, &b) && a > b;
}

static enum forms_news decide(const struct updating *updating,
                              const struct form *shipped,
                              const struct form *used)
{
    const struct forms *forms = updating->office->forms;

    if (forms_find(forms, shipped->name, shipped->version))
        return FORMS_CHANGED;
    if (!used || updating->only.size)
        return FORMS_NEW;
    return forms_shipped(forms, shipped->name) &&
                   is_newer(shipped->version, used->version)
               ? FORMS_NEW
               : FORMS_KEPT;
}

static struct str list_of(void *context, struct str name)
{
    const struct updating *updating = context;
    const struct form_files *files = updating->office->files;
    static const char *const folder[] = {"catalog/%.*s", "forms/%.*s"};
    struct str text = STR_NULL;
    char path[256];

    for (size_t i = 0; i < 2 && str_is_null(text); i++) {
        int size = snprintf(path, sizeof(path), folder[i], STR_ARGS(name));

        if (size > 0 && (size_t)size < sizeof(path))
            text = files->file(files->context, str_of(path));
    }
    return text;
}

static enum error update_one(struct updating *updating, struct str csv,
                             struct arena *arena, struct err *err)
{
    struct form_files lists = {updating, list_of};
    struct form_problems problems = {0};
    const struct form *shipped = xlsform_read(arena, csv, &lists, &problems);
    const struct form *used;
    enum forms_news news;
    enum error error = ERROR_NONE;

    if (!shipped)
        return arena_failed(arena) ? err_memory(err)
                                   : err_set(err, ERROR_INTERNAL,
                                             N_("Un formulario del programa "
                                                "no se puede leer."),
                                             NULL, NULL, NULL);
    if (updating->only.size && !str_equal(shipped->name, updating->only))
        return ERROR_NONE;
    used = forms_find(updating->office->forms, shipped->name, STR_NULL);
    news = decide(updating, shipped, used);
    if (news == FORMS_NEW)
        error = forms_install_newer(updating->office, updating->db, csv, err);
    if (!error && updating->listener)
        updating->listener->told(updating->listener->context, news, shipped,
                                 used);
    return error;
}

enum error forms_update(struct office *office, struct db *db, struct str only,
                        const struct forms_listener *listener, struct err *err)
{
    const struct form_files *files = office->files;
    struct updating updating = {office, db, only, listener};
    struct str rest = files->file(files->context, STR("forms/INDEX"));
    struct str line;
    enum error error = ERROR_NONE;

    while (!error && str_cut(&rest, '\n', &line)) {
        struct str name = str_trim(line), csv;
        struct arena arena;

        if (str_starts(name, STR("forms/")))
            name = str_slice(name, 6, name.size);
        if (!str_ends(name, STR(".csv")))
            continue;
        arena_init(&arena, NULL);
        csv =
            files->file(files->context, str_join(&arena, STR("forms/"), name));
        if (csv.size && !forms_have(office->forms, csv))
            error = update_one(&updating, csv, &arena, err);
        arena_release(&arena);
    }
    return error;
}
