# SPDX-License-Identifier: AGPL-3.0-or-later
# tap.sh - TAP for shell tests: `. test/tap.sh` from the root, then
#
#   ok NAME COMMAND…        it succeeds
#   is NAME GOT WANT        equal texts
#   like NAME GOT REGEX     an extended regular expression matches
#   exits NAME CODE COMMAND…
#   finish
#
# $work is a folder that is removed at the end; start_server ends with it.
cobijo=${COBIJO:-build/release/cobijo}
work=$(mktemp -d) || exit 3
tap_count=0 tap_failed=0
servers=

tap_cleanup()
{
    for id in $servers; do
        kill -TERM "$id" 2> /dev/null
    done
    for id in $servers; do
        wait "$id" 2> /dev/null
    done
    rm -rf "$work"
}
trap tap_cleanup EXIT
trap 'exit 130' INT TERM

tap_say()
{
    tap_count=$((tap_count + 1))
    if [ "$1" -eq 0 ]; then
        echo "ok $tap_count - $2"
    else
        echo "not ok $tap_count - $2"
        tap_failed=$((tap_failed + 1))
    fi
    return "$1"
}

tap_note()
{
    printf '%s\n' "$1" | head -n 30 | sed "s/^/# $2/"
}

ok()
{
    tap_name=$1
    shift
    "$@" > "$work/ok.out" 2>&1
    tap_say $? "$tap_name" || tap_note "$(cat "$work/ok.out")" ''
}

is()
{
    [ "$2" = "$3" ]
    tap_say $? "$1" || { tap_note "$2" 'got:  '; tap_note "$3" 'want: '; }
}

like()
{
    printf '%s\n' "$2" | grep -qE -- "$3"
    tap_say $? "$1" || { tap_note "$2" 'got:  '; tap_note "$3" 'like: '; }
}

unlike()
{
    ! printf '%s\n' "$2" | grep -qE -- "$3"
    tap_say $? "$1" || { tap_note "$2" 'got:    '; tap_note "$3" 'unlike: '; }
}

# Output and complaints stay in $work/out and $work/err.
exits()
{
    tap_name=$1 tap_code=$2
    shift 2
    "$@" > "$work/out" 2> "$work/err"
    tap_got=$?
    [ "$tap_got" -eq "$tap_code" ]
    tap_say $? "$tap_name" || {
        echo "# exit $tap_got, wanted $tap_code"
        tap_note "$(cat "$work/err")" ''
    }
}

skip()
{
    tap_count=$((tap_count + 1))
    echo "ok $tap_count - $1 # SKIP $2"
}

# start_server ARGUMENTS…: sets $url and $server; log in $work/log.
start_server()
{
    : > "$work/where"
    "$cobijo" serve --listen 127.0.0.1:0 "$@" > "$work/where" \
        2>> "$work/log" &
    server=$!
    servers="$servers $server"
    tap_tries=0
    while [ ! -s "$work/where" ] && [ $tap_tries -lt 200 ] &&
        kill -0 "$server" 2> /dev/null; do
        sleep 0.1
        tap_tries=$((tap_tries + 1))
    done
    url=$(cat "$work/where")
    [ -n "$url" ]
}

# stop_server: its exit code.
stop_server()
{
    kill -TERM "$server"
    wait "$server"
    tap_got=$?
    servers=$(echo "$servers" | sed "s/ $server\$//; s/ $server / /")
    return $tap_got
}

finish()
{
    echo "1..$tap_count"
    [ $tap_failed -eq 0 ]
    exit
}
