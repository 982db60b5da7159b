#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""costs.py on small inputs: what a linker keeps, how figures stand in a table, when a change is refused."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tools"))
import costs  # noqa: E402

SOURCE = """
int outside(int);
int shared(int a) { return outside(a * 7 + 1); }
int _create(int a) { return shared(a) + 1; }
int _quit(int a) { return shared(a) * shared(a + 2) + 2; }
const char text[1000] = {1};
const char *_show(void) { return text; }
"""


class Flash(unittest.TestCase):
    """What programs that call one service or another keep of an archive."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="satchel-costs-")
        self.addCleanup(folder.cleanup)
        room = pathlib.Path(folder.name) / "src" / "netx"
        room.mkdir(parents=True)
        (room / "a.c").write_text(SOURCE)
        compiler = "gcc -Os -fno-inline -ffunction-sections -fdata-sections -c a.c"
        for command in (compiler, "ar rcs libsatchel_netx.a a.o"):
            subprocess.run(command.split(), cwd=room, check=True)
        self.rooms = object.__new__(costs.Rooms)
        self.rooms.tools, self.rooms.build, self.rooms.machine = "", pathlib.Path(folder.name), []

    def test_a_service_pays_for_what_it_needs_alone(self):
        create, quit_too = self.rooms.flash(["_create"]), self.rooms.flash(["_create", "_quit"])
        self.assertGreater(create, self.rooms.own("_create"))
        self.assertEqual(quit_too - create, self.rooms.own("_quit"))
        self.assertGreaterEqual(self.rooms.flash(["_create", "_show"]) - create, 1000)
        self.assertLess(quit_too, 1000)


class Tables(unittest.TestCase):
    def test_difference(self):
        self.assertEqual([costs.difference(new, 100) for new in (100, 112, 96)], ["0", "+12", "-4"])

    def test_rows(self):
        names, targets = ("quit", "all"), [[("52", "+8"), ("", "3628")], [("54", "0"), ("", "3784")]]
        self.assertEqual(list(costs.rows(names, targets)), [["quit", "52 / 54", "+8 / 0"], ["all", "", "3628 / 3784"]])

    def test_every_service_option_and_port_has_its_row(self):
        row = [("1", "2", "3")]
        figures = {"services": row * (len(costs.ALL) + 3), "options": row * (1 + len(costs.OPTIONS)),
                   "ports": row * len(costs.PORTS), "mechanisms": row * (len(costs.MECHANISMS) + 1), "gcc": "12"}
        made = [costs.tables({"cortex-m4": figures}, *text) for text in costs.TEXTS.values()]
        for kind, names in (("services", costs.ALL), ("options", costs.OPTIONS)):
            for name in names:
                for tables in made[:2]:
                    self.assertIn(f"| `{name.lstrip('_').replace(' ', '`, `')}` | 1 | 2 | 3 |", tables[kind])
        self.assertIn("| lwIP | 1 | 2 | 3 |", made[2]["ports"])


class Drift(unittest.TestCase):
    old = "gcc 12.2.1\n\n| `quit` | 52 / 54 | +1000 / +388 |\n"

    def changed(self, old, new):
        return len(costs.drift(self.old, self.old.replace(old, new)))

    def test_a_few_octets_are_none(self):
        self.assertEqual(self.changed("52", "60"), 0)
        self.assertEqual(self.changed("+1000", "+1020"), 0)

    def test_more_are(self):
        self.assertEqual(self.changed("52", "61"), 1)
        self.assertEqual(self.changed("+1000", "+1021"), 1)
        self.assertEqual(self.changed("+388", "-388"), 1)

    def test_another_row_is(self):
        self.assertEqual(self.changed("`quit`", "`noop`"), 1)
        self.assertEqual(len(costs.drift(self.old, self.old + "| `noop` | 8 / 12 | 0 / 0 |\n")), 1)


if __name__ == "__main__":
    unittest.main()
