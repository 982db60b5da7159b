#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Which lines and branches of the rooms their tests run: `coverage.py [--jobs N] [--build FOLDER] [--update]`.

Builds with the preset `coverage`, runs the tests that matter, prints a table, writes an HTML report into the build
folder, and fails where a room is below its bar. `--update` also writes the table into docs/proof.md. One source may be
compiled several times, with other options each: gcovr reads each of these builds, and they are merged here, because
gcovr would take the second branch of one build for the second branch of another. Knows nothing of what is tested.
"""
import argparse
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import docblock

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTS = ("^(core|auth|login|netx|state|deliver|account|listing|plan|fuzz_corpus)(_|$)|"
         "^fetch_(command|faults|listings|runs|disk|bytes|identity|clock|scarce)$")
OTHER_TESTS = "_(single|pair)(_|$)"  # of the files that tools/amalgamate.py writes
CORE = r"(src/core|include/satchel)/"

# Row of the table: its sources, the folders of its builds, the least share of lines and of branches in percent (one number
# if they are equal). What firmware compiles of core is a row of its own, so that no branch counts there which only a host
# takes. Runs that are killed, or whose system calls fail, do not count: gcov needs to end in peace.
ROOMS = {
    "core, as on hosts": (CORE, ("src/core/*/satchel_core.dir", "tests/core/*/core_portable.dir"), 100),
    "core, as on firmware": (CORE, ("tests/core/*/core_firmware.dir", "tests/core/*/core_depth1.dir"), 100),
    "auth": ("src/auth/", ("src/auth/*/satchel_auth.dir",), 100),
    "login": ("src/login/", ("src/login/*/satchel_login.dir",), 90),
    "state": ("src/state/", ("src/state/*/satchel_state.dir",), 90),
    "account": ("src/account/", ("src/account/*/satchel_account.dir",), 90),
    "deliver": ("src/deliver/", ("src/deliver/*/satchel_deliver.dir",), (88, 70)),
    "fetch": ("src/fetch/", ("src/fetch/*/satchel_fetch.dir",), (92, 77)),
    "netx": ("src/netx/", ("src/netx/*/satchel_netx.dir", "tests/netx/*/netx_*.dir"), 90),
}


def run(*command, **options):
    subprocess.run([str(word) for word in command], check=True, **options)


def build_and_test(build, jobs):
    """Afterwards each object has counted this run of the tests and nothing else."""
    with (build / "coverage.log").open("w") as log:
        run("cmake", "--preset", "coverage", "-B", build, "-S", ROOT, cwd=ROOT, stdout=log)
        run("cmake", "--build", build, "--parallel", jobs, cwd=ROOT, stdout=log)
        for counts in build.rglob("*.gcda"):
            counts.unlink()
        run("ctest", "--test-dir", build, "--tests-regex", TESTS, "--exclude-regex", OTHER_TESTS,
            "--label-exclude", "^long$", "--parallel", jobs, "--output-on-failure", "--no-label-summary", stdout=log)


def read(build, folder, sources):
    """What gcovr says of the objects in one folder: a list of files."""
    wanted = f"{re.escape(str(ROOT))}/{sources}"
    answer = subprocess.run(["gcovr", "--root", ROOT, "--filter", wanted, "--json", "-", folder], check=True,
                            stdout=subprocess.PIPE, text=True, cwd=build)
    return json.loads(answer.stdout)["files"]


class Line:
    """A line of source in all of its builds."""

    def __init__(self):
        self.count = 0
        self.branches = {}  # how many branches it has in a build: how often each was taken in such builds

    def add(self, line):
        self.count += line["count"]
        taken = [branch["count"] for branch in line["branches"]]
        before = self.branches.get(len(taken), [0] * len(taken))
        self.branches[len(taken)] = [a + b for a, b in zip(taken, before)]

    def all_branches(self):
        return [count for counts in self.branches.values() for count in counts]


def merge(builds):
    """{file: {number: Line}} and {file: {(function, number): count}} of several lists of files."""
    lines, functions = {}, {}
    for file in (file for build in builds for file in build):
        for line in file["lines"]:
            if not line["gcovr/noncode"] and not line["gcovr/excluded"]:
                lines.setdefault(file["file"], {}).setdefault(line["line_number"], Line()).add(line)
        of_file = functions.setdefault(file["file"], {})
        for function in file["functions"]:
            key = function["name"], function["lineno"]
            of_file[key] = of_file.get(key, 0) + function["execution_count"]
    return lines, functions


def trace(lines, functions):
    """What was merged, in the words of gcovr's JSON. A function that #if moved is there once for each place."""
    files = []
    for name, of_file in sorted(lines.items()):
        files.append({
            "file": name,
            "lines": [{"line_number": number, "count": line.count, "gcovr/noncode": False, "gcovr/excluded": False,
                       "branches": [{"count": count, "fallthrough": False, "throw": False}
                                    for count in line.all_branches()]} for number, line in sorted(of_file.items())],
            "functions": [{"name": f"{function}:{number}", "lineno": number, "execution_count": count}
                          for (function, number), count in sorted(functions[name].items())]})
    return {"gcovr/format_version": "0.3", "files": files}


def tally(lines):
    """(covered lines, lines, taken branches, branches, ["file:line: what is missing"])"""
    covered = total = taken = branches = 0
    missing = []
    for name, of_file in sorted(lines.items()):
        for number, line in sorted(of_file.items()):
            counts = line.all_branches()
            total += 1
            covered += line.count > 0
            branches += len(counts)
            taken += sum(count > 0 for count in counts)
            if line.count == 0:
                missing.append(f"{name}:{number}: not run")
            elif 0 in counts:
                missing.append(f"{name}:{number}: {counts.count(0)} of {len(counts)} branches not taken")
    return covered, total, taken, branches, missing


def share(part, whole):
    """In percent, rounded down, so that 100 means all."""
    tenths = 1000 * part // whole if whole else 0
    return f"{part} of {whole}, {tenths // 10}.{tenths % 10} %"


def is_enough(part, whole, bar):
    return whole > 0 and 100 * part >= bar * whole


def report(build, everything):
    """The HTML pages, from all rows."""
    (build / "coverage.json").write_text(json.dumps(trace(*merge(everything))))
    pages = build / "html"
    shutil.rmtree(pages, ignore_errors=True)
    pages.mkdir()
    run("gcovr", "--root", ROOT, "--add-tracefile", build / "coverage.json", "--html-details", pages / "index.html",
        "--html-title", "Satchel: coverage", cwd=build)
    (build / "index.html").write_text('<!doctype html><meta http-equiv="refresh" content="0; url=html/index.html">\n')


def measure(build):
    """Rows of the table, and what is missing in rows below their bars."""
    rows, faults, everything = [], [], []
    for room, (sources, folders, bar) in ROOMS.items():
        objects = [folder for pattern in folders for folder in sorted(build.glob(pattern))]
        found = [read(build, folder, sources) for folder in objects]
        everything += found
        covered, lines, taken, branches, missing = tally(merge(found)[0])
        of_lines, of_branches = bar if isinstance(bar, tuple) else (bar, bar)
        words = f"{of_lines} %" if of_lines == of_branches else f"{of_lines} %, {of_branches} %"
        rows.append((room, share(covered, lines), share(taken, branches), words))
        if not is_enough(covered, lines, of_lines) or not is_enough(taken, branches, of_branches):
            faults += [f"{room}: below {words}"] + missing
    report(build, everything)
    return rows, faults


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("--jobs", default=str(os.cpu_count()))
    options.add_argument("--build", type=pathlib.Path, default=ROOT / "build" / "coverage")
    options.add_argument("--update", action="store_true")
    options = options.parse_args()
    build = options.build.resolve()
    build.mkdir(parents=True, exist_ok=True)
    try:
        build_and_test(build, options.jobs)
    except subprocess.CalledProcessError as error:
        sys.exit(f"coverage: {error}; see {build / 'coverage.log'}")
    rows, faults = measure(build)
    table = docblock.table(("room", "lines", "branches", "bar"), rows)
    print(table + f"Report: {build / 'index.html'}")
    if faults:
        sys.exit("\n".join(faults))
    if options.update:
        docblock.write("docs/proof.md", "coverage", table)


if __name__ == "__main__":
    main()
