#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# keys.t - the site key from the outside: slots, the closed house, paper, older
# stores, backups and what comes back of them. Everybody in it is made up.
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
printf 'otra frase larga\n' > "$work/other"
printf 'seis palabras que nadie puede adivinar\n' > "$work/passphrase"
off() { rm -rf "$run/cobijo"; } # the machine was off
closed='La casa está cerrada'

# --- what init makes --------------------------------------------------------------
exits "init" 0 "$cobijo" init --admin Ana --password-file "$work/password"
is "the keys file is its owner's" "$(stat -c %a "$work/a.db.keys")" 600
is "so is the open key, in memory" \
    "$(stat -f -c %T "$run"/cobijo/*.key) $(stat -c %a "$run"/cobijo/*.key)" \
    'tmpfs 600'
is "the data file is no open database" \
    "$(head -c 15 "$work/a.db" | grep -c 'SQLite format')" 0
is "the keys file names nobody" "$(grep -ci 'ana' "$work/a.db.keys")" 0
slot=$(grep '^slot account' "$work/a.db.keys" | head -n 1)
passes=$(echo "$slot" | cut -d' ' -f4)
is "Argon2id takes 64 MiB" "$(echo "$slot" | cut -d' ' -f5)" 65536
ok "and 3 passes or more ($passes)" test "$passes" -ge 3
began=$(date +%s%N)
exits "opening with a password" 0 "$cobijo" key open --user ANA \
    --password-file "$work/password"
took=$((($(date +%s%N) - began) / 1000000))
ok "takes 250 ms or more ($took)" test "$took" -ge 250
began=$(date +%s%N)
exits "a wrong one opens nothing" 1 "$cobijo" key open --user nadie \
    --password-file "$work/other"
took=$((($(date +%s%N) - began) / 1000000))
ok "and takes as long ($took)" test "$took" -ge 250

# --- slots follow accounts ----------------------------------------------------------
slots() { grep -c '^slot account' "$work/a.db.keys"; }
"$cobijo" demo --people 5 > /dev/null 2>&1
for role in supervisor reporter; do
    "$cobijo" user add $role --role $role --password-file "$work/other" \
        > /dev/null
done
is "an account that may has two slots, one that may not has none" "$(slots)" 4
exits "its password opens" 0 "$cobijo" key open --user supervisor \
    --password-file "$work/other"
exits "that of the other does not" 1 "$cobijo" key open --user reporter \
    --password-file "$work/other"
"$cobijo" user password supervisor --password-file "$work/password"
exits "a new password opens" 0 "$cobijo" key open --user supervisor \
    --password-file "$work/password"
exits "the old one opens no more" 1 "$cobijo" key open --user supervisor \
    --password-file "$work/other"
is "nor with the generation before" "$(sort "$work/a.db.keys.old" | md5sum)" \
    "$(sort "$work/a.db.keys" | md5sum)"

# --- closed -----------------------------------------------------------------------
off
exits "closed: a command says so" 3 "$cobijo" log verify
like "and what to do" "$(cat "$work/err")" "$closed.*cobijo key open"
ok "closed: the server starts" start_server
is "closed: health" "$(curl -s "$url/health")" \
    "$(curl -s "$url/health" | grep '"status":"locked"')"
is "closed: health for machines" \
    "$(curl -s -o /dev/null -w '%{http_code}' "$url/health")" 503
is "closed: a page is the login" "$(curl -s -o /dev/null \
    -w '%{http_code} %{redirect_url}' "$url/person/x")" \
    "303 $url/login?next=%2Fperson%2Fx"
like "closed: the login says why" "$(curl -s "$url/login")" "$closed"
like "and who can open it" "$(curl -s "$url/login")" '<li>Supervisión</li>'
is "nobody else" "$(curl -s "$url/login" | grep -c '<li>Informes</li>')" 0
is "closed: a program hears 503" "$(curl -s -H 'Accept: application/json' \
    "$url/record/person" | grep -c '"code":"closed"')" 1
is "closed: a telephone, too" "$(curl -s -o "$work/body" -w '%{http_code}' \
    "$url/formList")" 503
like "with the reason" "$(cat "$work/body")" "$closed"
log_in()
{
    curl -s -o "$work/body" -w '%{http_code}' --data "name=$1" \
        --data-urlencode "password=$2" "$url/login"
}
is "closed: a wrong password" "$(log_in ana 'otra frase larga')" 401
is "closed: who was wrong waits" "$(log_in ana 'una frase larga')" 429
sleep 1.1
is "closed: an account that may not open" \
    "$(log_in reporter 'otra frase larga')" 401
sleep 2.1
is "a good password opens and logs in" "$(log_in Ana 'una frase larga')" 303
is "open: health" "$(curl -s -o /dev/null -w '%{http_code}' "$url/health")" 200
is "open: others log in as always" "$(log_in reporter 'otra frase larga')" 303
exits "open: commands, too" 0 "$cobijo" log verify
exits "it ends" 0 stop_server

# --- forgetting ---------------------------------------------------------------------
# a service and a login have different folders: forgotten is forgotten in both
id=$(sed -n 's/^id //p' "$work/a.db.keys")
shm=/dev/shm/cobijo-$(id -u)
"$cobijo" key open --user ana --password-file "$work/password" > /dev/null
(unset XDG_RUNTIME_DIR && "$cobijo" key open --user ana \
    --password-file "$work/password" > /dev/null)

ok "the key is in two places" test -e "$shm/$id.key" -a \
    -e "$run/cobijo/$id.key"
off
exits "whoever finds no key in the one looks in the other" 0 \
    "$cobijo" log verify
mkdir -m 700 "$run/cobijo"
exits "also when the one is there and empty" 0 "$cobijo" log verify
"$cobijo" key open --user ana --password-file "$work/password" > /dev/null
head -c 32 /dev/zero > "$run/cobijo/$id.key.4711"
"$cobijo" key forget > /dev/null
is "forgotten: nothing of it is in either" \
    "$(ls "$shm" "$run/cobijo" | grep -c "$id")" 0
exits "and the house is closed" 3 "$cobijo" log verify

# --- a change that cannot be kept -----------------------------------------------------
"$cobijo" key open --user ana --password-file "$work/password" > /dev/null
mv "$work/a.db.keys.old" "$work/a.db.keys.away"
mkdir -p "$work/a.db.keys.old/in the way"
before=$(md5sum < "$work/a.db.keys")
exits "no place for the copy" 3 "$cobijo" user password supervisor \
    --password-file "$work/other"
is "nothing has changed" "$(md5sum < "$work/a.db.keys")" "$before"
rm -r "$work/a.db.keys.old"
mv "$work/a.db.keys.away" "$work/a.db.keys.old"

# --- two passwords ------------------------------------------------------------------
# Everything about the second slot happens on a store of its own.
first=$COBIJO_STORE
erase=${COBIJO_BUILD:-build/release}/test/t_keys
COBIJO_STORE=sqlite:$work/d.db
keys=$work/d.db.keys
page() { curl -s -b "$work/jar" "$url$1"; }
enter() # NAME PASSWORD: a session of a browser, and its token
{
    rm -f "$work/jar"
    curl -s -o /dev/null -w '%{http_code}' -c "$work/jar" --data "name=$1" \
        --data-urlencode "password=$2" "$url/login"
    page /profile |
        sed -n 's/.*name="_csrf" value="\([^"]*\)".*/\1/p' | head -n 1 \
        > "$work/csrf"
}
send() # PATH FIELD=VALUE…
{
    send_to=$1
    shift
    for field in "$@"; do
        set -- "$@" --data-urlencode "$field"
        shift
    done
    curl -s -o "$work/body" -w '%{http_code}' -b "$work/jar" \
        --data-urlencode "_csrf=$(cat "$work/csrf")" "$@" "$url$send_to"
}
opens() # NAME PASSWORD: after the machine was off
{
    off
    printf '%s\n' "$2" > "$work/tried"
    "$cobijo" key open --user "$1" --password-file "$work/tried" \
        > /dev/null 2>&1
    echo $?
}
people() { page '/record/person' | grep -c 'href="/person/[0-9a-f]'; }
form() { sed -n 's/^slot account [0-9a-f]* \([0-9]* [0-9]*\) .*/\1/p' "$keys"; }
"$cobijo" init --admin ana --password-file "$work/password" > /dev/null
"$cobijo" demo --people 3 > /dev/null 2>&1
eva=$("$cobijo" user add eva --role supervisor --password-file "$work/other")
is "two slots for an account" "$(form | wc -l)" 4
is "of the same cost" "$(form | head -n 2 | sort -u | wc -l)" 1
is "and length" "$(grep '^slot account' "$keys" | head -n 2 |
    awk '{print length}' | sort -u | wc -l)" 1
before=$(form) lines=$(sed 's/ .*//' "$keys")
is "one password opens" "$(opens ana 'una frase larga')" 0
began=$(date +%s%N)
is "no other does" "$(opens ana 'me tienen aqui')" 1
took=$((($(date +%s%N) - began) / 1000000))
began=$(date +%s%N)
is "nor for a name that is none" "$(opens nadie 'me tienen aqui')" 1
none=$((($(date +%s%N) - began) / 1000000))
ok "both slots are tried, whoever it is ($took and $none ms)" \
    test "$took" -ge 400 -a "$none" -ge 400
"$cobijo" key open --user ana --password-file "$work/password" > /dev/null
start_server
is "the real house" "$(enter ana 'una frase larga')" 303
ok "has people" test "$(people)" -gt 0
is "a second password" "$(send /profile/other 'present=una frase larga' \
    'second=me tienen aqui' 'again=me tienen aqui')" 303
stop_server
is "nothing in the keys file tells" "$(form)" "$before"
is "not a line more" "$(sed 's/ .*//' "$keys")" "$lines"
is "the copy beside it is no older one" "$(md5sum < "$keys.old")" \
    "$(md5sum < "$keys")"
is "the first opens" "$(opens ana 'una frase larga')" 0
is "so does the second" "$(opens ana 'me tienen aqui')" 0
is "not for somebody else" "$(opens eva 'me tienen aqui')" 1
off
start_server
is "a closed house opens with the second" "$(enter ana 'me tienen aqui')" 303
is "and is empty" "$(people)" 0
# in there nothing of the real keys is reached
is "in it: an account with somebody's name" "$(send /user name=eva \
    display=Eva role=supervisor 'password=una mala frase')" 200
is "its password is changed" "$(send /profile/password \
    'present=me tienen aqui' 'password=otra para ellos' \
    'again=otra para ellos')" 303
is "in the real house" "$(enter ana 'una frase larga')" 303
ok "people are there" test "$(people)" -gt 0
stop_server
is "the first opens still" "$(opens ana 'una frase larga')" 0
is "the second is the changed one" "$(opens ana 'otra para ellos')" 0
is "no longer the one of before" "$(opens ana 'me tienen aqui')" 1
is "somebody's name has her password" "$(opens eva 'otra frase larga')" 0
is "and no other" "$(opens eva 'una mala frase')" 1
"$cobijo" key open --user ana --password-file "$work/password" > /dev/null
"$cobijo" user password ana --password-file "$work/passphrase"
is "a new first password opens" "$(opens ana "$(cat "$work/passphrase")")" 0
is "the old one no more" "$(opens ana 'una frase larga')" 1
is "the second opens still" "$(opens ana 'otra para ellos')" 0
is "and there are four slots" "$(form | wc -l)" 4
# a file of before
if [ -x "$erase" ]; then
    ok "a keys file of before" "$erase" single "$COBIJO_STORE"
    is "with one slot each" "$(form | wc -l)" 2
    is "opens" "$(opens eva 'otra frase larga')" 0
    "$cobijo" user password eva --password-file "$work/password"
    is "the next change gives the others theirs" "$(form | wc -l)" 4
    is "opens still" "$(opens ana "$(cat "$work/passphrase")")" 0
else
    skip "a keys file of before" "no t_keys here"
fi
# who loses the right, and who is closed
start_server
is "eva has a second one" "$(enter eva 'una frase larga')" 303
is "of her own" "$(send /profile/other 'present=una frase larga' \
    'second=ella tambien quiere abrir' 'again=ella tambien quiere abrir')" 303
enter ana "$(cat "$work/passphrase")" > /dev/null
is "her role changes to one that may not open" "$(send "/record/user/$eva" \
    role=reporter)" 303
stop_server
is "both her slots are gone" "$(form | wc -l)" 2
is "her first opens nothing" "$(opens eva 'una frase larga')" 1
is "nor does her second" "$(opens eva 'ella tambien quiere abrir')" 1
is "the others open as before" "$(opens ana "$(cat "$work/passphrase")")" 0
COBIJO_STORE=$first
"$cobijo" key open --user ana --password-file "$work/password" > /dev/null

# --- paper --------------------------------------------------------------------------
exits "paper" 0 "$cobijo" key paper --format text
cp "$work/out" "$work/paper" 2> /dev/null ||
    "$cobijo" key paper --format text > "$work/paper"
is "three sheets" "$(grep -c 'hoja [123] de 3' "$work/paper")" 3
sheet() { grep -A8 "hoja $1 de 3" "$work/paper" |
    grep -E '^[0-9A-Z]{4} [0-9A-Z]{4} ' | head -n 4; }
for pair in '1 2' '2 3' '3 1'; do
    set -- $pair
    { sheet "$1"; sheet "$2"; } | tr 'A-Z' 'a-z' > "$work/two"
    off
    exits "sheets $1 and $2 open" 0 "$cobijo" key recover "$work/two"
    exits "and the log verifies" 0 "$cobijo" log verify
done
off
sheet 1 > "$work/one"
exits "one opens nothing" 1 "$cobijo" key recover "$work/one"
cat "$work/one" "$work/one" > "$work/twice"
exits "nor twice the same" 1 "$cobijo" key recover "$work/twice"
sed '3s/^..../zzyx/' "$work/two" > "$work/slip"
exits "a slip of the pen" 1 "$cobijo" key recover "$work/slip"
like "is named by its line" "$(cat "$work/err")" 'línea 3'
"$cobijo" key recover "$work/two" > /dev/null
exits "a passphrase" 0 "$cobijo" key passphrase \
    --password-file "$work/passphrase"
off
exits "opens" 0 "$cobijo" key open --password-file "$work/passphrase"
"$cobijo" key paper --format text > "$work/paper2"
exits "the paper of before opens nothing any more" 1 "$cobijo" key recover \
    "$work/two"

# --- backup and restore ---------------------------------------------------------------
"$cobijo" export person > "$work/people"
exits "backup" 0 "$cobijo" backup "$work/a.copy"
exits "never over another file" 1 "$cobijo" backup "$work/a.copy"
is "it names nobody" "$(head -n 2 "$work/people" | tail -n 1 | cut -d, -f1 |
    xargs -I{} grep -c {} "$work/a.copy")" 0
exits "never over a store" 1 "$cobijo" restore "$work/a.copy"
off
mkdir "$work/there"
COBIJO_STORE=sqlite:$work/there/b.db
exits "elsewhere without a password" 1 "$cobijo" restore "$work/a.copy"
exits "with a wrong one" 1 "$cobijo" restore "$work/a.copy" --user ana \
    --password-file "$work/other"
head -c $(($(stat -c %s "$work/a.copy") - 5000)) "$work/a.copy" > "$work/cut"
cp "$work/a.copy" "$work/changed"
printf 'X' | dd of="$work/changed" bs=1 seek=20000 conv=notrunc 2> /dev/null
{ cat "$work/a.copy"; echo; } > "$work/longer"
sed '2,20{/^mac/y/0123456789abcdef/123456789abcdef0/}' "$work/a.copy" \
    > "$work/keys-changed"
for bad in cut changed longer keys-changed password; do
    exits "refused: $bad" 1 "$cobijo" restore "$work/$bad" --user ana \
        --password-file "$work/password"
    is "and nothing was made" "$(ls "$work/there")" ''
done
exits "with a password" 0 "$cobijo" restore "$work/a.copy" --user Ana \
    --password-file "$work/password"
exits "the log verifies" 0 "$cobijo" log verify
"$cobijo" export person > "$work/people-again"
ok "the same people" cmp "$work/people" "$work/people-again"
is "it is encrypted, too" \
    "$(head -c 15 "$work/there/b.db" | grep -c 'SQLite format')" 0
is "nothing stays beside it" "$(ls "$work/there")" 'b.db
b.db.keys'
rm "$work/there"/*
off
exits "with two sheets of paper" 0 "$cobijo" restore "$work/a.copy" \
    --paper "$work/paper2"
rm "$work/there"/*
# a full disk
if [ "$(id -u)" -eq 0 ] && [ -w /dev/full ]; then
    COBIJO_STORE=sqlite:$work/a.db exits "a disk without room" 3 \
        sh -c 'ulimit -f 16; trap "" XFSZ; exec "$0" backup "$1"' "$cobijo" \
        "$work/small.copy"
    ok "leaves no half of a backup" test ! -e "$work/small.copy" -a \
        ! -e "$work/small.copy.partial"
else
    skip "a disk without room" "needs root"
fi

# --- whom no backup brings back --------------------------------------------------------
COBIJO_STORE=sqlite:$work/a.db
erase=${COBIJO_BUILD:-build/release}/test/t_keys
if [ -x "$erase" ]; then
    person=$(sed -n 3p "$work/people" | cut -d, -f1)
    ok "somebody is erased after the backup" "$erase" erase "$COBIJO_STORE" \
        "$person"
    is "the ledger does not name her" "$(grep -c "$person" "$work/a.db.keys")" 0
    mkdir "$work/away"
    mv "$work/a.db" "$work/away/"
    rm -f "$work/a.db-wal" "$work/a.db-shm"
    exits "the older backup is restored" 0 "$cobijo" restore "$work/a.copy"
    like "and says what it did" "$(cat "$work/out")" '^1 personas'
    hers() { "$cobijo" export person | grep "^$person" | cut -d, -f3,7- |
        tr -d ,; }
    is "nothing of her is there" "$(hers | sed "s/^erased$//")" ""
    is "the others are" "$("$cobijo" export person | grep -c ',open,')" \
        "$(($(wc -l < "$work/people") - 2))"
    exits "the log verifies" 0 "$cobijo" log verify
    "$cobijo" log rebuild > /dev/null
    is "nor does a rebuild bring her" "$(hers | sed "s/^erased$//")" ""
else
    skip "whom no backup brings back" "no t_keys here"
fi

# --- and those whom the program itself erases
COBIJO_STORE=sqlite:$work/e.db
"$cobijo" init --admin ana --password-file "$work/password" > /dev/null
printf 'nombre,sexo,nacionalidad\nXola Prueba,mujer,GTM\n' > "$work/r.csv"
batch=$("$cobijo" import person "$work/r.csv" | sed -n 's/^lote //p')
"$cobijo" backup "$work/e.copy" > /dev/null
exits "an import is undone after the backup" 0 "$cobijo" import undo "$batch"
is "the ledger has her" "$(grep -c '^erased' "$work/e.db.keys")" 1
rm -f "$work/e.db" "$work/e.db-wal" "$work/e.db-shm"
exits "the older backup is restored" 0 "$cobijo" restore "$work/e.copy"
is "she did not come back" "$("$cobijo" export person | grep -c Xola)" 0
COBIJO_STORE=sqlite:$work/a.db

# --- the ledger, when the keys file was changed or is gone
COBIJO_STORE=sqlite:$work/e.db
back() # what restoring the older backup gives: how many times she is there
{
    rm -f "$work/e.db" "$work/e.db-wal" "$work/e.db-shm"
    "$cobijo" restore "$work/e.copy" --user ana \
        --password-file "$work/password" > /dev/null
    "$cobijo" export person | grep -c Xola
}
sed -i 's/^mac .*/mac '"$(printf '%064d' 0)"'/' "$work/e.db.keys"
is "keys that somebody changed do not bring her back" "$(back)" 0
is "the ledger goes on" "$(grep -c '^erased' "$work/e.db.keys")" 1
rm "$work/e.db.keys"
is "nor keys that are gone, beside their copy" "$(back)" 0
is "the ledger still goes on" "$(grep -c '^erased' "$work/e.db.keys")" 1

# --- somebody who was erased in a reserved room
COBIJO_STORE=sqlite:$work/r.db
if [ -x "$erase" ]; then
    "$cobijo" init --admin ana --password-file "$work/password" > /dev/null
    "$cobijo" user add eva --role supervisor --password-file "$work/other" \
        > /dev/null
    "$cobijo" import person "$work/r.csv" > /dev/null
    hidden=$("$cobijo" export person | sed -n 's/^\([0-9a-f-]*\),.*Xola.*/\1/p')
    room() # her page, for who is in the room
    {
        start_server
        enter eva 'otra frase larga' > /dev/null
        send "/room/$room/enter" 'password=otra frase larga' \
            'reason=una prueba' > /dev/null
        page "/person/$hidden" > "$work/hers"
        grep -c Xola "$work/hers"
        stop_server
    }
    start_server
    enter eva 'otra frase larga' > /dev/null
    ana=$(page /room | sed -n 's/.*name="member" value="\([^"]*\)".*/\1/p')
    send /room label=Azul "member=$ana" > /dev/null
    room=$(page /room | sed -n 's/.*href="\/room\/\([0-9a-f-]*\)".*/\1/p')
    is "she goes into a room" "$(send "/person/$hidden/hide" "to=$room" \
        'reason=una prueba')" 303
    stop_server
    is "and is in the house no more" "$("$cobijo" export person |
        grep -c Xola)" 0
    ok "but in the room" test "$(room)" -gt 0
    "$cobijo" backup "$work/r.copy" > /dev/null
    gone() { rm -f "$work/r.db" "$work/r.db-wal" "$work/r.db-shm"; }
    gone
    "$cobijo" restore "$work/r.copy" > /dev/null
    ok "a backup brings her back there" test "$(room)" -gt 0
    start_server
    enter ana 'una frase larga' > /dev/null
    is "every list opens, of kinds that nobody used, too" "$(for kind in \
        person group casefile referral place followup; do
        curl -s -o /dev/null -w '%{http_code} ' -b "$work/jar" \
            "$url/record/$kind"
    done)" "200 200 200 200 200 200 "
    stop_server
    "$erase" erase "$COBIJO_STORE" "$hidden"
    gone
    exits "a backup with her in it" 0 "$cobijo" restore "$work/r.copy"
    is "brings her back in no room" "$(room)" 0
    exits "the log verifies and opens" 0 "$cobijo" log verify --open
    like "in both sites" "$(cat "$work/out")" 'contenidos se abren'
else
    skip "somebody who was erased in a reserved room" "no t_keys here"
fi
COBIJO_STORE=sqlite:$work/a.db

# --- into the other database --------------------------------------------------------
if [ -n "${COBIJO_TEST_PG:-}" ] && command -v psql > /dev/null; then
    psql -q "$COBIJO_TEST_PG" -c 'CREATE DATABASE keys_test' > /dev/null
    sqlite=$COBIJO_STORE
    COBIJO_STORE=${COBIJO_TEST_PG%/*}/keys_test
    XDG_STATE_HOME=$work/state
    export XDG_STATE_HOME
    "$cobijo" export person --store "$sqlite" > "$work/people"
    "$cobijo" backup "$work/b.copy" --store "$sqlite" > /dev/null
    exits "a backup of SQLite into PostgreSQL" 0 "$cobijo" restore \
        "$work/b.copy"
    "$cobijo" export person > "$work/people-again"
    ok "the same people" cmp "$work/people" "$work/people-again"
    exits "never over a store" 1 "$cobijo" restore "$work/b.copy"
    exits "a backup of PostgreSQL" 0 "$cobijo" backup "$work/pg.copy"
    off
    exits "closed: PostgreSQL, too" 3 "$cobijo" log verify
    exits "it opens with a password" 0 "$cobijo" key open --user ana \
        --password-file "$work/password"
    exits "the log verifies" 0 "$cobijo" log verify
    exits "and back into SQLite" 0 "$cobijo" restore "$work/pg.copy" \
        --store "sqlite:$work/there/c.db"
    "$cobijo" export person --store "sqlite:$work/there/c.db" \
        > "$work/people-again"
    ok "the same people, again" cmp "$work/people" "$work/people-again"
    exits "the log verifies and opens" 0 "$cobijo" log verify --open
    psql -q "$COBIJO_STORE" -c "DELETE FROM store_meta WHERE name = 'keys'" \
        > /dev/null
    exits "a store that lost its keys' name does not go on in the open" 3 \
        "$cobijo" user list
    like "and says why" "$(cat "$work/err")" 'ya no dice con qué llaves'
    psql -q "$COBIJO_TEST_PG" -c 'DROP DATABASE keys_test' > /dev/null
else
    skip "PostgreSQL" "COBIJO_TEST_PG is not set"
fi

# --- keys of another house, keys that are lost --------------------------------------
COBIJO_STORE=sqlite:$work/c.db
cp "$work/a.db.keys" "$work/c.db.keys"
exits "keys of another house in the place" 0 "$cobijo" init \
    --password-file "$work/password"
ok "were moved aside" cmp "$work/a.db.keys" "$work/c.db.keys.otra"
mv "$work/c.db.keys" "$work/lost"
exits "keys that are lost" 3 "$cobijo" user list
like "are asked for by name" "$(cat "$work/err")" 'archivo de llaves .*c.db.keys'
exits "--keys names them" 0 "$cobijo" --keys "$work/lost" user list
cp "$work/a.db.keys" "$work/c.db.keys"
COBIJO_STORE=sqlite:$work/a.db "$cobijo" key open --user ana \
    --password-file "$work/password" > /dev/null
exits "those of another house open nothing" 3 "$cobijo" user list
like "and it says so" "$(cat "$work/err")" 'es de otra casa'
head -c 200 "$work/lost" > "$work/c.db.keys"
exits "half a keys file" 3 "$cobijo" user list
like "is told" "$(cat "$work/err")" 'llaves está dañado'
mv "$work/lost" "$work/c.db.keys"

# --- doctor ---------------------------------------------------------------------------
exits "doctor finds what is missing" 1 "$cobijo" doctor
like "paper" "$(cat "$work/out")" '! No hay papel'
like "a backup" "$(cat "$work/out")" '! No hay copia'
chmod 644 "$work/c.db.keys"
"$cobijo" doctor > "$work/doctor"
like "a keys file that others can read" "$(cat "$work/doctor")" '! Otras personas'
finish
