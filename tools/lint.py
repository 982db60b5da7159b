#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""All that can be said of the code without running it: `lint.py BUILD [-j JOBS] [CHECK...]`, by default every check.

BUILD is a configured CMake folder; its compile_commands.json tells how each source is compiled. One line a check, its
findings above it. Knows the checks' options and nothing of the sources; which findings are accepted, and why, stands
beside them: NOLINT(name): reason, in .clang-tidy, in docs/deviations.md, and in the lists below.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOLS = ROOT / "tools"

# Rooms for any C11 compiler. They are checked as on a host, as on a microcontroller, and with every option changed.
PORTABLE = ("src/core/", "src/auth/", "src/login/", "src/netx/")
SHAPE = ["-std=c11", "-Iinclude", "-Isrc", "-Ifirmware/nxsize/include"]
OPTIONS = ["-DPOP3_ENGINE_DEPTH=3", "-DPOP3_ENGINE_PORTABLE", "-DNX_DISABLE_IPV6", "-DNX_DISABLE_PACKET_CHAIN",
           "-DNX_DISABLE_ERROR_CHECKING", "-DNX_DISABLE_RESET_DISCONNECT", "-DNX_POP3_CLIENT_RAW_MESSAGE",
           "-DNX_POP3_CLIENT_NO_CLEARTEXT_FALLBACK", "-DNX_POP3_CLIENT_RESPONSE_SIZE=128",
           "-DNX_POP3_CLIENT_ENABLE_TLS"]
CORTEX_M = ["-mcpu=cortex-m4", "-mthumb"]

# What gcc has beyond the flags of the build. Left out:
#   -Wc++-compat, -Wtraditional-conversion, -Wdeclaration-after-statement: this is C11;
#   -Wpadded, -Wpacked, -Winline, -Waggregate-return, -Wunsafe-loop-optimizations: what they tell is no defect;
#   -Wswitch-enum: a default says that the rest is one case; where there is none, -Wswitch finds what is missing;
#   -Wswitch-default: it would make -Wswitch find nothing;
#   -Wunsuffixed-float-constants: double is what the few figures of bench are;
#   -Wsuggest-attribute: noreturn among them, for NetX prescribes the types of entries; the others speed up nothing;
#   -Wformat-truncation=2: takes every length that it does not know for a long one.
GCC = """-Wall -Wextra -Wpedantic -Wconversion -Wsign-conversion -Warith-conversion -Wshadow -Wvla -Walloca -Wcast-qual
    -Wcast-align=strict -Wpointer-arith -Wstrict-prototypes -Wmissing-prototypes -Wmissing-declarations
    -Wold-style-definition -Wredundant-decls -Wnested-externs -Wbad-function-cast -Wjump-misses-init -Wundef
    -Wunused-macros -Wunused-const-variable=2 -Wdate-time -Wmissing-include-dirs -Wwrite-strings -Wformat=2
    -Wformat-signedness -Wformat-overflow=2 -Wlogical-op -Wduplicated-cond -Wduplicated-branches
    -Wnull-dereference -Wimplicit-fallthrough=3 -Wenum-conversion -Warray-bounds=2 -Wstringop-overflow=4
    -Wshift-overflow=2 -Wstrict-overflow=2 -Wattribute-alias=2 -Walloc-zero -Wdouble-promotion -Wfloat-equal
    -Wtrampolines -Wdisabled-optimization -Wstack-usage=65536""".split()

# clang has -Weverything. Left out:
#   -Wpadded, -Wdeclaration-after-statement, -Wswitch-enum: as above;
#   -Wreserved-identifier, -Wreserved-macro-identifier: _nx_* is documented, and _POSIX_C_SOURCE is how one asks for it;
#   -Wdisabled-macro-expansion: fires inside glibc's own macros;
#   -Wimplicit-fallthrough: gcc's reads the comment that says so;
#   -Wmissing-noreturn: NetX prescribes the types of entries;
#   -Wunknown-warning-option: some flags below are gcc's alone.
CLANG = ["-Weverything", "-Wno-padded", "-Wno-declaration-after-statement", "-Wno-switch-enum",
         "-Wno-reserved-identifier", "-Wno-reserved-macro-identifier", "-Wno-disabled-macro-expansion",
         "-Wno-missing-noreturn", "-Wno-implicit-fallthrough", "-Wno-unknown-warning-option"]

# Left out of a folder, by gcc and clang alike.
LEFT_OUT = {
    # NetX takes names and texts as CHAR *, and reads them only. Its programs declare their driver themselves.
    "src/netx/": ["-Wno-write-strings"],
    # OpenSSL's macros mark as unused what they use, and end in a semicolon.
    "src/nxhost/": ["-Wno-write-strings", "-Wno-used-but-marked-unused", "-Wno-extra-semi-stmt"],
    "src/net/": ["-Wno-used-but-marked-unused", "-Wno-extra-semi-stmt"],
    # A comma is meant.
    "examples/": ["-Wno-write-strings", "-Wno-redundant-decls", "-Wno-comma"],
    "tools/": ["-Wno-comma"],
    # A test gives main() another name.
    "firmware/": ["-Wno-missing-prototypes"],
    # In tests besides: memory stands on the stack, the paths in a command for the shell are named by position, texts
    # are cut to a buffer without harm, values are cast to what a macro compares, options make conditions constant, and
    # macros are variadic.
    "tests/": ["-Wno-write-strings", "-Wno-redundant-decls", "-Wno-cast-qual", "-Wno-comma",
               "-Wno-format-truncation", "-Wno-bad-function-cast", "-Wno-unreachable-code", "-Wno-stack-usage",
               "-Wno-format-non-iso", "-Wno-used-but-marked-unused", "-Wno-extra-semi-stmt", "-Wno-pedantic"],
}

# The analysis of the portable rooms must come to its end: what bails out early proves nothing.
ANALYZER = ["-O0", "-fanalyzer"]
EXHAUSTIVE = ["-Wanalyzer-too-complex", "--param=analyzer-bb-explosion-factor=200",
              "--param=analyzer-max-enodes-per-program-point=100"]
# Its calls through pointers to digests need minutes: it may give up.
UNBOUNDED = ("src/auth/scram.c",)

CPPCHECK = ["cppcheck", "--quiet", "--std=c11", "--inline-suppr", "--inconclusive", "--library=posix",
            "--enable=warning,style,performance,portability", "--error-exitcode=1",
            "--template={file}:{line}: {severity}: {message} [{id}]",
            # Declarations stand at the start of a function where firmware engineers expect them.
            "--suppress=variableScope",
            # clang-tidy's readability-non-const-parameter knows better where NetX prescribes the type.
            "--suppress=constParameter",
            # readdir_r is obsolete.
            "--suppress=readdirCalled",
            # A queue of one: what is computed of its length is constant.
            "--suppress=knownConditionTrueFalse:*src/core/engine.h", "--suppress=moduloofone:*src/core/engine.h"]

Unit = collections.namedtuple("Unit", "file flags variant")
Job = collections.namedtuple("Job", "run argument")


def run(command):
    """Exit code and output of a command, run in the root of the tree."""
    done = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, errors="replace")
    return done.returncode, done.stdout


def tracked(*patterns):
    return run(["git", "ls-files", "--", *patterns])[1].split()


# ---- How each source is compiled ----

def units(build):
    """The first way in which CMake compiles each source of ours, and the variants of the portable rooms."""
    ours, seen = set(tracked("*.c")), {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        file = os.path.relpath(entry["file"], ROOT)
        if file in ours and file not in seen:
            seen[file] = Unit(file, compile_flags(shlex.split(entry["command"])), "host")
    portable = [f for f in seen if f.startswith(PORTABLE)]
    return (list(seen.values()) + [Unit(f, SHAPE + OPTIONS, "options") for f in portable]
            + [Unit(f, SHAPE + CORTEX_M, "cortex-m4") for f in portable])


def compile_flags(words):
    """A compile command without compiler, source, object, optimisation and -Werror."""
    flags = []
    words = iter(words[1:])
    for word in words:
        if word in ("-o", "-c"):
            next(words)
        elif word != "-Werror" and not re.match(r"-[Og]", word):
            flags.append(word)
    return flags


def escaped(word):
    """For the one way of quoting that every reader of a compile database knows."""
    return re.sub(r"([^\w@%+=:,./-])", r"\\\1", word)


def write_database(folder, chosen):
    """A compile database for the tools that want one; a source with two entries is checked twice."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    entries = [{"directory": str(ROOT), "file": str(ROOT / u.file),
                "command": " ".join(map(escaped, ["cc", *u.flags, "-c", str(ROOT / u.file)]))} for u in chosen]
    (folder / "compile_commands.json").write_text(json.dumps(entries, indent=1))


# ---- Compilers ----

def accepted(path, number, name):
    """Does this line, or the one before it, name the warning in a NOLINT?"""
    lines = (ROOT / path).read_text(errors="replace").splitlines()
    here = lines[number - 1] if number <= len(lines) else ""
    before = lines[number - 2] if 2 <= number <= len(lines) + 1 else ""
    marks = re.findall(r"NOLINT\(([^)]*)\)", here) + re.findall(r"NOLINTNEXTLINE\(([^)]*)\)", before)
    return name in ",".join(marks).replace(" ", "").split(",")


def warnings(command):
    """The warnings of a compiler that no NOLINT accepts, as (exit code, text)."""
    status, output = run(command + ["-c", "-o", "/dev/null"])
    found = []
    for line in output.splitlines():
        place = re.match(r"([^:\s]+):(\d+):(?:\d+:)? (?:warning|error): .*?(?:\[(-W[\w+=-]+)\])?$", line)
        if place and place[3] and accepted(place[1], int(place[2]), place[3].split("=")[0]):
            continue
        if place or re.match(r"(cc1|[\w-]*gcc|clang).*(warning|error):", line):
            found.append(line)
    return (1 if found else 0) if status == 0 else status, "\n".join(found if found else [output] * (status != 0))


def left_out(file):
    return [flag for folder, flags in LEFT_OUT.items() if file.startswith(folder) for flag in flags]


def gcc_of(unit):
    return "arm-none-eabi-gcc" if unit.variant == "cortex-m4" else "gcc"


def gcc_warnings(unit):
    return warnings([gcc_of(unit), "-O2", *unit.flags, *GCC, *left_out(unit.file), unit.file])


def clang_warnings(unit):
    return warnings(["clang", "-O2", *unit.flags, *CLANG, *left_out(unit.file), unit.file])


def gcc_analyzer(unit):
    complete = EXHAUSTIVE if unit.file.startswith(PORTABLE) and unit.file not in UNBOUNDED else []
    return warnings([gcc_of(unit), *unit.flags, *ANALYZER, *complete, unit.file])


# ---- The checks ----

def checks(build):
    """Name of each check -> its jobs, which run side by side."""
    every = units(build)
    host = [u for u in every if u.variant == "host"]
    clangs = [u for u in every if u.variant != "cortex-m4"]
    database = build / "lint"
    write_database(database / "all", clangs)
    write_database(database / "bare", [u for u in host if not u.file.startswith("tests/")])
    python = sys.executable
    headers, sources = tracked("*.h"), tracked("*.c")
    return {
        "cppcheck": [Job(run, CPPCHECK + [f"--project={database}/bare/compile_commands.json"]),
                     *[Job(run, command) for command in cppcheck_targets()]],
        "deviations": [Job(run, [python, str(TOOLS / "deviations.py"), "check"])],
        "clang-tidy": [Job(tidy, (database / "all", file)) for file in sorted({u.file for u in clangs})],
        "gcc -fanalyzer": [Job(gcc_analyzer, u) for u in every if not u.file.startswith("tests/")],
        "gcc warnings": [Job(gcc_warnings, u) for u in every],
        "clang warnings": [Job(clang_warnings, u) for u in clangs],
        "format": [Job(run, ["clang-format", "--dry-run", "-Werror", *headers, *sources])],
        "layers": [Job(run, [python, str(TOOLS / "layers.py")])],
        "banned calls": [Job(run, [python, str(TOOLS / "banned.py")])],
        "suppressions": [Job(run, [python, str(TOOLS / "suppressions.py")])],
        "shell scripts": [Job(run, ["shellcheck", "-S", "warning", *tracked("*.sh", "*.bash", ".ci/run")])],
    }


def cppcheck_targets():
    """The portable rooms where int has 32 and 16 bits; NetX is for 32 and more."""
    shape = ["-Iinclude", "-Isrc", "-DPOP3_ENGINE_DEPTH=1", "--suppress=missingIncludeSystem"]
    for platform, rooms in (("arm32-wchar_t4", PORTABLE), ("msp430_eabi_large_datamodel", PORTABLE[:3])):
        yield CPPCHECK + [f"--platform={platform}", *shape, "-Ifirmware/nxsize/include", *rooms]


def tidy(argument):
    database, file = argument
    status, output = run(["clang-tidy", "--quiet", "-p", str(database), file])
    kept = [line for line in output.splitlines() if not re.match(r"\d+ warnings? (treated|generated)|Suppressed", line)]
    return status, "\n".join(kept) if status else ""


def report(name, results):
    """Prints the findings, each once, and the check's line. Returns whether it is good."""
    bad = [output for status, output in results if status != 0]
    for line in dict.fromkeys("\n".join(bad).splitlines()):
        print(line)
    print(f"lint: {name}: {'FAILED' if bad else 'good'}", flush=True)
    return not bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("build", type=pathlib.Path)
    parser.add_argument("-j", "--jobs", type=int, default=os.cpu_count() or 2)
    parser.add_argument("check", nargs="*", help="by default all")
    arguments = parser.parse_intermixed_args()
    every = checks(arguments.build.resolve())
    unknown = [c for c in arguments.check if c not in every]
    if unknown:
        parser.error(f"no check {unknown[0]}; there are: {', '.join(every)}")
    good = True
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        chosen = {n: [pool.submit(j.run, j.argument) for j in jobs] for n, jobs in every.items()
                  if not arguments.check or n in arguments.check}
        for name, futures in chosen.items():
            good = report(name, [f.result() for f in futures]) and good
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
