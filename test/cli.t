#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# cli.t - the command line: usage, exit codes, and what each command does to a
# store. Everybody in it is made up.
cd "$(dirname "$0")/.." || exit 3
. test/tap.sh
unset COBIJO_STORE
LANG=es_MX.UTF-8 LC_ALL=
export LANG LC_ALL

# --- usage --------------------------------------------------------------------
exits "no command is usage" 2 "$cobijo"
like "the usage names the commands" "$(cat "$work/err")" "cobijo serve"
exits "help is no mistake" 0 "$cobijo" help
exits "an unknown command is usage" 2 "$cobijo" frobnicate
like "and named" "$(cat "$work/err")" 'orden «frobnicate»'
exits "half a command is usage" 2 "$cobijo" log
exits "help of one command" 0 "$cobijo" report --help
like "says its options" "$(cat "$work/out")" "--format html.csv.json"
exits "help of commands" 0 "$cobijo" help log
is "says all of them" "$(grep -c '^cobijo log' "$work/out")" \
    "$(grep -c '^COMMAND("log"' src/cli/commands.def)"
exits "help of none is usage" 2 "$cobijo" help frobnicate
exits "an unknown option is usage" 2 "$cobijo" version --loud
like "and named" "$(cat "$work/err")" "opción --loud"
LANG=en_US.UTF-8 exits "also in English" 2 "$cobijo" version --loud
like "in English" "$(cat "$work/err")" "option --loud is not known"
exits "an option without its value is usage" 2 "$cobijo" init --site
exits "a flag with a value is usage" 2 "$cobijo" init --password-stdin=yes
exits "an argument too many is usage" 2 "$cobijo" version 1
exits "an argument too few is usage" 2 "$cobijo" import person
exits "a report that is not there is usage" 2 "$cobijo" --store sqlite:none \
    report yearly
exits "a format that is none is usage" 2 "$cobijo" --store sqlite:none \
    report monthly --format pdf
exits "a store of no known kind is usage" 2 "$cobijo" --store mysql:x log verify
exits "the version" 0 "$cobijo" version
like "says its name" "$(cat "$work/out")" "^cobijo [0-9]"
LANG=en_US.UTF-8 "$cobijo" help > "$work/help"
like "help speaks English when asked" "$(cat "$work/help")" \
    "Makes a new store"

run_on()
{
    store=$1
    cobijo_on() { "$cobijo" --store "$store" "$@"; }

    # --- init -----------------------------------------------------------------
    exits "a store that is not there is refused or fails" "$2" \
        cobijo_on user list
    exits "init without a password is usage" 2 cobijo_on init --site Prueba
    printf 'corta\n' > "$work/short"
    exits "a short password is refused" 1 \
        cobijo_on init --site Prueba --password-file "$work/short"
    printf 'albergue2026!\n' > "$work/short"
    exits "one that is soon guessed, too" 1 \
        cobijo_on init --site Prueba --password-file "$work/short"
    printf 'una frase larga\r\n' > "$work/password"
    exits "init" 0 cobijo_on init --site "Albergue de prueba" --admin jefa \
        --password-file "$work/password"
    exits "init twice is refused" 1 cobijo_on init --site Otra \
        --password-file "$work/password"

    # --- users and tokens -----------------------------------------------------
    cobijo_on user list > "$work/out"
    like "the first account is there" "$(cat "$work/out")" "^jefa	admin"
    exits "a second account" 0 cobijo_on user add ana --role case_worker \
        --display "Ana (ejemplo)" --password-file "$work/password"
    exits "twice the same name is refused" 1 cobijo_on user add ana \
        --role case_worker --password-file "$work/password"
    exits "a role that is not there is refused" 1 cobijo_on user add eva \
        --role queen --password-file "$work/password"
    exits "a site that is not there is refused" 1 cobijo_on user add eva \
        --role case_worker --site "Otra casa" --password-file "$work/password"
    exits "its own is not" 0 cobijo_on user add eva --role case_worker \
        --site "albergue de prueba" --password-file "$work/password"
    exits "no role is usage" 2 cobijo_on user add eva \
        --password-file "$work/password"
    printf 'otra frase larga\n' > "$work/other"
    exits "a password is changed" 0 cobijo_on user password ana \
        --password-file "$work/other"
    exits "of somebody who is not there: refused" 1 cobijo_on user password \
        nadie --password-file "$work/other"
    exits "a token" 0 cobijo_on token add programa --role case_worker
    like "is the last line" "$(tail -n 1 "$work/out")" "^[A-Za-z0-9_-]{43,}$"

    exits "an invitation" 0 cobijo_on user invite --role intake \
        --public-url https://casa.example
    like "is a link, the last line" "$(tail -n 1 "$work/out")" \
        "^https://casa.example/invitation/[A-Za-z0-9_-]{43}$"
    exits "to a role that is none: refused" 1 cobijo_on user invite \
        --role reina
    exits "a rule is set" 0 cobijo_on policy set lock_minutes 5 --why turnos
    exits "without a reason it is refused" 1 cobijo_on policy set \
        lock_minutes 6
    exits "rules are listed" 0 cobijo_on policy list
    like "with what is in force" "$(cat "$work/out")" "^lock_minutes	5	"

    # --- forms ----------------------------------------------------------------
    exits "the forms are listed" 0 cobijo_on form list
    like "person is among them" "$(cat "$work/out")" "^person	"
    exits "a form is shown" 0 cobijo_on form show person
    ok "as it was shipped" cmp "$work/out" forms/person.csv
    exits "one that is not there is refused" 1 cobijo_on form show nothing
    cat > "$work/taller.csv" <<'FORM'
survey,,,,
,type,name,label,bind::cobijo:list
,text,title,Título,yes
,integer,hours,Horas,
settings,,,,
,form_id,form_title,version,
,taller,Taller,1,
FORM
    exits "a form of one's own is checked" 0 "$cobijo" form check \
        "$work/taller.csv"
    exits "and installed" 0 cobijo_on form install "$work/taller.csv"
    exits "twice is harmless" 0 cobijo_on form install "$work/taller.csv"
    sed 's/Horas/Horas de clase/' "$work/taller.csv" > "$work/changed.csv"
    exits "the same version with other text is refused" 1 \
        cobijo_on form install "$work/changed.csv"
    cobijo_on form list > "$work/out"
    like "it is listed" "$(cat "$work/out")" "^taller	1	Taller"
    exits "the program's forms are in use" 0 cobijo_on form update
    like "nothing to change" "$(cat "$work/out")" "Nada que cambiar"
    cobijo_on form show need | sed 's/2026112[0-9]*/2027010101/' \
        > "$work/need.csv"
    exits "one is made our own" 0 cobijo_on form install "$work/need.csv"
    exits "and stays" 0 cobijo_on form update
    exits "a form that is not there is not updated" 1 cobijo_on form update \
        nothing
    printf 'survey,,\n,type,name\n,texto,a b\n' > "$work/bad.csv"
    exits "a wrong form is refused" 1 "$cobijo" form check "$work/bad.csv"
    like "with sheet, row and column" "$(cat "$work/err")" \
        "bad.csv: survey:[0-9]+:(type|name): "

    # --- the log --------------------------------------------------------------
    exits "the log verifies" 0 cobijo_on log verify
    like "and counts" "$(cat "$work/out")" "^[0-9]+ "
    exits "the tables are made again" 0 cobijo_on log rebuild
    cobijo_on user list > "$work/out"
    like "the users are still there" "$(cat "$work/out")" "^ana	case_worker"
    exits "a record that is not there is refused" 1 cobijo_on log show \
        00000000-0000-7000-8000-000000000000
    id=$(cobijo_on export user --format json |
        sed -n 's/.*"id":"\([^"]*\)".*"name":"ana".*/\1/p' | tail -n 1)
    exits "a history is shown" 0 cobijo_on log show "$id"
    like "with its first entry" "$(cat "$work/out")" "create.*\"name\":\"ana\""

    # --- export, report -------------------------------------------------------
    exits "users as CSV" 0 cobijo_on export user
    like "with a heading" "$(head -n 1 "$work/out")" "^_id,.*,name,.*role"
    is "a line each" "$(wc -l < "$work/out" | tr -d ' ')" 4
    exits "as JSON" 0 cobijo_on export user --format json
    ok "that parses" node -e '
        const rows = JSON.parse(require("fs").readFileSync(process.argv[1]));
        process.exit(rows.length === 3 ? 0 : 1)' "$work/out"
    exits "as something else: usage" 2 cobijo_on export user --format xml
    exits "a kind that is not there is refused" 1 cobijo_on export nothing
    exits "a report" 0 cobijo_on report monthly --from 2026-11-01 \
        --to 2026-11-30
    like "as CSV" "$(cat "$work/out")" "^REG-01,"
    exits "as JSON" 0 cobijo_on report monthly --format json
    ok "that parses too" node -e '
        JSON.parse(require("fs").readFileSync(process.argv[1]))' "$work/out"
    exits "as a page" 0 cobijo_on report monthly --from 2026-11-01 \
        --to 2026-11-30 --format html
    like "that is whole" "$(tr -d '\n' < "$work/out")" \
        '^<!doctype html>.*<html lang="es">.*REG-01.*ASI-08.*</html>$'
    unlike "and needs nothing else" "$(cat "$work/out")" '(href|src|action)='
    LANG=en_US.UTF-8 cobijo_on report monthly --format html > "$work/out"
    like "in English" "$(cat "$work/out")" '<html lang="en">'
    exits "a date that is none: usage" 2 cobijo_on report monthly \
        --from yesterday
    exits "a period backwards: usage" 2 cobijo_on report monthly \
        --from 2026-11-30 --to 2026-11-01

    # --- conditions and a site's own figures ----------------------------------
    exits "an export by a condition" 0 cobijo_on export user \
        --where "\${name} = 'ana'"
    is "has what meets it" "$(wc -l < "$work/out" | tr -d ' ')" 2
    exits "one without SQL is refused" 1 cobijo_on export user \
        --where "regex(\${name}, 'a')"
    like "with the reason" "$(cat "$work/err")" "consulta: regex"
    exits "an unknown question is refused" 1 cobijo_on export user \
        --where "\${nothing} = 1"
    like "and named" "$(cat "$work/err")" "«nothing»"
    # --- two people, where the house wants them -------------------------------
    exits "the house wants two people" 0 cobijo_on policy set export_second \
        yes --why "somos muchos"
    exits "nobody is asked silently: one is refused" 1 cobijo_on export person
    like "with the way" "$(cat "$work/err")" "--by y --second"
    is "and without a line" "$(wc -c < "$work/out" | tr -d ' ')" 0
    exits "a supervisor" 0 cobijo_on user add lupe --role supervisor \
        --password-file "$work/other"
    two() { cobijo_on export person --reason "Informe al patronato" "$@"; }
    printf '%s\n%s\n' 'una frase larga' 'otra frase larga' > "$work/both"
    exits "two are enough" 0 two --by jefa --second lupe \
        --password-file "$work/both"
    like "and the file leaves" "$(head -n 1 "$work/out")" "^_id,"
    exits "not without a reason" 1 cobijo_on export person --by jefa \
        --second lupe --password-file "$work/both"
    exits "not one alone" 1 two --by jefa --second jefa \
        --password-file "$work/both"
    exits "not who may not" 1 two --by jefa --second ana \
        --password-file "$work/both"
    printf '%s\n%s\n' 'una frase larga' 'otra frase' > "$work/both"
    exits "not with a wrong password" 1 two --by jefa --second lupe \
        --password-file "$work/both"
    exits "the places of the public are not asked for" 0 cobijo_on export \
        directory --format geojson
    exits "the house wants one again" 0 cobijo_on policy set export_second no \
        --why "somos pocos"
    is "the log has both, once" "$(cobijo_on export export --format json |
        grep -c '"seconded_by":"[^"]')" 1

    exits "the indicators in use are right" 0 cobijo_on indicator check
    exits "and can be listed" 0 cobijo_on indicator list
    like "with how they count" "$(cat "$work/out")" "^ASI-01.*persons"
    mkdir -p "$work/site"
    printf '%s\n' 'code,version,label,unit,count,kind,date,filter' \
        "SITE-1,1,Own,x,records,arrival,arrived_on,\${first_time} = 'yes'" \
        "SITE-2,1,Wrong,x,records,arrival,arrived_on,pow(\${bed}; 2) = 4" \
        > "$work/site/indicator.csv"
    exits "a table with a mistake is refused" 1 cobijo_on indicator check \
        "$work/site/indicator.csv"
    like "by row and column" "$(cat "$work/err")" "indicator:3:filter: "
    COBIJO_CATALOG=$work/site cobijo_on report monthly --format csv \
        > "$work/out"
    like "a site's own is in the report" "$(cat "$work/out")" \
        "^SITE-1,1,Own,total,,,0"
    like "a wrong one without a figure" "$(cat "$work/out")" \
        "^SITE-2,1,Wrong,total,,,,"
    if [ -w /dev/full ]; then
        "$cobijo" --store "$store" export user > /dev/full 2> "$work/err"
        is "a full disk is the environment's failure" $? 3
    fi
}

run_on "sqlite:$work/a.db" 3

printf 'this is no database, only text that is long enough to be read' \
    > "$work/broken.db"
exits "a damaged file is the environment's failure" 3 \
    "$cobijo" --store "sqlite:$work/broken.db" log verify
like "and says so" "$(cat "$work/err")" "dañado"

if [ -n "${COBIJO_TEST_PG:-}" ]; then
    # a database without tables has no site: the input is refused
    run_on "$COBIJO_TEST_PG" 1
    exits "no server: the environment's failure" 3 "$cobijo" \
        --store postgresql://nobody@127.0.0.1:1/nothing log verify
else
    skip "the same on PostgreSQL" "COBIJO_TEST_PG names no server"
fi
finish
