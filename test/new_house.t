#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# new_house.t - the site key of a house got out: what doc/security.md says to do
# then, command by command. Everybody in it is made up.
cd "$(dirname "$0")/.." || exit 3
. test/tap.sh
unset COBIJO_STORE
old() { "$cobijo" --store "sqlite:$work/old.db" "$@"; }
new() { "$cobijo" --store "sqlite:$work/new.db" "$@"; }
# names, surnames, birth dates, telephones of a CSV, in one order
people() { node -e '
    const csv = require("fs").readFileSync(0, "utf8").trim().split("\n")
        .map(line => [...line.matchAll(/("([^"]|"")*"|[^,]*)(,|$)/g)].map(m => m[1]));
    const at = ["given_names", "first_surname", "second_surname", "sex",
        "nationality", "birth_date"].map(key => csv[0].indexOf(key));
    console.log(csv.slice(1).map(row => at.map(i => row[i]).join(" "))
        .sort().join("\n"));'; }

printf 'una frase larga vieja\n' > "$work/before"
printf 'otra frase larga nueva\n' > "$work/after"
exits "the house whose key got out" 0 old init --site Vieja --admin ana \
    --password-file "$work/before"
exits "with people" 0 old demo --people 12
exits "its log stands, and is closed with a checkpoint" 0 old log checkpoint \
    --out "$work/last.txt"
old export person > "$work/people.csv"
old export directory --format hsds > "$work/places.json"
exits "a new house, with a key of its own" 0 new init --site Nueva --admin ana \
    --password-file "$work/after"
printf 'heading,field,values\nsex,sex,M=M;H=H\n' > "$work/map.csv"
exits "its people are tried" 0 new import person "$work/people.csv" \
    --map "$work/map.csv" --dry-run
exits "and brought" 0 new import person "$work/people.csv" \
    --map "$work/map.csv"
exits "its places are brought" 0 new import place "$work/places.json"
is "all are there" "$(new export person | people | wc -l)" \
    "$(people < "$work/people.csv" | wc -l)"
is "as they were" "$(new export person | people)" \
    "$(people < "$work/people.csv")"
like "and the places" "$(new export directory --format hsds)" 'San Mateo'
exits "the new log verifies" 0 new log verify --open
exits "the old one, against what was closed" 0 old log verify --checkpoint \
    "$work/last.txt"
unlike "nothing of the old key opens the new house" \
    "$(new key status 2>&1; cmp "$work/old.db.keys" "$work/new.db.keys" &&
        echo same)" '^same$'
cp "$work/old.db.keys" "$work/copy.keys"
exits "not even its keys file" 3 "$cobijo" --store "sqlite:$work/new.db" \
    --keys "$work/copy.keys" user list
finish
