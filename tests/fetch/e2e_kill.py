# SPDX-License-Identifier: MIT
"""
F-05, kill -9 at every point: SIGKILL at the entry and the exit of each system call of `satchel fetch`, one run for each point,
while a reader moves and removes what appears in new/. After one more run each message is here exactly once, byte for byte, and
the server has what the policy says; an mbox may have the batch twice (D-21). ARGUMENTS: satchel killer [STEP], STEP > 1 takes every STEP-th point only.
"""
import sys
import unittest

import killing
import reader
import world

KILLER = sys.argv[2]
STEP = int(sys.argv[3]) if len(sys.argv) > 3 else 1
MESSAGES = [world.message(n) for n in (1, 2)] + [world.message(1)]  # two are equal


class Kill(unittest.TestCase):
    def matrix(self, name, *options, deletes, mbox=False):
        tried = twice = 0
        with world.World(MESSAGES, mbox=mbox) as here:
            most, hit, code, _, words = killing.kill_at(KILLER, here, 0, *options)
            self.assertEqual((hit, code), (False, 0), words)
            for point in range(1, most + most // 4, STEP):
                here.refill()
                user = reader.Reader(here.mail, point)
                if not mbox:
                    user.start()
                _, hit, _, call, _ = killing.kill_at(KILLER, here, point, *options)
                again = here.fetch(*options)
                found = here.found() if mbox else user.end() + here.found()
                where = f"{name}: point {point}, system call {call}, {again.stderr.decode()}"
                self.assertEqual(again.returncode, 0, where)
                twice += self.judge(found, where, 1 if mbox else 0)
                self.assertEqual(here.left(), world.expected([] if deletes else MESSAGES), where)
                self.assertTrue(here.spool_is_empty(), where)
                tried += hit
                if not hit:
                    break
        print(f"{name:12} points tried {tried:5}, of {most}; lost 0, twice {twice}, damaged 0", flush=True)
        self.assertGreater(tried * STEP, 300)

    def judge(self, found, where, batches):
        """How many are there twice."""
        if batches == 0 or found == world.expected(MESSAGES):
            self.assertEqual(found, world.expected(MESSAGES), where)
            return 0
        self.assertEqual(found, world.expected(MESSAGES * 2), where)
        return len(MESSAGES)

    def test_F05_keep(self):
        self.matrix("keep", deletes=False)

    def test_F05_delete(self):
        self.matrix("delete", "--keep", "none", deletes=True)

    def test_F05_keep_for_days(self):
        self.matrix("keep 30d", "--keep", "30d", deletes=False)

    def test_F05_mbox(self):
        self.matrix("mbox delete", "--keep", "none", deletes=True, mbox=True)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
