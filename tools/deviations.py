#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the MISRA C:2012 rules that cppcheck's addon finds broken with those that docs/deviations.md lists.

`deviations.py check` fails on a rule that is broken and not listed, and on one listed that is no longer broken;
`deviations.py list` prints every place. The portable rooms and their public headers are looked at as three builds see
them. Knows rule numbers only: the texts of the rules are not ours to copy.
"""
import argparse
import collections
import concurrent.futures
import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "docs" / "deviations.md"
ROOMS = ["src/core", "src/auth", "src/login", "src/netx"]
OURS = re.compile(r"(src/(?:core|auth|login|netx)|include/satchel)/\S+:\d+")

BUILDS = (
    ["--platform=arm32-wchar_t4", "-Ifirmware/nxsize/include", "-DPOP3_ENGINE_DEPTH=1"],
    ["--platform=arm32-wchar_t4", "-Ifirmware/nxsize/include", "-DPOP3_ENGINE_DEPTH=3", "-DPOP3_ENGINE_PORTABLE",
     "-DNX_DISABLE_IPV6", "-DNX_DISABLE_PACKET_CHAIN", "-DNX_POP3_CLIENT_RAW_MESSAGE",
     "-DNX_POP3_CLIENT_NO_CLEARTEXT_FALLBACK", "-DNX_POP3_CLIENT_RESPONSE_SIZE=128"],
    ["--platform=unix64", "-Isrc/nxhost/include", "-D__unix__", "-D__SSE2__", "-D__GNUC__", "-D__ELF__"],
)

# The tables of the document, by heading: does the addon report their rules?
TABLES = {"Broken knowingly": True, "Reported, but not broken": True, "Broken, and not reported": False}


def command(build, scratch, paths):
    return ["cppcheck", "--quiet", "--addon=misra", "--std=c11", "--enable=style", f"--cppcheck-build-dir={scratch}",
            "--suppress=missingIncludeSystem", *build, "-Iinclude", "-Isrc",
            "--template={file}:{line}: {id}", *paths]


def places(root):
    """Rule -> the places where the addon reports it."""
    def one(build):
        with tempfile.TemporaryDirectory(prefix="satchel-misra-") as scratch:
            done = subprocess.run(command(build, scratch, ROOMS), cwd=root, text=True, stdout=subprocess.PIPE,
                                  stderr=subprocess.STDOUT)
        if done.returncode != 0:
            sys.exit(done.stdout)
        return done.stdout

    with concurrent.futures.ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return parse("".join(pool.map(one, BUILDS)), root)


def parse(output, root):
    found = collections.defaultdict(set)
    for line in output.splitlines():
        report = re.fullmatch(r"(.+:\d+): misra-c2012-(\d+\.\d+)", line)
        place = report and os.path.relpath(os.path.join(root, report[1]), root)
        if place and OURS.fullmatch(place):
            found[report[2]].add(place)
    return found


def listed(text):
    """The rules of the document that the addon reports, and those that it does not."""
    rules = {True: [], False: []}
    for heading, body in re.findall(r"^## (.+?)\n(.*?)(?=^## |\Z)", text, re.M | re.S):
        if heading in TABLES:
            rules[TABLES[heading]] += re.findall(r"^\| ((?:D)?\d+\.\d+) \|", body, re.M)
    return rules[True], rules[False]


def number(rule):
    return [int(part) for part in rule.lstrip("D").split(".")]


def complaints(found, text):
    reported, silent = listed(text)
    for rule in sorted(set(found) - set(reported), key=number):
        where = sorted(found[rule])
        yield f"rule {rule} is broken and not listed: {where[0]}" + (f" and {len(where) - 1} more" * (len(where) > 1))
    for rule in sorted(set(reported) - set(found), key=number):
        yield f"rule {rule} is listed and nowhere broken"
    for rule in sorted(set(silent) & set(found), key=number):
        yield f"rule {rule} is reported, the document says that it is not"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("check", "list"))
    parser.add_argument("root", nargs="?", type=pathlib.Path, default=ROOT)
    arguments = parser.parse_args()
    found = places(arguments.root)
    if arguments.action == "list":
        for rule in sorted(found, key=number):
            print(f"{rule} {' '.join(sorted(found[rule]))}")
        return 0
    wrong = list(complaints(found, (arguments.root / "docs" / "deviations.md").read_text()))
    print("\n".join(wrong) or f"deviations: the {len(found)} rules that the addon finds broken are those listed")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
