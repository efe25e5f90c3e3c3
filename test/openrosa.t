#!/bin/sh
# SPDX-License-Identifier: AGPL-3.0-or-later
# openrosa.t - ODK Collect as curl plays it: form list, form, manifest, media,
# HEAD, submissions in all their turns, digest, keys in the address, what is
# hostile. On SQLite, and again on PostgreSQL where COBIJO_TEST_PG names a
# server. Everybody in it is made up.
cd "$(dirname "$0")/.." || exit 3
. test/tap.sh
command -v curl > /dev/null || { echo "1..0 # SKIP no curl"; exit 0; }

status() { curl -s -o "$work/body" -D "$work/headers" -w '%{http_code}' "$@"; }
header() { tr -d '\r' < "$work/headers" | sed -n "s/^$1: //Ip" | tail -n 1; }
body() { cat "$work/body"; }
api() { curl -s -H 'Accept: application/json' \
    -H "Authorization: Bearer $token" "$@"; }
# one member of a flat JSON object
member() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p"; }
uuid() { printf '%08x-0000-4000-8000-%012x' "$1" "$1"; }

# visita NUMBER SHELTER PEOPLE [EXTRA META] [PHOTO]
visita() {
    cat << XML
<?xml version='1.0' ?><data id="visita" version="2026112201" xmlns:jr="http://openrosa.org/javarosa" xmlns:orx="http://openrosa.org/xforms"><start>2026-11-22T10:00:00.000-06:00</start><lugar>$2</lugar><g><cuantas>$3</cuantas><foto>$5</foto></g><nota_libre/><persona><nombre>Uno de prueba</nombre></persona><persona><nombre>Dos de prueba</nombre></persona><persona_count>2</persona_count><orx:meta><orx:instanceID>uuid:$(uuid "$1")</orx:instanceID>$4</orx:meta></data>
XML
}
# send FILE [curl options]: the XML as Collect sends it
send() {
    send_file=$1
    shift
    status -H 'X-OpenRosa-Version: 1.0' \
        -F "xml_submission_file=@$send_file;type=text/xml" "$@" \
        "$url/key/$key/submission"
}
record() { api "$url/record/visita/$(uuid "$1")"; }

play()
{
    exits "$1: a store" 0 "$cobijo" init --site "Albergue de prueba" \
        --password-file "$work/password"
    exits "$1: a form with a photo" 0 "$cobijo" form install "$work/visita.csv"
    exits "$1: a form that makes a place" 0 "$cobijo" form install \
        "$work/alta.csv"
    token=$("$cobijo" token add prueba --role admin | tail -n 1)
    start_server > /dev/null
    made=$(curl -s -H 'Accept: application/json' \
        -H "Authorization: Bearer $token" -d 'name=brigada-1' \
        -d 'role=case_worker' "$url/device")
    key=$(printf '%s' "$made" | member secret)
    id=$(printf '%s' "$made" | member id)
    like "$1: a telephone gets a key" "$key" '^([a-z0-9]{4}-){5}[a-z0-9]{4}$'
    like "$1: and an address" "$made" "\"url\":\"$url/key/$key\""
    like "$1: and what Collect reads from a QR code" "$(printf '%s' "$made" |
        member collect | node -e 'process.stdout.write(require("zlib")
            .inflateSync(Buffer.from(require("fs").readFileSync(0, "utf8"),
            "base64")))')" "\"server_url\":\"$url/key/$key\""
    is "$1: the same name again is refused" "$(status \
        -H 'Accept: application/json' -H "Authorization: Bearer $token" \
        -d 'name=brigada-1' -d 'role=case_worker' "$url/device")" 409

    # --- who is there ---
    is "$1: nobody is asked who he is" "$(status "$url/formList")" 401
    like "$1: by digest" "$(header WWW-Authenticate)" \
        '^Digest realm="Cobijo", qop="auth", nonce="[0-9a-f]{48}", algorithm=MD5$'
    is "$1: in OpenRosa 1.0" "$(header X-OpenRosa-Version)" 1.0
    like "$1: in XML" "$(header Content-Type)" '^text/xml'
    is "$1: the key in the address" "$(status "$url/key/$key/formList")" 200
    is "$1: digest" "$(status --digest -u "brigada-1:$key" \
        "$url/formList?verbose=true")" 200
    is "$1: digest, wrong password" "$(status --digest -u "brigada-1:no" \
        "$url/formList")" 401
    is "$1: digest, wrong name" "$(status --digest -u "nadie:$key" \
        "$url/formList")" 401
    is "$1: bearer" "$(status -H "Authorization: Bearer $key" \
        "$url/formList")" 200
    is "$1: basic in the open is refused" "$(status -u "brigada-1:$key" \
        "$url/formList")" 401
    is "$1: basic over TLS is taken" "$(status -u "brigada-1:$key" \
        -H 'X-Forwarded-Proto: https' "$url/formList")" 200
    is "$1: basic, another's name" "$(status -u "otra:$key" \
        -H 'X-Forwarded-Proto: https' "$url/formList")" 401
    is "$1: the token of a program in the address" "$(status \
        "$url/key/$token/formList")" 200
    cli=$("$cobijo" device add brigada-2 --role intake | tail -n 1)
    is "$1: a telephone made at the command line" "$(status --digest \
        -u "brigada-2:$cli" "$url/formList")" 200
    exits "$1: withdrawn there" 0 "$cobijo" device revoke brigada-2
    is "$1: and gone" "$(status --digest -u "brigada-2:$cli" \
        "$url/formList")" 401
    like "$1: the list tells" "$("$cobijo" device list)" 'brigada-1.*yes'
    is "$1: a wrong key" "$(status "$url/key/aaaa-bbbb/formList")" 401
    is "$1: another version of OpenRosa" "$(status \
        -H 'X-OpenRosa-Version: 2.0' "$url/key/$key/formList")" 400

    # --- forms ---
    is "$1: the list" "$(status "$url/key/$key/formList?formID=visita")" 200
    like "$1: names the form" "$(body)" '<formID>visita</formID>'
    etag=$(header ETag)
    is "$1: and is not sent twice" "$(status -H "If-None-Match: $etag" \
        "$url/key/$key/formList?formID=visita")" 304
    status "$url/key/$key/formList?formID=visita" > /dev/null
    hash=$(body | sed -n 's/.*<hash>md5:\([0-9a-f]*\)<.*/\1/p')
    download=$(body | sed -n 's/.*<downloadUrl>\([^<]*\)<.*/\1/p')
    manifest=$(body | sed -n 's/.*<manifestUrl>\([^<]*\)<.*/\1/p')
    is "$1: which downloads" "$(status "$download")" 200
    is "$1: and has that hash" "$(md5sum < "$work/body" | cut -c1-32)" "$hash"
    like "$1: an XForm" "$(body)" '<data id="visita" version="2026112201">'
    is "$1: its manifest" "$(status "$manifest")" 200
    like "$1: names the list" "$(body)" '<filename>service.csv</filename>'
    hash=$(body | sed -n 's/.*<hash>md5:\([0-9a-f]*\)<.*/\1/p')
    media=$(body | sed -n 's/.*<downloadUrl>\([^<]*\)<.*/\1/p')
    is "$1: which downloads, too" "$(status "$media")" 200
    is "$1: with that hash" "$(md5sum < "$work/body" | cut -c1-32)" "$hash"
    like "$1: name and label come first" "$(head -n 1 "$work/body")" \
        '^name,label'
    is "$1: an unknown form is an empty list" "$(status \
        "$url/key/$key/formList?formID=nada")" 200
    ok "$1: really empty" sh -c "! grep -q '<xform>' '$work/body'"
    is "$1: its XForm is not there" "$(status "$url/key/$key/xform/nada")" 404
    is "$1: accounts are no form for telephones" "$(status \
        "$url/key/$key/xform/user")" 404

    # --- submissions ---
    is "$1: HEAD" "$(status -I "$url/key/$key/submission")" 204
    is "$1: says where to" "$(header Location)" "$url/key/$key/submission"
    like "$1: and how much" "$(header X-OpenRosa-Accept-Content-Length)" \
        '^[0-9]+$'
    is "$1: HEAD of nobody" "$(status -I "$url/submission")" 401
    visita 1 "Casa de prueba" 4 '' foto1.jpg > "$work/1.xml"
    is "$1: more is to come" "$(send "$work/1.xml" -F '*isIncomplete*=yes')" \
        202
    is "$1: the photo, first in the post" "$(status \
        -F "foto1.jpg=@$work/foto1.jpg;type=image/jpeg" \
        -F "xml_submission_file=@$work/1.xml;type=text/xml" \
        "$url/key/$key/submission")" 201
    like "$1: the answer is OpenRosa's" "$(body)" \
        '<OpenRosaResponse xmlns="http://openrosa.org/http/response" items="0"><message nature="submit_success">'
    like "$1: the record is what was filled" "$(record 1)" \
        '"lugar":"Casa de prueba".*"cuantas":"4"'
    like "$1: with its rows" "$(record 1)" 'Uno de prueba.*Dos de prueba'
    like "$1: written by the telephone" "$(api \
        "$url/record/visita/$(uuid 1)/history")" '"who":"brigada-1"'
    is "$1: the photo is there" "$(status -H "Authorization: Bearer $token" \
        "$url/record/visita/$(uuid 1)/file/foto1.jpg")" 200
    ok "$1: byte for byte" cmp "$work/body" "$work/foto1.jpg"
    is "$1: not for nobody" "$(status -H 'Accept: application/json' \
        "$url/record/visita/$(uuid 1)/file/foto1.jpg")" 401
    is "$1: the same again" "$(send "$work/1.xml")" 201
    is "$1: and again, with the photo" "$(send "$work/1.xml" \
        -F "foto1.jpg=@$work/foto1.jpg")" 201
    is "$1: another photo under its name" "$(send "$work/1.xml" \
        -F "foto1.jpg=@$work/1.xml")" 409
    visita 1 "Otra casa" 4 '' foto1.jpg > "$work/1b.xml"
    is "$1: changed under the same instanceID" "$(send "$work/1b.xml")" 409
    like "$1: says so" "$(body)" 'nature="error".*otro contenido'
    like "$1: and changes nothing" "$(record 1)" '"lugar":"Casa de prueba"'
    is "$1: one record" "$(api "$url/record/visita" |
        grep -o '"id":"[0-9a-f-]*"' | sort -u | wc -l)" 1

    visita 2 "Casa de prueba" 6 \
        "<orx:deprecatedID>uuid:$(uuid 1)</orx:deprecatedID>" foto1.jpg \
        > "$work/2.xml"
    is "$1: an edit" "$(send "$work/2.xml")" 201
    like "$1: of the same record" "$(record 1)" '"cuantas":"6"'
    is "$1: sent twice" "$(send "$work/2.xml")" 201
    visita 3 "Casa" 7 "<orx:deprecatedID>uuid:$(uuid 1)</orx:deprecatedID>" \
        foto1.jpg > "$work/3.xml"
    is "$1: an edit of what was edited" "$(send "$work/3.xml")" 409
    visita 3 "Casa" 7 "<orx:deprecatedID>uuid:$(uuid 9)</orx:deprecatedID>" \
        > "$work/3.xml"
    is "$1: an edit of nothing" "$(send "$work/3.xml")" 404
    api -d 'lugar=Corregida en la oficina' \
        "$url/record/visita/$(uuid 1)" > /dev/null
    visita 4 "Casa de prueba" 8 \
        "<orx:deprecatedID>uuid:$(uuid 2)</orx:deprecatedID>" foto1.jpg \
        > "$work/4.xml"
    is "$1: an edit made before the office corrected" \
        "$(send "$work/4.xml")" 201
    like "$1: keeps the correction" "$(record 1)" \
        '"lugar":"Corregida en la oficina"'
    like "$1: beside its own" "$(record 1)" '"cuantas":"8"'
    is "$1: digest for a submission" "$(status --digest -u "brigada-1:$key" \
        -F "xml_submission_file=@$work/1.xml" "$url/submission")" 201
    is "$1: chunked" "$(send "$work/1.xml" -H 'Transfer-Encoding: chunked')" 201

    # --- what is wrong ---
    visita 5 "Casa" 900 > "$work/5.xml"
    is "$1: an answer that the form refuses" "$(send "$work/5.xml")" 400
    like "$1: with the question" "$(body)" 'cuantas'
    sed 's/visita/nada/' "$work/5.xml" > "$work/6.xml"
    is "$1: an unknown form" "$(send "$work/6.xml")" 404
    visita 7 "Casa de prueba" 3 | sed 's/2026112201/1999/' > "$work/6.xml"
    is "$1: an unknown version" "$(send "$work/6.xml")" 201
    like "$1: is kept in the newest, and says so" "$(body)" \
        'versión de ahora: la 1999 del'
    like "$1: as the record tells" "$(record 7)" \
        '"form_version":"2026112201"'
    sed 's/<orx:instanceID>.*<\/orx:instanceID>//' "$work/5.xml" \
        > "$work/6.xml"
    is "$1: no instanceID" "$(send "$work/6.xml")" 400
    sed 's/<lugar>/<extra>x<\/extra><lugar>/' "$work/1b.xml" > "$work/6.xml"
    is "$1: an element that no form has" "$(send "$work/6.xml")" 400
    head -c 200 "$work/1.xml" > "$work/6.xml"
    is "$1: half an XML" "$(send "$work/6.xml")" 400
    printf 'PK\003\004no XML' > "$work/6.xml"
    is "$1: a zip" "$(send "$work/6.xml")" 400
    is "$1: no XML at all" "$(status -F 'a=b' "$url/key/$key/submission")" 400
    is "$1: no multipart" "$(status -H 'Content-Type: text/xml' \
        --data-binary "@$work/1.xml" "$url/key/$key/submission")" 400
    is "$1: multipart without an end" "$(status \
        -H 'Content-Type: multipart/form-data; boundary=x' \
        --data-binary '--x
Content-Disposition: form-data; name="a"

b' "$url/key/$key/submission")" 400
    is "$1: a billion laughs" "$(send "$work/laughs.xml")" 400
    like "$1: says why" "$(body)" 'entidades'
    is "$1: a thousand deep" "$(send "$work/deep.xml")" 400
    is "$1: an XML of two megabytes" "$(send "$work/long.xml")" 413
    visita 40 "Casa de prueba" 2 '' grande.jpg > "$work/6.xml"
    is "$1: a photo of nine megabytes" "$(send "$work/6.xml" \
        -F "grande.jpg=@$work/big")" 201
    is "$1: is there" "$(status -H "Authorization: Bearer $token" \
        "$url/record/visita/$(uuid 40)/file/grande.jpg")" 200
    ok "$1: byte for byte, too" cmp "$work/body" "$work/big"
    visita 41 "Casa de prueba" 2 '' g1.jpg > "$work/6.xml"
    is "$1: more than 64 megabytes" "$(send "$work/6.xml" \
        -F "g1.jpg=@$work/big" -F "g2.jpg=@$work/huge")" 413
    like "$1: says what to do" "$(body)" 'pasa de 64 MB. Mándelo por partes'
    is "$1: without asking first" "$(send "$work/6.xml" -H 'Expect:' \
        -F "g1.jpg=@$work/huge")" 413
    truncate -s 200000000 "$work/huge"
    is "$1: 200 megabytes" "$(send "$work/6.xml" -F "g1.jpg=@$work/huge")" 413
    ok "$1: of which hardly any was read" [ "$(curl -s -o "$work/body" \
        -w '%{size_upload}' -F "g1.jpg=@$work/huge" \
        "$url/key/$key/submission")" -lt 2000000 ]
    truncate -s 70000000 "$work/huge"
    is "$1: in pieces of unknown length" "$(send "$work/6.xml" \
        -H 'Transfer-Encoding: chunked' -F "g1.jpg=@$work/huge")" 413
    is "$1: an encrypted one" "$(send "$work/encrypted.xml")" 400

    # --- versions ---
    sed 's/\. < 500/. < 3/; s/2026112201/2026112202/' "$work/visita.csv" \
        > "$work/visita2.csv"
    exits "$1: a newer version of the form" 0 "$cobijo" form install \
        "$work/visita2.csv"
    sed "s/alta/nota/g; /^entities/,/^,place/d; s/name,label,save_to/name,label,bind::cobijo:ref/; s/Nombre,$/Lugar,place/; s/,place_type$/,/" \
        "$work/alta.csv" > "$work/nota.csv"
    exits "$1: a form that names a place" 0 "$cobijo" form install \
        "$work/nota.csv"
    kill -TERM "$server"
    wait "$server"
    start_server > /dev/null
    status "$url/key/$key/formList?formID=visita" > /dev/null
    is "$1: is the one that is listed" "$(grep -o '<version>[0-9]*' \
        "$work/body" | tr '\n' ' ')" '<version>2026112202 '
    status "$url/key/$key/formList?formID=visita&listAllVersions=true" \
        > /dev/null
    is "$1: or both" "$(grep -o '<version>[0-9]*' "$work/body" |
        tr '\n' ' ')" '<version>2026112201 <version>2026112202 '
    old=$(sed -n 's/.*<version>2026112201<.*<hash>md5:\([0-9a-f]*\)<.*<downloadUrl>\([^<]*\)<.*<manifestUrl>\([^<]*\)<.*/\1 \2 \3/p' "$work/body")
    # shellcheck disable=SC2086
    set -- "$1" $old
    is "$1: the older one downloads" "$(status "$3")" 200
    is "$1: with its hash" "$(md5sum < "$work/body" | cut -c1-32)" "$2"
    like "$1: and is older" "$(body)" 'version="2026112201"'
    is "$1: and its manifest" "$(status "$4")" 200
    visita 30 "Casa de prueba" 5 > "$work/6.xml"
    is "$1: filled with the older version" "$(send "$work/6.xml")" 201
    like "$1: it is checked and kept as such" "$(record 30)" \
        '"form_version":"2026112201".*"cuantas":"5"'
    visita 31 "Casa de prueba" 5 | sed 's/2026112201/2026112202/' \
        > "$work/6.xml"
    is "$1: what the newer one refuses" "$(send "$work/6.xml")" 400
    visita 32 "Casa de prueba" 6 \
        "<orx:deprecatedID>uuid:$(uuid 30)</orx:deprecatedID>" > "$work/6.xml"
    is "$1: an edit of the older version" "$(send "$work/6.xml")" 201
    like "$1: stays one" "$(record 30)" \
        '"form_version":"2026112201".*"cuantas":"6"'

    # --- rights ---
    other=$(curl -s -H 'Accept: application/json' \
        -H "Authorization: Bearer $token" -d 'name=informes' \
        -d 'role=reporter' "$url/device" | member secret)
    is "$1: a role that writes nothing" "$(status \
        "$url/key/$other/formList")" 200
    ok "$1: has no forms" sh -c "! grep -q '<xform>' '$work/body'"
    is "$1: and sends nothing" "$(status \
        -F "xml_submission_file=@$work/4.xml" \
        "$url/key/$other/submission")" 403
    is "$1: nor reads people" "$(status \
        "$url/key/$other/entity/person.csv")" 403

    # --- entities ---
    printf '%s' "<data id=\"alta\" version=\"2026112201\"><nombre>Comedor de prueba</nombre><tipo>ALB</tipo><meta><instanceID>uuid:$(uuid 20)</instanceID><entity dataset=\"place\" id=\"$(uuid 21)\" create=\"1\"><label>Comedor de prueba</label></entity></meta></data>" > "$work/e.xml"
    is "$1: a submission that makes a place" "$(send "$work/e.xml")" 201
    like "$1: which is a record" "$(api "$url/record/place/$(uuid 21)")" \
        '"name":"Comedor de prueba"'
    is "$1: the list of places" "$(status \
        "$url/key/$key/entity/place.csv")" 200
    like "$1: begins as ODK wants it" "$(head -n 1 "$work/body")" \
        '^name,label,__version,'
    row=$(grep "^$(uuid 21)," "$work/body")
    like "$1: holds the place" "$row" "^$(uuid 21),Comedor de prueba,[0-9]+,"
    version=$(printf '%s' "$row" | cut -d , -f 3)
    printf '%s' "<data id=\"alta\" version=\"2026112201\"><nombre>Comedor nuevo</nombre><tipo>ALB</tipo><meta><instanceID>uuid:$(uuid 22)</instanceID><entity dataset=\"place\" id=\"$(uuid 21)\" update=\"1\" baseVersion=\"$version\"><label>Comedor nuevo</label></entity></meta></data>" > "$work/e2.xml"
    is "$1: a submission that changes it" "$(send "$work/e2.xml")" 201
    like "$1: changed" "$(api "$url/record/place/$(uuid 21)")" \
        '"name":"Comedor nuevo"'
    status "$url/key/$key/entity/place.csv" > /dev/null
    is "$1: a form that names one" "$(status "$url/key/$key/xform/nota")" 200
    like "$1: lets it be chosen" "$(body)" "instance\\('place'\\)"
    is "$1: from a file" "$(status "$url/key/$key/xform/nota/manifest")" 200
    like "$1: which is a list of entities" "$(body)" '<mediaFile type="entityList">'
    integrity=$(body | sed -n 's/.*<integrityUrl>\([^<]*\)<.*/\1/p')
    is "$1: and whom to ask what is gone" "$(status \
        "$integrity?id=$(uuid 21),$(uuid 99)")" 200
    is "$1: which is right" "$(tr -d '\n' < "$work/body" |
        sed 's/.*<entities>//; s/<.entities>.*//')" "<entity id=\"$(uuid 21)\"><deleted>false</deleted></entity><entity id=\"$(uuid 99)\"><deleted>true</deleted></entity>"
    status "$url/key/$key/entity/place.csv" > /dev/null
    ok "$1: its version went up" [ "$(grep "^$(uuid 21)," "$work/body" |
        cut -d , -f 3)" -gt "$version" ]

    # --- the house ---
    like "$1: telephones are listed" "$(api "$url/device")" \
        '"name":"brigada-1".*"used":"'
    is "$1: one is withdrawn" "$(status -H 'Accept: application/json' \
        -H "Authorization: Bearer $token" -X POST \
        "$url/device/$id/revoke")" 200
    is "$1: and comes in no more" "$(status "$url/key/$key/formList")" 401
    is "$1: nor by digest" "$(status --digest -u "brigada-1:$key" \
        "$url/formList")" 401
    for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
        last=$(status "$url/key/zzzz-$i/formList")
    done
    is "$1: guessing is slowed down" "$last" 429
    is "$1: not for who has a key" "$(status "$url/key/$other/formList")" 200
    exits "$1: the log holds" 0 "$cobijo" log verify
    exits "$1: and is worth its tables" 0 "$cobijo" log rebuild
    is "$1: the photo survives" "$(status -H "Authorization: Bearer $token" \
        "$url/record/visita/$(uuid 1)/file/foto1.jpg")" 200
    ok "$1: byte for byte again" cmp "$work/body" "$work/foto1.jpg"
}

printf 'una frase larga\n' > "$work/password"
cat > "$work/visita.csv" << 'CSV'
survey,,,,,,
,type,name,label,constraint,default,calculation
,start,start,,,,
,text,lugar,Lugar,,,
,begin_group,g,Grupo,,,
,integer,cuantas,¿Cuántas personas?,. < 500,,
,image,foto,Foto,,,
,end_group,,,,,
,text,nota_libre,Nota,,sin nota,
,select_one_from_file service.csv,servicio,Servicio,,,
,begin_repeat,persona,Persona,,,
,text,nombre,Nombre,,,
,end_repeat,,,,,
settings,,,,,,
,form_id,form_title,version,,,
,visita,Visita de prueba,2026112201,,,
CSV
cat > "$work/alta.csv" << 'CSV'
survey,,,,
,type,name,label,save_to
,text,nombre,Nombre,
,text,tipo,Tipo,place_type
entities,,,,
,list_name,label,,
,place,${nombre},,
settings,,,,
,form_id,form_title,version,
,alta,Alta de lugar,2026112201,
CSV
head -c 40000 /dev/urandom > "$work/foto1.jpg"
head -c 9000000 /dev/urandom > "$work/big"
truncate -s 70000000 "$work/huge"
cat > "$work/laughs.xml" << 'XML'
<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><data id="visita">&b;</data>
XML
{ printf '<data id="visita">'; i=0; while [ $i -lt 1000 ]; do printf '<a>'
    i=$((i + 1)); done; } > "$work/deep.xml"
{ printf '<data id="visita"><lugar>'; head -c 2000000 /dev/zero | tr '\0' x
    printf '</lugar></data>'; } > "$work/long.xml"
printf '%s' '<data xmlns="http://opendatakit.org/submissions" id="visita" version="2026112201" encrypted="yes"><base64EncryptedKey>x</base64EncryptedKey></data>' > "$work/encrypted.xml"

COBIJO_STORE=sqlite:$work/a.db
export COBIJO_STORE
play sqlite
if [ -n "${COBIJO_TEST_PG:-}" ] && command -v psql > /dev/null; then
    base="rosa_$$"
    psql -q "$COBIJO_TEST_PG" -c "CREATE DATABASE $base" > /dev/null 2>&1
    COBIJO_STORE="${COBIJO_TEST_PG%/*}/$base"
    play postgresql
else
    ok "postgresql # SKIP COBIJO_TEST_PG is not set" true
fi
finish
