#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Size of the NetX services on microcontrollers: .text + .rodata, control block, own stack depth.

`size.py check` builds core, auth, login and netx with the preset `firmware` for each target, and the documented services
of them as the one object of tools/amalgamate.py (the pair), measures, and compares with SIZES and the hard bars. `size.py update` writes SIZES and the table in README.md. What is counted, and why, is in
docs/size.md. Knows nothing of the sources: it reads archives (nm, size, objdump) and gcc's call graph files.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

import docblock

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "firmware"
ROOMS = ("core", "auth", "login", "netx")
ARCHIVES = {**{room: f"src/{room}/libsatchel_{room}.a" for room in ROOMS}, "pair": "firmware/libsatchel_pair.a"}
SLACK = 0.02

# Target: prefix of its binutils, octets of stack under NetX's update and final call of MD5 (docs/size.md), bars in octets.
TARGETS = {
    "cortex-m4": ("arm-none-eabi-", (144, 168),
                  {"text": 3700, "pair": 3300, "block": 576, "stack": 624, "pair_stack": 624, "n50": 400}),
    "cortex-m0plus": ("arm-none-eabi-", (208, 232),
                      {"text": 3900, "pair": 3450, "block": 576, "stack": 720, "pair_stack": 720, "n50": 400}),
    "rv32": ("riscv64-unknown-elf-", (144, 176), {}),
}
# The existing implementation, NetX Duo 6.4's addons/pop3, measured the same way.
EXISTING = {
    "cortex-m4": {"text": 4058, "block": 576, "stack": 624},
    "cortex-m0plus": {"text": 4216, "block": 576, "stack": 720},
}

ITEMS = ("mail_items_get", "mail_item_size_get", "mail_item_get", "mail_item_message_get", "mail_item_delete",
         "quit", "delete")
EXTRAS = ("noop", "reset", "mail_item_uid_get", "mail_item_top_get", "capabilities_get", "response_get")

# Whom a call through a pointer reaches: by caller, the static function, where it is linked. An application's counts nothing.
POINTERS = {"pop3_apop_digest": "md5", "_nx_pop3_client_tls_start": "tls_setup", "certificate_check": "application's"}


def twins(names):
    return {f"{prefix}_pop3_client_{name}" for name in names for prefix in ("_nx", "_nxe")}


SERVICES = twins(ITEMS) | {f"{p}_pop3_client_create" for p in ("_nx", "_nxe", "_nxd", "_nxde")}
SERVICES_N50 = twins(EXTRAS)


def bare(function):
    """The name of a static function, which gcc puts behind its file's."""
    return function.rsplit(":", 1)[-1]


def run(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE, cwd=ROOT).stdout


class Objects:
    """The members of the rooms' archives: what each defines, needs, weighs."""

    def __init__(self, build, tools, rooms=ROOMS):
        self.defines, self.needs, self.weight, self.room, self.writable = {}, {}, {}, {}, {}
        for room in rooms:
            archive = build / ARCHIVES[room]
            if archive.exists():
                self._read_symbols(room, archive, tools)
                self._read_sections(room, archive, tools)

    def _read_symbols(self, room, archive, tools):
        for line in run(tools + "nm", "-A", "-g", str(archive)).splitlines():
            place, symbol = line.rsplit(" ", 1)
            member = (room, place.split(":")[1])
            kind = place.rsplit(" ", 1)[1]
            self.needs.setdefault(member, set())
            if kind == "U":
                self.needs[member].add(symbol)
            else:
                self.defines[symbol] = member

    def _read_sections(self, room, archive, tools):
        member = None
        for line in run(tools + "size", "-A", str(archive)).splitlines():
            header = re.match(r"(\S+)\s+\(ex ", line)
            section = re.match(r"\.(text|rodata|srodata|data|sdata|bss|sbss)\S*\s+(\d+)", line)
            if header:
                member = (room, header[1])
                self.weight[member] = self.writable[member] = 0
            elif section and section[1] in ("text", "rodata", "srodata"):
                self.weight[member] += int(section[2])
            elif section:
                self.writable[member] += int(section[2])

    def behind(self, symbols):
        """The members that a linker takes from the archives for a program that refers to these symbols."""
        taken, wanted = set(), [s for s in symbols if s in self.defines]
        while wanted:
            member = self.defines[wanted.pop()]
            if member not in taken:
                taken.add(member)
                wanted += [s for s in self.needs.get(member, ()) if s in self.defines]
        return taken


class CallGraph:
    """Frames and calls as gcc saw them (-fcallgraph-info=su), for the files of the given members."""

    def __init__(self, build, members, md5):
        self.frame, self.calls = dict(zip(("_nx_md5_update", "_nx_md5_digest_calculate"), md5)), {}
        for room, member in members:
            for path in (build / ARCHIVES[room]).parent.rglob(pathlib.PurePath(member).stem + ".ci"):
                self._read(path.read_text())
        self._resolve_pointers()

    def _read(self, text):
        for title, label in re.findall(r'^node: \{ title: "([^"]+)" label: "([^"]*)"', text, re.M):
            size = re.search(r"\\n(\d+) bytes \((\w+)", label)
            if size:
                if size[2] != "static":
                    sys.exit(f"size.py: the frame of {title} has no fixed size")
                self.frame[title] = int(size[1])
        for source, callee in re.findall(r'^edge: \{ sourcename: "([^"]+)" targetname: "([^"]+)"', text, re.M):
            self.calls.setdefault(source, set()).add(callee)

    def _resolve_pointers(self):
        for source in [s for s, callees in self.calls.items() if "__indirect_call" in callees]:
            callee = POINTERS.get(bare(source))
            if callee is not None:
                reached = [f for f in self.frame if bare(f) == callee]
                self.calls[source] = self.calls[source] - {"__indirect_call"} | set(reached)

    def depth(self, function, path=()):
        """Octets of the deepest chain of our own frames, and the chain."""
        if function in path:
            sys.exit("size.py: recursion: " + " > ".join(path + (function,)))
        if "__indirect_call" in self.calls.get(function, ()):
            sys.exit(f"size.py: {function} calls through a pointer; POINTERS does not say whom")
        below = [self.depth(c, path + (function,)) for c in self.calls.get(function, ()) if c in self.frame]
        deepest, chain = max(below, default=(0, ()))
        return self.frame[function] + deepest, (function,) + chain


def build_rooms(target):
    """Builds the rooms and the probe; returns the build folder."""
    build = BUILD / target
    run("cmake", "--preset", "firmware", "-B", str(build), f"-DSATCHEL_MCU={target}")
    run("cmake", "--build", str(build), "--parallel", str(os.cpu_count() or 1))
    return build


def block_size(build, tools):
    """sizeof(NX_POP3_CLIENT)"""
    symbols = run(tools + "nm", "-S", "-t", "d", str(build / "firmware" / "libsatchel_probe.a"))
    return int(re.search(r"(\d+) \w satchel_block$", symbols, re.M)[1])


def members_behind(objects, services):
    """The members that a linker takes for these services, all of which must be there."""
    missing = [s for s in services if s not in objects.defines]
    if missing:
        sys.exit("size.py: not defined: " + " ".join(sorted(missing)))
    members = objects.behind(services)
    writable = [m for m in members if objects.writable[m]]
    if writable:
        sys.exit(f"size.py: writable data in {writable}")
    return members


def deepest(graph):
    """Octets of the deepest chain below a documented service, and the chain."""
    # A twin that is an alias has no frame of its own; the service it names has.
    stack, chain = max(graph.depth(s) for s in SERVICES if s in graph.frame)
    return stack, [f"{bare(f)} {graph.frame[f]}" for f in chain]


def measure(target):
    tools, md5, _ = TARGETS[target]
    build = build_rooms(target)
    objects = Objects(build, tools)
    nine = members_behind(objects, SERVICES)
    extra = members_behind(objects, SERVICES_N50) - nine
    pair = Objects(build, tools, ("pair",))
    one = members_behind(pair, SERVICES)
    stack, chain = deepest(CallGraph(build, nine, md5))
    pair_stack, pair_chain = deepest(CallGraph(build, one, md5))
    return {
        "text": sum(objects.weight[m] for m in nine),
        "pair": sum(pair.weight[m] for m in one),
        "pair_stack": pair_stack,
        "n50": sum(objects.weight[m] for m in extra if m[0] == "netx"),
        "below": sum(objects.weight[m] for m in extra if m[0] != "netx"),
        "block": block_size(build, tools),
        "stack": stack,
        "gcc": run(tools + "gcc", "-dumpfullversion").strip(),
        "rooms": {r: sum(objects.weight[m] for m in nine if m[0] == r) for r in ROOMS},
        "members": sorted(((objects.weight[m], *m) for m in nine | extra), reverse=True),
        "chain": chain,
        "pair_chain": pair_chain,
    }


FIGURES = ("text", "pair", "block", "stack", "pair_stack", "n50")


def line_of(target, m):
    return f"{target} " + " ".join(f"{figure}={m[figure]}" for figure in FIGURES + ("gcc",))


def recorded():
    lines = (ROOT / "SIZES").read_text().splitlines() if (ROOT / "SIZES").exists() else []
    return {line.split()[0]: dict(field.split("=") for field in line.split()[1:]) for line in lines}


def broken_bars(target, m):
    return [f"{target}: {k} is {m[k]}, the bar is {bar}" for k, bar in TARGETS[target][2].items() if m[k] > bar]


def drift(target, m, old):
    """Where the recorded figures, of the same compiler, are more than 2 % off."""
    if old is None:
        return [f"{target}: not in SIZES (make size-update)"]
    if old["gcc"] != m["gcc"]:
        print(f"{target}: SIZES is from gcc {old['gcc']}, this is {m['gcc']}: not compared")
        return []
    return [f"{target}: {k} was {old.get(k)}, is {m[k]} (make size-update)" for k in FIGURES
            if abs(m[k] - int(old.get(k, 0))) > SLACK * int(old.get(k, 0))]


def show(target, m, verbose):
    print(line_of(target, m))
    print("  " + "  ".join(f"{room} {size}" for room, size in m["rooms"].items()))
    print(f"  six further services: {m['n50']}, and {m['below']} in the rooms below when all six are used")
    print("  stack: " + " > ".join(m["chain"]))
    print("  stack of the pair: " + " > ".join(m["pair_chain"]))
    if verbose:
        for weight, room, member in m["members"]:
            print(f"  {weight:6} {room}/{member}")


def beside(target, figure):
    """The existing implementation's figure, where it was measured."""
    return f" ({EXISTING[target][figure]})" if target in EXISTING else ""


def write_readme(results):
    names = {"cortex-m4": "Cortex-M4", "cortex-m0plus": "Cortex-M0+", "rv32": "RV32IMAC"}
    rows = [(names[t], f"{m['text']} B{beside(t, 'text')}", f"{m['pair']} B", f"{m['n50']} B",
             f"{m['block']} B{beside(t, 'block')}", f"{m['stack']} B{beside(t, 'stack')}, {m['pair_stack']} B")
            for t, m in results.items()]
    for path, head in (
        ("README.md", ("`-Os`, gcc 12", "nine services, engine and login", "as two files",
                       "six further services", "control block", "own stack, as two files")),
        ("README.ru.md", ("`-Os`, gcc 12", "девять сервисов, движок и вход", "двумя файлами",
                          "шесть дополнительных", "управляющий блок", "свой стек, двумя файлами")),
    ):
        docblock.write(path, "sizes", docblock.table(head, rows))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("check", "update"))
    parser.add_argument("-v", "--verbose", action="store_true", help="list the objects")
    arguments = parser.parse_args()
    results, old, complaints = {}, recorded(), []
    for target in TARGETS:
        results[target] = measure(target)
        show(target, results[target], arguments.verbose)
        complaints += broken_bars(target, results[target])
        if arguments.action == "check":
            complaints += drift(target, results[target], old.get(target))
    if arguments.action == "update":
        (ROOT / "SIZES").write_text("".join(line_of(t, m) + "\n" for t, m in results.items()))
        write_readme(results)
    for complaint in complaints:
        print("FAIL " + complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
