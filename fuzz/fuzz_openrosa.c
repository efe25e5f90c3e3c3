/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* fuzz_openrosa.c - a submission as it comes over the wire: a multipart body
 * (its boundary in the first line) or the bare XML, read as an instance of a
 * form with groups, nested repeats, files and entities, then checked as a save
 * checks it. No store. Every refusal has a reason; what is taken are answers
 * that the form knows, in UTF-8.
 *
 * openrosa_read.c is built in here with an office of one form: forms_find and
 * its neighbours below are all it asks of the domain.
 */
#include "domain/openrosa/openrosa_read.c"

#include "core/utf8.h"
#include "form/check.h"
#include "form/read/xml_tree.h"
#include "web/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static const char source[] =
    "survey,,,,,,,\n,type,name,label,constraint,relevant,save_to,calculation\n"
    ",start,start,,,,,\n,deviceid,deviceid,,,,,\n,audit,audit,,,,,\n"
    ",begin_group,g,G,,,,\n,text,lugar,L,,,title,\n"
    ",integer,cuantas,C,. < 500,,,\n,select_multiple s,s,S,,,,\n"
    ",geopoint,punto,P,,,,\n,end_group,,,,,,\n,image,foto,F,,,,\n"
    ",date,fecha,D,,${cuantas} > 1,,\n"
    ",begin_repeat,fila,R,,,,\n,text,nombre,N,\"regex(., 'a+b*')\",,,\n"
    ",begin_repeat,dentro,R,,,,\n,decimal,peso,W,,,,\n,audio,voz,V,,,,\n"
    ",end_repeat,,,,,,\n,end_repeat,,,,,,\n"
    ",calculate,total,,,,,${cuantas} + 1\n"
    "choices,,,,,,,\n,list_name,name,label,,,,\n,s,a,A,,,,\n,s,b,B,,,,\n"
    "entities,,,,,,,\n,list_name,label,create_if,update_if,entity_id,,\n"
    ",lugares,${lugar},${cuantas} > 0,${cuantas} > 3,${lugar},,\n"
    "settings,,,,,,,\n,form_id,form_title,version,,,,\n,v,V,1,,,,\n";

static struct {
    struct arena arena;
    const struct form *form;
    struct openrosa_kept kept;
    struct host host;
    struct office office;
    struct role role;
} here;

/* --- what the domain would say -------------------------------------------- */

const struct form *forms_find(const struct forms *forms, struct str name,
                              struct str version)
{
    (void)forms;
    if (version.size && !str_equal_c(version, "1"))
        return NULL;
    return str_equal_c(name, "v") || str_equal_c(name, "lugares") ? here.form
                                                                  : NULL;
}

bool openrosa_offers(const struct task *task, const struct form *form)
{
    (void)task;
    return form == here.form;
}

const struct role *role_widest(const struct role *role, struct str kind)
{
    (void)kind;
    return role;
}

bool role_reads(const struct role *role, const struct question *question)
{
    (void)role;
    return question->name.size % 2;
}

struct str task_uuid(const struct task *task, struct str a, struct str b)
{
    (void)task;
    (void)a;
    (void)b;
    return STR("00000000-0000-8000-8000-000000000000");
}

const struct openrosa_kept *openrosa_kept(const struct task *task,
                                          const struct form *form)
{
    (void)task;
    (void)form;
    return &here.kept;
}

bool openrosa_kept_has(const struct openrosa_kept *kept, struct str node)
{
    for (size_t i = 0; i < kept->xls->nodes; i++)
        if (str_equal(kept->xls->node[i]->name, node))
            return true;
    return false;
}

static void hash(void *context, const struct str *part, size_t count,
                 unsigned char out[32])
{
    (void)context;
    memset(out, 0, 32);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < part[i].size; j++)
            out[j % 32] = (unsigned char)(out[j % 32] * 31 + part[i].at[j]);
}

static void begin(void)
{
    struct form_problems problems = {0};
    struct xls_book book = {0};
    struct err err = {0};

    here.host.hash = hash;
    here.office.host = &here.host;
    here.office.read_xml = xml_tree_read;
    here.form = xlsform_read(&here.arena, str_of(source),
                             &(struct form_files){0}, &problems);
    if (xls_book_csv(&here.arena, str_of(source), &book, &err))
        here.kept.xls =
            xls_read(&here.arena, &book, STR("data"), STR("v"), &problems);
    if (!here.form || !here.kept.xls) {
        for (size_t i = 0; i < problems.count; i++)
            fprintf(stderr, "%.*s %zu: %s\n",
                    STR_ARGS(problems.problem[i].sheet),
                    problems.problem[i].row, problems.problem[i].err.message);
        abort();
    }
    here.kept.xml = STR("<h:html/>");
}

/* --- what comes out ------------------------------------------------------- */

static void check_answers(const struct question *repeat,
                          const struct value *answers)
{
    for (size_t i = 0; i < value_count(answers); i++) {
        const struct value *answer = value_at(answers, i);
        const struct question *question =
            repeat ? form_find_in(here.form, repeat, value_name_at(answers, i))
                   : form_find(here.form, value_name_at(answers, i));

        if (!question || question->system || question->calculation ||
            utf8_invalid(value_text(answer)) != SIZE_MAX)
            abort();
        for (size_t j = 0; j < value_count(answer); j++)
            check_answers(question, value_at(answer, j));
    }
}

static void read_instance(struct arena *arena, struct str xml)
{
    struct check_options options = {.language = STR("es"),
                                    .now = 1795370400000,
                                    .defaults = true,
                                    .keep_system = true};
    struct task task = {.office = &here.office, .arena = arena};
    struct openrosa_instance instance;
    struct check_result result = {0};
    struct err err = {0};
    enum error error;

    task.actor.role = &here.role;
    error = openrosa_read(&task, xml, &instance, &err);
    if (error != err.code || (error && !err.message && error != ERROR_MEMORY))
        abort();
    if (error)
        return;
    if (instance.form != here.form || !instance.id.size)
        abort();
    check_answers(NULL, instance.answers);
    for (size_t i = 0; i < instance.entities; i++)
        if (!is_uuid(instance.entity[i].id))
            abort();
    form_check(here.form, instance.answers, &options, arena, &result, &err);
}

static void read_post(struct arena *arena, struct str text)
{
    struct str rest = text, line;
    struct header header = {STR("content-type"), STR_NULL};
    struct request request = {.arena = arena, .header = &header, .headers = 1};
    const struct value *fields = NULL, *xml;
    struct err err = {0};

    str_cut(&rest, '\n', &line);
    header.value = str_join(arena, STR("multipart/form-data; boundary="),
                            str_trim(str_slice(line, 2, line.size)));
    request.body = text;
    if (body_parse(arena, &request, &fields, &err))
        return;
    xml = value_get(fields, "xml_submission_file");
    read_instance(arena, value_type(xml) == VALUE_OBJECT
                             ? value_text_of(xml, "bytes")
                             : value_text(xml));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct str text = {(const char *)bytes, size};
    struct arena arena;

    if (!here.form)
        begin();
    arena_init(&arena, NULL);
    arena.limit = 64 << 20;
    if (str_starts(text, STR("--")))
        read_post(&arena, text);
    else
        read_instance(&arena, text);
    arena_release(&arena);
    return 0;
}
