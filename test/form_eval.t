#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# form_eval.t - cobijo form eval: what it prints, and its exit codes. The
# answers are made up.
cd "$(dirname "$0")/.." || exit 3
. test/tap.sh
unset COBIJO_STORE
LANG=es_MX.UTF-8 LC_ALL=
export LANG LC_ALL

cat > "$work/data.xml" <<'XML'
<?xml version="1.0"?>
<data id="f"><a>3</a>
  <r><n>1</n><d>2026-01-02</d></r>
  <r><n>4</n><d/></r>
  <place><p>0 0</p><p>0 1</p></place>
</data>
XML

# says EXPR RESULT [CONTEXT]
says()
{
    "$cobijo" form eval "$1" --xml "$work/data.xml" --context "${3:-/}" \
        > "$work/out" 2> "$work/err"
    is "$1" "$? $(cat "$work/out")" "0 $2"
}
says "sum(/data/r/n)" 5
says "/data/a > 2" true
says "not(/data/a > 2)" false
says "concat('x', ../../a)" x3 "/data/r[2]/n"
says "position(..)" 2 "/data/r[2]/n"
says "1 div 0" Infinity
says "number('x')" NaN
says "0.1 + 0.2" 0.30000000000000004
says "../d" 2026-01-02 "/data[1]/r[1]/n[1]"
says "count(//n | //a)" 3
says "//r[not(d)]/n" 4
says "//r[d = '']/n" 4
says "distance(/data/place/p)" 111318.85
says "@id" f /data
says "-5" -5
says "string-length(uuid())" 36

is "the zone is TZ" "$(TZ=America/Phoenix "$cobijo" form eval \
    "date-time(0)")" "1969-12-31T17:00:00.000-07:00"
echo '{"a":"4","r":[{"x":"1"},{"x":"2"}]}' > "$work/answers.json"
is "answers" "$("$cobijo" form eval 'sum(${x}) + ${a}' \
    --answers "$work/answers.json")" 7
is "answers beside a document" "$("$cobijo" form eval '${a} + /data/a' \
    --answers "$work/answers.json" --xml "$work/data.xml")" 7
is "a form" "$("$cobijo" form eval 'count(/data/*)' --form \
    test/expr/household.csv --answers "$work/answers.json")" 4

# fails EXPR WORDS
fails()
{
    exits "$1" 1 "$cobijo" form eval "$1" --xml "$work/data.xml"
    like "says why" "$(cat "$work/err")" "$2"
}
fails "1 +" "incompleta"
fails "foo(1)" "No existe la función"
fails "concat(" "incompleta"
fails "not(1, 2)" "más o menos datos"
fails "date('zz')" "necesita una fecha"
fails "instance('l')/root" "«l»"
is "an error that is not reached" "$("$cobijo" form eval \
    "if(true(), 'a', foo())")" a
exits "no such place" 1 "$cobijo" form eval 1 --xml "$work/data.xml" \
    --context /data/zzz
exits "no such file" 1 "$cobijo" form eval 1 --xml "$work/nothing.xml"
echo '<a><b></a>' > "$work/bad.xml"
exits "a document with a mistake" 1 "$cobijo" form eval 1 \
    --xml "$work/bad.xml"
like "says the line" "$(cat "$work/err")" "línea 1"
echo '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>' > "$work/bad.xml"
LANG=en_US.UTF-8 exits "entities" 1 "$cobijo" form eval 1 \
    --xml "$work/bad.xml"
exits "no expression: usage" 2 "$cobijo" form eval
finish
