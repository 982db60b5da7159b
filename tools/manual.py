#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The keys in docs/man/satchel-config.5: `manual.py check|update SATCHEL`.

SATCHEL is the command: `satchel config keys` lists what is accepted. Knows the layout of that list, and no key.
"""
import pathlib
import re
import subprocess
import sys

PAGE = pathlib.Path(__file__).resolve().parent.parent / "docs/man/satchel-config.5"
BLOCK = re.compile(r'(?<=^\.\\" KEYS\n).*?(?=^\.\\" /KEYS$)', re.M | re.S)
ENTRY = re.compile(r"^(\S+) = (.+)\n    (.+)\n(?:    without it: (.+)\n)?", re.M)


def escaped(text):
    return text.replace("\\", r"\e").replace("-", r"\-")


def entry(name, values, meaning, standard):
    lines = [f".It Ic {name} No = Ar {escaped(values)}", f"{meaning[0].upper()}{escaped(meaning[1:])}."]
    if standard:
        lines += ["Without it:", f".Li {escaped(standard)} ."]
    return "\n".join(lines) + "\n"


def block(listing):
    entries = ENTRY.findall(listing)
    if len(entries) != len(re.findall(r"^\S", listing, re.M)):
        raise ValueError("`satchel config keys` has another layout")
    return "".join(entry(*fields) for fields in entries)


def main():
    action, satchel = sys.argv[1:]
    listing = subprocess.run([satchel, "config", "keys"], check=True, stdout=subprocess.PIPE, text=True).stdout
    old = PAGE.read_text()
    new = BLOCK.sub(lambda _: block(listing), old)
    if action == "update":
        PAGE.write_text(new)
    elif new != old or not BLOCK.search(old):
        print(f"{PAGE}: the keys are not those of {satchel}; tools/manual.py update {satchel}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
