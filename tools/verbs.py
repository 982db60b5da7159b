#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The state diagram and the table of verbs in docs/engine.md, as the program tools/verbs prints them.
`verbs.py check|update PROGRAM`: check fails where the document says something else."""
import subprocess
import sys

import docblock

DOCUMENT = "docs/engine.md"
BLOCKS = ("diagram", "table")


def main():
    action, program = sys.argv[1:]
    stale = []
    for block in BLOCKS:
        text = subprocess.run([program, block], check=True, capture_output=True, text=True).stdout
        if action == "update":
            docblock.write(DOCUMENT, block, text)
        elif docblock.read(DOCUMENT, block) != text:
            stale.append(block)
    if stale:
        sys.exit(f"{DOCUMENT}: {', '.join(stale)}: not what the engine does; `make figures` writes it anew")


if __name__ == "__main__":
    main()
