#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# hostile.t - files and posts made to hurt: refused with the reason, in bounded
# memory and time. What spreadsheets can hide is in t_read_xlsx and t_read_xls,
# what XML can in t_xml_tree; here are forms, expressions, exports and posts.
cd "$(dirname "$0")/.." || exit 3
. test/tap.sh
command -v curl > /dev/null || { echo "1..0 # SKIP no curl"; exit 0; }
COBIJO_STORE=sqlite:$work/a.db
export COBIJO_STORE

repeat() { awk -v n="$1" -v s="$2" 'BEGIN { while (n-- > 0) printf "%s", s }'; }
# check NAME FILE REGEX: the form is refused, and says why, within 10 seconds
check() {
    timeout 10 "$cobijo" form check "$2" > "$work/out" 2>&1
    code=$?
    is "$1 is refused" "$code" 1
    like "$1: and why" "$(cat "$work/out")" "$3"
}
settings() { printf 'settings,,,\n,form_id,form_title,version\n,h,H,1\n'; }

# --- forms --------------------------------------------------------------------
{
    printf 'survey,,,,\n,type,name,label,relevant\n'
    awk 'BEGIN { for (i = 0; i < 1000; i++) printf ",begin_group,g%d,G,\n", i
        print ",text,a,A,"
        for (i = 0; i < 1000; i++) print ",end_group,,," }'
    settings
} > "$work/groups.csv"
check "a thousand groups in one another" "$work/groups.csv" 'grupo|nivel'
{
    printf 'survey,,,,\n,type,name,label,constraint\n,integer,a,A,%s1%s\n' \
        "$(repeat 1000 '(')" "$(repeat 1000 ')')"
    settings
} > "$work/parentheses.csv"
check "a thousand parentheses" "$work/parentheses.csv" 'niveles'
{
    printf 'survey,,,,\n,type,name,label,calculation\n'
    printf ',calculate,a,,${b} + 1\n,calculate,b,,${c} + 1\n'
    printf ',calculate,c,,${a} + 1\n'
    settings
} > "$work/circle.csv"
check "calculations in a circle" "$work/circle.csv" 'a.*b.*c|b.*c.*a|c.*a.*b'
{
    printf 'survey,,,,\n,type,name,label,relevant\n'
    printf ',begin_group,g,G,${a} = 1\n,integer,a,A,\n,end_group,,,\n'
    settings
} > "$work/group.csv"
check "a group that depends on what is in it" "$work/group.csv" 'a|g'

# --- expressions --------------------------------------------------------------
as=$(repeat 5000 a)
for pattern in '^(a+)+$' '^(a|aa)+$' '^(a|a?)+$' '^(.*a){20}$' '(a*)*b'; do
    # shellcheck disable=SC2016
    is "$pattern on 5,000 letters, in time" "$(timeout 10 "$cobijo" form eval \
        "regex('${as}!', '$pattern')" 2>&1)" false
done
exits "a pattern with huge counts" 1 timeout 10 "$cobijo" form eval \
    "regex('a', '((a{1000}){1000}){1000}')"
exits "parentheses without end" 1 timeout 10 "$cobijo" form eval \
    "$(repeat 5000 '(')1$(repeat 5000 ')')"
exits "minus without end" 1 timeout 10 "$cobijo" form eval "1$(repeat 5000 '-')1"

# --- a store and a server -----------------------------------------------------
printf 'una frase larga\n' > "$work/password"
exits "a store" 0 "$cobijo" init --site "Albergue de prueba" \
    --password-file "$work/password"
cat > "$work/visita.csv" << 'CSV'
survey,,,
,type,name,label
,text,lugar,Lugar
,text,nota,Nota
settings,,,
,form_id,form_title,version
,visita,Visita,1
CSV
exits "a form" 0 "$cobijo" form install "$work/visita.csv"
token=$("$cobijo" token add prueba --role admin | tail -n 1)
key=$("$cobijo" device add brigada --role admin | tail -n 1)
ok "it starts" start_server
status() { curl -s -o "$work/body" -m 60 -w '%{http_code}' "$@"; }
api() { status -H 'Accept: application/json' -H "Authorization: Bearer $token" \
    "$@"; }
peak() { awk '/VmHWM/ { print int($2 / 1024) }' "/proc/$server/status"; }

# --- formulas -----------------------------------------------------------------
n=0
for cell in '=1+1' '+1' '-1+1' '@SUM(A1)' '	=1'; do
    n=$((n + 1))
    is "a text like a formula is kept ($n)" "$(api --data-urlencode \
        "lugar=x" --data-urlencode "nota=$cell" "$url/record/visita")" 201
done
"$cobijo" export visita > "$work/export.csv" 2> /dev/null
for cell in '=1+1' '+1' '-1+1' '@SUM'; do
    ok "a spreadsheet does not run $cell" grep -qF "'$cell" "$work/export.csv"
done
ok "none is left bare" sh -c \
    "! grep -qE '(^|,)\"?[=+@-]' '$work/export.csv'"

# --- XML ----------------------------------------------------------------------
post() { status -H 'X-OpenRosa-Version: 1.0' \
    -F "xml_submission_file=@$1;type=text/xml" "$url/key/$key/submission"; }
{
    printf '<!DOCTYPE d [<!ENTITY a0 "ha">'
    awk 'BEGIN { for (i = 1; i < 30; i++)
        printf "<!ENTITY a%d \"&a%d;&a%d;\">", i, i - 1, i - 1 }'
    printf ']><data id="visita"><lugar>&a29;</lugar></data>'
} > "$work/laughs.xml"
is "a billion laughs in a submission" "$(post "$work/laughs.xml")" 400
like "is told" "$(cat "$work/body")" 'entidades'
printf '<!DOCTYPE d SYSTEM "file:///etc/passwd"><data id="visita"/>' \
    > "$work/outside.xml"
is "a document type from elsewhere" "$(post "$work/outside.xml")" 400
{
    printf '<data id="visita">'
    repeat 1000 '<lugar>'
    repeat 1000 '</lugar>'
    printf '</data>'
} > "$work/deep.xml"
is "a thousand elements deep" "$(post "$work/deep.xml")" 400
{
    printf '<data id="visita" '
    awk 'BEGIN { for (i = 0; i < 5000; i++) printf "a%d=\"1\" ", i }'
    printf '/>'
} > "$work/attributes.xml"
is "five thousand attributes" "$(post "$work/attributes.xml")" 400

# --- 200 MB -------------------------------------------------------------------
truncate -s 209715200 "$work/large"
before=$(peak)
began=$(date +%s)
is "200 MB as a submission" "$(status -H 'X-OpenRosa-Version: 1.0' \
    -F "xml_submission_file=@$work/large" "$url/key/$key/submission")" 413
like "with the reason" "$(cat "$work/body")" '64 MB'
is "200 MB as a form" "$(api -F "file=@$work/large" "$url/form/upload")" 413
like "with the reason" "$(cat "$work/body")" 'demasiado grande'
is "200 MB as a register" "$(api -F "file=@$work/large" "$url/import")" 413
like "with the reason" "$(cat "$work/body")" 'demasiado grande'
is "200 MB in pieces of unknown number" "$(api -H 'Expect:' \
    -H 'Transfer-Encoding: chunked' -F "file=@$work/large" "$url/import")" 413
after=$(peak)
took=$(($(date +%s) - began))
tap_note "peak $before MiB before, $after MiB after, $took s" ''
most=64
case $cobijo in *sanitize*) most=600 ;; esac # it keeps what was freed
ok "the server grew by less than $most MiB" [ $((after - before)) -lt $most ]
ok "and took less than 20 s" [ "$took" -lt 20 ]

# --- what needs no account ----------------------------------------------------
before=$(peak)
node -e 'console.log("[".repeat(100000))' > "$work/deep.json"
for path in /help /help/back /directory /alerts/push /alerts/push/forget; do
    is "200 MB to $path" "$(status --data-binary "@$work/large" "$url$path")" \
        413
    like "$path: arrays without end" "$(status --data "@$work/deep.json" \
        -H 'Content-Type: application/json' "$url$path")" '^4'
done
# path, the answers that are right
while read -r want path; do
    like "$path" "$(status -m 20 "$url$path")" "^($want)$"
    ok "$path: little" [ "$(wc -c < "$work/body")" -lt 262144 ]
done << 'PATHS'
422 /services?page=99999999999999999999
200|422 /services?per_page=1000000000
422 /organizations?page=-1
200|422 /service_at_locations?search=%27%22%3B--&page=0
200|422 /taxonomy_terms?per_page=-5
404 /services/%27%20OR%201=1
200|304|422 /offline/changes?since=99999999999999999999
200|400|422 /directory?lat=1e400&lon=nan
400 /directory?q=%00
200|404|422 /directory?page=999999999999
404 /directory/..%2f..%2fetc%2fpasswd
404 /know/..%2f..%2fetc%2fpasswd
404 /alert/%27/cap
200 /alerts.atom?lang=%3Cscript%3E
PATHS
is "an address of 60,000 letters" "$(status "$url/directory?q=$(repeat 60000 a)")" 414
is "five thousand words to look for" "$(status --data-urlencode \
    "q=$(repeat 5000 'ab ')" "$url/directory")" 200
ok "the server grew by less than $most MiB" [ $(($(peak) - before)) -lt $most ]

# --- drop by drop -------------------------------------------------------------
drip() { node -e '
    const [, port, key] = process.argv;
    const socket = require("net").connect(Number(port), "127.0.0.1");
    const began = Date.now();
    let timer;
    socket.on("connect", () => {
        socket.write("POST /key/" + key + "/submission HTTP/1.1\r\n" +
            "Host: x\r\nContent-Type: text/xml\r\n" +
            "Content-Length: 1000000\r\n\r\n");
        timer = setInterval(() => socket.write("x"), 1000);
    });
    const over = () => { clearInterval(timer);
        console.log(Math.round((Date.now() - began) / 1000)); process.exit(); };
    socket.on("close", over).on("error", over);
    setTimeout(() => { console.log("still open"); process.exit(); }, 60000);
    ' "${url##*:}" "$key"; }
like "a body that comes byte by byte is cut after half a minute" "$(drip)" \
    '^(2[89]|3[0-9])$'
is "still well after all that" "$(status "$url/health")" 200
finish
