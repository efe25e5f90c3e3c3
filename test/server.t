#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# server.t - the HTTP door as a client meets it: limits, assets, compression,
# TLS, stopping, a store that goes away. Everybody in it is made up.
cd "$(dirname "$0")/.." || exit 3
. test/tap.sh
command -v curl > /dev/null || { echo "1..0 # SKIP no curl"; exit 0; }
COBIJO_STORE=sqlite:$work/a.db
export COBIJO_STORE

printf 'una frase larga\n' > "$work/password"
exits "a store" 0 "$cobijo" init --site "Albergue de prueba" \
    --password-file "$work/password"
is "which nobody else on this machine may read" \
    "$(stat -c %a "$work/a.db")" 600
token=$("$cobijo" token add prueba --role admin | tail -n 1)

# head -c of /dev/zero, as JSON text
big() { printf '{"given_names":"'; head -c "$1" /dev/zero | tr '\0' x; printf '"}'; }
status() { curl -s -o "$work/body" -D "$work/headers" -w '%{http_code}' "$@"; }
header() { tr -d '\r' < "$work/headers" | sed -n "s/^$1: //Ip" | tail -n 1; }

# --- where it may listen ------------------------------------------------------
exits "plain HTTP beyond this machine is refused" 2 \
    "$cobijo" serve --listen 0.0.0.0:0
exits "an address that is none is usage" 2 "$cobijo" serve --listen nowhere
exits "a certificate without its key is usage" 2 "$cobijo" serve \
    --tls-cert "$work/none"
exits "a certificate that is not there" 1 "$cobijo" serve \
    --tls-cert "$work/none" --tls-key "$work/none"
exits "a proxy without an address is usage" 2 "$cobijo" serve \
    --trusted-proxy nginx
COBIJO_STORE=sqlite:$work/none.db exits "a store that is not there" 3 \
    "$cobijo" serve --listen 127.0.0.1:0

ok "it starts" start_server
exits "a port that is taken: the environment's failure" 3 \
    "$cobijo" serve --listen "${url#http://}"

# --- pages and assets ---------------------------------------------------------
is "health" "$(status "$url/health")" 200
like "says ok and the version" "$(cat "$work/body")" '"status":"ok".*"version"'
is "a stranger is sent to the login" "$(status "$url/today")" 303
like "there" "$(header Location)" "^/login"
is "a program must log in" \
    "$(status -H 'Accept: application/json' "$url/today")" 401
is "a wrong token is refused" "$(status -H 'Accept: application/json' \
    -H 'Authorization: Bearer nonsense' "$url/today")" 401
is "the token opens" "$(status -H 'Accept: application/json' \
    -H "Authorization: Bearer $token" "$url/person?q=")" 200
lost=$("$cobijo" token add perdida --role admin | tail -n 1)
is "another one does" "$(status -H 'Accept: application/json' \
    -H "Authorization: Bearer $lost" "$url/person?q=")" 200
exits "it is withdrawn" 0 "$cobijo" token revoke perdida
is "and opens no more" "$(status -H 'Accept: application/json' \
    -H "Authorization: Bearer $lost" "$url/person?q=")" 401
exits "what is not in use is not withdrawn" 1 "$cobijo" token revoke perdida
is "what is not there" "$(status "$url/nothing/here")" 404
is "a method that no page has" "$(status -X DELETE "$url/login")" 405
is "HEAD" "$(status -I "$url/login")" 200

curl -s "$url/login" > "$work/login.html"
asset=$(sed -n 's/.*href="\(\/asset\/[^"]*pico[^"]*\)".*/\1/p' \
    "$work/login.html" | head -n 1)
is "an asset" "$(status "$url$asset")" 200
like "is kept for a year" "$(header Cache-Control)" "immutable"
cp "$work/body" "$work/plain"
is "the same with gzip" "$(status -H 'Accept-Encoding: gzip' "$url$asset")" 200
is "says so" "$(header Content-Encoding)" gzip
gzip -dc < "$work/body" > "$work/unpacked"
ok "and is the same" cmp "$work/plain" "$work/unpacked"
is "with brotli where it is known" "$(status \
    -H 'Accept-Encoding: gzip, br;q=0.9' "$url$asset"; header Content-Encoding)" \
    200br
status -H 'Accept-Encoding: br;q=0, gzip;q=0' "$url$asset" > /dev/null
is "as it is when refused" "$(header Content-Encoding)" ''
etag=$(header ETag)
is "not sent again" "$(status -H "If-None-Match: $etag" "$url$asset")" 304
is "a template is no asset" "$(status "$url/asset/x/templates/login.html")" 404
is "nor a form" "$(status "$url/asset/x/forms/person.csv")" 404

# --- compression and secrets --------------------------------------------------
status -H 'Accept-Encoding: gzip' "$url/login" > /dev/null
is "a page is compressed" "$(header Content-Encoding)" gzip
status -H 'Accept-Encoding: gzip' -H 'Cookie: cobijo=x' \
    -H 'Sec-Fetch-Site: same-origin' "$url/login" > /dev/null
is "for one of ours too" "$(header Content-Encoding)" gzip
status -H 'Accept-Encoding: gzip' -H 'Cookie: cobijo=x' \
    -H 'Sec-Fetch-Site: cross-site' "$url/login" > /dev/null
is "not when another site asks with a cookie" "$(header Content-Encoding)" ''
status -H 'Accept-Encoding: gzip' -H 'Cookie: cobijo=x' "$url/login" > /dev/null
is "nor when nobody says who asks" "$(header Content-Encoding)" ''

# --- limits -------------------------------------------------------------------
json='Content-Type: application/json'
big 10485760 > "$work/big.json"
is "ten megabytes are too much" "$(status -H "$json" \
    -H "Authorization: Bearer $token" --data-binary "@$work/big.json" \
    -H 'Expect:' "$url/record/person")" 413
is "also in pieces" "$(status -H "$json" -H 'Transfer-Encoding: chunked' \
    -H "Authorization: Bearer $token" --data-binary "@$work/big.json" \
    -H 'Expect:' "$url/record/person")" 413
is "JSON that does not parse" "$(status -H "$json" \
    -H "Authorization: Bearer $token" --data '{"a":' "$url/record/person")" 400
printf '{"given_names":"\377"}' > "$work/latin.json"
is "bytes that are no UTF-8" "$(status -H "$json" \
    -H "Authorization: Bearer $token" --data-binary "@$work/latin.json" \
    "$url/record/person")" 400
head -c 2000 /dev/zero | tr '\0' '[' > "$work/deep.json"
is "JSON that is too deep" "$(status -H "$json" \
    -H "Authorization: Bearer $token" --data-binary "@$work/deep.json" \
    "$url/record/person")" 400
is "a field that no form has" "$(status -H "$json" \
    -H 'Accept: application/json' -H "Authorization: Bearer $token" \
    --data '{"nonsense":"1"}' "$url/record/person")" 422
like "is named" "$(cat "$work/body")" '"fields":\{.*"nonsense"'
long=$(head -c 60000 /dev/zero | tr '\0' a)
like "a header that is too long" "$(status -H "X-Long: $long" "$url/login")" \
    "^(4[0-9][0-9]|000)$"
like "an address that is too long" "$(status "$url/$long")" \
    "^(4[0-9][0-9]|000)$"
is "a wrong escape in the path" "$(status "$url/person/%zz")" 400
is "still well after all that" "$(status "$url/health")" 200

# --- whose address: throttling behind a proxy ----------------------------------
# guess ADDRESS: the status of a wrong password from there
guess()
{
    status -H "X-Forwarded-For: $1" --data name=alguien \
        --data password=equivocada "$url/login"
}
guesses() { for n in 1 2 3 4; do guess "$1" > /dev/null; done; guess "$1"; }
is "guessing is slowed down" "$(guesses 198.51.100.1)" 429
is "whatever address the client claims" "$(guess 198.51.100.2)" 429
exits "it ends" 0 stop_server
ok "it starts behind a proxy" start_server --trusted-proxy 127.0.0.1,::1
is "guessing is slowed down" "$(guesses 198.51.100.3)" 429
is "for that address" "$(guess 198.51.100.4)" 401

# --- the log ------------------------------------------------------------------
made=$(curl -s -H "$json" -H 'Accept: application/json' \
    -H "Authorization: Bearer $token" --data \
    '{"given_names":"Marisol (ejemplo)","first_surname":"Ficticia","sex":"M","nationality":"HND","birth_date":"1998"}' \
    "$url/record/person")
id=$(printf '%s' "$made" | sed -n 's/.*"id":"\([^"]*\)".*/\1/p')
like "a person is registered" "$made" '"id":"[0-9a-f-]{36}"'
status -H "Authorization: Bearer $token" "$url/person/$id?q=Ficticia" > /dev/null
sleep 0.3
like "the log names the route" "$(cat "$work/log")" '"route":"/person/:id"'
unlike "and nobody's name, id or search" "$(cat "$work/log")" \
    "Marisol|Ficticia|$id|nonsense"
ok "each line is JSON" node -e '
    for (const line of require("fs").readFileSync(process.argv[1], "utf8")
        .trim().split("\n")) JSON.parse(line)' "$work/log"

# --- stopping -----------------------------------------------------------------
# Twenty registrations are on their way when the signal comes: each is either
# answered with success and there, or not answered with success.
: > "$work/answers"
clients=
for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    curl -s -o /dev/null -w '%{http_code}\n' -H "$json" \
        -H "Authorization: Bearer $token" -H 'Accept: application/json' \
        --data "{\"given_names\":\"Prueba $i\",\"sex\":\"H\",\"nationality\":\"GTM\"}" \
        "$url/record/person" >> "$work/answers" &
    clients="$clients $!"
done
sleep 0.05
exits "SIGTERM ends it with 0" 0 stop_server
for id in $clients; do wait "$id"; done
yes=$(grep -c '^201' "$work/answers")
there=$("$cobijo" export person | grep -c 'Prueba')
is "every answered registration is there ($yes of 20)" "$there" "$yes"
exits "the log verifies" 0 "$cobijo" log verify
like "it said that it stopped" "$(tail -n 1 "$work/log")" '"event":"stopped"'

# --- TLS ----------------------------------------------------------------------
if command -v openssl > /dev/null; then
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
        -nodes -days 2 -subj /CN=localhost -keyout "$work/key.pem" \
        -out "$work/cert.pem" > /dev/null 2>&1
    ok "it starts with a certificate" start_server \
        --tls-cert "$work/cert.pem" --tls-key "$work/key.pem"
    like "on https" "$url" "^https://"
    is "health over TLS" "$(status -k "$url/health")" 200
    like "browsers are told to stay with TLS" \
        "$(header Strict-Transport-Security)" "max-age"
    csrf=$(curl -sk -c "$work/jar" "$url/login" |
        sed -n 's/.*name="_csrf" value="\([^"]*\)".*/\1/p' | head -n 1)
    status -k -b "$work/jar" --data-urlencode "_csrf=$csrf" \
        --data name=admin --data-urlencode "password=una frase larga" \
        "$url/login" > /dev/null
    cookie=$(grep -i '^set-cookie: __Host-cobijo=' "$work/headers")
    like "the cookie is for TLS only" "$cookie" \
        "HttpOnly.*Secure|Secure.*HttpOnly"
    like "and for our own pages" "$cookie" "SameSite"
    like "an old protocol is refused" \
        "$(curl -sk --tls-max 1.1 -o /dev/null -w '%{http_code}' \
            "$url/health")" "^000"
    exits "it ends" 0 stop_server
    ok "TLS beyond this machine is allowed" start_server \
        --listen 0.0.0.0:0 --tls-cert "$work/cert.pem" \
        --tls-key "$work/key.pem"
    exits "and ends" 0 stop_server
    printf 'nonsense' > "$work/bad.pem"
    exits "a certificate that is none" 3 "$cobijo" serve \
        --listen 127.0.0.1:0 --tls-cert "$work/bad.pem" \
        --tls-key "$work/key.pem"
    # --- a certificate of our own
    ok "it makes its own certificate" start_server --listen 0.0.0.0:0 \
        --tls-self "$work/own.pem"
    is "which nobody else may read" "$(stat -c %a "$work/own.pem")" 600
    print=$(openssl x509 -in "$work/own.pem" -noout -fingerprint -sha256 |
        sed 's/.*=//')
    like "its fingerprint is told at the start" "$(cat "$work/log")" "$print"
    url=https://127.0.0.1:${url##*:}
    is "it is for this machine's addresses" "$(status \
        --cacert "$work/own.pem" "$url/health")" 200
    status -k -H 'Accept: application/json' -H "Authorization: Bearer $token" \
        "$url/connect" > /dev/null
    like "and on the page that says how to connect" "$(cat "$work/body")" \
        "\"fingerprint\":\"$print\""
    case $(sed -n 's/^Seccomp:[[:space:]]*//p' "/proc/$server/status") in
    2) ok "the kernel filters what the server may ask" true ;;
    *) skip "the kernel filters what the server may ask" "no filter here" ;;
    esac
    is "nothing that it starts could gain rights" \
        "$(sed -n 's/^NoNewPrivs:[[:space:]]*//p' "/proc/$server/status")" 1
    exits "it ends" 0 stop_server
    cp "$work/own.pem" "$work/first.pem"
    ok "it starts again" start_server --tls-self "$work/own.pem"
    ok "with the same certificate" cmp "$work/own.pem" "$work/first.pem"
    exits "it ends" 0 stop_server
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
        -subj /CN=cobijo -days 5 -keyout "$work/k" -out "$work/c" 2> /dev/null
    cat "$work/c" "$work/k" > "$work/own.pem"
    openssl pkey -in "$work/own.pem" -pubout > "$work/before"
    ok "one that runs out is made anew" start_server --tls-self "$work/own.pem"
    openssl x509 -in "$work/own.pem" -noout -checkend 60000000 > /dev/null
    is "for two years" "$?" 0
    ok "with the same key" sh -c \
        "openssl pkey -in '$work/own.pem' -pubout | cmp - '$work/before'"
    exits "it ends" 0 stop_server
    echo nonsense > "$work/own.pem"
    exits "a file that is none is not overwritten" 3 "$cobijo" serve \
        --listen 127.0.0.1:0 --tls-self "$work/own.pem"
    is "it is as it was" "$(cat "$work/own.pem")" nonsense
else
    skip "TLS" "no openssl"
fi

# --- a store that goes away ---------------------------------------------------
ok "it starts again" start_server
mv "$work/a.db" "$work/away.db"
rm -f "$work/a.db-wal" "$work/a.db-shm"
like "without its file: an answer all the same" \
    "$(status -H "Authorization: Bearer $token" "$url/today")" \
    "^(200|401|303|5[0-9][0-9])"
is "and it runs" "$(kill -0 "$server" && echo yes)" yes
exits "until it is asked to end" 0 stop_server
# --- PostgreSQL loses our connections ------------------------------------------
if [ -n "${COBIJO_TEST_PG:-}" ] && [ -n "${COBIJO_PG_BIN:-}" ]; then
    COBIJO_STORE=$COBIJO_TEST_PG
    "$cobijo" init --site "Albergue de prueba" \
        --password-file "$work/password" > /dev/null
    token=$("$cobijo" token add prueba --role admin | tail -n 1)
    register()
    {
        status -H "$json" -H 'Accept: application/json' \
            -H "Authorization: Bearer $token" --data \
            '{"given_names":"Prueba","sex":"H","nationality":"GTM"}' \
            "$url/record/person"
    }
    ok "it starts on PostgreSQL" start_server
    is "a registration" "$(register)" 201
    "$COBIJO_PG_BIN/psql" -q -d "$COBIJO_TEST_PG" -c "SELECT
        pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()" \
        > /dev/null
    like "when the connections are cut: an honest answer" "$(register)" \
        "^(201|503)$"
    register > /dev/null
    is "and soon all is well again" "$(register)" 201
    is "for readers too" "$(status -H 'Accept: application/json' \
        -H "Authorization: Bearer $token" "$url/person?q=prueba")" 200
    exits "it ends" 0 stop_server
    exits "the log verifies" 0 "$cobijo" log verify
else
    skip "PostgreSQL loses our connections" "COBIJO_TEST_PG names no server"
fi
finish
