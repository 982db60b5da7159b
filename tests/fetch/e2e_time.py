# SPDX-License-Identifier: MIT
"""
Q-19 and D-13: a disk so slow that the server would give up, and clocks that jump. ARGUMENTS: satchel meddler [TEST...]
"""
import sys
import unittest

import world

MEDDLER = sys.argv[2]
DAY = 24 * 60 * 60
FEW = [world.message(n) for n in (1, 2)]


def fetch(here, *options, **meddler):
    """`meddler`: fsync=400 sets MEDDLER_FSYNC."""
    environment = {f"MEDDLER_{name.upper()}": str(value) for name, value in meddler.items()}
    return here.fetch(*options, before=("env", f"LD_PRELOAD={MEDDLER}", *(f"{k}={v}" for k, v in environment.items())))


class Clock(unittest.TestCase):
    def left_after(self, here, days):
        done = fetch(here, "--keep", "30d", clock=days * DAY)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(world.counted(here.mail), world.expected(FEW), "nothing comes twice")
        return sum(here.left().values())

    def test_D13_age_counts_from_delivery(self):
        with world.World(FEW) as here:
            self.assertEqual([self.left_after(here, days) for days in (0, 1, 29, 31)], [2, 2, 2, 0])

    def test_D13_a_clock_that_jumps_backwards_deletes_nothing_early(self):
        with world.World(FEW) as here:
            self.assertEqual([self.left_after(here, days) for days in (0, -1, -400, -20000, 29, -400, 31)],
                             [2, 2, 2, 2, 2, 2, 0])


class SlowDisk(unittest.TestCase):
    def slow(self, *options):
        """Each batch of 256 takes some 26 s, the server closes behind 15 s of silence."""
        messages = [world.message(n) for n in range(1, 1001)]
        with world.World(messages, "--autologout", "15", "--trace") as here:
            done = fetch(here, "--keep", "none", *options, fsync=800)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(world.counted(here.mail), world.expected(messages))
            self.assertEqual(here.left(), world.expected([]))
            return here.server.text(here.server.trace)

    def test_Q19_NOOP_keeps_the_session_alive(self):
        trace = self.slow()
        self.assertIn("C: NOOP", trace)

    def test_Q19_without_pipelining(self):
        self.slow("--pipelining", "off")


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *sys.argv[3:]], verbosity=2)
