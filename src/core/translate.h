/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* translate.h - gettext catalogues. The msgid is the Spanish text; a language
 * without a catalogue, or a text without translation, stays Spanish.
 */
#ifndef COBIJO_TRANSLATE_H
#define COBIJO_TRANSLATE_H

#include "core/err.h"
#include "core/str.h"

struct translator; /* immutable once read; may be shared by threads */

/* Reads a .po text (msgid, msgstr, continuation lines, escapes; plural forms
 * and obsolete entries are skipped). Lives in arena. */
enum error translator_read(struct arena *arena, struct str language,
                           struct str po, struct translator **translator,
                           struct err *err);
struct str translator_language(const struct translator *translator);
/* NULL translator, or not found: msgid itself. */
struct str translate(const struct translator *translator, struct str msgid);

#endif
