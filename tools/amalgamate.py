#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Two files to drop in: `amalgamate.py pair FOLDER` writes nxd_pop3_client.c and .h, which take the place of the two files
of NetX Duo's addons/pop3; `amalgamate.py engine FOLDER` writes pop3_engine.c and .h, the engine with APOP's digest.

The files of the rooms stand one behind the other, lower ones first. What no public function reaches is left out; what is
declared in no public header becomes static; includes of ours go, those of others stand at the top; conditionals that the
recipe decides are resolved. A name that two files define is an error. What C looks like is known to tools/toplevel.py.
"""
import argparse
import heapq
import pathlib
import re
import subprocess
import sys

import toplevel

ROOT = pathlib.Path(__file__).resolve().parent.parent
EXTRA = "NX_POP3_CLIENT_DISABLE_EXTRA_SERVICES"  # leaves the further services out (N-50)
TLS = "NX_POP3_CLIENT_ENABLE_TLS"  # brings in what stands in #ifdef of it
ENGINE_H = "include/satchel/pop3_engine.h"

RECIPES = {
    "pair": {
        "output": "nxd_pop3_client",
        "title": "The NetX Duo POP3 client services in two files, in place of those of NetX Duo's addons/pop3.",
        "rooms": ("core", "auth", "login", "netx"),
        "headers": ("src/netx/nxd_pop3_client.h",),
        "borrowed": ENGINE_H,  # of which the header takes the types that it needs
        "documented": "src/netx/nxd_pop3_client.c",  # defines the documented services; all others are further ones
        "first": ("#define NX_POP3_CLIENT_SOURCE_CODE",),
        "then": (f"#ifdef {EXTRA}", "#define POP3_ENGINE_MINIMAL 1", "#endif"),  # the option may stand in nx_user.h
        "known": {"POP3_ENGINE_DEPTH": 1, "POP3_ENGINE_SASL": 0, "POP3_ENGINE_SCAN": 0},
    },
    "engine": {
        "output": "pop3_engine",
        "title": "The POP3 protocol engine, and the digest of APOP, in two files.",
        "rooms": ("core", "auth"),
        "headers": (ENGINE_H, "include/satchel/pop3_digest.h"),
        "borrowed": None,
        "documented": None,
        "first": (),
        "then": (),
        "known": {},
    },
}


def fail(*messages):
    sys.exit("\n".join("amalgamate.py: " + message for message in messages))


class File:
    """A source file: its first comment, its items, what it includes."""

    def __init__(self, path, known):
        self.path = path
        self.head, items = toplevel.parse(path, (ROOT / path).read_text(), known)
        includes = [i for i in items if i.kind == "include"]
        self.ours = [h for h in (self._header_of_ours(i.name) for i in includes) if h is not None]
        foreign = [i for i in includes if self._header_of_ours(i.name) is None]
        self.includes = {i.name for i in foreign if not i.path}
        self.inner_includes = [i for i in foreign if i.path]
        self.items = [i for i in items if i.kind != "include" or i in self.inner_includes]

    def _header_of_ours(self, include):
        name = include.strip('<>"')
        beside = [pathlib.PurePath(self.path).parent / name] if include[0] == '"' else []
        for path in beside + [pathlib.PurePath("src") / name, pathlib.PurePath("include") / name]:
            if (ROOT / path).is_file():
                return str(path)
        return None


class Sources:
    """Every file of the rooms, what defines which name, and what is reached from where."""

    def __init__(self, recipe):
        self.files = {}
        for room in recipe["rooms"]:
            for path in sorted((ROOT / "src" / room).glob("*.c")):
                self._read(str(path.relative_to(ROOT)), recipe["known"])
        self.rooms = ["satchel", *recipe["rooms"]]
        self.home = {item: path for path, file in self.files.items() for item in file.items}
        self.definers = {}
        for item in self.home:
            for name in item.defines:
                self.definers.setdefault(name, []).append(item)
        self.public = {i.name for path in recipe["headers"] for i in self.files[path].items if i.kind == "prototype"}

    def _read(self, path, known):
        if path not in self.files:
            self.files[path] = File(path, known)
            for below in self.files[path].ours:
                self._read(below, known)

    def _is_private(self, item):
        return self.home[item].endswith(".c") and (item.kind in ("macro", "type") or item.lines[0].startswith("static"))

    def needed_by(self, item):
        """What defines the names that an item uses."""
        return [d for name in item.uses for d in self.definers.get(name, ())
                if self.home[d] == self.home[item] or not self._is_private(d)]

    def behind(self, items, among=None):
        """What these items need, themselves included; among these only, if they are given."""
        reached, wanted = set(), list(items)
        while wanted:
            item = wanted.pop()
            if item not in reached and (among is None or item in among):
                reached.add(item)
                wanted += self.needed_by(item)
        return reached

    def services(self, path=None):
        """The definitions of public functions, in this file or in all."""
        return [i for i, home in self.home.items() if i.kind == "function" and i.name in self.public and path in (None, home)]

    def clashes(self, kept):
        """Names that two files define. Where all definitions stand in conditionals, the compiler sees to it."""
        found = []
        for name, items in sorted(self.definers.items()):
            items = [i for i in items if i in kept and i.kind not in ("prototype", "extern")]
            places = {self.home[i]: i.place for i in items}
            if len(places) > 1 and not all(i.path for i in items):
                found.append(f"{name} is defined in " + " and in ".join(sorted(places.values())))
        return found

    def order(self, kept, extra):
        """The files of the kept items: each behind those whose definitions it needs, the further services last."""
        items = {path: [i for i in file.items if i in kept] for path, file in self.files.items()}
        waiting = {path: {self.home[d] for i in items[path] for d in self.needed_by(i)
                          if d in kept and d.kind not in ("prototype", "extern")} - {path} for path in items if items[path]}

        def rank(path):
            room = self.rooms.index(pathlib.PurePath(path).parent.name)
            return all(i in extra for i in items[path]), path.endswith(".c"), room, path

        ready, order = [rank(path) for path, needs in waiting.items() if not needs], []
        heapq.heapify(ready)
        while ready:
            path = heapq.heappop(ready)[-1]
            order.append(path)
            for other, needs in waiting.items():
                if path in needs:
                    needs.remove(path)
                    if not needs:
                        heapq.heappush(ready, rank(other))
        if len(order) != len(waiting):
            fail("these files need each other: " + " ".join(sorted(set(waiting) - set(order))))
        return order


class Printer:
    """The lines of a result. It opens and closes the conditionals around the items that it is given."""

    def __init__(self):
        self.lines, self.open = [], ()

    def gap(self):
        if self.lines and self.lines[-1]:
            self.lines.append("")

    def text(self, lines):
        self.lines += lines

    def item(self, item, lines, path):
        self.go(path, item.gap)
        self.text(item.comment + lines)

    def go(self, path, gap):
        """From the branches that are open into those of `path`."""
        same = 0
        while same < min(len(self.open), len(path)) and self.open[same] is path[same]:
            same += 1
        for branch in reversed(self.open[same:]):
            if not (same < len(path) and path[same].group is branch.group):
                if branch.group[0].end_gap:
                    self.gap()
                self.text(["#endif"])
        if gap:
            self.gap()
        for depth, branch in enumerate(path[same:], same):
            passed = [b.number + 1 for b in self.open[same:same + 1] if depth == same and b.group is branch.group]
            for step in branch.group[max(passed, default=0):branch.number + 1]:
                if step.gap:
                    self.gap()
                self.text(step.comment + [step.directive])
            if branch.inner_gap:
                self.gap()
        self.open = path

    def result(self):
        self.go((), False)
        return "\n".join(self.lines) + "\n"


def is_heading(item):
    return item.kind == "comment" and "/* ----" in item.lines[0]


def with_comments(items, wanted, comments):
    """The wanted items, and if `comments` the headings over them and the free-standing comments before them."""
    shown, waiting = [], []
    for item in items:
        if item.kind == "extern": # what it declares stands before it is used
            continue
        if item in wanted:
            shown += waiting * comments + [item]
            waiting = []
        elif item.kind != "comment":
            waiting = [c for c in waiting if is_heading(c)]
        else:
            waiting = [c for c in waiting if not is_heading(item)] + [item]
    return shown


def made_static(lines):
    """A definition or declaration that begins with `static`, its parameters filled into lines of 120 columns."""
    if lines[0].startswith("static "):
        return lines
    if "(" not in lines[0]:
        return ["static " + lines[0]] + lines[1:]
    end = next(n for n, line in enumerate(lines) if line.endswith(("{", ";")))
    first, *words = ("static " + " ".join(line.strip() for line in lines[:end + 1])).split(", ")
    margin = " " * (first.index("(") + 1)
    out = [first]
    for word in words:
        if len(out[-1]) + len(", " + word + ",") <= 120:
            out[-1] += ", " + word
        else:
            out[-1] += ","
            out.append(margin + word)
    return out + lines[end + 1:]


class Amalgamation:
    """What goes into the two files, and their text."""

    def __init__(self, recipe, origin):
        self.recipe, self.origin = recipe, origin
        self.sources = sources = Sources(recipe)
        missing = sources.public - {i.name for i in sources.services()}
        if missing:
            fail("declared but not defined: " + " ".join(sorted(missing)))
        kept = sources.behind(sources.services())
        self.extra = kept - sources.behind(sources.services(recipe["documented"]))
        self.in_header = {i for path in recipe["headers"] for i in sources.files[path].items}
        self.extra |= self._extra_declarations()
        self.tls = self._needed_for_tls(kept)
        if recipe["borrowed"]:
            self._borrow(sources.files[recipe["borrowed"]].items)
        self.in_source = kept - self.in_header
        clashes = sources.clashes(kept | self.in_header)
        if clashes:
            fail(*clashes)

    def _extra_declarations(self):
        """What a header says of further services: what names them, and what stands under a heading with (N-50)."""
        documented = {i.name for i in self.sources.services(self.recipe["documented"])}
        extra, inside = set(), False
        for item in (i for path in self.recipe["headers"] for i in self.sources.files[path].items):
            if is_heading(item):
                inside = "(N-50)" in " ".join(item.lines)
            if inside or (item.defines | item.uses) & (self.sources.public - documented):
                extra.add(item)
        return extra

    def _needed_for_tls(self, kept):
        """What nothing needs but what stands in the option's conditionals."""
        without = {i for i in kept if not any(b.directive == f"#ifdef {TLS}" for b in i.path)}
        services = [i for i in self.sources.services() if i in without]
        return without - self.sources.behind(services, without)

    def _borrow(self, lent):
        """Types and macros that the header needs of another go into it."""
        among = self.in_header | {i for i in lent if i.kind in ("macro", "type")}
        needed = self.sources.behind(self.in_header, among)
        self.extra |= needed - self.sources.behind(self.in_header - self.extra, among) - self.in_header
        self.in_header |= needed

    def _banner(self, extension):
        licence = (ROOT / "LICENSE").read_text().splitlines()
        return ["/*", f" * {self.recipe['output']}.{extension}", " *", f" * {self.recipe['title']}", " *",
                f" * Satchel {self.origin}, made by tools/amalgamate.py.",
                " * Changes belong in its sources: " + ", ".join("src/" + room for room in self.recipe["rooms"]) + ".", " *",
                " * SPDX-License-Identifier: MIT", " *", *((" * " + line).rstrip() for line in licence), " */"]

    def _print(self, out, path, wanted, title):
        """The wanted items of a file, under its title."""
        file = self.sources.files[path]
        inner = {i for i in file.inner_includes if i.name not in self.included
                 and any(w.path[:len(i.path)] == i.path for w in file.items if w in wanted)}
        borrowed = title not in (None, path)
        shown = with_comments(file.items, wanted | inner, not borrowed)
        whole = title is not None and all(i in self.extra for i in shown if i.kind not in ("comment", "include"))
        around = (self.section_guard,) if whole else ()
        if title is not None:
            out.go(around, True)
            out.gap()
            out.text([f"/* ======== {title} ======== */"] + ([] if borrowed else file.head))
            out.gap()
        for item in shown:
            lines = item.lines
            if item.kind in ("function", "prototype", "variable") and item.name not in self.sources.public:
                lines = made_static(lines)
            inside = (self.guard,) if item in self.extra and not whole else ()
            inside += (self.tls_guard,) if item in self.tls else ()
            out.item(item, lines, around + item.path + inside)

    def _includes(self, paths):
        """System headers, and those of NetX: once each, the header's before the source's."""
        found = set().union(*(self.sources.files[p].includes for p in paths)) - self.included
        self.included |= found
        for opening in "<", '"':
            yield ["#include " + i for i in sorted(found) if i.startswith(opening)]

    def _begin(self):
        """Guards are compared by identity, so each file has its own."""
        self.guard = toplevel.Branch([], f"#ifndef {EXTRA}", [], True)
        self.section_guard = toplevel.Branch([], f"#ifndef {EXTRA}", [], True)
        self.section_guard.end_gap = True
        self.tls_guard = toplevel.Branch([], f"#ifdef {TLS}", [], True)
        return Printer()

    def texts(self):
        self.included = set()
        return {"h": self._header(), "c": self._source()}

    def _header(self):
        out, first = self._begin(), self.sources.files[self.recipe["headers"][0]]
        guard = re.search(r"^#ifndef (\w+_H)$", (ROOT / first.path).read_text(), re.M)[1]
        paths = [p for p in (self.recipe["borrowed"], *self.recipe["headers"]) if p is not None]
        out.text(self._banner("h") + first.head + [f"#ifndef {guard}", f"#define {guard}"])
        for lines in self._includes(paths):
            out.gap()
            out.text(lines)
        out.gap()
        out.text(["#ifdef __cplusplus", 'extern "C" {', "#endif"])
        for path in paths:
            title = path if path in self.recipe["headers"] else path + ": what the client block holds of it"
            self._print(out, path, self.in_header, title if path != first.path else None)
        out.go((), True)
        out.text(["#ifdef __cplusplus", "}", "#endif", "#endif"])
        return out.result()

    def _source(self):
        out, order = self._begin(), self.sources.order(self.in_source, self.extra)
        out.text(self._banner("c"))
        out.text(self.recipe["first"])
        out.text([f'#include "{self.recipe["output"]}.h"'])
        for lines in self._includes(order):
            out.gap()
            out.text(lines)
        out.gap()
        out.text(self.recipe["then"])
        for path in order:
            self._print(out, path, self.in_source, path)
        return out.result()


def origin():
    """The version, and the commit where there is one."""
    version = re.search(r"project\(satchel VERSION ([\d.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    if not (ROOT / ".git").exists():
        return version
    git = subprocess.run(["git", "-C", ROOT, "describe", "--always", "--dirty"], stdout=subprocess.PIPE,
                         stderr=subprocess.DEVNULL, text=True, check=False)
    return f"{version} ({git.stdout.strip()})" if git.returncode == 0 else version


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("recipe", choices=RECIPES)
    parser.add_argument("folder", type=pathlib.Path)
    arguments = parser.parse_args()
    recipe = RECIPES[arguments.recipe]
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for extension, text in Amalgamation(recipe, origin()).texts().items():
        (arguments.folder / f"{recipe['output']}.{extension}").write_text(text)


if __name__ == "__main__":
    main()
