#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py CLIENT SATCHEL MODULE.CLASS: one CTest entry. Exits 77 when everything in the class was skipped."""
import os
import sys
import unittest

SKIPPED = 77


def main(client, satchel, name):
    os.environ["E2E_CLIENT"] = client
    os.environ["E2E_SATCHEL"] = satchel
    suite = unittest.defaultTestLoader.loadTestsFromName(name)
    result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
    if not result.wasSuccessful():
        return 1
    for test, reason in result.skipped:
        print(f"SKIPPED {test}: {reason}")
    if result.testsRun == 0 or result.testsRun == len(result.skipped):
        return SKIPPED if result.skipped else 1
    return 0


if __name__ == "__main__":
    sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
    sys.exit(main(*sys.argv[1:]))
