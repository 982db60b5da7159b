#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What each NetX service and each option costs on microcontrollers: flash, control block, own stack.

`costs.py update` measures and writes two tables into docs/netx.md and its translation; `costs.py check` fails where
measured and written figures differ. How it measures is in docs/size.md. Knows nothing of the sources but their symbols.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import sys

import docblock
import size

NINE = ("nx_pop3_client_create", "nxd_pop3_client_create") + tuple(f"nx_pop3_client_{item}" for item in size.ITEMS)
SIX = tuple(f"nx_pop3_client_{extra}" for extra in size.EXTRAS)
BASE = "nxd_pop3_client_create"  # what every program refers to
BESIDE = tuple(service for service in NINE + SIX if service != BASE)

# What is defined, beside the defaults.
OPTIONS = (
    "NX_DISABLE_IPV6",
    "NX_DISABLE_IPV4",
    "NX_DISABLE_PACKET_CHAIN NX_DISABLE_FRAGMENTATION",
    "NX_DISABLE_ERROR_CHECKING",
    "NX_DISABLE_RESET_DISCONNECT",
    "NX_POP3_CLIENT_RAW_MESSAGE",
    "NX_POP3_CLIENT_NO_CLEARTEXT_FALLBACK",
    "NX_POP3_CLIENT_RESPONSE_SIZE=128",
    "NX_POP3_CLIENT_BUFFER_SIZE=200",
    "NX_POP3_MAX_USERNAME=80",
    "NX_POP3_MAX_PASSWORD=80",
    "NX_POP3_SERVER_PROCESS_ID_SIZE=255",
    "NX_POP3_CLIENT_DRAIN_LIMIT=20000",
    "NX_DISABLE_IPV6 NX_DISABLE_PACKET_CHAIN NX_DISABLE_FRAGMENTATION NX_DISABLE_ERROR_CHECKING",
)

# A figure may be this far off before it is drift: 2 %, or a few instructions.
SLACK, SLACK_OCTETS = 0.02, 8

TEXTS = {
    "docs/netx.md": {
        "services": ("service", "own code", "flash, or + what it adds to create", "own stack"),
        "nine": "the nine documented ones, together",
        "fifteen": "all fifteen, together",
        "options": ("option", "flash", "control block", "own stack"),
        "defaults": "defaults, all fifteen services",
    },
    "docs/netx.ru.md": {
        "services": ("сервис", "собственный код", "флеш; с плюсом — добавка к create", "свой стек"),
        "nine": "девять документированных вместе",
        "fifteen": "все пятнадцать вместе",
        "options": ("настройка", "флеш", "управляющий блок", "свой стек"),
        "defaults": "значения по умолчанию, все пятнадцать сервисов",
    },
}


class Rooms:
    """The rooms' archives and call graphs for one target, src/netx built with some definitions more."""

    def __init__(self, target, build, machine):
        self.tools, self.md5, _ = size.TARGETS[target]
        self.build, self.machine = build, machine

    def flash(self, services):
        """Octets of .text and .rodata that a linker with --gc-sections keeps for a program that calls these."""
        output = self.build / "linked.o"
        archives = [str(path) for path in sorted(self.build.glob("src/*/*.a"))]
        roots = [f"-Wl,--undefined=_{s}" for s in services] + [f"-Wl,--entry=_{services[0]}"]
        size.run(self.tools + "gcc", *self.machine, "-r", "-nostdlib", "-Wl,--gc-sections", "-o", str(output),
                 *roots, "-Wl,--start-group", *archives, "-Wl,--end-group")
        sections = size.run(self.tools + "size", "-A", str(output))
        return sum(int(octets) for octets in re.findall(r"^\.s?(?:text|rodata)\S*\s+(\d+)", sections, re.M))

    def own(self, service):
        symbols = size.run(self.tools + "nm", "-S", "-t", "d", str(self.build / "src/netx/libsatchel_netx.a"))
        return int(re.search(rf"^\d+ (\d+) T _{service}$", symbols, re.M)[1])

    def stack(self, services):
        members = size.Objects(self.build, self.tools).behind([f"_{s}" for s in services])
        graph = size.CallGraph(self.build, members, self.md5)
        return max(graph.depth(f"_{s}")[0] for s in services)

    def block(self):
        return size.block_size(self.build, self.tools)

    def totals(self):
        """What an option may change."""
        return self.flash(NINE + SIX), self.block(), self.stack(NINE + SIX)


def words(entry):
    return shlex.split(entry["command"])


def compiled(entry, folder, definitions):
    """Compiles a file as the build did, but into this folder and with these definitions; the object."""
    command = words(entry)
    target = command.index("-o") + 1
    command[target] = str(folder / (pathlib.Path(entry["file"]).name + ".obj"))
    size.run(*command, *(f"-D{d}" for d in definitions))
    return command[target]


def variant(target, base, entries, definitions):
    """Rooms like those of the build folder `base`, with src/netx and the probe compiled anew with these definitions."""
    build = base.build / "options" / "-".join(definitions)
    for room in size.ROOMS:
        (build / "src").mkdir(parents=True, exist_ok=True)
        if room != "netx" and not (build / "src" / room).exists():
            (build / "src" / room).symlink_to(base.build / "src" / room)
    for archive in ("src/netx/libsatchel_netx.a", "firmware/libsatchel_probe.a"):
        folder = pathlib.Path(archive).parent
        (build / folder).mkdir(parents=True, exist_ok=True)
        (build / archive).unlink(missing_ok=True)
        members = [compiled(entry, build / folder, definitions) for entry in entries
                   if pathlib.Path(entry["directory"]) == base.build / folder]
        size.run(base.tools + "ar", "rcs", str(build / archive), *members)
    return Rooms(target, build, base.machine)


def measure(target):
    """Figures of one target: a row for each service, for the nine, for the fifteen; and for each option."""
    build = size.build_rooms(target)
    entries = json.loads((build / "compile_commands.json").read_text())
    rooms = Rooms(target, build, [word for word in words(entries[0]) if word.startswith("-m")])
    create, defaults = rooms.flash([BASE]), rooms.totals()
    services = [(str(rooms.own(BASE)), str(create), str(rooms.stack([BASE])))]
    services += [(str(rooms.own(s)), difference(rooms.flash([BASE, s]), create), str(rooms.stack([s]))) for s in BESIDE]
    services += [("", str(rooms.flash(group)), str(rooms.stack(group))) for group in (NINE, NINE + SIX)]
    options = [tuple(map(str, defaults))]
    for option in OPTIONS:
        options.append(tuple(map(difference, variant(target, rooms, entries, option.split()).totals(), defaults)))
    gcc = size.run(rooms.tools + "gcc", "-dumpfullversion").strip()
    return {"services": services, "options": options, "gcc": gcc}


def difference(new, old):
    return f"{new - old:+d}" if new != old else "0"


def rows(names, targets):
    """A row for each name; in each cell one figure of every target."""
    for name, *figures in zip(names, *targets):
        yield [name] + [" / ".join(cell) if any(cell) else "" for cell in zip(*figures)]


def tables(results, text):
    """The two tables in one language."""
    versions = " / ".join(m["gcc"] for m in results.values())
    title = f"Cortex-M4 / Cortex-M0+ / RV32IMAC, gcc {versions}, `-Os`\n\n"
    names = {
        "services": [f"`{s}`" for s in (BASE,) + BESIDE] + [text["nine"], text["fifteen"]],
        "options": [text["defaults"]] + ["`" + "`, `".join(option.split()) + "`" for option in OPTIONS],
    }
    return {kind: title + docblock.table(text[kind], rows(names[kind], [m[kind] for m in results.values()]))
            for kind in names}


def drift(old, new):
    """The lines of two tables whose figures differ by more than the slack, or that are not the same lines."""
    if old.count("\n") != new.count("\n"):
        return ["the tables have different lines"]
    return [f"{a}\n  is now {b}" for a, b in zip(old.splitlines(), new.splitlines()) if not alike(a, b)]


def alike(old, new):
    old, new = (re.split(r"([+-]?\b\d+\b)", line) for line in (old, new))
    return old[::2] == new[::2] and all(
        abs(int(a) - int(b)) <= max(SLACK_OCTETS, SLACK * abs(int(a))) for a, b in zip(old[1::2], new[1::2]))


def check(path, name, new):
    old = docblock.read(path, name)
    if re.findall(r"gcc [\d./ ]+", old) not in ([], re.findall(r"gcc [\d./ ]+", new)):
        print(f"{path}: {name} is from another gcc: not compared")
        return []
    return [f"{path}, {name}: {line}" for line in drift(old, new)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("check", "update"))
    parser.add_argument("--build", type=pathlib.Path, default=size.BUILD, help="build folder (build/firmware)")
    arguments = parser.parse_args()
    size.BUILD = arguments.build
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        results = dict(zip(size.TARGETS, pool.map(measure, size.TARGETS)))
    complaints = []
    for path, text in TEXTS.items():
        for kind, table in tables(results, text).items():
            if arguments.action == "update":
                docblock.write(path, f"costs-{kind}", table)
            else:
                complaints += check(path, f"costs-{kind}", table)
    for complaint in complaints:
        print("FAIL " + complaint + " (make figures)", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
