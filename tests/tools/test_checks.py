#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""layers.py and banned.py on small trees: what they must find, and what they must leave alone."""
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

TOOLS = pathlib.Path(__file__).resolve().parent.parent.parent / "tools"


class Checks(unittest.TestCase):
    def setUp(self):
        self.root = pathlib.Path(tempfile.mkdtemp(prefix="satchel-checks-"))
        self.addCleanup(shutil.rmtree, self.root)
        (self.root / "tools").mkdir()
        (self.root / "include" / "satchel").mkdir(parents=True)
        shutil.copy(TOOLS / "layers.txt", self.root / "tools")

    def check(self, tool, path, text):
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        (self.root / "src").mkdir(exist_ok=True)
        return subprocess.run([sys.executable, TOOLS / tool, self.root], stdout=subprocess.PIPE, text=True)

    def refused(self, tool, path, text, message):
        done = self.check(tool, path, text)
        self.assertEqual(done.returncode, 1, done.stdout)
        self.assertIn(message, done.stdout)

    def accepted(self, tool, path, text):
        done = self.check(tool, path, text)
        self.assertEqual(done.returncode, 0, done.stdout)

    def test_include_upwards(self):
        self.refused("layers.py", "src/core/x.c", '#include "login/clear_login.h"\n', "src/core/x.c:1: core may not include")

    def test_include_sideways(self):
        self.refused("layers.py", "src/serve/x.c", "#include <satchel/pop3_engine.h>\n", "serve may not include")

    def test_system_header_in_a_bare_room(self):
        self.refused("layers.py", "src/auth/x.c", "#include <stdlib.h>\n", "auth may not include stdlib.h")

    def test_netx_header_outside_netx(self):
        self.refused("layers.py", "src/login/x.c", '#include "nx_api.h"\n', "login may not include nx_api.h")

    def test_system_header_in_firmware(self):
        self.refused("layers.py", "firmware/board/x.c", "#include <stdio.h>\n", "firmware may not include stdio.h")

    def test_unknown_room(self):
        self.refused("layers.py", "src/attic/x.c", "", "does not name")

    def test_public_header_without_a_room(self):
        self.refused("layers.py", "include/satchel/stray.h", "", "no room owns it")

    def test_downward_include(self):
        self.accepted("layers.py", "src/login/x.c", "#include <string.h>\n#include <satchel/pop3_engine.h>\n")

    def test_banned_everywhere(self):
        self.refused("banned.py", "src/net/x.c", "void f(char *a) {\n    strcpy(a, a);\n}\n", "x.c:2: strcpy")

    def test_banned_in_a_bare_room(self):
        self.refused("banned.py", "src/core/x.c", "void f(void) { free(p); }\n", "free is banned")

    def test_banned_in_firmware(self):
        self.refused("banned.py", "firmware/board/x.c", "void f(void) { free(p); }\n", "free is banned")

    def test_comments_strings_and_members(self):
        self.accepted("banned.py", "src/core/x.c", '/* free(p) */ char *s = "free(p)"; int g = a.free(1) + b->time(2);\n')

    def test_heap_where_it_is_allowed(self):
        self.accepted("banned.py", "src/net/x.c", "void f(void) { free(p); }\n")


if __name__ == "__main__":
    unittest.main()
