#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# expr_same.t - expressions give the same in WebAssembly as natively: the
# program of t_expr_same.c, built for the browser, run by Node.
cd "$(dirname "$0")/.." || exit 3
if [ ! -e build/wasm/t_expr_same.wasm ]; then
    echo "ok 1 - expressions in WebAssembly # SKIP it is not built"
    echo "1..1"
    exit 0
fi
exec node --no-warnings test/expr_same.mjs build/wasm/t_expr_same.wasm
