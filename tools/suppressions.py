#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails on a finding that is silenced without a name or without a reason. `suppressions.py [ROOT]`.

In sources: NOLINT(name): reason, NOLINTNEXTLINE(name): reason, cppcheck-suppress name ; reason; nothing else. In
.clang-tidy files: each check left out has a comment line `# name: reason`, and each such line a check left out.
"""
import pathlib
import re
import sys

FOLDERS = ("src", "include", "examples", "bench", "firmware", "tests", "tools")

SILENCERS = re.compile(r"NOLINT\w*|cppcheck-suppress[\w-]*|#\s*pragma\s+(?:GCC|clang)\s+diagnostic|"
                       r"_Pragma\s*\(|#\s*pragma\s+GCC\s+system_header|__attribute__\s*\(\(no_sanitize\w*")
GOOD = re.compile(r"NOLINT(?:NEXTLINE)?\((?:-W)?[a-zA-Z][\w.+-]*(?:, ?(?:-W)?[a-zA-Z][\w.+-]*)*\): \w|"
                  r"cppcheck-suppress \w+ ; \w")


def in_source(path):
    for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
        for silencer in SILENCERS.finditer(line):
            if not GOOD.match(line, silencer.start()):
                yield f"{path}:{number}: {silencer[0]}: no name or no reason"


def in_config(path):
    text = path.read_text()
    left_out = re.findall(r"^\s+-([\w.*-]+),?$", text.split("Checks:", 1)[-1], re.M)
    reasons = re.findall(r"^# (\w[\w.]*-[\w.-]+): \S", text, re.M)
    left_out = [name for name in left_out if name != "*"]
    for name in left_out:
        if name not in reasons:
            yield f"{path}: {name} is left out without a reason"
        if "*" in name:
            yield f"{path}: {name} leaves out more than one check"
    for name in reasons:
        if name not in left_out:
            yield f"{path}: {name} has a reason and is not left out"


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    wrong = []
    for folder in FOLDERS:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in (".c", ".h", ".cc"):
                wrong += in_source(path)
    for path in [root / ".clang-tidy", *sorted((root / "tests").rglob(".clang-tidy"))]:
        if path.exists():
            wrong += in_config(path)
    print("\n".join(wrong) or "suppressions: each has a name and a reason")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
