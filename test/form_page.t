#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# form_page.t - form.wasm checks answers as the server does, byte for byte, is
# small enough for a phone, and quick enough to type along with.
cd "$(dirname "$0")/.." || exit 1
if [ ! -e build/form-wasm/form.wasm ]; then
    echo "1..0 # SKIP build/form-wasm/form.wasm is not built (make form-wasm)"
    exit 0
fi
exec node test/form_page.mjs "${COBIJO_BUILD:-build/sanitize}/form_verify"
