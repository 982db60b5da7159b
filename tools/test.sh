#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/test.sh JOBS [ctest options]: builds dev and asan, runs the valgrind and plain tests of the one and all tests
# of the other, and ends with CTest's closing line of the whole suite.
set -eu
jobs=$1
shift

for preset in dev asan; do
    cmake --preset "$preset" --log-level=NOTICE >/dev/null
    cmake --build --preset "$preset" --parallel "$jobs"
done

# run PRESET [ctest options]: says why tests were skipped; the closing line of the run goes to build/PRESET/closing.
run() {
    preset=$1
    shift
    log=build/$preset/ctest.log
    { ctest --preset "$preset" --parallel "$jobs" --no-label-summary --no-tests=ignore "$@" 2>&1 || true; } | tee "$log"
    sed -n 's/^SKIPPED[^:]*: */skipped: /p' "build/$preset/Testing/Temporary/LastTest.log" | sort -u
    grep -E '^[0-9]+% tests passed' "$log" >"build/$preset/closing" || echo 'No tests' >"build/$preset/closing"
}

run dev -L '^(valgrind|plain)$' "$@"
run asan "$@"

echo "dev: $(cat build/dev/closing)"
cat build/asan/closing
! grep -qv '^100%' build/dev/closing build/asan/closing
