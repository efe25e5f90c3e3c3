#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# sheets.t - forms and registers as people have them: .xlsx, .xls, Markdown,
# told apart by content, checked, installed and imported as the .csv of the
# same. test/data/make.mjs made the files; everybody in them is made up.
cd "$(dirname "$0")/.." || exit 3
. test/tap.sh
unset COBIJO_STORE
LANG=es_MX.UTF-8 LC_ALL=
export LANG LC_ALL
store="sqlite:$work/a.db"
on() { "$cobijo" --store "$store" "$@"; }

# --- forms --------------------------------------------------------------------
for kind in xlsx xls; do
    exits "an .$kind form is checked" 0 "$cobijo" form check \
        "test/data/form.$kind"
    exits "and shown as it would be kept" 0 "$cobijo" form show \
        "test/data/form.$kind"
    cp "$work/out" "$work/$kind.csv"
done
ok ".xlsx and .xls say the same" cmp "$work/xlsx.csv" "$work/xls.csv"
ok "with the rows of the spreadsheet" grep -n "^,text,title,Título  del “taller”" \
    "$work/xlsx.csv"
ok "and dates as dates" grep -q "^,date,day,Día,,,2026-11-22$" "$work/xlsx.csv"
cp test/data/form.xls "$work/named.xlsx"
exits "an .xls that is called .xlsx" 0 "$cobijo" form check "$work/named.xlsx"
exits "a mistake in a spreadsheet" 1 "$cobijo" form check test/data/wrong.xlsx
like "names the row that its author sees" "$(cat "$work/err")" \
    "wrong.xlsx: survey:5:type: "
cat > "$work/f.md" <<'FORM'
| survey |
|        | type | name  | label |
|        | text | title | Plática |
| settings |
|        | form_id | form_title | version |
|        | platica | Plática    | 1 |
FORM
exits "a form in Markdown" 0 "$cobijo" form check "$work/f.md"

# --- refusals -----------------------------------------------------------------
head -c 1200 test/data/form.xlsx > "$work/cut.xlsx"
exits "half an .xlsx is refused" 1 "$cobijo" form check "$work/cut.xlsx"
like "and says what to do" "$(cat "$work/err")" "dañado.*guárdelo"
LANG=en_US.UTF-8 "$cobijo" form check "$work/cut.xlsx" 2> "$work/err"
like "in English too" "$(cat "$work/err")" "damaged.*save it"
head -c 3000 test/data/form.xls > "$work/cut.xls"
exits "half an .xls is refused" 1 "$cobijo" form check "$work/cut.xls"
printf '%%PDF-1.7\n' > "$work/a.xlsx"
exits "a PDF is refused" 1 "$cobijo" form check "$work/a.xlsx"
printf '<html><table><tr><td>survey</td></tr></table></html>' > "$work/a.xls"
exits "a web page called .xls is refused" 1 "$cobijo" form check "$work/a.xls"
like "and says so" "$(cat "$work/err")" "No es una hoja de cálculo"

# --- a store ------------------------------------------------------------------
printf 'una frase larga\n' > "$work/password"
exits "a store" 0 on init --site Prueba --admin admin --password-file \
    "$work/password"
exits "an .xlsx form is installed" 0 on form install test/data/form.xlsx
exits "its .xls twin is the same form" 0 on form install test/data/form.xls
exits "it is listed" 0 on form list
like "with its title" "$(cat "$work/out")" "taller	3	Taller"
exits "what was installed is shown" 0 on form show taller
ok "as it was kept" cmp "$work/out" "$work/xlsx.csv"

# --- registers ----------------------------------------------------------------
for kind in csv xlsx xls; do
    exits "a register as .$kind" 0 on import person --dry-run \
        "test/data/register.$kind"
    cp "$work/out" "$work/register.$kind"
    cp "$work/err" "$work/register.$kind.err"
done
ok "the .xlsx means what the .csv means" cmp "$work/register.csv" \
    "$work/register.xlsx"
ok "the .xls too" cmp "$work/register.csv" "$work/register.xls"
like "the sheet that was read is named" "$(cat "$work/register.xlsx.err")" \
    "Se lee solo la hoja: Registro"
like "three people come in" "$(cat "$work/register.xlsx")" "^3 entran"
exits "the .xlsx comes in" 0 on import person test/data/register.xlsx
like "three people did" "$(cat "$work/out")" "^3 entran"
exits "the .xls is known then" 0 on import person test/data/register.xls
like "all three" "$(cat "$work/out")" "3 ya estaban"
exits "so is the .csv" 0 on import person test/data/register.csv
like "all three again" "$(cat "$work/out")" "3 ya estaban"
finish
