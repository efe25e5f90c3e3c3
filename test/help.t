#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# help.t - the box for messages from outside: what is kept on the disk and in
# the log, a closed house that takes none and says so. Everybody in it is made up.
cd "$(dirname "$0")/.." || exit 3
. test/tap.sh
command -v curl > /dev/null || { echo "1..0 # SKIP no curl"; exit 0; }
if [ "$(stat -f -c %T /dev/shm)" != tmpfs ]; then
    echo "1..0 # SKIP no tmpfs"
    exit 0
fi
run=$(mktemp -d /dev/shm/cobijo-test.XXXXXX) || exit 3
trap 'rm -rf "$run"; tap_cleanup' EXIT
XDG_RUNTIME_DIR=$run
COBIJO_STORE=sqlite:$work/a.db
export XDG_RUNTIME_DIR COBIJO_STORE
unset COBIJO_KEYS
printf 'una frase larga\n' > "$work/password"
json='Accept: application/json'
field() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" "$work/body"; }
ask()
{
    path=$1
    shift
    curl -s -o "$work/body" -D "$work/head" -w '%{http_code}' -H "$json" \
        "$@" "$url$path"
}

exits "init" 0 "$cobijo" init --admin Ana --password-file "$work/password"
ok "the server starts" start_server
is "a message is taken" "$(ask /help --data-urlencode \
    'text=Zunzunegui tiene frio' --data word=girasoles \
    --data needs=ALOJ)" 200
code=$(field code)
like "its words are told" "$code" '^girasoles [a-z]+ [a-z]+$'
is "with no cookie" "$(grep -ci '^set-cookie' "$work/head")" 0
like "and nothing that a browser keeps" "$(cat "$work/head")" 'no-store'
is "they open it" "$(ask /help/back --data-urlencode "code=$code")" 200
like "with what was written" "$(cat "$work/body")" 'Zunzunegui'
ticket=$(field ticket)
is "three other words do not" "$(ask /help/back --data code=uno+dos+tres)" 422
exits "a backup" 0 "$cobijo" backup "$work/backup"
is "has no word of it either" "$(grep -caE 'Zunzunegui|girasoles' \
    "$work/backup")" 0
is "the log of the server holds no word of it" "$(grep -ciE \
    'zunzunegui|girasoles|127\.0\.0\.1"' "$work/log")" 0
is "nor do the files on the disk" "$(cat "$work"/a.db* |
    grep -caE 'Zunzunegui|girasoles')" 0
is "everything is deleted" "$(ask /help/back --data do=delete \
    --data-urlencode "ticket=$ticket")" 200
is "and opened by nothing" "$(ask /help/back --data-urlencode \
    "code=$code")" 422
exits "the log verifies" 0 "$cobijo" log verify
exits "it ends" 0 stop_server
is "the keys know that something is gone, not what" "$(grep -cE \
    '^gone [0-9]+ [0-9a-f]{64}$' "$work/a.db.keys")" 1
mkdir "$work/away"
mv "$work"/a.db "$work/away/"
rm -f "$work/a.db-wal" "$work/a.db-shm"
exits "the older backup is restored" 0 "$cobijo" restore "$work/backup"
ok "the server starts on it" start_server
is "what she deleted is not back" "$(ask /help/back --data-urlencode \
    "code=$code")" 422
exits "the log verifies" 0 "$cobijo" log verify
exits "it ends" 0 stop_server

rm -rf "$run/cobijo" # the machine was off
ok "closed: the server starts" start_server
for path in /help /help/back; do
    is "closed: $path" "$(curl -s -o "$work/page" -w '%{http_code}' \
        "$url$path?lang=es")" 503
    like "closed: it says so" "$(cat "$work/page")" 'la casa está cerrada'
    like "with numbers to call" "$(cat "$work/page")" 'tel:911'
    is "and no form" "$(grep -c '<form' "$work/page")" 0
done
is "closed: nothing is taken" "$(ask /help --data text=hola \
    --data word=girasoles)" 503
is "closed: nothing is opened" "$(ask /help/back --data-urlencode \
    "code=$code")" 503
exits "it ends" 0 stop_server
finish
