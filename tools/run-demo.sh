#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/run-demo.sh BUILD: the NetX application examples/netx_mail.c fetches the sample maildrop from `satchel serve`,
# by APOP and by USER/PASS; then `satchel demo` fetches another into a Maildir, twice. The lines C: and S: are the dialogue.
# Everything stays on the loopback interface.
set -eu
build=$1
satchel=$build/src/cli/satchel
mail=$build/examples/netx_mail
scratch=$(mktemp -d)
server=''
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; rm -rf "$scratch"' EXIT

# The server removes the port file when it ends; each login gets a fresh one, because the application deletes the mail.
fetch_by() {
    "$satchel" serve --sample --once 1 --quiet --trace --port-file "$scratch/port" </dev/null &
    server=$!
    tries=0
    while [ ! -s "$scratch/port" ]; do
        tries=$((tries + 1))
        if [ $tries -gt 100 ] || ! kill -0 "$server"; then echo "satchel serve does not start" >&2 && exit 1; fi
        sleep 0.1
    done
    NXHOST_ROUTE="192.2.2.89:110=127.0.0.1:$(cat "$scratch/port")" "$mail" "$1"
    wait "$server"
    server=''
}

echo '== APOP'
fetch_by apop
echo
echo '== USER and PASS'
fetch_by user
echo
echo '== satchel fetch'
TMPDIR=$scratch "$satchel" demo
