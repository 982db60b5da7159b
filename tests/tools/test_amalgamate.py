#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""amalgamate.py and toplevel.py: what is kept, made static, put in order, refused; on small trees and on our sources."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.dont_write_bytecode = True
sys.path.insert(0, str(ROOT / "tools"))
import amalgamate  # noqa: E402
import toplevel  # noqa: E402


def items(text, **known):
    return toplevel.parse("x.c", text, known)[1]


class Items(unittest.TestCase):
    def kinds(self, text, **known):
        return [(i.kind, i.name) for i in items(text, **known)]

    def test_what_an_item_is(self):
        for text, kind, name in (
            ("#include <string.h>", "include", "<string.h>"),
            ("#define ONE(a) \\\n    (a)", "macro", "ONE"),
            ("typedef struct x {\n    int a;\n} y;", "type", "y"),
            ("typedef void f(int a);", "type", "f"),
            ("struct x;", "type", "x"),
            ("enum { A, B = (1 << 2) };", "type", "A"),
            ("int f(void);", "prototype", "f"),
            ("static inline const char *f(int a,\n                            int b) {\n    return 0;\n}", "function", "f"),
            ("MACRO_TWIN(f, g, (int a),\n           (a))", "function", "f"),
            ("static const int x[] = {1,\n                        2};", "variable", "x"),
            ("extern const struct row rows[A + 1];", "extern", "rows"),
        ):
            self.assertEqual(self.kinds(text), [(kind, name)], text)

    def test_constants_are_defined_too(self):
        self.assertEqual(items("typedef enum e {\n    A = 1, /* (B, C) */\n    D\n} e;")[0].defines, {"e", "A", "D"})

    def test_what_an_item_uses(self):
        found = items('int f(int a) { /* no */\n    return g(a.member, b->other, "text") + CONSTANT;\n}')[0].uses
        self.assertTrue({"g", "a", "b", "CONSTANT"} <= found)
        self.assertFalse({"member", "other", "text", "no", "f"} & found)

    def test_brackets_in_literals_and_comments(self):
        self.assertEqual(self.kinds("int f(void) {\n    return '{' + \"}(\"[0]; /* ( */\n}\nint x;"),
                         [("function", "f"), ("variable", "x")])

    def test_comments(self):
        head, found = toplevel.parse("x.c", "/* SPDX-License-Identifier: MIT */\n/* The file. */\n\n/* Of x. */\nint x;\n\n/* Free. */\n",
                                     {})
        self.assertEqual(head, ["/* The file. */"])
        self.assertEqual([(i.kind, i.comment) for i in found], [("variable", ["/* Of x. */"]), ("comment", [])])

    def test_guard_of_a_header(self):
        self.assertEqual(self.kinds("#ifndef A_H\n#define A_H\n\nint x;\n\n#endif\n"), [("variable", "x")])


class Conditionals(unittest.TestCase):
    text = "/* Of a. */\n#if KNOWN > 1 && defined(KNOWN)\nint a;\n#else\nint b;\n#endif\nint c;\n"

    def names(self, **known):
        return [i.name for i in items(self.text, **known)]

    def test_decided(self):
        self.assertEqual(self.names(KNOWN=2), ["a", "c"])
        self.assertEqual(self.names(KNOWN=1), ["b", "c"])
        self.assertEqual(items(self.text, KNOWN=1)[0].comment, [])

    def test_undecided_stays(self):
        found = items(self.text)
        self.assertEqual([i.name for i in found], ["a", "b", "c"])
        self.assertIs(found[0].path[0].group, found[1].path[0].group)

    def test_undecided_inside_of_decided(self):
        found = items("#if !KNOWN\n#ifdef OTHER\nint a;\n#endif\n#endif\n#ifdef OTHER\nint b;\n#endif\n", KNOWN=1)
        self.assertEqual([i.name for i in found], ["b"])

    def test_default_gets_its_value(self):
        found = items("#ifndef KNOWN\n#if defined(OTHER)\n#define KNOWN 5\n#endif\n#endif\n", KNOWN=1)
        self.assertEqual([i.lines for i in found], [["#define KNOWN 1"]])

    def test_elif_behind_a_decision_is_refused(self):
        self.assertRaises(SystemExit, items, "#if KNOWN\nint a;\n#elif OTHER\nint b;\n#endif\n", KNOWN=0)


class Tree(unittest.TestCase):
    """Rooms low and high under a folder of their own."""

    recipe = {"output": "out", "title": "Title.", "rooms": ("low", "high"), "headers": ("src/high/public.h",),
              "borrowed": None, "documented": "src/high/public.c", "first": (), "then": (), "known": {}}
    public_h = ("#ifndef PUBLIC_H\n#define PUBLIC_H\n\n/* Serves. */\nint serve(int a);\n\n"
                "/* ---- More (N-50) ---- */\n\nint more(void);\n\n#endif\n")
    public_c = '#include "public.h"\n\n#include <string.h>\n\n#include "low/low.h"\n\nint serve(int a) {\n    return low(a);\n}\n'
    more_c = '#include "low/low.h"\n#include "public.h"\n\nint more(void) {\n    return rare();\n}\n'
    low_h = "#ifndef LOW_H\n#define LOW_H\n\nint low(int a);\nint rare(void);\n\n#endif\n"
    low_c = ('#include "low/low.h"\n\n#include <string.h>\n\n/* ---- Used ---- */\n\nstatic int helper(int a) {\n    return a;\n}\n\n'
             "int low(int a) {\n    return helper(a);\n}\n\n/* ---- Unused ---- */\n\nint unused(void) {\n    return 0;\n}\n")
    rare_c = '#include "low/low.h"\n\nint rare(void) {\n    return 1;\n}\n'

    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="satchel-amalgamate-"))
        self.addCleanup(shutil.rmtree, self.root)
        self.addCleanup(setattr, amalgamate, "ROOT", amalgamate.ROOT)
        amalgamate.ROOT = self.root
        for path, text in (("LICENSE", "Licence\n"), ("src/high/public.h", self.public_h), ("src/high/public.c", self.public_c),
                           ("src/high/more.c", self.more_c), ("src/low/low.h", self.low_h), ("src/low/low.c", self.low_c),
                           ("src/low/rare.c", self.rare_c)):
            self.write(path, text)

    def write(self, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("/* SPDX-License-Identifier: MIT */\n/* File. */\n" + text if path != "LICENSE" else text)

    def texts(self):
        return amalgamate.Amalgamation(self.recipe, "1.0").texts()

    def refused(self, message):
        with self.assertRaises(SystemExit) as caught:
            self.texts()
        self.assertRegex(str(caught.exception), message)

    def test_source(self):
        body = self.texts()["c"].split("*/\n", 1)[1]
        self.assertEqual(body, """\
#include "out.h"

#include <string.h>

/* ======== src/low/low.h ======== */
/* File. */

static int low(int a);

#ifndef NX_POP3_CLIENT_DISABLE_EXTRA_SERVICES
static int rare(void);
#endif

/* ======== src/low/low.c ======== */
/* File. */

/* ---- Used ---- */

static int helper(int a) {
    return a;
}

static int low(int a) {
    return helper(a);
}

/* ======== src/high/public.c ======== */
/* File. */

int serve(int a) {
    return low(a);
}

#ifndef NX_POP3_CLIENT_DISABLE_EXTRA_SERVICES

/* ======== src/low/rare.c ======== */
/* File. */

static int rare(void) {
    return 1;
}

/* ======== src/high/more.c ======== */
/* File. */

int more(void) {
    return rare();
}

#endif
""")

    def test_header(self):
        text = self.texts()["h"]
        self.assertIn("/* Serves. */\nint serve(int a);", text)
        self.assertEqual(text.count("SPDX-License-Identifier"), 1)
        self.assertRegex(text, r"#ifndef \w+_EXTRA_SERVICES\n/\* ---- More \(N-50\) ---- \*/\n\nint more\(void\);\n#endif")

    def test_what_only_TLS_needs(self):
        self.write("src/high/public.c", self.public_c.replace(
            "    return low(a);", f"#ifdef {amalgamate.TLS}\n    if (a > 1) {{\n        return 2;\n    }}\n#endif\n    return low(a);")
            + f"\n#ifdef {amalgamate.TLS}\nint secure(void) {{\n    return sealed();\n}}\n#endif\n")
        self.write("src/high/public.h", self.public_h.replace(
            "int more(void);", f"int more(void);\n\n#ifdef {amalgamate.TLS}\nint secure(void);\n#endif"))
        self.write("src/low/low.h", self.low_h.replace("int rare(void);", "int rare(void);\nint sealed(void);"))
        self.write("src/low/sealed.c", '#include "low/low.h"\n\nint sealed(void) {\n    return 2;\n}\n')
        texts = self.texts()
        self.assertRegex(texts["c"], rf"#ifdef {amalgamate.TLS}\nstatic int sealed\(void\);\n#endif")
        self.assertRegex(texts["c"], rf"#ifdef {amalgamate.TLS}\nstatic int sealed\(void\) {{\n    return 2;\n}}\n#endif")
        self.assertNotRegex(texts["c"], rf"#ifdef {amalgamate.TLS}\nstatic int low")
        for text in texts.values():
            self.assertEqual(len(re.findall(r"^#if", text, re.M)), len(re.findall(r"^#endif", text, re.M)))

    def test_a_name_in_two_files(self):
        self.write("src/high/more.c", "static int helper(void) {\n    return 0;\n}\n\n" + self.more_c.split("\n\n", 1)[1]
                   .replace("rare()", "helper()") + '\n#include "low/low.h"\n#include "public.h"\n')
        self.refused(r"helper is defined in src/high/more.c:3 and in src/low/low.c:9")

    def test_a_name_of_two_files_that_one_does_not_need(self):
        self.write("src/low/rare.c", self.rare_c + "\nstatic int helper(void) {\n    return 0;\n}\n")
        self.assertEqual(self.texts()["c"].count("helper("), 2)

    def test_files_that_need_each_other(self):
        self.write("src/low/rare.c", self.rare_c.replace("return 1", "return low(1)"))
        self.write("src/low/low.c", self.low_c.replace("return a;", "return a + rare();"))
        self.refused("need each other: .*src/low/low.c src/low/rare.c")

    def test_declared_only(self):
        (self.root / "src/high/more.c").unlink()
        self.refused("declared but not defined: more")

    def test_an_include_behind_a_condition_stays_there(self):
        self.write("src/low/rare.c", "#if FAST\n#include <fast.h>\n#include <string.h>\n#endif\n" + self.rare_c
                   + "\n#if FAST\nint unused_too(void);\n#endif\n")
        self.assertNotIn("fast.h", self.texts()["c"])
        self.write("src/low/rare.c", '#include "low/low.h"\n\n#if FAST\n#include <fast.h>\n\nint rare(void) {\n    return 1;\n}\n#endif\n')
        self.assertRegex(self.texts()["c"], r"#if FAST\n#include <fast.h>\n\nstatic int rare")

    def test_long_parameters_are_filled_anew(self):
        one = "int low(const char *first_of_all_the_parameters, const char *second_of_all_the_parameters, const char *third_one_of_all,\n" \
              "        int a)"
        filled = "static int low(const char *first_of_all_the_parameters, const char *second_of_all_the_parameters,\n" \
                 "               const char *third_one_of_all, int a)"
        self.assertEqual(amalgamate.made_static((one + " {\n}").split("\n")), (filled + " {\n}").split("\n"))
        self.assertEqual(amalgamate.made_static((one + ";").split("\n")), (filled + ";").split("\n"))


class OurSources(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.made = {name: amalgamate.Amalgamation(recipe, "1.0") for name, recipe in amalgamate.RECIPES.items()}
        cls.texts = {(name, extension): text for name, made in cls.made.items() for extension, text in made.texts().items()}

    def test_nothing_of_the_tree_is_left(self):
        for text in self.texts.values():
            self.assertEqual(text.count("SPDX-License-Identifier"), 1)
            self.assertEqual(text.count("MIT License"), 1)
            self.assertEqual(re.findall(r'#include ["<](?:core|auth|login|satchel)/|internal\.h"', text), [])
            self.assertEqual(re.findall(r"\n\n\n|[ \t]\n", text), [])

    def test_what_the_services_never_reach(self):
        pair = self.texts["pair", "c"]
        called = set(re.findall(r"(\w+)\(", toplevel.code_of(pair)))
        for name in ("pop3_engine_eof", "pop3_engine_can", "pop3_engine_sasl_reply", "pop3_parse_stat",
                     "pop3_parse_code", "pop3_verb_name", "find_lf_dot"):
            self.assertNotIn(name, called)
        documented = re.sub(rf"^#ifndef {amalgamate.EXTRA}$.*?^#endif$", "", pair, flags=re.M | re.S)
        documented = set(re.findall(r"(\w+)\(", toplevel.code_of(documented)))
        for name in ("pop3_parse_uidl", "pop3_parse_capability", "pop3_trimmed", "_nx_pop3_client_noop"):
            self.assertIn(name, called)
            self.assertNotIn(name, documented)

    def test_options_count_where_nx_user_h_has_them(self):
        pair = self.texts["pair", "c"]
        self.assertLess(pair.index('#include "nx_ip.h"'), pair.index(f"#ifdef {amalgamate.EXTRA}"))
        header = self.texts["pair", "h"]
        self.assertLess(header.index('#include "nx_api.h"'), header.index(amalgamate.EXTRA))

    def test_the_header_of_the_services_holds_few_names_of_the_engine(self):
        names = set(re.findall(r"\bpop3_\w+", toplevel.code_of(self.texts["pair", "h"])))
        self.assertEqual(names, {"pop3_engine", "pop3_engine_buffers", "pop3_pending", "pop3_capability"})

    def test_the_whole_engine(self):
        called = set(re.findall(r"(\w+)\(", self.texts["engine", "c"]))
        for path in (ROOT / "src" / "core").glob("*.c"):
            for name in re.findall(r"^(?!static)\w[\w *]*\b(pop3_\w+)\(", path.read_text(), re.M):
                self.assertIn(name, called)

    @unittest.skipUnless(shutil.which("clang-format"), "no clang-format")
    def test_the_layout_is_ours(self):
        for (name, extension), text in self.texts.items():
            done = subprocess.run(["clang-format", f"--style=file:{ROOT}/.clang-format"], input=text, text=True,
                                  stdout=subprocess.PIPE, check=True)
            self.assertTrue(done.stdout == text, f"{name}.{extension} is not as clang-format would write it")


if __name__ == "__main__":
    unittest.main()
