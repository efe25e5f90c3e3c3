/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* value.c - the tree behind views, answers and bodies.
 *
 * Objects are arrays in order of insertion; beyond MEMBERS_LINEAR members a
 * hash index grows beside the array. Its seed is the object's address, which
 * a sender cannot know, so that a body cannot be made of colliding names.
 */
#include "core/value.h"

enum { MEMBERS_LINEAR = 16 };

struct member {
    struct str name;
    const struct value *value;
};

struct list {
    const struct value **item;
    uint32_t count, capacity;
};

struct object {
    struct member *member;
    uint32_t *index; /* 2 * capacity slots of member + 1; NULL when small */
    uint32_t count, capacity;
};

struct value {
    enum value_type type;
    union {
        bool b;
        int64_t i;
        double d;
        struct str text;
        struct list list;
        struct object object;
    } as;
};

static const struct value value_nothing = {.type = VALUE_NULL};

static struct value *value_new(struct arena *arena, enum value_type type)
{
    struct value *value = ARENA_NEW(arena, struct value);

    if (value)
        value->type = type;
    return value;
}

struct value *value_null(struct arena *arena)
{
    return value_new(arena, VALUE_NULL);
}

struct value *value_bool(struct arena *arena, bool b)
{
    struct value *value = value_new(arena, VALUE_BOOL);

    if (value)
        value->as.b = b;
    return value;
}

struct value *value_int(struct arena *arena, int64_t i)
{
    struct value *value = value_new(arena, VALUE_INT);

    if (value)
        value->as.i = i;
    return value;
}

struct value *value_number(struct arena *arena, double d)
{
    struct value *value = value_new(arena, VALUE_NUMBER);

    if (value)
        value->as.d = d;
    return value;
}

struct value *value_string(struct arena *arena, struct str text)
{
    struct value *value = value_new(arena, VALUE_STRING);

    if (value)
        value->as.text = text.at ? text : STR("");
    return value;
}

struct value *value_list(struct arena *arena)
{
    return value_new(arena, VALUE_LIST);
}

struct value *value_object(struct arena *arena)
{
    return value_new(arena, VALUE_OBJECT);
}

static uint32_t *index_slot(const struct object *object, struct str name)
{
    uint64_t seed = (uint64_t)(uintptr_t)object * 0x9e3779b97f4a7c15u;
    uint64_t hash = (str_hash(name) ^ seed) * 0xbf58476d1ce4e5b9u;
    uint32_t mask = object->capacity * 2 - 1;
    uint32_t at = (uint32_t)(hash >> 32) & mask;

    while (object->index[at] &&
           !str_equal(object->member[object->index[at] - 1].name, name))
        at = (at + 1) & mask;
    return &object->index[at];
}

static struct member *find_member(const struct object *object, struct str name)
{
    if (object->index) {
        uint32_t at = *index_slot(object, name);

        return at ? &object->member[at - 1] : NULL;
    }
    for (uint32_t i = 0; i < object->count; i++)
        if (object->member[i].name.size == name.size &&
            !memcmp(object->member[i].name.at, name.at, name.size))
            return &object->member[i];
    return NULL;
}

static void fill_index(struct object *object)
{
    for (uint32_t i = 0; i < object->count; i++)
        *index_slot(object, object->member[i].name) = i + 1;
}

static bool grow_object(struct object *object, struct arena *arena)
{
    uint32_t capacity = object->capacity ? object->capacity * 2 : 4;
    struct member *member;

    if (capacity > UINT32_MAX / 4)
        return false;
    member =
        arena_grow(arena, object->member, object->capacity * sizeof(*member),
                   capacity * sizeof(*member));
    if (!member)
        return false;
    object->member = member;
    if (capacity > MEMBERS_LINEAR) {
        uint32_t *index = ARENA_ARRAY(arena, uint32_t, (size_t)capacity * 2);

        if (!index)
            return false;
        object->index = index;
        object->capacity = capacity;
        fill_index(object);
    }
    object->capacity = capacity;
    return true;
}

void value_set(struct value *object, struct arena *arena, struct str name,
               const struct value *member)
{
    struct object *of;
    struct member *old;

    if (!object || object->type != VALUE_OBJECT)
        return;
    of = &object->as.object;
    if (!name.at)
        name = STR("");
    if (!member)
        member = &value_nothing;
    old = find_member(of, name);
    if (old) {
        old->value = member;
        return;
    }
    if (of->count == of->capacity && !grow_object(of, arena))
        return;
    of->member[of->count++] = (struct member){name, member};
    if (of->index)
        *index_slot(of, name) = of->count;
}

void value_add(struct value *list, struct arena *arena,
               const struct value *item)
{
    struct list *of;

    if (!list || list->type != VALUE_LIST)
        return;
    of = &list->as.list;
    if (of->count == of->capacity) {
        uint32_t capacity = of->capacity ? of->capacity * 2 : 8;
        const struct value **grown;

        if (capacity > UINT32_MAX / 4)
            return;
        grown = arena_grow(arena, of->item,
                           of->capacity * sizeof(const struct value *),
                           capacity * sizeof(const struct value *));
        if (!grown)
            return;
        of->item = grown;
        of->capacity = capacity;
    }
    of->item[of->count++] = item ? item : &value_nothing;
}

bool value_remove(struct value *object, struct str name)
{
    struct object *of;
    struct member *member;

    if (!object || object->type != VALUE_OBJECT)
        return false;
    of = &object->as.object;
    member = find_member(of, name);
    if (!member)
        return false;
    of->count--;
    memmove(member, member + 1,
            (size_t)(of->member + of->count - member) * sizeof(*member));
    if (of->index) {
        memset(of->index, 0, (size_t)of->capacity * 2 * sizeof(*of->index));
        fill_index(of);
    }
    return true;
}

void value_put(struct value *object, struct arena *arena, const char *name,
               const struct value *member)
{
    value_set(object, arena, str_of(name), member);
}

void value_put_str(struct value *object, struct arena *arena, const char *name,
                   struct str text)
{
    value_put(object, arena, name, value_string(arena, text));
}

void value_put_text(struct value *object, struct arena *arena, const char *name,
                    const char *text)
{
    value_put(object, arena, name, value_string(arena, str_of(text)));
}

void value_put_int(struct value *object, struct arena *arena, const char *name,
                   int64_t i)
{
    value_put(object, arena, name, value_int(arena, i));
}

void value_put_bool(struct value *object, struct arena *arena, const char *name,
                    bool b)
{
    value_put(object, arena, name, value_bool(arena, b));
}

enum value_type value_type(const struct value *value)
{
    return value ? value->type : VALUE_NULL;
}

const struct value *value_get_str(const struct value *object, struct str name)
{
    const struct member *member;

    if (!object || object->type != VALUE_OBJECT || !name.at)
        return NULL;
    member = find_member(&object->as.object, name);
    return member ? member->value : NULL;
}

const struct value *value_get(const struct value *object, const char *name)
{
    return value_get_str(object, str_of(name));
}

struct value *value_get_mutable(struct value *object, const char *name)
{
    const struct value *member = value_get(object, name);

    return member == &value_nothing ? NULL : (struct value *)member;
}

struct str value_text(const struct value *value)
{
    return value && value->type == VALUE_STRING ? value->as.text : STR_NULL;
}

struct str value_text_of(const struct value *object, const char *name)
{
    return value_text(value_get(object, name));
}

int64_t value_to_int(const struct value *value, int64_t fallback)
{
    if (value && value->type == VALUE_INT)
        return value->as.i;
    if (value && value->type == VALUE_NUMBER && value->as.d > -9.2e18 &&
        value->as.d < 9.2e18)
        return (int64_t)value->as.d;
    return fallback;
}

double value_to_double(const struct value *value, double fallback)
{
    if (value && value->type == VALUE_NUMBER)
        return value->as.d;
    if (value && value->type == VALUE_INT)
        return (double)value->as.i;
    return fallback;
}

bool value_to_bool(const struct value *value, bool fallback)
{
    return value && value->type == VALUE_BOOL ? value->as.b : fallback;
}

struct str value_as_text(const struct value *value, struct arena *arena)
{
    struct buf out;

    switch (value_type(value)) {
    case VALUE_NULL:
        return STR("");
    case VALUE_BOOL:
        return value->as.b ? STR("true") : STR("false");
    case VALUE_STRING:
        return value->as.text;
    default:
        buf_init(&out, arena);
        value_write(value, &out);
        return buf_str(&out);
    }
}

size_t value_count(const struct value *value)
{
    if (value && value->type == VALUE_LIST)
        return value->as.list.count;
    if (value && value->type == VALUE_OBJECT)
        return value->as.object.count;
    return 0;
}

const struct value *value_at(const struct value *value, size_t index)
{
    if (index >= value_count(value))
        return NULL;
    if (value->type == VALUE_LIST)
        return value->as.list.item[index];
    return value->as.object.member[index].value;
}

struct str value_name_at(const struct value *object, size_t index)
{
    if (!object || object->type != VALUE_OBJECT ||
        index >= object->as.object.count)
        return STR_NULL;
    return object->as.object.member[index].name;
}

static bool items_equal(const struct value *a, const struct value *b)
{
    size_t count = value_count(a);

    if (count != value_count(b))
        return false;
    for (size_t i = 0; i < count; i++) {
        const struct value *other = value_at(b, i);

        if (a->type == VALUE_OBJECT) {
            other = value_get_str(b, value_name_at(a, i));
            if (!other)
                return false;
        }
        if (!value_equal(value_at(a, i), other))
            return false;
    }
    return true;
}

bool value_equal(const struct value *a, const struct value *b)
{
    enum value_type type = value_type(a), other = value_type(b);

    if (type == VALUE_NUMBER || other == VALUE_NUMBER)
        return (type == VALUE_INT || type == VALUE_NUMBER) &&
               (other == VALUE_INT || other == VALUE_NUMBER) &&
               value_to_double(a, 0) == value_to_double(b, 0);
    if (type != other)
        return false;
    switch (type) {
    case VALUE_BOOL:
        return a->as.b == b->as.b;
    case VALUE_INT:
        return a->as.i == b->as.i;
    case VALUE_STRING:
        return str_equal(a->as.text, b->as.text);
    case VALUE_LIST:
    case VALUE_OBJECT:
        return items_equal(a, b);
    default:
        return true;
    }
}

struct value *value_copy(const struct value *value, struct arena *arena)
{
    struct value *copy = value_new(arena, value_type(value));

    if (!copy || !value)
        return copy;
    switch (value->type) {
    case VALUE_STRING:
        copy->as.text = str_copy(arena, value->as.text);
        break;
    case VALUE_LIST:
        for (size_t i = 0; i < value->as.list.count; i++)
            value_add(copy, arena, value_copy(value->as.list.item[i], arena));
        break;
    case VALUE_OBJECT:
        for (size_t i = 0; i < value->as.object.count; i++)
            value_set(copy, arena,
                      str_copy(arena, value->as.object.member[i].name),
                      value_copy(value->as.object.member[i].value, arena));
        break;
    default:
        *copy = *value;
    }
    return copy;
}
