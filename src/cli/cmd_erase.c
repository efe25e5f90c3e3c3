/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* cmd_erase.c - cancellation and retention from the command line. Both carry
 * out what people decided and approved on the pages; neither decides. */
#include "cli/command.h"

#include "domain/arco/arco.h"
#include "domain/arco/erase.h"
#include "domain/arco/retention.h"
#include "domain/person/merge.h"

static enum error same_person(struct task *task, struct str request,
                              struct str person, struct err *err)
{
    struct record record;
    struct str kept = STR(""), asked = STR("");
    enum error error =
        record_get(task, STR("rights_request"), request, &record, err);

    if (!error)
        error = person_resolve(task, person, &kept, err);
    if (!error)
        error = person_resolve(task, value_text_of(record.answers, "person"),
                               &asked, err);
    if (!error && !str_equal(kept, asked))
        error = err_set(err, ERROR_INPUT,
                        N_("La solicitud es de otra persona. No se borró "
                           "nada."),
                        NULL, NULL, NULL);
    return error;
}

int cmd_erase(struct command_line *line)
{
    const char *request = command_option(line, "--request");
    struct workplace place;
    struct err err = {0};
    struct str erasure = STR("");
    int code = COMMAND_OK;

    if (!request) {
        err_set(&err, ERROR_USAGE, N_("Falta --request."), NULL, NULL, NULL);
        return command_fail(line, &err);
    }
    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (same_person(&place.task, str_of(request), str_of(line->argument[0]),
                    &err) ||
        arco_erase(&place.task, str_of(request), &erasure, &err))
        code = command_fail(line, &err);
    else
        printf("%.*s\n", STR_ARGS(erasure));
    workplace_close(&place);
    return code;
}

static enum error dry_run(struct command_line *line, struct task *task,
                          struct err *err)
{
    struct value *list = NULL;
    enum error error = retention_look(task, &list, err);

    for (size_t i = 0; i < value_count(list) && !error; i++) {
        const struct value *item = value_at(list, i);
        const struct value *sample = value_get(item, "sample");

        printf("%.*s\t%.*s %.*s\t%lld\t%lld",
               STR_ARGS(value_text_of(item, "rule")),
               STR_ARGS(command_say(line, N_("antes del"))),
               STR_ARGS(value_text_of(item, "until")),
               (long long)value_to_int(value_get(item, "count"), 0),
               (long long)value_to_int(value_get(item, "held"), 0));
        for (size_t k = 0; k < value_count(sample); k++)
            printf("%c%.*s", k ? ' ' : '\t',
                   STR_ARGS(value_text(value_at(sample, k))));
        printf("\n");
    }
    return error;
}

/* All runs that were approved. */
static enum error apply(struct command_line *line, struct task *task,
                        struct err *err)
{
    struct value *list = NULL;
    enum error error = retention_runs(task, &list, err);

    for (size_t i = 0; i < value_count(list) && !error; i++) {
        const struct value *item = value_at(list, i);
        size_t left = 1;

        if (!str_equal_c(value_text_of(item, "state"), "approved"))
            continue;
        while (left && !error)
            error = retention_step(task, value_text_of(item, "id"), &left, err);
        if (!error)
            printf("%.*s\t%.*s\t%.*s\n", STR_ARGS(value_text_of(item, "folio")),
                   STR_ARGS(value_text_of(item, "rule")),
                   STR_ARGS(command_say(line, N_("terminado"))));
    }
    return error;
}

int cmd_retention(struct command_line *line)
{
    bool dry = command_flag(line, "--dry-run");
    bool go = command_flag(line, "--apply");
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (dry == go)
        return command_usage(line);
    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (dry ? dry_run(line, &place.task, &err) : apply(line, &place.task, &err))
        code = command_fail(line, &err);
    workplace_close(&place);
    return code;
}

int cmd_regime(struct command_line *line)
{
    struct workplace place;
    struct err err = {0};
    int code = COMMAND_OK;

    if (workplace_open(line, &place, &err))
        return command_fail(line, &err);
    if (line->arguments &&
        arco_regime_set(&place.task, str_of(line->argument[0]), &err)) {
        code = command_fail(line, &err);
    } else {
        const struct catalog_table *table =
            catalog_table(place.app.office.catalog, "arco");
        size_t row = arco_regime(&place.task);

        printf("%.*s\t%.*s\n", STR_ARGS(catalog_cell(table, row, "name")),
               STR_ARGS(catalog_label(table, row, "label", line->language)));
    }
    workplace_close(&place);
    return code;
}
