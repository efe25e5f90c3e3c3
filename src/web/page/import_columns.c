/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* import_columns.c - see import_columns.h. */
#include "web/page/import_columns.h"

#include "core/csv.h"

enum { COLUMNS_MOST = 200 };

static struct value *field_item(struct view *view, struct str name,
                                struct str label, struct str chosen)
{
    struct value *item = value_object(view->task.arena);

    value_put_str(item, view->task.arena, "name", name);
    value_put_str(item, view->task.arena, "label", label);
    value_put_bool(item, view->task.arena, "chosen", str_equal(name, chosen));
    return item;
}

struct value *import_fields(struct view *view, const char *kind,
                            const struct import_special *special, size_t count,
                            struct str chosen)
{
    const struct form *form = view_form(view, kind);
    struct arena *arena = view->task.arena;
    struct value *list = value_list(arena);

    for (size_t i = 0; i < count; i++)
        value_add(list, arena,
                  field_item(view, str_of(special[i].name),
                             view_say(view, special[i].msgid), chosen));
    for (size_t i = 0; form && i < form->question_count; i++) {
        const struct question *question = form->question[i];

        if (question->system || question->repeat ||
            !question_has_value(question) ||
            !role_reads(view->task.actor.role, question))
            continue;
        value_add(
            list, arena,
            field_item(view, question->key,
                       texts_in(form, question->label, view->task.language),
                       chosen));
    }
    return list;
}

struct str import_columns_sent(struct view *view)
{
    struct arena *arena = view->task.arena;
    struct buf out;

    if (view_field(view, "map").size > 0)
        return view_field(view, "map"); /* programs send it as a file is */
    if (!value_get(view->fields, "map.0.heading"))
        return STR_NULL;
    buf_init(&out, arena);
    buf_puts(&out, "heading,field,values\n");
    for (size_t i = 0; i < COLUMNS_MOST; i++) {
        static const char *const part[] = {"heading", "field", "values"};

        if (!value_get_str(view->fields,
                           view_format(view, "map.%zu.heading", i)))
            break;
        for (size_t k = 0; k < 3; k++) {
            struct str name = view_format(view, "map.%zu.%s", i, part[k]);

            if (k > 0)
                buf_putc(&out, ',');
            buf_put_csv(&out, view_field(view, str_c(arena, name)));
        }
        buf_putc(&out, '\n');
    }
    return buf_str(&out);
}
