#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# data.t - forms/ and catalog/ agree with each other; rules say what they
# should. Only node is needed.
command -v node >/dev/null || { echo "1..0 # SKIP node is not installed"; exit 0; }
exec node "$(dirname "$0")/data_check.mjs"
