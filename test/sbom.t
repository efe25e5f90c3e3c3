#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# sbom.t - the bill of materials names every library that the program loads.
cd "$(dirname "$0")/.." || exit 3
. test/tap.sh
command -v dpkg-query > /dev/null || { echo "1..0 # SKIP no dpkg"; exit 0; }
program=${COBIJO:-build/release/cobijo}
[ -x "$program" ] || { echo "1..0 # SKIP no $program"; exit 0; }
exits "it is written" 0 sh -c \
    "node tools/sbom.mjs $program > '$work/one.json'"
node tools/sbom.mjs "$program" > "$work/two.json"
ok "the same bytes each time" cmp "$work/one.json" "$work/two.json"
# said NAME: is it among the components?
node -e 'const b = JSON.parse(require("fs").readFileSync(process.argv[1]));
    if (b.bomFormat === "CycloneDX")
        for (const c of b.components) console.log(JSON.stringify(c))' \
    "$work/one.json" > "$work/components"
said() { grep -qF -- "$1" "$work/components"; }
ldd "$program" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' > "$work/loaded"
ok "the program loads libraries" test -s "$work/loaded"
while read -r path; do
    ok "$(basename "$path")" said "$(realpath "$path")"
done < "$work/loaded"
for name in pico better-sqlite3-multiple-ciphers; do
    ok "$name" said "$name"
done
finish
