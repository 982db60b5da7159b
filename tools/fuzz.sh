#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/fuzz.sh BUILD SECONDS JOBS: runs each libFuzzer program for SECONDS on its corpus, JOBS at a time. New inputs
# stay in BUILD/corpus; what crashes is kept in BUILD/crashes and its log printed.
set -eu
build=$1 seconds=$2 jobs=$3
mkdir -p "$build/crashes"

one() {
    name=${1##*/fuzz_}
    log=$build/fuzz_$name.log
    mkdir -p "$build/corpus/$name"
    set -- "$1" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -artifact_prefix="$build/crashes/$name-" \
        -print_final_stats=1 "$build/corpus/$name"
    [ ! -d "tests/fuzz/corpus/$name" ] || set -- "$@" "tests/fuzz/corpus/$name"
    [ ! -f "tests/fuzz/$name.dict" ] || set -- "$@" -dict="tests/fuzz/$name.dict"
    if "$@" >"$log" 2>&1; then
        echo "fuzz_$name: no failure, $(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s"
    else
        tail -n 40 "$log"
        echo "fuzz_$name: FAILED, input kept in $build/crashes"
        return 1
    fi
}

failed=0 running=''
for program in "$build"/fuzzers/fuzz_*; do
    [ -x "$program" ] || { echo "no fuzz targets in $build" >&2; exit 1; }
    one "$program" &
    running="$running $!"
    # shellcheck disable=SC2086 # a list of process ids
    set -- $running
    if [ $# -ge "$jobs" ]; then
        wait "$1" || failed=1
        shift
        running="$*"
    fi
done
for pid in $running; do wait "$pid" || failed=1; done
exit $failed
