#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# directory_pg.t - directory.mjs again, on PostgreSQL: imports, the API of HSDS,
# upkeep and exports over a base of its own.
cd "$(dirname "$0")/.." || exit 3
if [ -z "$COBIJO_TEST_PG" ]; then
    echo "1..0 # SKIP COBIJO_TEST_PG is not set"
    exit 0
fi
base=directory_$$
"$COBIJO_PG_BIN/psql" -q -d "$COBIJO_TEST_PG" -c "CREATE DATABASE $base" ||
    exit 3
COBIJO_STORE_URL="${COBIJO_TEST_PG%/*}/$base"
export COBIJO_STORE_URL
exec node test/directory.mjs
