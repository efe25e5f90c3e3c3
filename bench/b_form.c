/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* b_form.c - how fast a large form is read and written as XForm: 1,000
 * questions in 50 groups, two languages, 10,000 choices in 100 lists. Beside
 * it, what no reader can go below: its bytes looked at once, copied once, and
 * split into cells. The best of nine rounds each, interleaved.
 *
 *     b_form [QUESTIONS [CHOICES]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/csv.h"
#include "form/xform/xform.h"

enum { ROUNDS = 9, LISTS = 100, GROUP = 20 };

enum part { LOOK, COPY, CELLS, STORED, READ, WRITE, PARTS };

static const char *const names[PARTS] = {
    "every byte looked at (memchr)", "copied (memcpy)", "split into cells",
    "read as a form to store",       "read as XLSForm", "XForm written"};

static void survey(struct buf *out, int questions, int lists)
{
    buf_puts(out, "survey,,,,,,,\n,type,name,label::Español (es),"
                  "label::English (en),relevant,constraint,calculation\n");
    for (int i = 0; i < questions; i++) {
        if (i % GROUP == 0)
            buf_printf(out, ",begin_group,g%d,Grupo %d,Group %d,,,\n", i, i, i);
        if (i % 10 == 9)
            buf_printf(out, ",calculate,q%d,,,,,${q%d} + 1\n", i, i - 3);
        else if (i % 10 == 6)
            buf_printf(out,
                       ",integer,q%d,¿Cuántos son en %d?,How many in %d?,"
                       "${q%d} != '',. >= 0 and . < 100,\n",
                       i, i, i, i - 1);
        else if (i % 3 == 0)
            buf_printf(out,
                       ",select_one l%d,q%d,¿Cuál es la opción %d?,"
                       "Which is choice %d?,,,\n",
                       i % lists, i, i, i);
        else
            buf_printf(out,
                       ",text,q%d,Diga el número %d,Say the number %d,,,\n", i,
                       i, i);
        if (i % GROUP == GROUP - 1 || i == questions - 1)
            buf_puts(out, ",end_group,,,,,,\n");
    }
}

static struct str form_make(struct arena *arena, int questions, int choices)
{
    struct buf out;

    buf_init(&out, arena);
    survey(&out, questions, LISTS);
    buf_puts(&out, "choices,,,,,,,\n,list_name,name,label::Español (es),"
                   "label::English (en),state,,\n");
    for (int i = 0; i < choices; i++)
        buf_printf(&out, ",l%d,c%d,Opción número %d,Choice number %d,s%d,,\n",
                   i % LISTS, i, i, i, i % 32);
    buf_puts(&out, "settings,,,,,,,\n,form_id,version,default_language,,,,\n"
                   ",big,1,Español (es),,,,\n");
    return buf_str(&out);
}

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec * 1e3 + (double)time.tv_nsec / 1e6;
}

static size_t lines_count(struct str text)
{
    size_t count = 0;

    for (const char *at = text.at;
         (at = memchr(at, '\n', (size_t)(text.at + text.size - at))); at++)
        count++;
    return count;
}

static size_t cells_count(struct arena *arena, struct str text)
{
    struct csv_row row;
    struct err err = {0};
    struct csv csv;
    size_t count = 0;

    csv_init(&csv, text, ',');
    while (csv_next(&csv, arena, &row, &err))
        count += row.count;
    return count;
}

static void round_run(struct arena *arena, struct str text, double *best,
                      size_t *size)
{
    double at[PARTS + 1];
    struct form_problems problems = {0};
    struct xls_book book = {0};
    struct err err = {0};
    struct xls *xls;
    char *copy = arena_alloc(arena, text.size);

    at[LOOK] = now();
    size[LOOK] = lines_count(text);
    at[COPY] = now();
    memcpy(copy, text.at, text.size);
    at[CELLS] = now();
    size[CELLS] = cells_count(arena, text);
    at[STORED] = now();
    if (!xlsform_read(arena, text, NULL, &problems))
        exit(1);
    at[READ] = now();
    if (!xls_book_csv(arena, text, &book, &err))
        exit(1);
    xls = xls_read(arena, &book, STR("data"), STR("big"), &problems);
    if (!xls)
        exit(1);
    at[WRITE] = now();
    size[WRITE] = xform_write(xls).size;
    at[PARTS] = now();
    for (int i = 0; i < PARTS; i++)
        if (best[i] == 0 || at[i + 1] - at[i] < best[i])
            best[i] = at[i + 1] - at[i];
}

int main(int count, char **argument)
{
    int questions = count > 1 ? (int)strtol(argument[1], NULL, 10) : 1000;
    int choices = count > 2 ? (int)strtol(argument[2], NULL, 10) : 10000;
    struct arena kept, arena;
    double best[PARTS] = {0};
    size_t size[PARTS] = {0};
    struct str text;

    arena_init(&kept, NULL);
    arena_init(&arena, NULL);
    text = form_make(&kept, questions, choices);
    for (int i = 0; i < ROUNDS; i++) {
        round_run(&arena, text, best, size);
        arena_clear(&arena);
    }
    printf("%d questions, %d choices, %zu KB, XForm %zu KB\n", questions,
           choices, text.size / 1024, size[WRITE] / 1024);
    for (int i = 0; i < PARTS; i++)
        printf("%-32s %8.2f ms %8.1f x split into cells\n", names[i], best[i],
               best[i] / best[CELLS]);
    arena_release(&arena);
    arena_release(&kept);
    return 0;
}
