#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""undefined.py NM ARCHIVE: fails if the archive needs more than mem*, strlen, its own project and the compiler's helpers."""
import re
import subprocess
import sys

ALLOWED = re.compile(r"""
    mem(chr|cmp|cpy|move|set) | strlen
  | pop3_\w+                                # rooms below
  | _GLOBAL_OFFSET_TABLE_ | __stack_chk_fail | __(u?(div|mod)|mul|ash[lr]|lshr|clz|ctz|popcount|bswap)[sd]i[23]
  | __aeabi_\w+ | __gnu_thumb1_\w+
  | __(asan|ubsan|sanitizer|gcov)_\w+       # instrumented builds
""", re.X)


def main():
    nm, archive = sys.argv[1:]
    needs, defines = set(), set()
    for line in subprocess.run([nm, "-g", archive], check=True, text=True, stdout=subprocess.PIPE).stdout.splitlines():
        kind, name = (line.split() + ["", ""])[-2:] if re.search(r" [A-Za-z] \S+$", line) else ("", "")
        if kind:
            (needs if kind in "Uw" else defines).add(name)
    stray = sorted(n for n in needs - defines if not ALLOWED.fullmatch(n))
    if not defines:
        print(f"{archive}: defines nothing")
        return 1
    print("\n".join(f"{archive}: needs {name}" for name in stray) or "needs nothing it may not")
    return 1 if stray else 0


if __name__ == "__main__":
    sys.exit(main())
