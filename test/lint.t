#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# lint.t - the rules of the house.
cd "$(dirname "$0")/.." || exit 1
out=${COBIJO_BUILD:-build/release}
make -s lint-flags OUT="$out" > /dev/null 2>&1
exec sh tools/lint "$out"
