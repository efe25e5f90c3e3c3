/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* referral_propose.c - which services of the directory fit this person now.
 *
 * What is wanted comes from catalog/pathway.csv: for each open flag, standing
 * profile and unmet need, the kinds of place and service, in order. What fits
 * is looked at place by place: age, sex, language, papers, opening hours,
 * distance, how long ago it was verified. What does not fit is shown last
 * with the reason, never hidden: the worker decides.
 */
#include <math.h>

#include "core/date.h"
#include "domain/person/age.h"
#include "domain/hours.h"
#include "domain/referral/referral_private.h"
#include "domain/casework/screening.h"
#include "domain/person/words.h"

enum { PLACES_MAX = 2000, VERIFIED_DAYS = 180, PROPOSALS_MAX = 60 };

struct wish {
    struct str place_type, service_code, because, consent;
    int order;
};

struct proposing {
    struct task *task;
    struct str person_id;
    const struct value *person;
    struct guard guard;
    struct wish *wish;
    size_t wishes, capacity;
    double lat, lon; /* of this house; NAN unknown */
    int weekday, minute;
    struct err *err;
};

/* -- what is wanted -------------------------------------------------------- */

static void want_code(struct proposing *proposing, struct str code)
{
    const struct catalog_table *table =
        catalog_table(proposing->task->office->catalog, "pathway");

    for (size_t row = 0; table && row < table->rows; row++) {
        struct wish *wish;
        int64_t order = 9;

        if (!str_equal(catalog_cell(table, row, "code"), code))
            continue;
        if (proposing->wishes == proposing->capacity) {
            size_t more = proposing->capacity ? proposing->capacity * 2 : 32;

            wish = arena_grow(proposing->task->arena, proposing->wish,
                              proposing->capacity * sizeof *wish,
                              more * sizeof *wish);
            if (!wish)
                return;
            proposing->wish = wish;
            proposing->capacity = more;
        }
        str_to_int(catalog_cell(table, row, "order"), &order);
        proposing->wish[proposing->wishes++] = (struct wish){
            .place_type = catalog_cell(table, row, "place_type"),
            .service_code = catalog_cell(table, row, "service_code"),
            .consent = catalog_cell(table, row, "consent"),
            .because = code,
            .order = (int)order};
    }
}

static enum error want_records(struct proposing *proposing, const char *kind,
                               const char *field, const char *state_field,
                               const char *left_out)
{
    struct task *task = proposing->task;
    struct record_filter filter = {
        .kind = str_of(kind), .subject = proposing->person_id, .limit = 200};
    struct record *record;
    size_t count;
    enum error error =
        record_list(&task->office->log, task->db, &filter, false, task->arena,
                    &record, &count, proposing->err);

    if (error != ERROR_NONE)
        return error;
    for (size_t i = 0; i < count; i++) {
        struct str code = value_text_of(record[i].answers, field);

        if (words_have(str_of(left_out),
                       value_text_of(record[i].answers, state_field)))
            continue;
        if (str_equal_c(str_of(kind), "profile") &&
            !profile_visible(task, code))
            continue;
        want_code(proposing, code);
    }
    return ERROR_NONE;
}

static enum error want_everything(struct proposing *proposing)
{
    enum error error;

    if ((error = want_records(proposing, "flag", "code", "state",
                              "acted dismissed")) ||
        (error =
             want_records(proposing, "profile", "code", "state", "ruled_out")))
        return error;
    return want_records(proposing, "need", "sector", "met", "si yes");
}

/* -- what fits ------------------------------------------------------------- */

static double number_of(const struct value *answers, const char *name)
{
    double number;

    return str_to_double(value_text_of(answers, name), &number) ? number : NAN;
}

static double distance_km(const struct proposing *proposing,
                          const struct value *place)
{
    const double radius = 6371.0, degree = 3.14159265358979323846 / 180.0;
    double lat = number_of(place, "lat"), lon = number_of(place, "lon");
    double a, b, h;

    if (isnan(lat) || isnan(lon) || isnan(proposing->lat))
        return -1;
    a = sin((lat - proposing->lat) * degree / 2);
    b = sin((lon - proposing->lon) * degree / 2);
    h = a * a + cos(lat * degree) * cos(proposing->lat * degree) * b * b;
    return 2 * radius * asin(sqrt(h));
}

static bool offers(const struct value *place, struct str service)
{
    const struct value *services = value_get(place, "services");

    for (size_t i = 0; i < value_count(services); i++) {
        if (str_equal(value_text_of(value_at(services, i), "service_code"),
                      service))
            return true;
    }
    return false;
}

/* Why it would not take her; NULL when it would. */
static const char *misfit(const struct proposing *proposing,
                          const struct value *place)
{
    int64_t today = task_day(proposing->task);
    int age = age_on_day(proposing->person, today, true);
    bool child = age_is_child(proposing->person, today);
    struct str who = value_text_of(place, "who");
    struct str sex = value_text_of(proposing->person, "sex");
    double from = number_of(place, "age_min"), to = number_of(place, "age_max");

    if (age >= 0 && ((!isnan(from) && age < from) || (!isnan(to) && age > to)))
        return N_("No atiende a personas de su edad.");
    if (!who.size || words_have(who, STR("any")))
        return NULL;
    if (child && words_have(who, STR("NNA")))
        return NULL;
    if (str_equal_c(sex, "H") && !words_have(who, STR("hombres")) &&
        words_have(who, STR("mujeres")) && !words_have(who, STR("familias")))
        return N_("Atiende solo a mujeres.");
    if (str_equal_c(sex, "M") && words_have(who, STR("hombres")) &&
        !words_have(who, STR("mujeres")) && !words_have(who, STR("familias")))
        return N_("Atiende solo a hombres.");
    if (!child && words_have(who, STR("NNA")) &&
        !words_have(who, STR("mujeres")) && !words_have(who, STR("familias")))
        return N_("Atiende solo a niñas, niños y adolescentes.");
    return NULL;
}

static int freshness(const struct proposing *proposing,
                     const struct value *place)
{
    struct date verified;

    if (!date_parse_whole(value_text_of(place, "verified_on"), &verified))
        return 0;
    return task_day(proposing->task) - date_to_day(verified) <= VERIFIED_DAYS
               ? 5
               : -5;
}

static int score_of(const struct proposing *proposing, const struct wish *wish,
                    const struct value *place, const struct proposal *proposal)
{
    struct str language = value_text_of(proposing->person, "language_main");
    int score = 100 - 10 * wish->order;

    if (wish->service_code.size && offers(place, wish->service_code))
        score += 20;
    if (language.size &&
        words_have(value_text_of(place, "languages"), language))
        score += 10;
    if (str_equal_c(value_text_of(place, "accepts_without_docs"), "yes"))
        score += 5;
    score += proposal->open_now == HOURS_OPEN     ? 15
             : proposal->open_now == HOURS_CLOSED ? -10
                                                  : 0;
    score += freshness(proposing, place);
    if (proposal->distance_km >= 0)
        score -= (int)fmin(proposal->distance_km / 2, 25);
    if (!proposal->fits)
        score -= 200;
    if (proposal->blocked)
        score -= 400;
    return score;
}

static bool wanted(const struct wish *wish, const struct value *place)
{
    if (wish->place_type.size &&
        !str_equal(wish->place_type, value_text_of(place, "place_type")))
        return false;
    if (wish->service_code.size && !wish->place_type.size)
        return offers(place, wish->service_code);
    return wish->place_type.size > 0;
}

static enum error consider(struct proposing *proposing,
                           const struct record *place,
                           struct proposal *proposal, bool *keep)
{
    enum error error;

    *keep = false;
    for (size_t i = 0; i < proposing->wishes; i++) {
        const struct wish *wish = &proposing->wish[i];
        struct proposal candidate = {
            .place = place->id,
            .name = value_text_of(place->answers, "name"),
            .place_type = value_text_of(place->answers, "place_type"),
            .service_code = wish->service_code,
            .because = wish->because,
            .consent = wish->consent,
            .verified_on = value_text_of(place->answers, "verified_on")};

        if (!wanted(wish, place->answers))
            continue;
        candidate.distance_km = distance_km(proposing, place->answers);
        candidate.open_now = hours_at(value_text_of(place->answers, "hours"),
                                      proposing->weekday, proposing->minute);
        candidate.why_not = misfit(proposing, place->answers);
        candidate.fits = !candidate.why_not;
        error = guard_check(&proposing->guard, place->answers, STR_NULL,
                            &candidate.blocked_why);
        if (error != ERROR_NONE)
            return error;
        candidate.blocked = candidate.blocked_why != NULL;
        candidate.score = score_of(proposing, wish, place->answers, &candidate);
        if (!*keep || candidate.score > proposal->score)
            *proposal = candidate;
        *keep = true;
    }
    return ERROR_NONE;
}

static void insert_sorted(struct proposal *list, size_t *count,
                          const struct proposal *proposal)
{
    size_t at = *count < PROPOSALS_MAX ? (*count)++ : PROPOSALS_MAX - 1;

    if (at == PROPOSALS_MAX - 1 && list[at].name.size &&
        list[at].score >= proposal->score)
        return;
    while (at > 0 && list[at - 1].score < proposal->score) {
        list[at] = list[at - 1];
        at--;
    }
    list[at] = *proposal;
}

static void find_house(struct proposing *proposing, const struct record *place,
                       size_t count)
{
    proposing->lat = proposing->lon = NAN;
    for (size_t i = 0; i < count; i++) {
        if (!str_equal(value_text_of(place[i].answers, "name"),
                       proposing->task->office->site_name))
            continue;
        proposing->lat = number_of(place[i].answers, "lat");
        proposing->lon = number_of(place[i].answers, "lon");
        return;
    }
}

static enum error rank_places(struct proposing *proposing,
                              struct proposal **proposal, size_t *count)
{
    struct task *task = proposing->task;
    struct record_filter filter = {.kind = STR("place"),
                                   .where = "{status} = 'active'",
                                   .limit = PLACES_MAX};
    struct proposal *list =
        ARENA_ARRAY(task->arena, struct proposal, PROPOSALS_MAX);
    struct record *place;
    size_t places, kept = 0;
    enum error error;

    if (!list)
        return err_set(proposing->err, ERROR_MEMORY, N_("Falta memoria."), NULL,
                       NULL, NULL);
    error = record_list(&task->office->log, task->db, &filter, true,
                        task->arena, &place, &places, proposing->err);
    if (error != ERROR_NONE)
        return error;
    find_house(proposing, place, places);
    for (size_t i = 0; i < places; i++) {
        struct proposal candidate = {0};
        bool keep;

        error = consider(proposing, &place[i], &candidate, &keep);
        if (error != ERROR_NONE)
            return error;
        if (keep)
            insert_sorted(list, &kept, &candidate);
    }
    *proposal = list;
    *count = kept;
    return ERROR_NONE;
}

enum error referral_propose(struct task *task, struct str person,
                            struct str code, struct proposal **proposal,
                            size_t *count, struct err *err)
{
    struct proposing proposing = {
        .task = task, .person_id = person, .err = err};
    enum error error = guard_init(&proposing.guard, task, person, err);

    if (error != ERROR_NONE)
        return error;
    proposing.person = proposing.guard.person;
    proposing.weekday = date_weekday(task_day(task));
    proposing.minute = instant_second(task->now, task->utc_offset) / 60;
    if (code.size)
        want_code(&proposing, code);
    else if ((error = want_everything(&proposing)) != ERROR_NONE)
        return error;
    return rank_places(&proposing, proposal, count);
}
