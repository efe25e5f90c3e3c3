/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* match_view.c - why two files are proposed as one person: for a page, a
 * program, a line of an import. */
#include <math.h>

#include "domain/person/match.h"

enum { TELLING = 19 }; /* tenths: less is no reason worth reading */

size_t match_reasons(const struct match *match,
                     const struct translator *translator,
                     struct str reason[MATCH_STEPS_MAX])
{
    bool used[MATCH_STEPS_MAX] = {false};
    size_t count = 0;

    for (;;) {
        size_t best = SIZE_MAX;

        for (size_t i = 0; i < match->steps; i++)
            if (!used[i] && match->step[i].weight * 10 > TELLING &&
                (best == SIZE_MAX ||
                 match->step[i].weight > match->step[best].weight))
                best = i;
        if (best == SIZE_MAX)
            return count;
        used[best] = true;
        reason[count++] = translate(
            translator, str_of(match_level_text(match->step[best].level)));
    }
}

struct str match_because(const struct match *match, struct arena *arena,
                         const struct translator *translator)
{
    enum { MOST = 4 };
    struct str reason[MATCH_STEPS_MAX];
    size_t count = match_reasons(match, translator, reason);
    struct buf out;

    buf_init(&out, arena);
    for (size_t i = 0; i < count && i < MOST; i++) {
        buf_puts(&out, i ? ", " : "");
        buf_put(&out, reason[i]);
    }
    return buf_str(&out);
}

struct value *match_view(const struct match *match, struct arena *arena,
                         const struct translator *translator)
{
    static const char *const zone[] = {"unlikely", "possible", "probable"};
    struct value *view = value_object(arena);
    struct value *steps = value_list(arena), *reasons = value_list(arena);
    struct str reason[MATCH_STEPS_MAX];
    size_t count;

    value_put_str(view, arena, "id", match->id);
    value_put_text(view, arena, "zone", zone[match->zone]);
    value_put_bool(view, arena, "probable", match->zone == MATCH_PROBABLE);
    value_put(view, arena, "score",
              value_number(arena, floor(match->score * 10 + 0.5) / 10));
    for (size_t i = 0; i < match->steps; i++) {
        struct value *step = value_object(arena);
        enum match_level level = match->step[i].level;

        value_put_text(step, arena, "field", match_level_field(level));
        value_put_text(step, arena, "level", match_level_name(level));
        value_put(
            step, arena, "weight",
            value_number(arena, floor(match->step[i].weight * 10 + 0.5) / 10));
        value_put_str(step, arena, "text",
                      translate(translator, str_of(match_level_text(level))));
        value_add(steps, arena, step);
    }
    value_put(view, arena, "steps", steps);
    count = match_reasons(match, translator, reason);
    for (size_t i = 0; i < count; i++)
        value_add(reasons, arena, value_string(arena, reason[i]));
    value_put(view, arena, "reasons", reasons);
    return view;
}
