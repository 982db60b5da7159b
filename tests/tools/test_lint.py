#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""suppressions.py, deviations.py and the parts of lint.py: what they must find, and what they must leave alone."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tools"))
import deviations  # noqa: E402
import lint  # noqa: E402


class Scratch(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="satchel-lint-"))
        self.addCleanup(shutil.rmtree, self.root)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file


class Suppressions(Scratch):
    def check(self, path, text):
        self.write(path, text)
        done = subprocess.run([sys.executable, ROOT / "tools" / "suppressions.py", self.root], stdout=subprocess.PIPE,
                              text=True)
        return done.returncode, done.stdout

    def test_named_and_reasoned(self):
        for text in ("int x; /* NOLINT(misc-a): one deep */\n", "/* NOLINTNEXTLINE(-Wcast-qual,b-c): read only */\n",
                     "// cppcheck-suppress id ; a reason\n"):
            self.assertEqual(self.check("src/x.c", text)[0], 0, text)

    def test_silenced_without_name_or_reason(self):
        for text in ("int x; /* NOLINT */\n", "int x; /* NOLINT: why */\n", "int x; /* NOLINT(a-b) */\n",
                     "/* NOLINTBEGIN(a-b): why */\n", "/* NOLINT(*): why */\n", "// cppcheck-suppress id\n",
                     '#pragma GCC diagnostic ignored "-Wall"\n', '_Pragma("clang diagnostic push")\n',
                     "__attribute__((no_sanitize_address)) void f(void);\n"):
            status, output = self.check("tests/a/x.h", text)
            self.assertEqual(status, 1, text)
            self.assertIn("x.h:1: ", output)

    def test_checks_left_out(self):
        good = "Checks: >\n  -*,\n  bugprone-*,\n  -bugprone-a,\n  -cert-b\n# bugprone-a: why\n# cert-b: why\n"
        self.assertEqual(self.check(".clang-tidy", good)[0], 0)
        for wrong in (good.replace("# cert-b: why\n", ""), good + "# misc-c: why\n",
                      good.replace("cert-b", "cert-*"), good.replace("# cert-b: why", "# cert-b:")):
            self.assertEqual(self.check(".clang-tidy", wrong)[0], 1, wrong)


class Deviations(unittest.TestCase):
    DOCUMENT = ("# Title\n| 1.1 | not in a table of ours |\n\n## Broken knowingly\n\n| Rule | Where |\n|---|---|\n"
                "| 15.5 | everywhere |\n\n## Reported, but not broken\n\n| 5.7 | enum |\n\n"
                "## Broken, and not reported\n\n| 21.2 | names |\n| D4.9 | macros |\n")

    def complaints(self, *found):
        return list(deviations.complaints({rule: {"src/core/x.c:1"} for rule in found}, self.DOCUMENT))

    def test_as_listed(self):
        self.assertEqual(deviations.listed(self.DOCUMENT), (["15.5", "5.7"], ["21.2", "D4.9"]))
        self.assertEqual(self.complaints("15.5", "5.7"), [])

    def test_broken_and_not_listed(self):
        self.assertEqual(self.complaints("15.5", "5.7", "15.1"),
                         ["rule 15.1 is broken and not listed: src/core/x.c:1"])

    def test_listed_and_not_broken(self):
        self.assertEqual(self.complaints("5.7"), ["rule 15.5 is listed and nowhere broken"])

    def test_reported_against_the_document(self):
        self.assertEqual(self.complaints("15.5", "5.7", "21.2"),
                         ["rule 21.2 is broken and not listed: src/core/x.c:1",
                          "rule 21.2 is reported, the document says that it is not"])

    def test_only_our_files_count(self):
        output = ("src/core/x.c:3: misra-c2012-15.1\nsrc/nxhost/nx.c:9: misra-c2012-19.2\n"
                  "include/satchel/a.h:2: misra-c2012-2.5\nsrc/core/x.c:4: variableScope\n")
        self.assertEqual(deviations.parse(output, ROOT),
                         {"15.1": {"src/core/x.c:3"}, "2.5": {"include/satchel/a.h:2"}})


class Compilers(Scratch):
    def warnings(self, text, *flags):
        return lint.warnings(["gcc", "-std=c11", *flags, str(self.write("x.c", text))])

    def test_a_warning_fails(self):
        status, output = self.warnings("int f(int a) { if (a = 1) { return 1; } return 0; }\n", "-Wall")
        self.assertEqual(status, 1)
        self.assertIn("-Wparentheses", output)

    def test_accepted_by_name_only(self):
        text = "void *f(const void *p) { return (void *)p; } /* NOLINT(%s): why */\n"
        self.assertEqual(self.warnings(text % "-Wcast-qual", "-Wcast-qual"), (0, ""))
        self.assertEqual(self.warnings(text % "-Wother", "-Wcast-qual")[0], 1)
        before = "/* NOLINTNEXTLINE(-Wcast-qual): why */\nvoid *f(const void *p) { return (void *)p; }\n"
        self.assertEqual(self.warnings(before, "-Wcast-qual"), (0, ""))
        self.assertEqual(self.warnings("\n" + before.replace("\nvoid", "\n\nvoid"), "-Wcast-qual")[0], 1)

    def test_an_error_is_no_silence(self):
        self.assertNotEqual(self.warnings("int f(void) { return x; }\n")[0], 0)
        self.assertNotEqual(self.warnings("int x;\n", "-fno-such-flag")[0], 0)

    def test_an_analysis_that_gives_up(self):
        engine = ["gcc", "-std=c11", "-Iinclude", "-Isrc", *lint.ANALYZER, "-Wanalyzer-too-complex"]
        status, output = lint.warnings(engine + ["--param=analyzer-bb-explosion-factor=1", "src/core/engine.c"])
        self.assertEqual(status, 1)
        self.assertIn("-Wanalyzer-too-complex", output)

    def test_flags_of_a_compile_command(self):
        words = ["cc", "-DX=\"a b\"", "-O2", "-g", "-Werror", "-Wall", "-o", "x.o", "-c", "x.c", "-std=c11"]
        self.assertEqual(lint.compile_flags(words), ["-DX=\"a b\"", "-Wall", "-std=c11"])
        self.assertEqual(lint.escaped('-DX="a b"'), '-DX=\\"a\\ b\\"')


if __name__ == "__main__":
    unittest.main()
