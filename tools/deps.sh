#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/deps.sh PURPOSE...: makes sure that the Debian packages for these purposes are there (packages() lists them).
# As root it installs what is missing and says so; otherwise, or with SATCHEL_NO_INSTALL=1, it prints the apt-get line
# and stops. It never starts a service: where systemd runs, mail servers are left to whoever owns the machine.
set -eu

build='cmake make pkg-config libssl-dev libidn2-dev libidn-dev libc-ares-dev libxxhash-dev libsqlite3-dev liblockfile-dev libc6-dev libconfuse-dev libjansson-dev'
cross='gcc-arm-none-eabi libnewlib-arm-none-eabi gcc-riscv64-unknown-elf picolibc-riscv64-unknown-elf'
emulators='qemu-system-arm qemu-system-misc'
servers='dovecot-pop3d mailutils-pop3d' # tests/e2e/README.md
unpacked='cyrus-pop3d sasl2-bin'

packages() {
    case $1 in
    run) echo "$build" ;;
    amalgamation) echo python3 ;;
    test)
        echo "$build libcmocka-dev libgsasl-dev openssl valgrind python3 g++ clang musl-tools liblwip-dev iproute2" \
            "$cross $emulators e2fsprogs xfsprogs btrfs-progs tmux"
        ;;
    bench) echo "$build python3 mpop e2fsprogs" ;;
    size) echo "$build python3 $cross" ;;
    firmware) echo "$build python3 $cross $emulators" ;;
    coverage) echo "$build libcmocka-dev libgsasl-dev openssl python3 gcc gcovr" ;;
    lint)
        echo "$build libcmocka-dev liblwip-dev python3 git gcc gcc-arm-none-eabi libnewlib-arm-none-eabi clang" \
            "clang-format clang-tidy cppcheck shellcheck"
        ;;
    fuzz) echo "$build python3 clang libclang-rt-dev llvm" ;;
    *)
        echo "deps.sh: unknown purpose '$1' (run, amalgamation, test, bench, size, firmware, coverage, lint, fuzz)" >&2
        exit 64
        ;;
    esac
}

installed() {
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

apt() {
    DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -q -y "$@" </dev/null
}

known() {
    for p in "$@"; do
        [ -n "$(apt-cache show --no-all-versions "$p" 2>/dev/null)" ] || return 1
    done
}

# Debian installs no further POP3 server beside them: Cyrus is unpacked where tests/e2e/cyrus.py looks for it, with what
# it stands on, and none of its scripts runs.
unpack() {
    folder=$(cd "$(dirname "$0")/.." && pwd)/build/servers
    [ ! -d "$folder/cyrus" ] || return 0
    if [ "$(id -u)" != 0 ] || [ "${SATCHEL_NO_INSTALL:-0}" = 1 ]; then
        echo "deps.sh: $unpacked are not unpacked; the tests against Cyrus are skipped" >&2
        return 0
    fi
    echo "deps.sh: unpacking $unpacked"
    rm -rf "$folder/packages" "$folder/new"
    mkdir -p "$folder/packages/partial"
    # shellcheck disable=SC2086 # $unpacked is a list
    {
        known $unpacked || apt update
        download $unpacked || { apt update && download $unpacked; }
    }
    for p in "$folder"/packages/*.deb; do
        dpkg -x "$p" "$folder/new"
    done
    rm -rf "$folder/packages"
    mv "$folder/new" "$folder/cyrus"
}

download() {
    apt install --reinstall --download-only --no-install-recommends -o APT::Sandbox::User=root \
        -o Dir::Cache::archives="$folder/packages/" "$@"
}

wanted=''
for purpose in "$@"; do
    wanted="$wanted $(packages "$purpose")"
    [ "$purpose" != test ] || wanted="$wanted $servers"
done
command -v cc >/dev/null 2>&1 || wanted="$wanted gcc"

if ! command -v dpkg-query >/dev/null 2>&1; then
    command -v cmake >/dev/null 2>&1 && exit 0 # not Debian: the build says what it does not find
    echo "Please install what your system calls these Debian packages: $wanted" >&2
    exit 1
fi

missing=''
for p in $wanted; do
    case " $missing " in *" $p "*) continue ;; esac
    if [ -d /run/systemd/system ]; then
        case " $servers " in *" $p "*)
            installed "$p" || echo "deps.sh: $p is not installed; the tests against it are skipped" >&2
            continue
            ;;
        esac
    fi
    installed "$p" || missing="$missing $p"
done
missing=${missing# }
if [ -n "$missing" ]; then
    if [ "$(id -u)" != 0 ] || [ "${SATCHEL_NO_INSTALL:-0}" = 1 ]; then
        echo "Packages are missing. As root:" >&2
        echo "    apt-get update && apt-get install --no-install-recommends $missing" >&2
        exit 1
    fi
    echo "deps.sh: installing $missing"
    # shellcheck disable=SC2086 # $missing is a list
    {
        known $missing || apt update
        apt install --no-install-recommends $missing || { apt update && apt install --no-install-recommends $missing; }
    }
fi
case " $* " in *" test "*) unpack ;; esac
