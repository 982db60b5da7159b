#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""fuzz.py with programs that only say what a fuzzer says: its figures, and what it makes of a failure."""
import contextlib
import io
import pathlib
import sys
import tempfile
import unittest
import unittest.mock

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tools"))
import fuzz  # noqa: E402

TARGETS = ("engine_splits", "netx_packets", "parsers")
GOOD = "echo '#1234\tDONE   cov: 56 ft: 789 corp: 10/2Kb lim: 4 exec/s: 617 rss: 30Mb'"
BAD = 'for a; do case $a in -artifact_prefix=*) touch "${a#*=}crash-1" ;; esac; done; echo last words; exit 77'


class Run(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.build = pathlib.Path(folder.name)
        (self.build / "fuzzers").mkdir()
        for name in TARGETS:
            (self.build / "seeds" / name).mkdir(parents=True)
            self.program(name, GOOD)
        patched = unittest.mock.patch.object(fuzz, "seeds", lambda build: build / "seeds")
        patched.start()
        self.addCleanup(patched.stop)

    def program(self, name, script):
        path = fuzz.program(self.build, name)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def run_all(self):
        said = io.StringIO()
        with contextlib.redirect_stdout(said):
            fuzz.run(self.build, 1, 2, False)
        return said.getvalue()

    def test_figures(self):
        said = self.run_all()
        for name in TARGETS:
            self.assertIn(f"| {name} | 1,234 | 617 | 10 | 56 | 789 |\n", said)
        self.assertIn(f"no failure in {len(TARGETS)} targets", said)

    def test_failure(self):
        self.program("parsers", BAD)
        said = io.StringIO()
        with contextlib.redirect_stdout(said), self.assertRaises(SystemExit) as ended:
            fuzz.run(self.build, 1, 2, False)
        self.assertIn("parsers", str(ended.exception))
        self.assertIn("last words", said.getvalue())
        self.assertIn(f"{fuzz.program(self.build, 'parsers')} {self.build}/crashes/parsers-crash-1\n", said.getvalue())

    def test_a_target_that_says_nothing_has_failed(self):
        self.program("parsers", "exit 0")
        with contextlib.redirect_stdout(io.StringIO()), self.assertRaises(SystemExit):
            fuzz.run(self.build, 1, 2, False)


if __name__ == "__main__":
    unittest.main()
