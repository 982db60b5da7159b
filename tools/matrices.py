#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What interruptions of `satchel fetch` were tried, as a table: matrices.py BUILD [--every N] [--update] (into docs/proof.md).

BUILD is one without sanitizers. Runs the matrices of tests/fetch, which print a line for each policy and destination and fail where
anything is lost, damaged, or twice where it must not be. --every: of the points of each matrix, the first and each N-th behind it.
"""
import argparse
import pathlib
import re
import subprocess
import sys

import docblock

TESTS = docblock.ROOT / "tests" / "fetch"
KINDS = ("ext4", "xfs", "btrfs", "ext4-no-journal")
LINE = re.compile(r"(?P<what>\S.*?) +(?P<noun>points|allocations) tried +(?P<tried>\d+), of (?P<all>\d+); (?P<result>.*)")


def run(script, *arguments):
    """The lines that it prints of its matrices; a failure ends it all."""
    command = [sys.executable, "-B", str(TESTS / script), *map(str, arguments)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode == 77:
        print(f"{script}: {done.stdout.strip()}", file=sys.stderr)
        return []
    if done.returncode != 0:
        raise SystemExit(f"{script}: failed\n{done.stderr}")
    return [LINE.search(line) for line in (done.stdout + done.stderr).splitlines() if LINE.search(line)]


def rows(title, matches):
    """Rows of the table; the test runner may have put its own words in front of a line."""
    return [(title, re.sub(" +", " ", re.sub(r".*\.\.\. ", "", m["what"])), m["tried"], m["all"], m["result"])
            for m in matches]


def measure(build, every):
    satchel, killer = build / "src/cli/satchel", build / "tests/fetch/killer"
    table = rows("kill -9", run("e2e_kill.py", satchel, killer, every))
    for kind in KINDS:
        table += rows("power cut", run("e2e_power.py", satchel, killer, 4 * every, kind))
    return table + rows("a system call fails", run("e2e_fail.py", satchel, killer, every))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("--every", type=int, default=4)
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    table = docblock.table(("interruption", "where", "points tried", "of", "found"),
                           measure(arguments.build.resolve(), arguments.every))
    print(table, end="")
    if arguments.update:
        docblock.write("docs/proof.md", "interruptions", table)


if __name__ == "__main__":
    main()
