/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* regex.h - regular expressions that cost time in proportion to the text.
 *
 * What forms write: literals, ., [classes], \d \w \s \b and their opposites,
 * \p{L} \p{Lu} \p{Ll} \p{N} \p{P}, ^ $, (groups), |, * + ? {m,n} (lazy forms
 * are read and mean the same here), (?i) in front. Characters are code points.
 * Back references and look-around are refused: they are what can explode.
 */
#ifndef COBIJO_REGEX_H
#define COBIJO_REGEX_H

#include "core/err.h"

enum {
    REGEX_PROGRAM_MAX = 4000,
    REGEX_DEPTH_MAX = 50,
    REGEX_REPEAT_MAX = 1000
};

struct regex;

enum error regex_compile(struct arena *arena, struct str pattern,
                         const struct regex **regex, struct err *err);
/* Does the pattern occur anywhere in the text? Anchors are the author's. */
bool regex_search(const struct regex *regex, struct arena *arena,
                  struct str text);

#endif
