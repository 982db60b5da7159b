#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""documents.py on small trees: what it must find in links, excerpts and translations, and what it must leave alone."""
import pathlib
import subprocess
import sys
import tempfile
import unittest

TOOL = pathlib.Path(__file__).resolve().parent.parent.parent / "tools" / "documents.py"

CODE = "int first(void);\nint second(void) {\n    return 2;\n}\nint third(void);\n"
ORIGINAL = "# Title\n\n## On Linux\nUse `a` and `b`.\n\n| x | y |\n|---|---|\n| `c` | 1 |\n"
TRANSLATION = ORIGINAL.replace("## On Linux\nUse", '<a id="on-linux"></a>\n## В Linux\nВозьмите').replace("and", "и")


class Documents(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="satchel-documents-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name)
        (self.root / "docs").mkdir()
        self.write("docs/code.c", CODE)

    def write(self, path, text):
        (self.root / path).write_text(text)

    def check(self, text):
        self.write("docs/page.md", text)
        done = subprocess.run([sys.executable, TOOL, self.root], stdout=subprocess.PIPE, text=True)
        return done.returncode, done.stdout

    def refused(self, text, message):
        code, output = self.check(text)
        self.assertEqual(code, 1)
        self.assertIn(message, output)

    def accepted(self, text):
        self.assertEqual(self.check(text), (0, ""))


class Links(Documents):
    def test_files(self):
        self.accepted("[code](code.c), [folder](../docs), [`page`](page.md), [web](https://example.org/none)")
        self.refused("[lost](lost.md)", "page.md: there is no lost.md")

    def test_anchors(self):
        head = "# Size & speed, `-Os`\n## Twice\n## Twice\n## В Linux\n"
        self.accepted(head + "[a](#size--speed--os) [b](#twice) [c](#twice-1) [d](page.md#в-linux)")
        self.refused(head + "[a](#size-and-speed)", "#size-and-speed: there is no such heading")
        self.refused(head + "[a](#twice-2)", "no such heading")
        self.refused("[a](code.c#main)", "no such heading")
        self.refused("```sh\n# comment\n```\n[a](#comment)", "no such heading")

    def test_code_is_no_link(self):
        self.accepted("`a[0](lost)`\n```c\nf[1](lost);\n```\n")


class Index(Documents):
    def test_every_document_is_named(self):
        self.write("docs/README.md", "[page](page.md)")
        self.accepted("text")
        self.write("docs/README.md", "page.md")
        self.refused("text", "docs/README.md: does not name page.md")


class Excerpts(Documents):
    def excerpt(self, *lines):
        return "<!-- excerpt docs/code.c -->\n```c\n" + "\n".join(lines) + "\n```\n"

    def test_lines_in_order(self):
        self.accepted(self.excerpt("int first(void);", "...", "return 2;", "", "int third(void);"))
        self.accepted(self.excerpt("int second(void) {", "}") + self.excerpt("int first(void);"))

    def test_another_line_or_order(self):
        self.refused(self.excerpt("int fourth(void);"), "not in docs/code.c, or not there: int fourth(void);")
        self.refused(self.excerpt("int third(void);", "int first(void);"), "not there: int first(void);")

    def test_no_such_file(self):
        self.refused(self.excerpt("x").replace("code.c", "lost.c"), "docs/lost.c, which does not exist")


class Translations(Documents):
    def translated(self, text):
        self.write("docs/page.ru.md", text)

    def test_true(self):
        self.translated(TRANSLATION)
        self.accepted(ORIGINAL)

    def test_a_row_an_identifier_or_a_section_is_lacking(self):
        for change in (("| `c` | 1 |\n", ""), ("`b`", "b"), ("`b`", "`d`"), ("on-linux", "linux")):
            self.translated(TRANSLATION.replace(*change))
            self.refused(ORIGINAL, "page.ru.md")


if __name__ == "__main__":
    unittest.main()
