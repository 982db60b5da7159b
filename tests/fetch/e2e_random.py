# SPDX-License-Identifier: MIT
"""
F-05, kill -9 at random times: runs of `satchel fetch` are killed one after the other, until one ends by itself, while a reader
moves and removes what has come. Then each message is here exactly once, byte for byte, and the server has what the policy says.
ARGUMENTS: satchel MESSAGES KILLS SEED [TEST...]; 0 chooses a seed. As long as kills are left, all begins anew.
"""
import random
import signal
import subprocess
import sys
import time
import unittest

import dovecot
import reader
import world

MESSAGES = [world.message(n, n % 40) for n in range(1, int(sys.argv[2]) + 1)]
KILLS = int(sys.argv[3])
SEED = int(sys.argv[4]) or random.SystemRandom().randrange(1 << 32)
TESTS = sys.argv[5:]
BATCH = 256


def seconds(call):
    start = time.monotonic()
    call()
    return time.monotonic() - start


def killed_after(here, wait, *options):
    """Was it? If not, it ended by itself, and well."""
    process = subprocess.Popen(here.arguments(*options), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                               env={**world.os.environ, "HOME": str(here.folder)})
    with process:
        try:
            _, words = process.communicate(timeout=wait)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            return process.returncode == -signal.SIGKILL
    if process.returncode != 0:
        raise AssertionError(f"{process.returncode}: {words}")
    return False


class Kills(unittest.TestCase):
    def until_done(self, here, chance, longest, left, *options):
        """How many kills it took. Once `left` are used up, the last run is not disturbed."""
        kills = 0
        while kills < left and killed_after(here, chance.uniform(0, longest), *options):
            kills += 1
        if kills == left:
            last = here.fetch(*options)
            self.assertEqual(last.returncode, 0, last.stderr)
        return kills

    def kills(self, make, *options, deletes, mbox=False):
        chance = random.Random(SEED)
        kills = rounds = twice = 0
        with make(MESSAGES, mbox=mbox) as here:
            whole = seconds(lambda: here.fetch(*options))
            longest = seconds(lambda: here.fetch(*options)) + whole / 2
            while kills < KILLS:
                here.refill()
                user = reader.Reader(here.mail, chance.random())
                if not mbox:
                    user.start()
                taken = self.until_done(here, chance, longest, KILLS - kills, *options)
                kills += taken
                rounds += 1
                found = here.found() if mbox else user.end() + here.found()
                where = f"seed {SEED}, round {rounds}, {options}"
                twice += self.judge(found, where, taken if mbox else 0)
                self.assertEqual(here.left(), world.expected([] if deletes else MESSAGES), where)
                self.assertTrue(here.spool_is_empty(), where)
        print(f"{self.id().split('.')[-1]:40} messages {len(MESSAGES)}, kills {kills} of runs of {whole:.2f} s, "
              f"rounds {rounds}, seed {SEED}; lost 0, twice {twice}, damaged 0", flush=True)

    def judge(self, found, where, batches):
        """How many are there twice; an mbox may have a batch twice for each kill (D-21)."""
        expected = world.expected(MESSAGES)
        self.assertEqual(sum((expected - found).values()), 0, "lost, " + where)
        self.assertEqual(set(found) - set(expected), set(), "damaged, " + where)
        twice = sum((found - expected).values())
        self.assertLessEqual(twice, BATCH * batches, "twice, " + where)
        return twice

    def test_F05_ours_delete(self):
        self.kills(world.World, "--keep", "none", deletes=True)

    def test_F05_ours_keep(self):
        self.kills(world.World, deletes=False)

    def test_F05_ours_keep_for_days(self):
        self.kills(world.World, "--keep", "30d", deletes=False)

    def test_F05_ours_delete_mbox(self):
        self.kills(world.World, "--keep", "none", deletes=True, mbox=True)

    def test_F05_Dovecot_delete(self):
        self.kills(dovecot.World, "--keep", "none", deletes=True)

    def test_F05_Dovecot_keep(self):
        self.kills(dovecot.World, deletes=False)

    def test_F05_Dovecot_keep_for_days(self):
        self.kills(dovecot.World, "--keep", "30d", deletes=False)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + TESTS, verbosity=2)
