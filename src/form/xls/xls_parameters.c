/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* xls_parameters.c - the column parameters: key=value pairs, which keys a type
 * takes and what they may say. range has its own file. */
#include "form/xls/xls_read.h"

static const struct accepted {
    const char *type, *keys; /* in the order they are told */
} accepted[] = {
    {"text", "rows"},
    {"range", "end, placeholder, start, step, tick_interval, tick_labelset"},
    {"photo", "app, max-pixels"},
    {"audio", "quality"},
    {"background-audio", "quality"},
    {"geopoint", "allow-mock-accuracy, capture-accuracy, reference-geometry, "
                 "warning-accuracy"},
    {"geotrace", "allow-mock-accuracy, incremental, reference-geometry"},
    {"geoshape", "allow-mock-accuracy, incremental, reference-geometry"},
    {"select one", "randomize, seed"},
    {"select all that apply", "randomize, seed"},
    {"rank", "randomize, seed"},
    {"audit", "identify-user, location-max-age, location-min-interval, "
              "location-priority, track-changes, track-changes-reasons"},
};

static const char *keys_of(const struct xls_node *node)
{
    if (node->type->kind == XLS_SELECT && node->file.size > 0)
        return "label, randomize, seed, value";
    for (size_t i = 0; i < sizeof accepted / sizeof accepted[0]; i++)
        if (strcmp(accepted[i].type, node->type->name) == 0)
            return accepted[i].keys;
    return NULL;
}

static bool key_accepted(const char *keys, struct str key)
{
    struct str rest = str_of(keys), one;

    while (str_cut(&rest, ',', &one))
        if (str_equal(str_trim(one), key))
            return true;
    return false;
}

static bool is_separator(char c)
{
    return c == ' ' || c == ',' || c == ';' || c == '\t' || c == '\n';
}

/* False when the cell is no list of key=value. */
static bool pairs_read(struct xls *xls, struct xls_node *node)
{
    struct str text = node->cell[XLS_CELL_PARAMETERS];
    size_t at = 0;

    while (at < text.size) {
        size_t from = at, equal;
        struct str pair;

        while (at < text.size && !is_separator(text.at[at]))
            at++;
        pair = str_slice(text, from, at++);
        if (pair.size == 0)
            continue;
        equal = str_find_char(pair, '=');
        if (equal == SIZE_MAX || equal == 0 ||
            str_find_char(str_slice(pair, equal + 1, pair.size), '=') <
                SIZE_MAX) {
            xls_node_problem(xls, XLS_SURVEY_004, node, "parameters", pair,
                             STR(""));
            return false;
        }
        xls_attribute_set(xls->arena, &node->parameter,
                          xls_lower(xls->arena, str_slice(pair, 0, equal)),
                          str_slice(pair, equal + 1, pair.size), NULL);
    }
    return true;
}

static void keys_check(struct xls *xls, struct xls_node *node)
{
    const char *keys = keys_of(node);

    for (size_t i = 0; keys && i < node->parameter.count; i++)
        if (!key_accepted(keys, node->parameter.attribute[i].name))
            xls_node_problem(xls, XLS_SURVEY_005, node, "parameters",
                             node->parameter.attribute[i].name, str_of(keys));
}

static void tell(struct xls *xls, enum xls_problem problem,
                 struct xls_node *node, struct str arg1, struct str arg2)
{
    xls_node_problem(xls, problem, node, "parameters", arg1, arg2);
}

static bool is_whole(struct str text)
{
    int64_t whole;

    return str_to_int(text, &whole);
}

static bool is_numeric(struct str text)
{
    double number;

    return str_to_double(text, &number);
}

static void bind_set(struct xls *xls, struct xls_node *node, const char *name,
                     struct str value)
{
    xls_attribute_set(xls->arena, &node->bind, str_of(name), value, NULL);
}

static void control_set(struct xls *xls, struct xls_node *node,
                        const char *name, struct str value)
{
    xls_attribute_set(xls->arena, &node->control, str_of(name), value, NULL);
}

static struct str get(const struct xls_node *node, const char *name)
{
    return xls_attribute_get(&node->parameter, name);
}

static void quality(struct xls *xls, struct xls_node *node)
{
    static const char *const audio[] = {"voice-only", "low", "normal",
                                        "external", NULL};
    static const char *const background[] = {"voice-only", "low", "normal",
                                             NULL};
    bool in_front = strcmp(node->type->name, "audio") == 0;
    struct str value = get(node, "quality");

    if (!value.at)
        return;
    if (!xls_one_of(value, in_front ? audio : background))
        tell(xls, XLS_QUALITY, node, value,
             in_front ? STR("voice-only, low, normal, external")
                      : STR("voice-only, low, normal"));
    else if (in_front)
        bind_set(xls, node, "odk:quality", value);
}

/* org.ejemplo.app: two words or more of letters, digits and _. */
static bool is_android_package(struct str name)
{
    bool start = true;
    size_t dots = 0;

    for (size_t i = 0; i < name.size; i++) {
        char c = name.at[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (c == '.') {
            if (start)
                return false;
            dots++;
            start = true;
            continue;
        }
        if (!letter && (start || !((c >= '0' && c <= '9') || c == '_')))
            return false;
        start = false;
    }
    return dots > 0 && !start;
}

static void photo(struct xls *xls, struct xls_node *node)
{
    struct str pixels = get(node, "max-pixels"), app = get(node, "app");
    struct str appearance = xls_attribute_get(&node->control, "appearance");

    if (!pixels.at)
        tell(xls, XLS_MAX_PIXELS_NONE, node, STR(""), STR(""));
    else if (!is_whole(pixels))
        tell(xls, XLS_MAX_PIXELS, node, pixels, STR(""));
    else
        bind_set(xls, node, "orx:max-pixels", pixels);
    if (!app.at)
        return;
    if (appearance.size > 0 && !str_equal_c(appearance, "annotate"))
        return;
    if (!is_android_package(app))
        tell(xls, XLS_APP, node, app, STR(""));
    else
        control_set(xls, node, "intent", app);
}

static void geo(struct xls *xls, struct xls_node *node)
{
    struct str mock = get(node, "allow-mock-accuracy");
    struct str capture = get(node, "capture-accuracy");
    struct str warning = get(node, "warning-accuracy");
    struct str incremental = get(node, "incremental");

    if (mock.at && !str_equal_c(mock, "true") && !str_equal_c(mock, "false"))
        tell(xls, XLS_SURVEY_009, node, mock, STR(""));
    else if (mock.at)
        bind_set(xls, node, "odk:allow-mock-accuracy", mock);
    if (capture.at && !is_numeric(capture))
        tell(xls, XLS_SURVEY_007, node, capture, STR(""));
    else if (capture.at)
        control_set(xls, node, "accuracyThreshold", capture);
    if (warning.at && !is_numeric(warning))
        tell(xls, XLS_SURVEY_008, node, warning, STR(""));
    else if (warning.at)
        control_set(xls, node, "unacceptableAccuracyThreshold", warning);
    if (incremental.at && !xls_yes(incremental))
        tell(xls, XLS_SURVEY_003, node, incremental, STR(""));
    else if (incremental.at)
        control_set(xls, node, "incremental", STR("true"));
}

static void audit_location(struct xls *xls, struct xls_node *node)
{
    static const char *const priorities[] = {"no-power", "low-power",
                                             "balanced", "high-accuracy", NULL};
    struct str priority = get(node, "location-priority");
    struct str interval = get(node, "location-min-interval");
    struct str age = get(node, "location-max-age");
    int64_t least = 0, most = 0;

    if (!priority.at && !interval.at && !age.at)
        return;
    if (!priority.at || !interval.at || !age.at) {
        tell(xls, XLS_AUDIT_LOCATION, node, STR(""), STR(""));
        return;
    }
    if (!xls_one_of(priority, priorities))
        tell(xls, XLS_AUDIT_PRIORITY, node, priority, STR(""));
    if (!str_to_int(interval, &least) || least < 0)
        tell(xls, XLS_AUDIT_NUMBER, node, STR("location-min-interval"),
             interval);
    else if (!str_to_int(age, &most) || most < 0)
        tell(xls, XLS_AUDIT_NUMBER, node, STR("location-max-age"), age);
    else if (most < least)
        tell(xls, XLS_AUDIT_AGE, node, STR(""), STR(""));
    bind_set(xls, node, "odk:location-max-age", age);
    bind_set(xls, node, "odk:location-min-interval", interval);
    bind_set(xls, node, "odk:location-priority", priority);
}

static void audit(struct xls *xls, struct xls_node *node)
{
    static const char *const flags[][2] = {
        {"track-changes", "odk:track-changes"},
        {"identify-user", "odk:identify-user"}};
    struct str reasons = get(node, "track-changes-reasons");

    audit_location(xls, node);
    for (size_t i = 0; i < 2; i++) {
        struct str value = get(node, flags[i][0]);

        if (!value.at)
            continue;
        if (!str_equal_c(value, "true") && !str_equal_c(value, "false"))
            tell(xls, XLS_AUDIT_BOOLEAN, node, str_of(flags[i][0]), value);
        bind_set(xls, node, flags[i][1], value);
    }
    if (!reasons.at)
        return;
    if (!str_equal_c(reasons, "on-form-edit"))
        tell(xls, XLS_AUDIT_REASONS, node, reasons, STR(""));
    bind_set(xls, node, "odk:track-changes-reasons", reasons);
}

/* The columns of the file that are value and label. */
static void file_columns(struct xls *xls, struct xls_node *node)
{
    static const char *const names[][2] = {{"value", "parameters (value)"},
                                           {"label", "parameters (label)"}};

    for (size_t i = 0; i < 2 && node->file.size > 0; i++) {
        struct str value = get(node, names[i][0]);

        if (value.at && !xls_name_good(value))
            xls_node_problem(xls, XLS_NAMES_008, node, names[i][1], value,
                             STR(""));
    }
}

static void randomize(struct xls *xls, struct xls_node *node)
{
    struct str value = get(node, "randomize"), seed = get(node, "seed"), name;

    if (value.at && !xls_yes(value) && !xls_no(value))
        tell(xls, XLS_RANDOMIZE, node, value, STR(""));
    if (!seed.at)
        return;
    if (!value.at || !xls_yes(value))
        tell(xls, XLS_SEED_ALONE, node, STR(""), STR(""));
    else if (!is_numeric(seed) && !xls_is_reference(seed, &name))
        tell(xls, XLS_SEED_VALUE, node, seed, STR(""));
}

static void selecting(struct xls *xls, struct xls_node *node)
{
    file_columns(xls, node);
    randomize(xls, node);
}

void xls_parameters(struct xls *xls, struct xls_node *node)
{
    const char *type = node->type->name;
    struct str rows;

    if (node->generated || !pairs_read(xls, node))
        return;
    keys_check(xls, node);
    rows = get(node, "rows");
    if (strcmp(type, "text") == 0 && rows.at) {
        if (is_whole(rows))
            control_set(xls, node, "rows", rows);
        else
            tell(xls, XLS_ROWS, node, rows, STR(""));
    }
    if (str_find(str_of(type), STR("audio")) < SIZE_MAX)
        quality(xls, node);
    else if (strcmp(type, "photo") == 0)
        photo(xls, node);
    else if (str_starts(str_of(node->type->bind), STR("geo")))
        geo(xls, node);
    else if (node->type->kind == XLS_AUDIT)
        audit(xls, node);
    else if (node->type->kind == XLS_SELECT)
        selecting(xls, node);
    else if (node->type->kind == XLS_RANGE)
        xls_range(xls, node);
}
