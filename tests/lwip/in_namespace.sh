#!/bin/sh
# SPDX-License-Identifier: MIT
# in_namespace.sh COMMAND...: runs it in network, process and mount namespaces of their own, with loopback and tap0 at
# 10.77.0.1 and fd77::1. They end with the command and whatever it started. Exits 77 with a word where that cannot be.
set -eu
PATH=$PATH:/usr/sbin:/sbin

skip() {
    echo "SKIPPED: $*"
    exit 77
}

if [ "$1" != --inside ]; then
    for program in ip unshare; do
        command -v $program >/dev/null || skip "the program $program is missing: apt-get install iproute2 util-linux"
    done
    [ -c /dev/net/tun ] || skip 'there is no /dev/net/tun'
    { [ -r /dev/net/tun ] && [ -w /dev/net/tun ]; } || skip 'this user may not open /dev/net/tun'
    flags='--net --pid --fork --kill-child --mount-proc'
    [ "$(id -u)" = 0 ] || flags="--user --map-current-user --keep-caps $flags"
    # shellcheck disable=SC2086 # flags is a list
    why=$(unshare $flags -- "$0" --inside true 2>&1) || skip "namespaces with a TAP device are not permitted here: $why"
    # shellcheck disable=SC2086
    exec unshare $flags -- "$0" --inside "$@"
fi
shift
ip link set lo up
ip tuntap add dev tap0 mode tap
ip address add 10.77.0.1/24 dev tap0
ip address add fd77::1/64 dev tap0 nodad 2>/dev/null || : # no IPv6: the test of it says so
ip link set tap0 up
exec "$@"
