# SPDX-License-Identifier: MIT
"""
F-05, kill -9 at every point: SIGKILL at the entry and the exit of each system call of `satchel fetch`, one run for each point,
while a reader moves and removes what appears in new/. After one more run each message is here exactly once, byte for byte, and
the server has what the policy says. ARGUMENTS: satchel killer [STEP], STEP > 1 takes every STEP-th point only.
"""
import collections
import os
import sys
import threading
import unittest

import killing
import world

KILLER = sys.argv[2]
STEP = int(sys.argv[3]) if len(sys.argv) > 3 else 1
MESSAGES = [world.message(n) for n in (1, 2)] + [world.message(1)]  # two are equal


class Reader(threading.Thread):
    """Takes from new/ what comes: moves some to cur/ with flags, removes others, and remembers those."""

    def __init__(self, mail):
        super().__init__(daemon=True)
        self.mail = mail
        self.removed = collections.Counter()
        self.ending = threading.Event()

    def run(self):
        while not self.ending.wait(0.0005):
            try:
                names = os.listdir(self.mail / "new")
            except FileNotFoundError:
                continue
            for name in names:
                self.take(name)

    def take(self, name):
        fresh = self.mail / "new" / name
        if hash(name) % 2:
            os.rename(fresh, self.mail / "cur" / (name + ":2,S"))
        else:
            self.removed[fresh.read_bytes()] += 1
            fresh.unlink()

    def end(self):
        self.ending.set()
        self.join()
        return self.removed


class Kill(unittest.TestCase):
    def matrix(self, name, *options, deletes):
        tried = 0
        with world.World(MESSAGES) as here:
            most, hit, code, _, words = killing.kill_at(KILLER, here, 0, *options)
            self.assertEqual((hit, code), (False, 0), words)
            for point in range(1, most + most // 4, STEP):
                here.refill()
                reader = Reader(here.mail)
                reader.start()
                _, hit, _, call, _ = killing.kill_at(KILLER, here, point, *options)
                again = here.fetch(*options)
                found = reader.end() + world.counted(here.mail)
                where = f"{name}: point {point}, system call {call}, {again.stderr.decode()}"
                self.assertEqual(again.returncode, 0, where)
                self.assertEqual(found, world.expected(MESSAGES), where)
                self.assertEqual(here.left(), world.expected([] if deletes else MESSAGES), where)
                self.assertTrue(here.spool_is_empty(), where)
                tried += hit
                if not hit:
                    break
        print(f"{name:12} points tried {tried:5}, of {most}; lost 0, twice 0, damaged 0", flush=True)
        self.assertGreater(tried * STEP, 300)

    def test_F05_keep(self):
        self.matrix("keep", deletes=False)

    def test_F05_delete(self):
        self.matrix("delete", "--keep", "none", deletes=True)

    def test_F05_keep_for_days(self):
        self.matrix("keep 30d", "--keep", "30d", deletes=False)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
