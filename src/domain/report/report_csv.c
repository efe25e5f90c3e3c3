/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* report_csv.c - the report as lines for a spreadsheet. */
#include "domain/report/report.h"

static void put_value(struct task *task, struct buf *out,
                      const struct value *value)
{
    buf_put_csv(out, value_type(value) == VALUE_NULL
                         ? STR("")
                         : value_as_text(value, task->arena));
}

static void put_line(struct task *task, struct buf *out,
                     const struct value *indicator, struct str dimension,
                     const struct value *cell)
{
    bool share = value_to_bool(value_get(indicator, "share"), false);
    const struct value *figure =
        cell ? value_get(cell, "count") : value_get(indicator, "value");
    const struct value *of =
        cell ? value_get(cell, "of") : value_get(indicator, "denominator");

    buf_put_csv(out, value_text_of(indicator, "code"));
    buf_putc(out, ',');
    buf_put_csv(out, value_text_of(indicator, "version"));
    buf_putc(out, ',');
    buf_put_csv(out, value_text_of(indicator, "label"));
    buf_putc(out, ',');
    buf_put_csv(out, dimension);
    buf_putc(out, ',');
    buf_put_csv(out, cell ? value_text_of(cell, "code") : STR(""));
    buf_putc(out, ',');
    buf_put_csv(out, cell ? value_text_of(cell, "label") : STR(""));
    buf_putc(out, ',');
    put_value(task, out, figure);
    buf_putc(out, ',');
    if (share)
        put_value(task, out, of);
    buf_putc(out, ',');
    buf_put_csv(out, value_text_of(indicator, "unit"));
    buf_putc(out, ',');
    buf_put_csv(out, value_text_of(indicator, "how_counted"));
    buf_puts(out, "\r\n");
}

void report_csv(struct task *task, const struct value *report, struct buf *out)
{
    const struct value *list = value_get(report, "indicators");

    buf_puts(out, "indicator,version,label,disaggregation,code,name,value,of,"
                  "unit,how_counted\r\n");
    for (size_t i = 0; i < value_count(list); i++) {
        const struct value *indicator = value_at(list, i);
        const struct value *by = value_get(indicator, "by");
        const struct value *rows = value_get(indicator, "rows");

        put_line(task, out, indicator, STR("total"), NULL);
        for (size_t j = 0; j < value_count(by); j++) {
            const struct value *cells = value_at(by, j);

            for (size_t k = 0; k < value_count(cells); k++)
                put_line(task, out, indicator, value_name_at(by, j),
                         value_at(cells, k));
        }
        for (size_t j = 0; j < value_count(rows); j++)
            put_line(task, out, indicator, STR("kind"), value_at(rows, j));
    }
}
