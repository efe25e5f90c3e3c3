/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* finding.c - see finding.h. */
#include "domain/directory/finding.h"

#include "core/date.h"
#include "core/utf8.h"

enum { USUAL = 20 }; /* answers, when the query does not say */

static struct str or_empty(struct str text)
{
    return text.at ? text : STR("");
}

void finding_init(struct finding *finding, struct task *task,
                  const struct near_query *query, struct err *err)
{
    struct str need = query->need.size ? query->need : STR("*");

    *finding = (struct finding){.task = task, .query = query, .err = err};
    finding->site = log_site(&task->office->log, STR("place"));
    finding->key = need;
    if (query->language.size && !str_equal_c(query->language, "spa"))
        finding->key = str_format(task->arena, "%.*s/%.*s", STR_ARGS(need),
                                  STR_ARGS(query->language));
    finding->admin1 = or_empty(query->admin1);
    finding->municipality =
        utf8_fold(task->arena, str_trim(query->municipality), false);
    finding->municipality = or_empty(finding->municipality);
    finding->place_type = or_empty(query->place_type);
    finding->today = task_day(task);
    finding->weekday = date_weekday(finding->today);
    finding->minute = instant_second(task->now, task->utc_offset) / 60;
    finding->limit = query->limit ? query->limit : USUAL;
    if (finding->limit > FINDING_MOST)
        finding->limit = FINDING_MOST;
}

bool finding_passes(const struct finding *finding, unsigned flags,
                    struct str hours)
{
    if ((flags & finding->query->flags) != finding->query->flags)
        return false;
    return !finding->query->open_now ||
           hours_at(hours, finding->weekday, finding->minute) == HOURS_OPEN;
}

enum error finding_rarest_first(struct finding *finding, bool flagged,
                                bool *few)
{
    int64_t least = FINDING_FEW + 1, count = 0;
    struct finding_word *word = finding->word, first = word[0];
    size_t rarest = 0;
    enum error error = ERROR_NONE;

    for (size_t i = 0; !error && i < FINDING_WORDS && word[i].from.size; i++) {
        bool found;

        if (!word[i].listed || (word[i].flags != 0) != flagged)
            continue;
        error = db_get_int(finding->task->db, &count, &found, finding->err,
                           "SELECT COUNT(*) FROM (SELECT 1 FROM (" LISTED(
                               "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9",
                               "$10", "$11",
                               "$12") ") AS listed LIMIT $13) AS counted",
                           "t" LISTED_TYPES "i", finding->site,
                           LISTED_VALUES(word[i]), (int64_t)FINDING_FEW + 1);
        if (!error && count < least) {
            least = count;
            rarest = i;
        }
    }
    word[0] = word[rarest];
    word[rarest] = first;
    *few = least <= FINDING_FEW;
    return error;
}
