#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# wasm.t - the browser build answers with the same bytes as the native server.
cd "$(dirname "$0")/.." || exit 1
if [ ! -e build/wasm/cobijo.wasm ]; then
    echo "1..0 # SKIP build/wasm/cobijo.wasm is not built (make wasm)"
    exit 0
fi
exec node test/wasm.mjs "${COBIJO_BUILD:-build/sanitize}/wasm_server"
