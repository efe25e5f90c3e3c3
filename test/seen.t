#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# seen.t - who opened a file is in the log while the server runs, long before
# its next tick, and stays there when it is killed.
cd "$(dirname "$0")/.." || exit 3
. test/tap.sh
COBIJO_STORE=sqlite:$work/casa.db
export COBIJO_STORE

printf 'una frase larga\n' > "$work/password"
exits "a house" 0 "$cobijo" init --site Prueba --admin jefa \
    --password-file "$work/password"
exits "with people" 0 "$cobijo" demo --people 5
token=$("$cobijo" token add programa --role admin | tail -n 1)
"$cobijo" export person | sed -n 's/^\([0-9a-f-]\{36\}\),.*/\1/p' \
    > "$work/people"

# One after the other: after the line of one, the tick of ten seconds would
# come ten seconds later for the next, forty in all.
start_server
lines() { "$cobijo" log seen "$1" 2> /dev/null | grep -c token:programa; }
began=$(date +%s)
for person in $(head -n 4 "$work/people"); do
    is "a file is opened" "$(curl -s -o /dev/null -w '%{http_code}' \
        -H "Authorization: Bearer $token" "$url/person/$person")" 200
    while [ "$(lines "$person")" -eq 0 ] &&
        [ $(($(date +%s) - began)) -lt 100 ]; do :; done
done
ok "who opened them stands in the log at once" \
    [ $(($(date +%s) - began)) -lt 25 ]
kill -KILL "$server"
wait "$server" 2> /dev/null
for person in $(head -n 4 "$work/people"); do
    like "and stays when the server is killed" "$(lines "$person")" '^[1-9]'
done
exits "the log verifies" 0 "$cobijo" log verify
finish
