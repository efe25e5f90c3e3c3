#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# score.t - `cobijo form score` as scripts see it: figures, languages, formats
# and exit codes. The answers are invented (test/instruments).
cd "$(dirname "$0")/.." || exit 3
. test/tap.sh
unset COBIJO_STORE
LANG=es_MX.UTF-8 LC_ALL=
export LANG LC_ALL

score() # FORM ANSWERS [options]
{
    tap_form=forms/$1.csv tap_answers=$2
    shift 2
    "$cobijo" form score "$tap_form" --answers "$tap_answers" "$@"
}
out()
{
    cat "$work/out"
}

exits "a score is printed" 0 score shelter_check \
    test/instruments/shelter_check.json
like "the total" "$(out)" 'Puntaje del albergue \(%\): 79\.4 \(208 de 262\)'
like "the level in words" "$(out)" 'Banda: C: 50 a 69'
like "and the answer without which it would be another" "$(out)" \
    'Sin esta respuesta sería B: 70 a 84: Salidas de emergencia'
like "what an answer counts" "$(out)" '0 de 6 puntos  Salidas de emergencia'
like "measured answers count together" "$(out)" \
    '3 de 6 puntos  Superficie cubierta por persona: .*240'
like "a subtotal" "$(out)" 'Seguridad \(%\): 71\.4 \(30 de 42\)'
exits "as JSON" 0 score shelter_check test/instruments/shelter_check.json \
    --format json
like "with figures as figures" "$(out)" '"obtained": 208'

for instrument in vulnerability best_interest ofam_evaluation coexistence \
    health_intake; do
    exits "$instrument" 0 score $instrument test/instruments/$instrument.json
done

LANG=en_US.UTF-8
score vulnerability test/instruments/vulnerability.json > "$work/out"
like "in English" "$(out)" \
    '^This instrument has no total; see the subtotals\.$'
like "the form's own words, too" "$(out)" 'Index band: the person: Medium'
like "points in English" "$(out)" '3 points  Travels alone: High'
LANG=es_MX.UTF-8

echo '{"answers":{"o01_law":"constitucion"}}' > "$work/a.json"
exits "answers that the form refuses are not scored" 1 \
    score ofam_evaluation "$work/a.json"
like "it says which" "$(cat "$work/err")" 'o01_law \(Base jurídica\)'
is "nothing is printed" "$(out)" ""
echo '[1]' > "$work/a.json"
exits "answers that are no object" 1 score ofam_evaluation "$work/a.json"
echo '{' > "$work/a.json"
exits "answers that are no JSON" 1 score ofam_evaluation "$work/a.json"
exits "no file of answers" 1 score ofam_evaluation "$work/none.json"
echo '{}' > "$work/a.json"
exits "a form without scores" 1 score need "$work/a.json"
like "it says what is missing" "$(cat "$work/err")" 'bind::cobijo:score'
exits "no answers is a matter of usage" 2 "$cobijo" form score forms/need.csv
exits "and so is a format that there is not" 2 score shelter_check \
    test/instruments/shelter_check.json --format xml
finish
