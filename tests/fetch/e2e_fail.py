# SPDX-License-Identifier: MIT
"""
F-05, the n-th failure: each system call of `satchel fetch` that a disk can refuse (tests/fetch/killer.c names them; SQLite's are among
them) fails once, in one run for each, with EIO or ENOSPC. The run says so or copes; it does not crash, and the next one leaves each
message here exactly once; an mbox may have them twice. ARGUMENTS: satchel killer [STEP]
"""
import errno
import sys
import unittest

import killing
import world

KILLER = sys.argv[2]
STEP = int(sys.argv[3]) if len(sys.argv) > 3 else 1
MESSAGES = [world.message(n) for n in (1, 2, 3)]
GOOD = (0, 69, 70, 71, 73, 74, 75, 76, 78)


class Fail(unittest.TestCase):
    def matrix(self, code, mbox=False):
        tried = told = twice = 0
        options = ("--keep", "none")
        with world.World(MESSAGES, mbox=mbox) as here:
            most = killing.fail_at(KILLER, here, 0, code, *options).points
            for point in range(1, most + 1, STEP):
                here.refill()
                said = killing.fail_at(KILLER, here, point, code, *options)
                where = f"{errno.errorcode[code]} at {point}, system call {said.call}: {said.code} {said.words}"
                self.assertIn(said.code, GOOD, where)
                self.assertTrue(said.code == 0 or said.words, where)
                again = here.fetch(*options)
                self.assertEqual(again.returncode, 0, f"{where}\n{again.stderr.decode()}")
                found = here.found()
                if not mbox or found != world.expected(MESSAGES * 2):  # D-21: at most the batch twice
                    self.assertEqual(found, world.expected(MESSAGES), where)
                twice += sum(found.values()) - len(MESSAGES)
                self.assertEqual(here.left(), world.expected([]), where)
                tried += said.hit
                told += said.code != 0
        print(f"{'mbox' if mbox else 'Maildir':8} {errno.errorcode[code]:8} points tried {tried:5}, of {most}; "
              f"{told} ended the run; lost 0, twice {twice}", flush=True)
        self.assertGreater(told, 0)

    def test_F05_EIO(self):
        self.matrix(errno.EIO)

    def test_F05_ENOSPC(self):
        self.matrix(errno.ENOSPC)

    def test_F05_mbox(self):
        self.matrix(errno.EIO, mbox=True)


if __name__ == "__main__":
    if sys.platform != "linux" or world.os.uname().machine != "x86_64":
        print("skipped: killer fails calls on x86-64 only")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
