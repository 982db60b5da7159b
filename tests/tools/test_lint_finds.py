#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Plants a defect for each check of lint.py in a copy of the tree, runs all checks once, and wants each to find its own."""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# Check, file, what is added at its end, what the check must say of it.
PLANTS = (
    ("format", "src/net/listen.c", "extern  int planted_format;\n", r"listen\.c:\d+.*clang-format"),
    ("layers", "src/core/dot.c", '#include <stdio.h>\n', r"dot\.c:\d+: core may not include"),
    ("banned calls", "src/serve/sample.c",
     "char *planted_call(char *name);\nchar *planted_call(char *name) {\n    return strtok(name, name);\n}\n",
     r"sample\.c:\d+: strtok is banned"),
    ("suppressions", "src/serve/trace.c", "extern int planted_silence; /* NOLINT */\n", r"trace\.c:\d+: NOLINT"),
    ("shell scripts", "tools/test.sh", "planted=1\n", r"planted appears unused"),
    ("cppcheck", "src/core/output.c",
     "int planted_index(void);\nint planted_index(void) {\n    int two[2] = {1, 2};\n    return two[2];\n}\n",
     r"output\.c:\d+: .*\[arrayIndexOutOfBounds\]"),
    # Only where int has 16 bits.
    ("cppcheck", "src/auth/apop.c",
     "unsigned planted_shift(unsigned n);\nunsigned planted_shift(unsigned n) {\n    return n << 17;\n}\n",
     r"apop\.c:\d+: .*\[shiftTooManyBits\]"),
    ("deviations", "src/core/session.c",
     "int planted_goto(int n);\nint planted_goto(int n) {\n    if (n == 0) {\n        goto out;\n    }\n    n++;\nout:\n"
     "    return n;\n}\n", r"rule 15\.1 is broken and not listed: src/core/session\.c"),
    ("clang-tidy", "src/serve/secret.c",
     "unsigned planted_depth(unsigned n);\nunsigned planted_depth(unsigned n) {\n"
     "    return n == 0 ? 0 : planted_depth(n - 1) + 1;\n}\n", r"secret\.c:\d+:\d+: error: .*\[misc-no-recursion"),
    # Only with every option changed.
    ("clang-tidy", "src/netx/nx_pop3_client_noop.c",
     "#ifdef NX_POP3_CLIENT_RAW_MESSAGE\nint planted_twins(int n);\nint planted_twins(int n) {\n    if (n == 1) {\n"
     "        return 2;\n    } else {\n        return 2;\n    }\n}\n#endif\n",
     r"noop\.c:\d+:\d+: error: .*\[bugprone-branch-clone"),
    ("gcc -fanalyzer", "src/netx/nx_pop3_client_reset.c",
     "int planted_null(int n);\nint planted_null(int n) {\n    const int *p = n > 0 ? &n : NX_NULL;\n    return *p;\n}\n",
     r"reset\.c:\d+:\d+: warning: .*-Wanalyzer-null-dereference"),
    ("gcc warnings", "src/core/listing.c",
     "int *planted_cast(char *p);\nint *planted_cast(char *p) {\n    return (int *)p;\n}\n",
     r"listing\.c:\d+:\d+: warning: .*-Wcast-align"),
    # Only where size_t has 32 bits.
    ("gcc warnings", "src/core/sasl.c",
     "size_t planted_width(uint64_t n);\nsize_t planted_width(uint64_t n) {\n    return n;\n}\n",
     r"sasl\.c:\d+:\d+: warning: .*-Wconversion"),
    ("clang warnings", "bench/engine.c",
     "int planted_comma(int a, int b);\nint planted_comma(int a, int b) {\n    a = 1, b = 2;\n    return a + b;\n}\n",
     r"engine\.c:\d+:\d+: warning: .*-Wcomma"),
)


def run(*command, cwd):
    return subprocess.run(command, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True)


def copy_of_the_tree(folder):
    for name in run("git", "ls-files", "-z", "-co", "--exclude-standard", cwd=ROOT).stdout.split("\0"):
        if name and (ROOT / name).is_file() and not name.startswith("tests/fuzz/corpus/"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    run("git", "init", "-q", cwd=folder)
    run("git", "add", "-A", cwd=folder)


def said(output):
    """Check -> its verdict and the findings above its line."""
    verdicts, findings = {}, []
    for line in output.splitlines():
        verdict = re.fullmatch(r"lint: (.+): (good|FAILED)", line)
        if verdict:
            verdicts[verdict[1]] = (verdict[2], "\n".join(findings))
            findings = []
        else:
            findings.append(line)
    return verdicts


class EachCheckFinds(unittest.TestCase):
    def test_planted_defects(self):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="satchel-plants-"))
        self.addCleanup(shutil.rmtree, folder)
        copy_of_the_tree(folder)
        for _, file, text, _ in PLANTS:
            with open(folder / file, "a") as source:
                source.write(text)
        configured = run("cmake", "--preset", "dev", "-DSATCHEL_TESTS=OFF", cwd=folder)
        self.assertEqual(configured.returncode, 0, configured.stdout)
        done = run(sys.executable, "tools/lint.py", "build/dev", "-j", str(os.cpu_count() or 2), cwd=folder)
        self.assertEqual(done.returncode, 1, done.stdout)
        verdicts = said(done.stdout)
        self.assertEqual(set(verdicts), {check for check, *_ in PLANTS}, done.stdout)
        for check, _, _, expected in PLANTS:
            with self.subTest(check, expected=expected):
                self.assertEqual(verdicts[check][0], "FAILED")
                self.assertRegex(verdicts[check][1], expected)


if __name__ == "__main__":
    unittest.main()
