/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* regex_program.h - what a pattern is compiled to: between regex_compile.c,
 * which writes it, and regex.c, which runs it. */
#ifndef COBIJO_REGEX_PROGRAM_H
#define COBIJO_REGEX_PROGRAM_H

#include "form/expr/regex.h"

enum opcode {
    OP_CHARACTER, /* argument: the code point */
    OP_ANY,       /* all but a line end */
    OP_CLASS,     /* argument: index of the class */
    OP_SPLIT,     /* goes on behind it and at to */
    OP_JUMP,      /* to */
    OP_BEGIN,
    OP_END,
    OP_EDGE,    /* \b */
    OP_NO_EDGE, /* \B */
    OP_MATCH
};

struct instruction {
    enum opcode opcode;
    int32_t to; /* relative to itself */
    uint32_t argument;
};

enum class_kind {
    CLASS_RANGE,
    CLASS_DIGIT,
    CLASS_WORD,
    CLASS_SPACE,
    CLASS_LETTER,
    CLASS_UPPER,
    CLASS_LOWER,
    CLASS_NUMBER,
    CLASS_PUNCTUATION
};

struct class_item {
    enum class_kind kind;
    bool negated;
    uint32_t first, last;
};

struct class
{
    struct class_item *item;
    size_t count;
    bool negated;
};

struct regex {
    struct instruction *program;
    size_t size;
    struct class *class;
    size_t class_count;
    bool fold; /* (?i) */
};

#endif
