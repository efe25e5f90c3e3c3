/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* regex_compile.c - from a pattern to a short program with relative jumps, so
 * that a part can be moved (a loop put around it) or copied (a{2,5}) as it is.
 */
#include "core/utf8.h"
#include "form/expr/regex_program.h"

struct compiler {
    struct arena *arena;
    struct regex *regex;
    struct str pattern;
    size_t at;
    size_t capacity, class_capacity;
    int depth;
    struct err *err;
    bool failed;
};

static void fail(struct compiler *compiler, const char *msgid)
{
    char place[24];
    char near[64];
    struct str shown = str_slice(compiler->pattern, 0, 60);

    if (compiler->failed)
        return;
    compiler->failed = true;
    snprintf(place, sizeof place, "%zu", compiler->at + 1);
    snprintf(near, sizeof near, "%.*s", STR_ARGS(shown));
    err_set(compiler->err, ERROR_SYNTAX, msgid, place, near, NULL);
}

static void fail_unsupported(struct compiler *compiler)
{
    fail(compiler, N_("El patrón de regex usa en el carácter {1} algo que no "
                      "se admite: {2}"));
}

static void fail_wrong(struct compiler *compiler)
{
    fail(compiler,
         N_("El patrón de regex no se entiende en el carácter {1}: {2}"));
}

static bool more(const struct compiler *compiler)
{
    return !compiler->failed && compiler->at < compiler->pattern.size;
}

static char peek(const struct compiler *compiler)
{
    return more(compiler) ? compiler->pattern.at[compiler->at] : '\0';
}

static bool accept(struct compiler *compiler, const char *text)
{
    struct str rest =
        str_slice(compiler->pattern, compiler->at, compiler->pattern.size);

    if (compiler->failed || !str_starts(rest, str_of(text)))
        return false;
    compiler->at += strlen(text);
    return true;
}

/* Room for count more instructions at the end. */
static bool reserve(struct compiler *compiler, size_t count)
{
    struct regex *regex = compiler->regex;
    size_t capacity = compiler->capacity ? compiler->capacity : 32;
    struct instruction *room;

    if (compiler->failed)
        return false;
    if (regex->size + count > REGEX_PROGRAM_MAX) {
        fail(compiler, N_("El patrón de regex es demasiado grande: {2}"));
        return false;
    }
    while (capacity < regex->size + count)
        capacity *= 2;
    if (capacity == compiler->capacity)
        return true;
    room =
        arena_grow(compiler->arena, regex->program,
                   compiler->capacity * sizeof *room, capacity * sizeof *room);
    if (!room) {
        compiler->failed = true;
        return false;
    }
    regex->program = room;
    compiler->capacity = capacity;
    return true;
}

static void emit(struct compiler *compiler, enum opcode opcode, size_t to,
                 uint32_t argument)
{
    struct regex *regex = compiler->regex;

    if (!reserve(compiler, 1))
        return;
    regex->program[regex->size] = (struct instruction){
        opcode, (int32_t)to - (int32_t)regex->size, argument};
    regex->size++;
}

/* Puts an instruction in front of the part that begins at from. */
static void insert(struct compiler *compiler, size_t from, enum opcode opcode,
                   size_t to)
{
    struct regex *regex = compiler->regex;

    if (!reserve(compiler, 1))
        return;
    memmove(regex->program + from + 1, regex->program + from,
            (regex->size - from) * sizeof *regex->program);
    regex->program[from] =
        (struct instruction){opcode, (int32_t)to - (int32_t)from, 0};
    regex->size++;
}

static struct class *class_new(struct compiler *compiler)
{
    struct regex *regex = compiler->regex;

    if (regex->class_count == compiler->class_capacity) {
        size_t capacity = compiler->class_capacity * 2 + 4;
        struct class *room = arena_grow(compiler->arena, regex->class,
                                        compiler->class_capacity * sizeof *room,
                                        capacity * sizeof *room);

        if (!room) {
            compiler->failed = true;
            return NULL;
        }
        regex->class = room;
        compiler->class_capacity = capacity;
    }
    regex->class[regex->class_count] = (struct class){0};
    return &regex->class[regex->class_count++];
}

static void class_add(struct compiler *compiler, struct class *class,
                      struct class_item item)
{
    struct class_item *room = class->item;

    if ((class->count & (class->count - 1)) == 0)
        room = arena_grow(compiler->arena, class->item,
                          class->count * sizeof *room,
                          (class->count ? class->count * 2 : 1) * sizeof *room);
    if (!room) {
        compiler->failed = true;
        return;
    }
    class->item = room;
    class->item[class->count++] = item;
}

static bool escape_property(struct compiler *compiler, struct class_item *item)
{
    static const struct {
        const char *name;
        enum class_kind kind;
    } names[] = {
        {"{L}", CLASS_LETTER},
        {"{Lu}", CLASS_UPPER},
        {"{Ll}", CLASS_LOWER},
        {"{N}", CLASS_NUMBER},
        {"{Nd}", CLASS_NUMBER},
        {"{P}", CLASS_PUNCTUATION},
        {"{Alpha}", CLASS_LETTER},
        {"{Upper}", CLASS_UPPER},
        {"{Lower}", CLASS_LOWER},
        {"{Digit}", CLASS_DIGIT},
        {"{Punct}", CLASS_PUNCTUATION},
        {"{IsAlphabetic}", CLASS_LETTER},
        {"{IsLetter}", CLASS_LETTER},
        {"L", CLASS_LETTER},
        {"N", CLASS_NUMBER},
        {"P", CLASS_PUNCTUATION},
    };

    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (accept(compiler, names[i].name)) {
            item->kind = names[i].kind;
            return true;
        }
    fail_unsupported(compiler);
    return false;
}

static bool escape_hex(struct compiler *compiler, int digits,
                       struct class_item *item)
{
    uint32_t code = 0;

    for (int i = 0; i < digits; i++) {
        char c = peek(compiler);
        uint32_t digit;

        if (c >= '0' && c <= '9')
            digit = (uint32_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = (uint32_t)(c - 'a') + 10;
        else if (c >= 'A' && c <= 'F')
            digit = (uint32_t)(c - 'A') + 10;
        else {
            fail_wrong(compiler);
            return false;
        }
        code = code * 16 + digit;
        compiler->at++;
    }
    item->first = item->last = code;
    return true;
}

/* What stands behind a backslash: a class or one character. */
static bool parse_escape(struct compiler *compiler, struct class_item *item)
{
    char c = peek(compiler);

    *item = (struct class_item){.kind = CLASS_RANGE};
    if (!more(compiler)) {
        fail_wrong(compiler);
        return false;
    }
    if ((unsigned char)c >= 0x80) {
        item->first = item->last = utf8_next(compiler->pattern, &compiler->at);
        return true;
    }
    compiler->at++;
    item->negated = c == 'D' || c == 'W' || c == 'S' || c == 'P';
    item->first = item->last = (unsigned char)c;
    switch (c) {
    case 'd':
    case 'D':
        item->kind = CLASS_DIGIT;
        return true;
    case 'w':
    case 'W':
        item->kind = CLASS_WORD;
        return true;
    case 's':
    case 'S':
        item->kind = CLASS_SPACE;
        return true;
    case 'p':
    case 'P':
        return escape_property(compiler, item);
    case 't':
        item->first = item->last = '\t';
        return true;
    case 'n':
        item->first = item->last = '\n';
        return true;
    case 'r':
        item->first = item->last = '\r';
        return true;
    case 'x':
        return escape_hex(compiler, 2, item);
    case 'u':
        return escape_hex(compiler, 4, item);
    default:
        break;
    }
    if ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
        (c >= 'A' && c <= 'Z')) {
        compiler->at--;
        fail_unsupported(compiler);
        return false;
    }
    return true;
}

static bool class_end_of_range(struct compiler *compiler,
                               struct class_item *item)
{
    struct class_item end = {0};

    if (peek(compiler) != '-' || compiler->at + 1 >= compiler->pattern.size ||
        compiler->pattern.at[compiler->at + 1] == ']')
        return true;
    compiler->at++;
    if (accept(compiler, "\\")) {
        if (!parse_escape(compiler, &end))
            return false;
    } else {
        end.first = utf8_next(compiler->pattern, &compiler->at);
    }
    if (end.kind != CLASS_RANGE || end.first < item->first) {
        fail_wrong(compiler);
        return false;
    }
    item->last = end.first;
    return true;
}

static void parse_class(struct compiler *compiler)
{
    struct class *class = class_new(compiler);
    uint32_t index = (uint32_t)compiler->regex->class_count - 1;
    bool first = true;

    if (!class)
        return;
    class->negated = accept(compiler, "^");
    while (more(compiler) && (first || peek(compiler) != ']')) {
        struct class_item item = {.kind = CLASS_RANGE};

        first = false;
        if (accept(compiler, "\\")) {
            if (!parse_escape(compiler, &item))
                return;
        } else {
            item.first = item.last =
                utf8_next(compiler->pattern, &compiler->at);
        }
        if (item.kind == CLASS_RANGE && !class_end_of_range(compiler, &item))
            return;
        class_add(compiler, class, item);
    }
    if (!accept(compiler, "]"))
        fail_wrong(compiler);
    emit(compiler, OP_CLASS, 0, index);
}

static void parse_either(struct compiler *compiler);

static void parse_group(struct compiler *compiler)
{
    if (peek(compiler) == '?' && !accept(compiler, "?:")) {
        fail_unsupported(compiler);
        return;
    }
    if (++compiler->depth > REGEX_DEPTH_MAX) {
        fail(compiler, N_("El patrón de regex es demasiado grande: {2}"));
        return;
    }
    parse_either(compiler);
    compiler->depth--;
    if (!accept(compiler, ")"))
        fail_wrong(compiler);
}

static void parse_escaped_atom(struct compiler *compiler)
{
    struct class_item item;
    struct class *class;

    if (accept(compiler, "b")) {
        emit(compiler, OP_EDGE, 0, 0);
        return;
    }
    if (accept(compiler, "B")) {
        emit(compiler, OP_NO_EDGE, 0, 0);
        return;
    }
    if (!parse_escape(compiler, &item))
        return;
    if (item.kind == CLASS_RANGE) {
        emit(compiler, OP_CHARACTER, 0, item.first);
        return;
    }
    class = class_new(compiler);
    if (!class)
        return;
    class_add(compiler, class, item);
    emit(compiler, OP_CLASS, 0, (uint32_t)compiler->regex->class_count - 1);
}

static void parse_atom(struct compiler *compiler)
{
    char c = peek(compiler);

    if (c == '*' || c == '+' || c == '?') {
        fail_wrong(compiler);
    } else if (accept(compiler, ".")) {
        emit(compiler, OP_ANY, 0, 0);
    } else if (accept(compiler, "^")) {
        emit(compiler, OP_BEGIN, 0, 0);
    } else if (accept(compiler, "$")) {
        emit(compiler, OP_END, 0, 0);
    } else if (accept(compiler, "(")) {
        parse_group(compiler);
    } else if (accept(compiler, "[")) {
        parse_class(compiler);
    } else if (accept(compiler, "\\")) {
        parse_escaped_atom(compiler);
    } else {
        uint32_t code = utf8_next(compiler->pattern, &compiler->at);

        emit(compiler, OP_CHARACTER, 0, code);
    }
}

static bool parse_number(struct compiler *compiler, int *number)
{
    size_t from = compiler->at;

    *number = 0;
    while (peek(compiler) >= '0' && peek(compiler) <= '9') {
        if (*number <= REGEX_REPEAT_MAX)
            *number = *number * 10 + (peek(compiler) - '0');
        compiler->at++;
    }
    return compiler->at > from;
}

/* {m}, {m,} or {m,n}; anything else is a plain brace. */
static bool parse_bounds(struct compiler *compiler, int *min, int *max)
{
    size_t from = compiler->at;

    if (!accept(compiler, "{"))
        return false;
    if (parse_number(compiler, min)) {
        *max = *min;
        if (accept(compiler, ",") && !parse_number(compiler, max))
            *max = -1;
        if (accept(compiler, "}")) {
            if (*min > REGEX_REPEAT_MAX || *max > REGEX_REPEAT_MAX)
                fail(compiler,
                     N_("El patrón de regex es demasiado grande: {2}"));
            else if (*max >= 0 && *max < *min)
                fail_wrong(compiler);
            return true;
        }
    }
    compiler->at = from;
    return false;
}

static void append_copy(struct compiler *compiler,
                        const struct instruction *part, size_t size)
{
    struct regex *regex = compiler->regex;

    if (!reserve(compiler, size))
        return;
    memcpy(regex->program + regex->size, part, size * sizeof *part);
    regex->size += size;
}

static void star(struct compiler *compiler, size_t from)
{
    insert(compiler, from, OP_SPLIT, compiler->regex->size + 2);
    emit(compiler, OP_JUMP, from, 0);
}

/* The part at from, min to max times (-1: no end). */
static void repeat(struct compiler *compiler, size_t from, int min, int max)
{
    struct regex *regex = compiler->regex;
    size_t size = regex->size - from;
    struct instruction *part;

    if (compiler->failed)
        return;
    part = ARENA_ARRAY(compiler->arena, struct instruction, size + 1);
    if (!part) {
        compiler->failed = true;
        return;
    }
    if (size)
        memcpy(part, regex->program + from, size * sizeof *part);
    regex->size = from;
    for (int i = 0; i < min; i++)
        append_copy(compiler, part, size);
    if (max < 0) {
        size_t begin = regex->size;

        append_copy(compiler, part, size);
        star(compiler, begin);
    }
    for (int i = min; i < max && !compiler->failed; i++) {
        emit(compiler, OP_SPLIT, regex->size + 1 + size, 0);
        append_copy(compiler, part, size);
    }
}

static void parse_repeated(struct compiler *compiler)
{
    size_t from = compiler->regex->size;
    int min, max;

    parse_atom(compiler);
    if (compiler->failed)
        return;
    if (accept(compiler, "*")) {
        star(compiler, from);
    } else if (accept(compiler, "+")) {
        emit(compiler, OP_SPLIT, compiler->regex->size + 2, 0);
        emit(compiler, OP_JUMP, from, 0);
    } else if (accept(compiler, "?")) {
        insert(compiler, from, OP_SPLIT, compiler->regex->size + 1);
    } else if (parse_bounds(compiler, &min, &max)) {
        repeat(compiler, from, min, max);
    } else {
        return;
    }
    accept(compiler, "?"); /* lazy: the same question here */
    if (peek(compiler) == '*' || peek(compiler) == '+' || peek(compiler) == '?')
        fail_unsupported(compiler);
}

static void parse_either(struct compiler *compiler)
{
    size_t from = compiler->regex->size, part = from;

    for (;;) {
        while (more(compiler) && peek(compiler) != '|' && peek(compiler) != ')')
            parse_repeated(compiler);
        if (part > from && !compiler->failed)
            compiler->regex->program[part - 1].to =
                (int32_t)(compiler->regex->size - (part - 1));
        if (!accept(compiler, "|"))
            return;
        insert(compiler, from, OP_SPLIT, compiler->regex->size + 2);
        emit(compiler, OP_JUMP, 0, 0);
        part = compiler->regex->size;
    }
}

enum error regex_compile(struct arena *arena, struct str pattern,
                         const struct regex **regex, struct err *err)
{
    struct compiler compiler = {.arena = arena, .pattern = pattern, .err = err};

    compiler.regex = ARENA_NEW(arena, struct regex);
    if (!compiler.regex)
        return err_memory(err);
    if (utf8_invalid(pattern) != SIZE_MAX)
        fail_wrong(&compiler);
    compiler.regex->fold = accept(&compiler, "(?i)");
    parse_either(&compiler);
    if (!compiler.failed && more(&compiler))
        fail_wrong(&compiler);
    emit(&compiler, OP_MATCH, 0, 0);
    if (arena_failed(arena))
        return err_memory(err);
    if (compiler.failed)
        return err && err->code ? err->code : ERROR_SYNTAX;
    *regex = compiler.regex;
    return ERROR_NONE;
}
