#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# failures.t - what is not the user's fault, with the real means: a full disk
# (a small tmpfs), a read-only file and folder, a damaged database and
# write-ahead log (dd), a PostgreSQL that is stopped and started. Each time:
# the page says so in her language with a 5xx, what she typed is kept, stderr
# has the cause, nothing crashes, and when the cause is gone it goes on
# without a restart. Everybody in it is made up.
cd "$(dirname "$0")/.." || exit 3

# mounts of our own that end with us
if [ "$(id -u)" -eq 0 ] && [ -z "${COBIJO_MOUNTS:-}" ] &&
    unshare -m true 2> /dev/null; then
    COBIJO_MOUNTS=own
    export COBIJO_MOUNTS
    exec unshare -m --propagation private sh "$0" "$@"
fi
. test/tap.sh
command -v curl > /dev/null || { echo "1..0 # SKIP no curl"; exit 0; }
printf 'una frase larga\n' > "$work/password"
json='Content-Type: application/json'
status() { curl -s -m 60 -o "$work/body" -D "$work/headers" -w '%{http_code}' "$@"; }
text() { sed 's/<[^>]*>/ /g' "$work/body"; }

# store FILE: a store with a token, in $COBIJO_STORE and $token
store()
{
    COBIJO_STORE=$1
    export COBIJO_STORE
    : > "$work/log"
    "$cobijo" init --site "Albergue de prueba" \
        --password-file "$work/password" > /dev/null || return 1
    token=$("$cobijo" token add prueba --role admin | tail -n 1)
}
# login: a browser's session in $work/jar, its CSRF token in $csrf
login()
{
    rm -f "$work/jar"
    curl -s -o /dev/null -b "$work/jar" -c "$work/jar" --data name=admin \
        --data-urlencode "password=una frase larga" "$url/login"
    csrf=$(curl -s -b "$work/jar" "$url/person/new" |
        sed -n 's/.*name="_csrf" value="\([^"]*\)".*/\1/p' | head -n 1)
    [ -n "$csrf" ]
}
# register NAME: as a program; register_page NAME: as a browser
register()
{
    status -H "$json" -H "Authorization: Bearer $token" --data \
        "{\"given_names\":\"$1\",\"sex\":\"H\",\"nationality\":\"GTM\"}" \
        "$url/record/person"
}
register_page()
{
    status -b "$work/jar" -H 'Accept: text/html' \
        --data-urlencode "_csrf=$csrf" --data-urlencode "given_names=$1" \
        --data sex=H --data nationality=GTM --data _confirm=1 \
        "$url/person/new?lang=${2:-es}"
}
# kept NAME: the error page carries what was typed, and can send it again
kept()
{
    like "$1: it says so" "$(text)" "$2"
    like "$1: what was typed is kept" "$(cat "$work/body")" \
        'value="Ejemplar &quot;Uno&quot;|value="Ejemplar &#34;Uno&#34;'
    like "$1: with a button to send it again" "$(cat "$work/body")" \
        '<button[^>]*type="submit"'
}
name='Ejemplar "Uno"'
runs() { is "$1: it runs on" "$(kill -0 "$server" && echo yes)" yes; }
damaged='dañado|malformed'

# --- a full disk ---------------------------------------------------------------
if [ -n "${COBIJO_MOUNTS:-}" ] && mkdir "$work/small" &&
    mount -t tmpfs -o size=24m tmpfs "$work/small" 2> /dev/null; then
    ok "a store on a small disk" store "sqlite:$work/small/a.db"
    ok "it starts there" start_server
    ok "somebody logs in" login
    is "a registration" "$(register Antes)" 201
    # all but nothing is taken away
    head -c 100m /dev/zero > "$work/small/ballast" 2> /dev/null
    tries=0 code=201
    while [ "$code" = 201 ] && [ $tries -lt 300 ]; do
        code=$(register "Lleno $tries")
        tries=$((tries + 1))
    done
    is "full disk: an honest answer" "$code" 503
    like "full disk: for a program" "$(cat "$work/body")" \
        '"code":"store_failed","message":"No queda espacio'
    is "full disk: for a browser" "$(register_page "$name")" 503
    kept "full disk" 'No queda espacio en el disco'
    is "full disk: in English" "$(register_page "$name" en)" 503
    kept "full disk in English" '[Nn]o space left on the disk|disk is full'
    # forms that are shown again, with the problem on top
    for form in "/tally place_text service_code=LE1" \
        "/record/place name place_type=CS"; do
        set -- $form
        is "full disk: $1" "$(status -b "$work/jar" -H 'Accept: text/html' \
            --data-urlencode "_csrf=$csrf" --data-urlencode "$2=$name" \
            --data "$3" "$url$1?lang=es")" 503
        like "full disk: $1 says so" "$(text)" 'No queda espacio'
        like "full disk: $1 keeps what was typed" "$(cat "$work/body")" \
            'value="Ejemplar &quot;Uno&quot;'
    done
    is "full disk: reading still works" "$(status -b "$work/jar" \
        "$url/person?q=Antes")" 200
    like "full disk: the log names the cause" "$(cat "$work/log")" \
        '"level":"error".*(disk is full|sqlite 13)'
    runs "full disk"
    exits "full disk: the command line says it too" 3 "$cobijo" token add otra \
        --role admin
    like "full disk: on stderr" "$(cat "$work/err")" 'No queda espacio'
    rm "$work/small/ballast"
    is "with room again: without a restart" "$(register Después)" 201
    is "with room again: the page too" "$(register_page "$name")" 303
    exits "it ends" 0 stop_server
    exits "the log verifies" 0 "$cobijo" log verify
    is "what was acknowledged is there" "$("$cobijo" export person |
        grep -c 'Antes\|Después\|Uno')" 3
    umount "$work/small"
else
    skip "a full disk" "needs root and mount"
fi

# --- read-only -----------------------------------------------------------------
if [ -n "${COBIJO_MOUNTS:-}" ] && mkdir "$work/ro" &&
    mount -t tmpfs -o size=64m tmpfs "$work/ro" 2> /dev/null; then
    ok "a store" store "sqlite:$work/ro/a.db"
    ok "it starts" start_server
    ok "somebody logs in" login
    is "a registration" "$(register Antes)" 201
    exits "it ends" 0 stop_server
    # the disk that the kernel turned read-only after an error
    mount -o remount,ro "$work/ro"
    exits "read-only disk: it does not start" 3 timeout 30 "$cobijo" serve \
        --listen 127.0.0.1:0
    like "read-only disk: and says why" "$(cat "$work/err")" 'solo lectura'
    exits "read-only disk: nor does a command that writes" 3 "$cobijo" token \
        add otra --role admin
    like "read-only disk: it says why" "$(cat "$work/err")" 'solo lectura'
    mount -o remount,rw "$work/ro"
    # the file alone, under somebody who is not root
    chmod 777 "$work" "$work/ro"
    chmod 444 "$work/ro/a.db" "$work/password"
    # a user of her own opens the house for herself
    chown nobody "$work/ro/a.db.keys"
    runuser -u nobody -- "$cobijo" key open --user admin \
        --password-file "$work/password" > /dev/null 2>&1
    if command -v runuser > /dev/null && runuser -u nobody -- \
        "$cobijo" version > /dev/null 2>&1; then
        exits "read-only file: it does not start" 3 runuser -u nobody -- \
            env COBIJO_STORE="$COBIJO_STORE" timeout 30 "$cobijo" serve \
            --listen 127.0.0.1:0
        like "read-only file: and says why" "$(cat "$work/err")" 'solo lectura'
        chmod 666 "$work/ro/a.db"
        rm -f "$work/ro/a.db-wal" "$work/ro/a.db-shm"
        chmod 555 "$work/ro"
        exits "read-only folder: it does not start" 3 runuser -u nobody -- \
            env COBIJO_STORE="$COBIJO_STORE" timeout 30 "$cobijo" serve \
            --listen 127.0.0.1:0
        like "read-only folder: and says why" "$(cat "$work/err")" \
            'solo lectura'
    else
        skip "a read-only file" "no other user can run the program"
    fi
    chmod 700 "$work" "$work/ro"
    chmod 600 "$work/ro/a.db"
    umount "$work/ro"
else
    skip "a read-only disk" "needs root and mount"
fi
# ... and while it serves: nothing may be written any more, not even by root
if [ -n "${COBIJO_MOUNTS:-}" ] && touch "$work/b.db-probe" &&
    chattr +i "$work/b.db-probe" 2> /dev/null; then
    chattr -i "$work/b.db-probe"
    ok "a store" store "sqlite:$work/b.db"
    ok "it starts" start_server --workers 4
    ok "somebody logs in" login
    is "a registration" "$(register Antes)" 201
    exits "it ends" 0 stop_server
    chattr +i "$work/b.db"
    timeout 30 "$cobijo" serve --listen 127.0.0.1:0 > /dev/null 2> "$work/err"
    is "immutable file: it does not start" $? 3
    like "immutable file: and says why" "$(cat "$work/err")" 'solo lectura'
    chattr -i "$work/b.db"
else
    skip "an immutable file" "no chattr here"
fi

# --- a damaged database ----------------------------------------------------------
page=4096
# spoil FROM PAGES: garbage over pages of the file, which is kept aside
spoil()
{
    cp "$work/c.db" "$work/c.good"
    head -c $(($2 * page)) /dev/urandom |
        dd of="$work/c.db" bs=$page seek="$1" conv=notrunc 2> /dev/null
}
mend()
{
    dd if="$work/c.good" of="$work/c.db" bs=$page conv=notrunc 2> /dev/null
}
ok "a store" store "sqlite:$work/c.db"
"$cobijo" demo --people 60 > /dev/null 2>&1
pages=$(($(stat -c %s "$work/c.db") / page))
ok "it starts" start_server
ok "somebody logs in" login
exits "it ends" 0 stop_server # so that the log is in the file, not beside it
ok "it starts again" start_server
is "its page is served" "$(status "$url/login")" 200
half=$((pages / 2))
spoil $half $((pages - half))
worst=0
for path in "/person?q=a" /today "/record/arrival" "/record/casefile" \
    "/report/monthly" "/record/journey" "/record/person"; do
    code=$(status -H "Authorization: Bearer $token" -H 'Accept: text/html' \
        -H 'Accept-Language: es' "$url$path")
    [ "$code" -lt 500 ] || { worst=$code; cp "$work/body" "$work/worst"; }
done
is "half of the file is garbage: a page says so" "$worst" 503
like "in her language" "$(cat "$work/worst")" 'dañado'
like "what to do" "$(cat "$work/worst")" 'copia de respaldo'
code=201 tries=0
while [ "$code" = 201 ] && [ $tries -lt 20 ]; do
    code=$(register "Dañado $tries")
    tries=$((tries + 1))
done
is "writing is refused as well" "$code" 503
like "the log names the cause" "$(cat "$work/log")" \
    '"level":"error".*(sqlite (11|26|267|523|779)|malformed)'
runs "damaged"
exits "SIGTERM ends it" 0 stop_server
exits "damaged: the log does not verify" 3 "$cobijo" log verify
like "damaged: and says so" "$(cat "$work/err")" "$damaged"
rm -f "$work/c.db-wal" "$work/c.db-shm"
mend
ok "mended: it starts" start_server
is "mended: the pages are back" "$(status -H "Authorization: Bearer $token" \
    "$url/person?q=a")" 200
exits "it ends" 0 stop_server
exits "mended: the log verifies" 0 "$cobijo" log verify

# recovery without a restart: the reader that met the damage is not kept
ok "it starts" start_server --workers 4
spoil 2 $((pages - 2))
code=200 tries=0
while [ "$code" = 200 ] && [ $tries -lt 20 ]; do
    code=$(status -H "Authorization: Bearer $token" "$url/person?q=e$tries")
    tries=$((tries + 1))
done
is "nearly all is garbage" "$code" 503
mend
is "mended under the server: it goes on" "$(status \
    -H "Authorization: Bearer $token" "$url/person?q=a")" 200
exits "it ends" 0 stop_server

# --- a damaged write-ahead log ----------------------------------------------------
ok "it starts" start_server
for n in 1 2 3 4 5 6 7 8; do register "Bitácora $n" > /dev/null; done
kill -KILL "$server"
wait "$server" 2> /dev/null
size=$(stat -c %s "$work/c.db-wal")
ok "killed, it leaves a write-ahead log ($size bytes)" test "$size" -gt 40000
truncate -s $((size / 2 + 13)) "$work/c.db-wal"
ok "cut in the middle: it starts" start_server
is "what is whole is there" "$(status -H "Authorization: Bearer $token" \
    "$url/person?q=Bit")" 200
is "and it goes on" "$(register Después)" 201
kill -KILL "$server"
wait "$server" 2> /dev/null
head -c 4096 /dev/urandom |
    dd of="$work/c.db-wal" bs=1 seek=5000 conv=notrunc 2> /dev/null
ok "garbage in it: it starts" start_server
is "garbage in it: it goes on" "$(register Después)" 201
truncate -s 64 "$work/c.db-wal"
code=$(register "Cortada en marcha")
like "cut while it serves: an answer all the same ($code)" "$code" '^(201|503)$'
runs "cut while it serves"
exits "it ends" 0 stop_server
# What is cut from under a server is lost: pages that it wrote before and not
# since have holes, and closing copies what is there. It stays whole only when
# the same pages are written again. Damage is told, with what to do.
"$cobijo" log verify > "$work/out" 2>&1
case $? in
0) ok "the log verifies" true ;;
3) like "the damage is told" "$(cat "$work/out")" \
    'Restaure la última copia de respaldo' ;;
*) ok "the log verifies or the damage is told" false ;;
esac

# --- a file that is not there -------------------------------------------------------
COBIJO_STORE=sqlite:$work/nowhere.db exits "no file: it does not start" 3 \
    "$cobijo" serve --listen 127.0.0.1:0
like "no file: what to do" "$(cat "$work/err")" 'cobijo init.*\./start'
ok "no file: none was made" test ! -e "$work/nowhere.db"

# --- PostgreSQL stops and starts ------------------------------------------------------
pg=$(ls -d /usr/lib/postgresql/*/bin 2> /dev/null | sort -V | tail -n 1)
as_postgres()
{
    if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}
pg_up()
{
    as_postgres "$pg/pg_ctl" -D "$work/pg/data" -w -t 60 -l "$work/pg/log" \
        -o "-p $port -h 127.0.0.1 -k '$work/pg'" start > /dev/null 2>&1
}
pg_down()
{
    as_postgres "$pg/pg_ctl" -D "$work/pg/data" -m "$1" -w stop > /dev/null 2>&1
}
pg_make()
{
    mkdir -p "$work/pg" && chmod 711 "$work" || return 1
    [ "$(id -u)" -ne 0 ] || chown postgres "$work/pg"
    as_postgres "$pg/initdb" -D "$work/pg/data" -U cobijo -A trust -E UTF8 \
        --locale=C.UTF-8 > /dev/null 2>&1 || return 1
    port=$(node -e 'const s = require("net").createServer().listen(0,
        "127.0.0.1", () => { console.log(s.address().port); s.close(); })')
    pg_up
}
if [ -n "$pg" ] && pg_make; then
    trap 'pg_down immediate; tap_cleanup' EXIT
    ok "a store" store "postgresql://cobijo@127.0.0.1:$port/postgres"
    ok "it starts" start_server
    ok "somebody logs in" login
    is "a registration" "$(register Antes)" 201
    for how in fast immediate; do
        ok "PostgreSQL is stopped ($how)" pg_down $how
        is "stopped: a program" "$(register Durante)" 503
        like "stopped: is told" "$(cat "$work/body")" '"code":"store_failed"'
        is "stopped: a browser" "$(register_page "$name")" 503
        kept "stopped" 'base de datos'
        is "stopped: in English" "$(register_page "$name" en)" 503
        kept "stopped, in English" 'database'
        is "stopped: reading" "$(status -b "$work/jar" "$url/today")" 503
        is "stopped: the style is still there" "$(status "$url$(sed -n \
            's/.*href="\(\/asset\/[^"]*pico[^"]*\)".*/\1/p' "$work/body" |
            head -n 1)")" 200
        is "stopped: health tells" "$(status "$url/health")" 503
        runs "stopped"
        ok "PostgreSQL is started" pg_up
        is "started: reading, without a restart" \
            "$(status -b "$work/jar" "$url/today")" 200
        is "started: a registration" "$(register "Después")" 201
        is "started: the page sent again" "$(register_page "$name")" 303
    done
    like "stderr names the cause" "$(cat "$work/log")" \
        '"level":"error".*(postgresql|onnect)'
    exits "it ends" 0 stop_server
    exits "the log verifies" 0 "$cobijo" log verify
    is "what was acknowledged is there" "$("$cobijo" export person |
        grep -c 'Antes\|Después\|Uno')" 5
    pg_down fast
    exits "no server: the command line" 3 "$cobijo" log verify
    like "no server: says so" "$(cat "$work/err")" 'conectar con la base'
else
    skip "PostgreSQL stops and starts" "no PostgreSQL"
fi
finish
