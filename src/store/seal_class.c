/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* seal_class.c - what the classes of keys are called. */
#include "store/sealing.h"

static const char *const class_names[SEAL_CLASSES] = {
    [SEAL_IDENTITY] = "identity", [SEAL_STORY] = "story",
    [SEAL_HEALTH] = "health",     [SEAL_LEGAL] = "legal",
    [SEAL_CONTACT] = "contact",   [SEAL_OTHER] = "other"};

const char *seal_class_name(enum seal_class class)
{
    return class_names[class];
}

enum seal_class seal_class_named(struct str name)
{
    for (enum seal_class class = SEAL_IDENTITY; class < SEAL_CLASSES; class ++)
        if (str_equal_c(name, class_names[class]))
            return class;
    return (enum seal_class)0;
}
