/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* template.h - Mustache, compiled once, rendered from a value tree.
 *
 * Interpolation {{x}} (HTML-escaped), {{{x}}} and {{&x}} (raw: tools/raw-list
 * names every use), dotted names, sections, inverted sections, partials with
 * indentation, delimiters, comments, standalone lines: as the public spec.
 *
 * Ours: {{#_}}Texto en español{{/_}} is replaced at compile time by its
 * translation (the tags inside belong to the text; runs of white space are one
 * space). In strict mode a name that no scope has is an error; tests run
 * strict: a view sets null for what may be missing.
 *
 * False for a section: null, false, 0, "", an empty list, nothing there. A
 * list or object interpolated appears as JSON, for data- attributes.
 */
#ifndef COBIJO_TEMPLATE_H
#define COBIJO_TEMPLATE_H

#include "core/translate.h"
#include "core/value.h"

struct template;
struct template_set; /* named templates, partials among them, one language */

struct template_set *template_set_new(struct arena *arena,
                                      const struct translator *translator);
/* name without .html; source must outlive the set. */
enum error template_add(struct template_set *set, struct str name,
                        struct str source, struct err *err);
const struct template *template_find(const struct template_set *set,
                                     struct str name);

struct template_options {
    bool strict;
};
enum { TEMPLATE_DEPTH_MAX = 128 }; /* 20 groups in each other, 4 each */

/* Appends to out; on error out holds what was rendered so far. */
enum error template_render(const struct template_set *set,
                           const struct template *template,
                           const struct value *data,
                           struct template_options options, struct buf *out,
                           struct err *err);

#endif
