/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* demo.c - writes the invented people: families, arrivals, places. */
#include "domain/demo/demo.h"

#include "core/date.h"
#include "domain/demo/demo_private.h"
#include "domain/person/person.h"

enum { FAMILY_MAX = 6 };

struct filling {
    struct task *task; /* its arena is emptied after each transaction */
    struct demo_source source;
    struct demo_random random;
    struct host host; /* the office's, but random from the seed */
    struct demo_result *result;
    struct arena *keep;
    struct change change;
    size_t wanted, done, in_change;
};

static void seeded_random(void *context, void *bytes, size_t size)
{
    struct demo_random *random = context;
    unsigned char *out = bytes;

    for (size_t i = 0; i < size; i++)
        out[i] = (unsigned char)(demo_next(random) >> 24);
}

static void add(struct filling *filling, const char *kind, struct str id,
                const struct value *answers, struct str subject)
{
    struct change *change = &filling->change;

    change_add(change, str_of(kind), id, OP_CREATE, answers, subject);
    if (change->count)
        change->entry[change->count - 1].id =
            demo_uuid(&filling->random, filling->task->arena);
}

static struct str add_person(struct filling *filling, struct value *person,
                             const struct demo_family *family)
{
    struct arena *arena = filling->task->arena;
    struct value *arrival = value_object(arena);
    struct str id = demo_uuid(&filling->random, arena);

    value_put_str(person, arena, "case_code",
                  case_code_new(&filling->host, arena));
    add(filling, "person", id, person, id);
    value_put_str(arrival, arena, "person", id);
    value_put_str(arrival, arena, "arrived_on",
                  date_text(arena, date_from_day(family->arrived)));
    value_put_text(arrival, arena, "arrival_type",
                   demo_chance(&filling->random, 70) ? "estancia" : "visita");
    add(filling, "arrival", demo_uuid(&filling->random, arena), arrival, id);
    if (filling->result->persons < DEMO_FIRST)
        filling->result->person[filling->result->persons++] =
            str_copy(filling->keep, id);
    filling->result->people++;
    filling->result->arrivals++;
    filling->done++;
    filling->in_change++;
    return id;
}

static void add_group(struct filling *filling, const struct str *id,
                      const char *const *relation, size_t count)
{
    struct arena *arena = filling->task->arena;
    struct value *group = value_object(arena), *members = value_list(arena);

    for (size_t i = 0; i < count; i++) {
        struct value *member = value_object(arena);

        value_put_str(member, arena, "person", id[i]);
        value_put_text(member, arena, "relation", relation[i]);
        value_put_text(member, arena, "relation_verified", "declarada");
        if (i == 0)
            value_put_text(member, arena, "caregiver_of", "yes");
        value_add(members, arena, member);
    }
    value_put_text(group, arena, "group_type", "familia");
    value_put_str(group, arena, "head_person", id[0]);
    value_put_str(group, arena, "arrival_size",
                  str_format(arena, "%zu", count));
    value_put(group, arena, "members", members);
    add(filling, "group", demo_uuid(&filling->random, arena), group, id[0]);
    filling->result->families++;
}

/* An adult, perhaps a partner, one to four children. */
static void add_family(struct filling *filling)
{
    struct arena *arena = filling->task->arena;
    struct demo_random *random = &filling->random;
    const char *relation[FAMILY_MAX];
    struct str id[FAMILY_MAX];
    struct demo_family family;
    size_t count = 0, children = 1 + demo_below(random, 4);
    int age = 20 + (int)demo_below(random, 25), sex = demo_chance(random, 75);

    demo_family_draw(arena, &filling->source, random, task_day(filling->task),
                     &family);
    relation[count] = "titular";
    id[count++] = add_person(
        filling, demo_person(arena, &family, random, age, sex), &family);
    if (demo_chance(random, 40)) {
        struct demo_family partner = family;

        partner.surname[0] = demo_draw(&family.country->surname, random);
        relation[count] = "conyuge_pareja";
        id[count++] = add_person(
            filling, demo_person(arena, &partner, random, age + 2, !sex),
            &partner);
    }
    family.phone = STR_NULL;
    for (size_t i = 0; i < children; i++) {
        int young = (int)demo_below(
            random, (size_t)(age - 16) < 17 ? (size_t)(age - 16) : 17);

        relation[count] = "hijo_a";
        id[count++] = add_person(filling,
                                 demo_person(arena, &family, random, young,
                                             (int)demo_below(random, 2)),
                                 &family);
    }
    add_group(filling, id, relation, count);
}

static void add_alone(struct filling *filling)
{
    struct arena *arena = filling->task->arena;
    struct demo_random *random = &filling->random;
    struct demo_family family;
    struct value *person;
    int age = 15 + (int)(demo_below(random, 25) + demo_below(random, 25));

    demo_family_draw(arena, &filling->source, random, task_day(filling->task),
                     &family);
    person = demo_person(arena, &family, random, age, demo_chance(random, 30));
    add_person(filling, person, &family);
    if (demo_chance(random, 3) && filling->done < filling->wanted)
        add_person(filling, demo_again(arena, person, random), &family);
}

static enum error fill_people(struct filling *filling, struct err *err)
{
    enum error error = ERROR_NONE;

    while (!error && filling->done < filling->wanted) {
        bool repeated = false;

        change_init(&filling->change, filling->task);
        filling->in_change = 0;
        while (filling->in_change < DEMO_BATCH &&
               filling->done < filling->wanted) {
            if (filling->wanted - filling->done >= FAMILY_MAX &&
                demo_chance(&filling->random, 18))
                add_family(filling);
            else
                add_alone(filling);
        }
        error = change_commit(&filling->change, &repeated, err);
        arena_clear(filling->task->arena);
    }
    return error;
}

/* --- places ----------------------------------------------------------------
 */

static void put_services(struct arena *arena, struct value *place,
                         struct str codes)
{
    struct value *services = value_list(arena);
    struct str part;

    while (codes.size && str_cut(&codes, ' ', &part)) {
        struct value *service = value_object(arena);

        value_put_str(service, arena, "service_code", part);
        value_put_text(service, arena, "cost", "gratis");
        value_add(services, arena, service);
    }
    value_put(place, arena, "services", services);
}

static struct value *place_of(const struct filling *filling,
                              const struct catalog_table *table, size_t row,
                              const struct form *form)
{
    struct arena *arena = filling->task->arena;
    struct value *place = value_object(arena), *phone = value_object(arena);
    struct value *phones = value_list(arena);
    int64_t days = 0;

    for (size_t i = 0; i < table->columns; i++) {
        const struct question *question = form_find(form, table->column[i]);
        struct str cell = table->cell[row * table->columns + i];

        if (question && question_has_value(question) && cell.size)
            value_set(place, arena, table->column[i],
                      value_string(arena, cell));
    }
    put_services(arena, place, catalog_cell(table, row, "services"));
    value_put_str(phone, arena, "number", catalog_cell(table, row, "phone"));
    value_add(phones, arena, phone);
    value_put(place, arena, "phones", phones);
    str_to_int(catalog_cell(table, row, "verified_days_ago"), &days);
    value_put_str(
        place, arena, "verified_on",
        date_text(arena, date_from_day(task_day(filling->task) - days)));
    value_put_text(place, arena, "status", "active");
    return place;
}

static enum error fill_places(struct filling *filling, struct err *err)
{
    const struct office *office = filling->task->office;
    const struct catalog_table *table =
        catalog_table(office->catalog, "demo_place");
    const struct form *form = forms_find(office->forms, STR("place"), STR_NULL);
    bool repeated = false;
    enum error error;

    change_init(&filling->change, filling->task);
    for (size_t row = 0; form && table && row < table->rows; row++) {
        struct str id = demo_uuid(&filling->random, filling->task->arena);

        add(filling, "place", id, place_of(filling, table, row, form), id);
        filling->result->places++;
    }
    error = change_commit(&filling->change, &repeated, err);
    arena_clear(filling->task->arena);
    return error;
}

enum error demo_fill(struct task *task, size_t people, uint64_t seed,
                     struct demo_result *result, struct err *err)
{
    struct filling *filling = ARENA_NEW(task->arena, struct filling);
    struct task work = *task;
    struct arena scratch;
    enum error error;

    *result = (struct demo_result){0};
    result->person = ARENA_ARRAY(task->arena, struct str, DEMO_FIRST);
    if (!filling || !result->person)
        return err_memory(err);
    arena_init(&scratch, NULL);
    work.arena = &scratch;
    *filling = (struct filling){.task = &work,
                                .random = {seed},
                                .host = *task->office->host,
                                .result = result,
                                .keep = task->arena,
                                .wanted = people};
    filling->host.context = &filling->random;
    filling->host.random = seeded_random;
    demo_source_read(task->arena, task->office->catalog, &filling->source);
    error = fill_places(filling, err);
    if (!error)
        error = fill_people(filling, err);
    arena_release(&scratch);
    return error;
}
