#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# what is kept of public pages is true when another process writes: kept.mjs,
# on PostgreSQL too where COBIJO_TEST_PG names a server
set -- ''
if [ -n "${COBIJO_TEST_PG:-}" ] && [ -n "${COBIJO_PG_BIN:-}" ]; then
    base=kept_$$
    "$COBIJO_PG_BIN/psql" -q -d "$COBIJO_TEST_PG" -c "CREATE DATABASE $base" &&
        set -- "$@" "${COBIJO_TEST_PG%/*}/$base"
fi
exec node test/kept.mjs "$@"
