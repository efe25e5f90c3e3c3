#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# passkey.t - passkeys answered by a program, on SQLite, and again on PostgreSQL where
# COBIJO_TEST_PG names a server.
cd "$(dirname "$0")/.." || exit 3
work=$(mktemp -d) || exit 3
trap 'rm -rf "$work"' EXIT
set -- "sqlite:$work/a.db"
if [ -n "${COBIJO_TEST_PG:-}" ] && command -v psql > /dev/null; then
    base="passkey_$$"
    psql -q "$COBIJO_TEST_PG" -c "CREATE DATABASE $base" > /dev/null 2>&1
    set -- "$@" "${COBIJO_TEST_PG%/*}/$base"
fi
node test/passkey.mjs "$@"
