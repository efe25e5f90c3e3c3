#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# print.t - forms on paper: every question once, none torn, sums by hand right.
cd "$(dirname "$0")/.." || exit 1
if ! command -v pdftotext > /dev/null; then
    echo "1..0 # SKIP pdftotext (poppler-utils) is not installed"
    exit 0
fi
exec node test/paper.mjs
