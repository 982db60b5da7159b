# SPDX-License-Identifier: MIT
"""
L-02's other side: each allocation that `satchel fetch` and its rooms make, from the first to the last of a whole run, fails once, in
one run for each. It says so or copes; it does not crash, and the run after it leaves each message here exactly once.
ARGUMENTS: satchel meddler [LIBRARY STEP]: every STEP-th, those of this library among them.
"""
import os
import subprocess
import sys
import unittest

import world

MEDDLER = sys.argv[2]
LIBRARY = sys.argv[3] if len(sys.argv) > 3 else "none"
STEP = int(sys.argv[4]) if len(sys.argv) > 4 else 1
MESSAGES = [world.message(n) for n in (1, 2, 3)]
GOOD = (0, 64, 69, 70, 71, 73, 74, 75, 76, 78)


class Scarce(unittest.TestCase):
    def run_with(self, here, at, options):
        """The finished process, and how many allocations it made."""
        report = here.folder / "report"
        report.unlink(missing_ok=True)
        environment = {**os.environ, "HOME": str(here.folder), "LD_PRELOAD": MEDDLER, "MEDDLER_ALLOCATION": str(at),
                       "MEDDLER_LIBRARY": LIBRARY, "MEDDLER_REPORT": str(report)}
        done = subprocess.run(here.arguments(*options), stdin=subprocess.DEVNULL, env=environment, capture_output=True,
                              timeout=60, check=False)
        return done, int(report.read_text()) if report.exists() else 0

    def matrix(self, name, prepare, *options, mbox=False, left=()):
        tried = told = 0
        with world.World(MESSAGES, mbox=mbox) as here:
            prepare(here)
            _, most = self.run_with(here, 0, options)
            for at in range(1, most + 1, STEP):
                here.refill()
                prepare(here)
                scarce, _ = self.run_with(here, at, options)
                where = f"{name}, allocation {at}: {scarce.returncode} {scarce.stderr.decode()}"
                self.assertIn(scarce.returncode, GOOD, where)
                self.assertTrue(scarce.returncode == 0 or b"memory" in scarce.stderr, where)
                again = here.fetch(*options)
                self.assertEqual(again.returncode, 0, f"{where}\n{again.stderr.decode()}")
                self.assertEqual(here.found(), world.expected(MESSAGES), where)
                self.assertEqual(here.left(), world.expected(left), where)
                self.assertTrue(here.spool_is_empty(), where)
                tried += 1
                told += scarce.returncode != 0
        print(f"{name:12} allocations tried {tried}, of {most}; {told} ended the run; lost 0, twice 0", flush=True)
        self.assertGreater(told, 0)

    def test_fetch_and_delete(self):
        self.matrix("Maildir", lambda here: None, "--keep", "none")

    def test_mbox(self):
        self.matrix("mbox", lambda here: None, "--keep", "none", mbox=True)

    def test_known_messages(self):
        """Of which one is verified and deleted."""
        self.matrix("known", lambda here: here.fetch(), "--keep", "newest 2", left=MESSAGES[1:])


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
