#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails on calls that a room may not make. `banned.py [ROOT]`. Comments and strings do not count."""
import pathlib
import re
import sys

EVERYWHERE = "strcpy strcat stpcpy strncat sprintf vsprintf atoi atol atoll gets alloca strtok strtok_r tmpnam mktemp"
FIRMWARE = ("malloc calloc realloc free printf fprintf snprintf vsnprintf puts fputs fopen fread fwrite errno time clock "
            "setlocale localeconv assert abort exit strtol strtoul strtoull sscanf isdigit isalpha isalnum isspace isprint "
            "iscntrl toupper tolower strcmp strncmp strchr strstr strdup")
# Rooms for any C11 compiler, and firmware/: no heap, no stdio, no errno, no clock, no locale, of libc only mem* and strlen.
BARE_ROOMS = ("core", "auth", "login", "netx")
FOLDERS = ("src", "include", "examples", "bench", "firmware", "tests")

NOT_CODE = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)


def blank(match):
    return re.sub(r"[^\n]", " ", match[0])


def pattern(names):
    return re.compile(r"(?<![\w.>])(" + "|".join(names.split()) + r")\s*(?=[(;,)=!<>])")


def findings(path, rule):
    code = NOT_CODE.sub(blank, path.read_text(errors="surrogateescape"))
    code = re.sub(r"^\s*#\s*include[^\n]*", "", code, flags=re.M)
    for number, line in enumerate(code.splitlines(), 1):
        for match in rule.finditer(line):
            yield f"{path}:{number}: {match[1]} is banned here"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    everywhere, bare = pattern(EVERYWHERE), pattern(EVERYWHERE + " " + FIRMWARE)
    wrong = []
    for path in sorted(p for folder in FOLDERS for p in (root / folder).rglob("*.[ch]")):
        parts = path.relative_to(root).parts
        is_bare = parts[0] == "firmware" or parts[0] == "src" and parts[1] in BARE_ROOMS
        wrong += findings(path, bare if is_bare else everywhere)
    print("\n".join(wrong) or "banned calls: none")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
