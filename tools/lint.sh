#!/bin/sh
# SPDX-License-Identifier: MIT
# tools/lint.sh BUILD JOBS: format, clang-tidy, cppcheck, layers, banned calls, shell scripts. Runs all, then fails if
# any failed.
set -u
build=$1 jobs=$2
failed=0

check() {
    name=$1
    shift
    if "$@"; then echo "lint: $name: good"; else echo "lint: $name: FAILED"; failed=1; fi
}

format() { git ls-files -z '*.c' '*.h' | xargs -0r clang-format --dry-run -Werror; }

tidy() {
    git ls-files 'src/*.c' 'examples/*.c' | while read -r file; do
        grep -q "/$file\"" "$build/compile_commands.json" && echo "$file"
    done | xargs -r -n 1 -P "$jobs" clang-tidy --quiet -p "$build" >"$build/clang-tidy.out" 2>"$build/clang-tidy.log"
    status=$?
    awk '!seen[$0]++' "$build/clang-tidy.out" # a finding in a header comes once for each source
    return $status
}

cpp() {
    cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr -j "$jobs" --enable=warning,portability \
        --suppress=missingIncludeSystem --suppress=unusedFunction -I include -I src -I src/nxhost/include src
}

scripts() { git ls-files '*.sh' .ci/run | xargs -r shellcheck -S warning; }

check format format
check layers python3 tools/layers.py
check 'banned calls' python3 tools/banned.py
check cppcheck cpp
check clang-tidy tidy
check 'shell scripts' scripts
exit $failed
