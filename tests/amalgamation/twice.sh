#!/bin/sh
# SPDX-License-Identifier: MIT
# twice.sh PYTHON AMALGAMATE: the same sources give the same files, whatever the hashes and the folder.
set -eu
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
for recipe in pair engine; do
    PYTHONHASHSEED=1 "$1" "$2" "$recipe" "$made/1/$recipe"
    (cd "$made" && PYTHONHASHSEED=2 "$1" "$2" "$recipe" "2/$recipe")
done
[ "$(find "$made/1" -type f | wc -l)" -eq 4 ]
diff -r "$made/1" "$made/2"
