# SPDX-License-Identifier: MIT
"""D-31, L-05: batches keep files open, and may open few. ARGUMENTS: satchel"""
import sys
import unittest

import world

MANY = [world.message(n) for n in range(1, 301)]


class Files(unittest.TestCase):
    def test_few_open_files_are_enough(self):
        for limit in (40, 64, 300):
            with self.subTest(limit=limit), world.World(MANY) as here:
                limited = ("sh", "-c", f'ulimit -n {limit}; exec "$@"', "sh")
                done = here.fetch("--keep", "none", before=limited)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertEqual(world.counted(here.mail), world.expected(MANY))
                self.assertEqual(here.left(), world.expected([]))
                self.assertTrue(here.spool_is_empty())


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
