#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# alert.t - alerts from one house to another on SQLite, and again on PostgreSQL
# where COBIJO_TEST_PG names a server.
cd "$(dirname "$0")/.." || exit 3
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
set -- "sqlite:$work/a.db" "sqlite:$work/b.db"
if [ -n "${COBIJO_TEST_PG:-}" ] && command -v psql > /dev/null; then
    for base in "alert_a_$$" "alert_b_$$"; do
        psql -q "$COBIJO_TEST_PG" -c "CREATE DATABASE $base" > /dev/null 2>&1
        set -- "$@" "${COBIJO_TEST_PG%/*}/$base"
    done
fi
node test/alert.mjs "$@"
