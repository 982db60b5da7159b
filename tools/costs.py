#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What each NetX service, each option, each port of the engine and each SASL mechanism costs on microcontrollers: flash,
RAM, own stack.

`costs.py update` measures and writes the tables into docs/netx.md, its translation, docs/porting.md and docs/sasl.md;
`check` fails where measured and written figures differ. How it measures is in docs/size.md. Knows nothing of the sources but their
symbols.
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

BASE = "_nxd_pop3_client_create"  # what every program refers to
NINE = (BASE, "_nx_pop3_client_create") + tuple(f"_nx_pop3_client_{item}" for item in size.ITEMS)
ALL = NINE + tuple(f"_nx_pop3_client_{extra}" for extra in size.EXTRAS)
SECURE = "_nxd_pop3_client_secure_create"  # there with its option only

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
    "NX_POP3_CLIENT_ENABLE_TLS",
    "NX_DISABLE_IPV6 NX_DISABLE_PACKET_CHAIN NX_DISABLE_FRAGMENTATION NX_DISABLE_ERROR_CHECKING",
)

# Sources of the ports in docs/porting.md, and what they keep in RAM for the engine.
PORTS = {
    "lwIP": (("examples/lwip/lwip_fetch.c",), "sizeof(pop3_engine) + 1024 + POP3_COMMAND_MAX"),
    "UART": (("firmware/main.c", "firmware/mail.c"), "sizeof(mail)"),
}
PORT_PROBE = """#include "mail.h"
extern const char ram[%s];
const char ram[%s] = {1};
"""

# What a program calls for an exchange, and what it names for each mechanism.
EXCHANGE = tuple(f"pop3_sasl_{call}" for call in ("start", "response", "challenge", "finish", "end"))
MECHANISMS = {name: "pop3_sasl_" + name.lower().replace("-", "_") for name in (
    "EXTERNAL", "PLAIN", "LOGIN", "CRAM-MD5", "SCRAM-SHA-1", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-256-PLUS",
    "OAUTHBEARER", "XOAUTH2")}

# A figure may be this far off before it is drift: 2 %, or a few instructions.
SLACK, SLACK_OCTETS = 0.02, 8

SERVICES = ("service", "own code", "flash, or + what it adds to create", "own stack")
OPTION = ("option", "flash", "control block", "own stack")
NAMES = {"together": ["the nine documented ones, together", "all fifteen, together",
                      "the nine as two files, `NX_POP3_CLIENT_DISABLE_EXTRA_SERVICES`"],
         "defaults": "defaults, all fifteen services"}
SERVICES_RU = ("сервис", "собственный код", "флеш; с плюсом — добавка к create", "свой стек")
OPTION_RU = ("настройка", "флеш", "управляющий блок", "свой стек")
NAMES_RU = {"together": ["девять документированных вместе", "все пятнадцать вместе",
                         "девять двумя файлами, `NX_POP3_CLIENT_DISABLE_EXTRA_SERVICES`"],
            "defaults": "значения по умолчанию, все пятнадцать сервисов"}

# Document: heads of the tables in it, and what rows are called that no identifier names.
TEXTS = {
    "docs/netx.md": ({"services": SERVICES, "options": OPTION}, NAMES),
    "docs/netx.ru.md": ({"services": SERVICES_RU, "options": OPTION_RU}, NAMES_RU),
    "docs/porting.md": ({"ports": ("port", "flash", "RAM", "own stack")}, NAMES),
    "docs/sasl.md": ({"mechanisms": ("mechanism", "flash")}, NAMES),
}


class Rooms:
    """The rooms' archives and call graphs for one target, src/netx built with some definitions more."""

    def __init__(self, target, build, machine):
        self.tools, self.md5, _ = size.TARGETS[target]
        self.build, self.machine = build, machine

    def flash(self, symbols):
        """Octets of .text and .rodata that a linker with --gc-sections keeps for a program that refers to these."""
        output = self.build / "linked.o"
        archives = [str(path) for path in sorted(self.build.glob("src/*/*.a"))]
        roots = [f"-Wl,--undefined={s}" for s in symbols] + [f"-Wl,--entry={symbols[0]}"]
        size.run(self.tools + "gcc", *self.machine, "-r", "-nostdlib", "-Wl,--gc-sections", "-o", str(output),
                 *roots, "-Wl,--start-group", *archives, "-Wl,--end-group")
        sections = size.run(self.tools + "size", "-A", str(output))
        return sum(int(octets) for octets in re.findall(r"^\.s?(?:text|rodata)\S*\s+(\d+)", sections, re.M))

    def own(self, symbol):
        symbols = size.run(self.tools + "nm", "-S", "-t", "d", str(self.build / "src/netx/libsatchel_netx.a"))
        return int(re.search(rf"^\d+ (\d+) T {symbol}$", symbols, re.M)[1])

    def stack(self, symbols):
        members = size.Objects(self.build, self.tools).behind(symbols)
        graph = size.CallGraph(self.build, members, self.md5)
        return max(graph.depth(s)[0] for s in symbols)

    def block(self):
        return size.block_size(self.build, self.tools)

    def pair(self):
        """The documented services as two files: one member, which a linker takes whole."""
        objects = size.Objects(self.build, self.tools, ("pair",))
        members = objects.behind(NINE)
        graph = size.CallGraph(self.build, members, self.md5)
        return sum(objects.weight[m] for m in members), max(graph.depth(s)[0] for s in NINE)

    def totals(self):
        """What an option may change."""
        services = ALL + tuple({SECURE} & size.Objects(self.build, self.tools).defines.keys())
        return self.flash(services), self.block(), self.stack(services)


def words(entry):
    return shlex.split(entry["command"])


def compiled(entry, folder, definitions, *more):
    """Compiles a file as the build did, but into this folder, with these definitions and options more; the object."""
    command = words(entry)
    target = command.index("-o") + 1
    command[target] = str(folder / (pathlib.Path(entry["file"]).name + ".obj"))
    size.run(*command, *(f"-D{d}" for d in definitions), *more)
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


def port(rooms, entry, sources, ram):
    """Flash, RAM and stack of the engine and the login as these sources use them."""
    called = re.findall(r"\b(pop3_\w+)\(", "".join((size.ROOT / source).read_text() for source in sources))
    symbols = sorted(set(called) & set(size.Objects(rooms.build, rooms.tools).defines))
    probe = rooms.build / "port.c"
    probe.write_text(PORT_PROBE % (ram, ram))
    entry = {"command": entry["command"].replace(entry["file"], str(probe)), "file": str(probe)}
    compiled_probe = compiled(entry, rooms.build, [], f"-I{size.ROOT / 'firmware'}")
    found = re.search(r"(\d+) \w ram$", size.run(rooms.tools + "nm", "-S", "-t", "d", compiled_probe), re.M)
    return rooms.flash(symbols), int(found[1]), rooms.stack(symbols)


def measure(target):
    """Figures of one target: a row for each service and some together, for each option, port and mechanism."""
    build = size.build_rooms(target)
    entries = json.loads((build / "compile_commands.json").read_text())
    rooms = Rooms(target, build, [word for word in words(entries[0]) if word.startswith("-m")])
    create, defaults = rooms.flash([BASE]), rooms.totals()
    services = [(str(rooms.own(BASE)), str(create), str(rooms.stack([BASE])))]
    for s in ALL[1:]:
        services.append((str(rooms.own(s)), difference(rooms.flash([BASE, s]), create), str(rooms.stack([s]))))
    together = [(rooms.flash(group), rooms.stack(group)) for group in (NINE, ALL)] + [rooms.pair()]
    services += [("", str(flash), str(stack)) for flash, stack in together]
    options = [tuple(map(str, defaults))]
    for option in OPTIONS:
        options.append(tuple(map(difference, variant(target, rooms, entries, option.split()).totals(), defaults)))
    ports = [tuple(map(str, port(rooms, entries[0], *sources))) for sources in PORTS.values()]
    mechanisms = [(str(rooms.flash(EXCHANGE + named)),) for named in [(m,) for m in MECHANISMS.values()]
                  + [tuple(MECHANISMS.values())]]
    gcc = size.run(rooms.tools + "gcc", "-dumpfullversion").strip()
    return {"services": services, "options": options, "ports": ports, "mechanisms": mechanisms, "gcc": gcc}


def difference(new, old):
    return f"{new - old:+d}" if new != old else "0"


def rows(names, targets):
    """A row for each name; in each cell one figure of every target."""
    for name, *figures in zip(names, *targets):
        yield [name] + [" / ".join(cell) if any(cell) else "" for cell in zip(*figures)]


def tables(results, heads, names):
    """The tables of one document."""
    versions = " / ".join(m["gcc"] for m in results.values())
    title = f"Cortex-M4 / Cortex-M0+ / RV32IMAC, gcc {versions}, `-Os`\n\n"
    first = {
        "services": [f"`{s[1:]}`" for s in ALL] + names["together"],
        "options": [names["defaults"]] + ["`" + "`, `".join(option.split()) + "`" for option in OPTIONS],
        "ports": list(PORTS),
        "mechanisms": [*MECHANISMS, "all of them"],
    }
    return {kind: title + docblock.table(head, rows(first[kind], [m[kind] for m in results.values()]))
            for kind, head in heads.items()}


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
    for path, (heads, names) in TEXTS.items():
        for kind, table in tables(results, heads, names).items():
            if arguments.action == "update":
                docblock.write(path, f"costs-{kind}", table)
            else:
                complaints += check(path, f"costs-{kind}", table)
    for complaint in complaints:
        print("FAIL " + complaint + " (make size-update)", file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
