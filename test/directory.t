#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# directory.t - the directory in and out, and over HTTP: see directory.mjs
cd "$(dirname "$0")/.." || exit 3
exec node test/directory.mjs
