#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# replay.t - everything a fuzzer once found, and its seeds, through the
# sanitized build.
cd "$(dirname "$0")/.." || exit 3
build=${COBIJO_BUILD:-build/sanitize}
count=0 failed=0
for target in fuzz/fuzz_*.c; do
    name=${target#fuzz/fuzz_}
    name=${name%.c}
    set --
    for file in fuzz/regress/"$name"/* fuzz/seed/"$name"/*; do
        [ -f "$file" ] && set -- "$@" "$file"
    done
    if [ ! -x "$build/fuzz/$name" ]; then
        count=$((count + 1)) failed=$((failed + 1))
        echo "not ok $count - $name is not built"
        continue
    fi
    out=$("$build/fuzz/$name" "$@" 2>&1)
    code=$?
    count=$((count + 1))
    if [ $code -eq 0 ]; then
        echo "ok $count - $name: $# files"
    else
        echo "not ok $count - $name: exit $code"
        echo "$out" | grep -v '^ok ' | head -n 40 | sed 's/^/# /'
        failed=$((failed + 1))
    fi
done
echo "1..$count"
[ $failed -eq 0 ]
