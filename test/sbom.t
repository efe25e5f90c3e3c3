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
said() { node -e 'const b = JSON.parse(require("fs").readFileSync(process.argv[1]));
    const c = b.components.map(c => JSON.stringify(c));
    process.exit(b.bomFormat === "CycloneDX" && c.some(t => t.includes(process.argv[2])) ? 0 : 1)' \
    "$work/one.json" "$1"; }
ldd "$program" | sed -n 's/.*=> \(\/[^ ]*\) .*/\1/p' > "$work/loaded"
ok "the program loads libraries" test -s "$work/loaded"
while read -r path; do
    ok "$(basename "$path")" said "$(realpath "$path")"
done < "$work/loaded"
for name in pico better-sqlite3-multiple-ciphers; do
    ok "$name" said "$name"
done
finish
