#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Fails on an #include that tools/layers.txt does not allow. `layers.py [ROOT]`."""
import fnmatch
import pathlib
import re
import sys


def read_rules(path):
    sets, rooms = {}, {}
    for line in path.read_text().splitlines():
        words = line.split()
        if words[:1] == ["set"]:
            sets[words[1]] = words[2:]
        elif words[:1] == ["room"]:
            fields = dict(field.strip().split(":") for field in line.split(words[1], 1)[1].split("|"))
            rooms[words[1]] = {key: value.split() for key, value in fields.items()}
    return sets, rooms


def matches(name, patterns):
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def room_of_header(name, rooms):
    first = name.split("/")[0]
    if first in rooms and "/" in name:
        return first
    return next((room for room, rule in rooms.items() if matches(name, rule["owns"])), None)


def allowed(name, room, folder, sets, rooms):
    rule = rooms[room]
    owner = room_of_header(name, rooms)
    if owner is not None:
        return owner == room or owner in rule["uses"]
    if (folder / name).exists():
        return True
    if "any" in rule["system"] and not matches(name, sets["netx-api"]) and not name.startswith("satchel/"):
        return True
    return any(matches(name, sets.get(s, [s])) for s in rule["system"] if s != "any")


def sources(root, room, rule):
    folder = root / "src" / room if (root / "src" / room).is_dir() else root / room
    yield from sorted(p for p in folder.rglob("*.[ch]"))
    yield from (root / "include" / name for name in rule["owns"] if (root / "include" / name).exists())


def main():
    root = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent)
    sets, rooms = read_rules(root / "tools" / "layers.txt")
    wrong = [f"src/{p.name}/: a room that tools/layers.txt does not name" for p in (root / "src").iterdir()
             if p.is_dir() and p.name not in rooms]
    owned = {name for rule in rooms.values() for name in rule["owns"]}
    wrong += [f"include/satchel/{p.name}: no room owns it" for p in (root / "include" / "satchel").glob("*.h")
              if f"satchel/{p.name}" not in owned]
    for room, rule in rooms.items():
        for path in sources(root, room, rule):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                include = re.match(r'\s*#\s*include\s*[<"]([^>"]+)[>"]', line)
                if include and not allowed(include[1], room, path.parent, sets, rooms):
                    wrong.append(f"{path.relative_to(root)}:{number}: {room} may not include {include[1]}")
    print("\n".join(wrong) or "layers: as tools/layers.txt says")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
