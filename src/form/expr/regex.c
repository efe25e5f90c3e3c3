/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* regex.c - Thompson's machine: all ways through the pattern at once.
 *
 * The search keeps the set of places in the program where a match may stand
 * and moves them over the text one character at a time: its cost is at most
 * the size of the program times the size of the text, whatever the pattern.
 */
#include "core/utf8.h"
#include "form/expr/regex_program.h"
#include "form/expr/unicode.h"

static bool is_word(uint32_t code)
{
    return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z') ||
           (code >= '0' && code <= '9') || code == '_';
}

static bool item_holds(const struct class_item *item, uint32_t code)
{
    switch (item->kind) {
    case CLASS_RANGE:
        return code >= item->first && code <= item->last;
    case CLASS_DIGIT:
        return code >= '0' && code <= '9';
    case CLASS_WORD:
        return is_word(code);
    case CLASS_SPACE:
        return unicode_space(code);
    case CLASS_LETTER:
        return unicode_letter(code);
    case CLASS_UPPER:
        return unicode_upper(code);
    case CLASS_LOWER:
        return unicode_lower(code);
    case CLASS_NUMBER:
        return unicode_number(code);
    case CLASS_PUNCTUATION:
        return unicode_punctuation(code);
    }
    return false;
}

static bool class_has(const struct class *class, uint32_t code)
{
    for (size_t i = 0; i < class->count; i++)
        if (item_holds(&class->item[i], code) != class->item[i].negated)
            return true;
    return false;
}

static bool class_holds(const struct class *class, uint32_t code, bool fold)
{
    bool has = class_has(class, code) ||
               (fold && (class_has(class, unicode_small(code)) ||
                         class_has(class, unicode_capital(code))));

    return has != class->negated;
}

static bool instruction_holds(const struct regex *regex,
                              const struct instruction *instruction,
                              uint32_t code)
{
    if (instruction->opcode == OP_ANY)
        return code != '\n' && code != '\r';
    if (instruction->opcode == OP_CHARACTER)
        return regex->fold
                   ? unicode_small(code) == unicode_small(instruction->argument)
                   : code == instruction->argument;
    return instruction->opcode == OP_CLASS &&
           class_holds(&regex->class[instruction->argument], code,
                       regex -> fold);
}

/* The places that wait for a character; seen marks those of this round. */
struct places {
    uint32_t *place, *stack, *seen;
    size_t count;
    uint32_t round;
};

struct around {
    bool begin, end, edge;
};

static bool passes(enum opcode opcode, struct around around)
{
    return (opcode == OP_BEGIN && around.begin) ||
           (opcode == OP_END && around.end) ||
           (opcode == OP_EDGE && around.edge) ||
           (opcode == OP_NO_EDGE && !around.edge);
}

static void push(struct places *places, size_t *top, uint32_t place)
{
    if (places->seen[place] == places->round)
        return;
    places->seen[place] = places->round;
    places->stack[(*top)++] = place;
}

/* Follows all jumps from a place; true when that reaches the end. */
static bool places_add(const struct regex *regex, struct places *places,
                       uint32_t from, struct around around)
{
    size_t top = 0;

    push(places, &top, from);
    while (top > 0) {
        uint32_t at = places->stack[--top];
        const struct instruction *instruction = &regex->program[at];
        enum opcode opcode = instruction->opcode;

        if (opcode == OP_MATCH)
            return true;
        if (opcode == OP_JUMP || opcode == OP_SPLIT)
            push(places, &top, (uint32_t)((int32_t)at + instruction->to));
        if (opcode == OP_SPLIT || passes(opcode, around))
            push(places, &top, at + 1);
        else if (opcode == OP_CHARACTER || opcode == OP_ANY ||
                 opcode == OP_CLASS)
            places->place[places->count++] = at;
    }
    return false;
}

static bool places_init(struct places *places, struct arena *arena, size_t size)
{
    places->place = ARENA_ARRAY(arena, uint32_t, size);
    places->stack = ARENA_ARRAY(arena, uint32_t, size);
    places->seen = ARENA_ARRAY(arena, uint32_t, size);
    places->count = 0;
    places->round = 0;
    return places->place && places->stack && places->seen;
}

bool regex_search(const struct regex *regex, struct arena *arena,
                  struct str text)
{
    struct places now, next;
    size_t at = 0;
    uint32_t before = 0;
    bool first = true;

    if (!regex || !places_init(&now, arena, regex->size) ||
        !places_init(&next, arena, regex->size))
        return false;
    now.round = next.round = 1;
    for (;;) {
        size_t after = at;
        bool end = at >= text.size;
        uint32_t code = end ? 0 : utf8_next(text, &after);
        struct around around = {
            first, end, (!first && is_word(before)) != (!end && is_word(code))};

        /* What was reached behind the last character waits in now with its
         * edges unknown until this one is seen. */
        next.count = 0;
        next.round++;
        for (size_t i = 0; i < now.count; i++)
            if (places_add(regex, &next, now.place[i], around))
                return true;
        if (places_add(regex, &next, 0, around))
            return true;
        if (end)
            return false;
        now.count = 0;
        for (size_t i = 0; i < next.count; i++)
            if (instruction_holds(regex, &regex->program[next.place[i]], code))
                now.place[now.count++] = next.place[i] + 1;
        before = code;
        first = false;
        at = after;
    }
}
