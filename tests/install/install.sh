#!/bin/sh
# SPDX-License-Identifier: MIT
# install.sh WAY BUILD STAGE CMAKE CC [FLAGS]: installs BUILD under STAGE, moves the result elsewhere (it must not
# remember where it was), and builds and runs the programs of this folder against it.
set -eu
way=$1 build=$2 stage=$3 cmake=$4 cc=$5
shift 5
here=$(cd "$(dirname "$0")" && pwd)
rm -rf "$stage"
mkdir -p "$stage"

if [ "$way" = destdir ]; then
    DESTDIR=$stage/root "$cmake" --install "$build" >/dev/null
    moved=$(dirname "$(dirname "$(find "$stage/root" -name satchel -type d -path '*/include/*')")")
else
    "$cmake" --install "$build" --prefix "$stage/first" >/dev/null
    moved=$stage/moved
    mv "$stage/first" "$moved"
fi

for header in nx_api.h tx_api.h nxd_pop3_client.h; do
    [ -f "$moved/include/satchel-nxhost/$header" ] && [ ! -e "$moved/include/$header" ]
done

if [ "$way" = cmake ]; then
    "$cmake" -S "$here/consumer" -B "$stage/consumer" -DCMAKE_PREFIX_PATH="$moved" -DCMAKE_C_COMPILER="$cc" \
        -DCMAKE_C_FLAGS="$*" >/dev/null
    "$cmake" --build "$stage/consumer"
    bin=$stage/consumer
else
    PKG_CONFIG_PATH=$(dirname "$(find "$moved" -name satchel-pop3.pc)")
    export PKG_CONFIG_PATH
    bin=$stage
    # shellcheck disable=SC2046 # lists of options
    {
        "$cc" "$@" "$here/consumer/engine.c" $(pkg-config --cflags --libs --static satchel-pop3) -o "$bin/engine"
        "$cc" "$@" "$here/consumer/client.c" $(pkg-config --cflags --libs satchel-client) -o "$bin/client"
        "$cc" "$@" "$here/consumer/services.c" $(pkg-config --cflags --libs --static nxd-pop3-client) -o "$bin/services"
    }
fi
"$bin/engine"
"$bin/services"
LD_LIBRARY_PATH=$(dirname "$(find "$moved" -name libsatchel-client.so.0)") "$bin/client"
"$moved/bin/satchel" --help >/dev/null
[ -s "$moved/share/man/man1/satchel.1" ]
[ -s "$moved/share/bash-completion/completions/satchel" ]
