#!/bin/sh
# SPDX-License-Identifier: MIT
# compile.sh COMPILER FLAGS... -- FILES...: compiles each file, keeps nothing, fails if one does not compile or if there
# is no file.
set -eu
count=0
command=''
while [ "$1" != -- ]; do
    command="$command '$1'"
    shift
done
shift
# shellcheck disable=SC2034 # eval reads it
for file in "$@"; do
    eval "$command" '-c -o /dev/null "$file"'
    count=$((count + 1))
done
echo "$count files"
[ "$count" -gt 0 ]
