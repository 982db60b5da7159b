#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""undefined.py NM ARCHIVE [BELOW...]: fails if the archive needs more than mem*, strlen, the archives of the rooms below it,
and the compiler's helpers."""
import re
import subprocess
import sys

ALLOWED = re.compile(r"""
    mem(chr|cmp|cpy|move|set) | strlen
  | _GLOBAL_OFFSET_TABLE_ | __stack_chk_fail | __(u?(div|mod)|mul|ash[lr]|lshr|clz|ctz|popcount|bswap)[sd]i[23]
  | __aeabi_\w+ | __gnu_thumb1_\w+
  | __(asan|ubsan|sanitizer|gcov)_\w+       # instrumented builds
""", re.X)


def symbols(nm, archive):
    """What the archive defines, and what it needs."""
    listing = subprocess.run([nm, "-g", archive], check=True, text=True, stdout=subprocess.PIPE).stdout
    found = re.findall(r"^[0-9a-f ]* ([A-Za-z]) (\S+)$", listing, re.M)
    return {name for kind, name in found if kind not in "Uw"}, {name for kind, name in found if kind in "Uw"}


def main():
    nm, archive, *below = sys.argv[1:]
    defined, needed = symbols(nm, archive)
    lower = set().union(*(symbols(nm, other)[0] for other in below))
    stray = sorted(name for name in needed - defined - lower if not ALLOWED.fullmatch(name))
    for name in stray:
        print(f"{archive}: needs {name}")
    if not defined:
        print(f"{archive}: defines nothing")
    return 1 if stray or not defined else 0


if __name__ == "__main__":
    sys.exit(main())
