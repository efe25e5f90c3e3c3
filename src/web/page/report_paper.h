/* SPDX-License-Identifier: AGPL-3.0-or-later */
/* report_paper.h - the report as one file that needs nothing else, for the
 * command line.
 */
#ifndef COBIJO_REPORT_PAPER_H
#define COBIJO_REPORT_PAPER_H

#include "domain/report/report.h"
#include "web/app.h"

/* HTML of report_monthly's tree in the task's language. */
enum error report_paper(struct app *app, const struct task *task,
                        struct period period, const struct value *report,
                        struct str *html, struct err *err);

#endif
