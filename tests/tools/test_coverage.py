#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""coverage.py on small inputs: what merging the builds of one source means, what counts as missing, what is enough."""
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent.parent / "tools"))
import coverage  # noqa: E402


def line(number, count, branches=(), noncode=False, excluded=False):
    return {"line_number": number, "count": count, "branches": [{"count": taken} for taken in branches],
            "gcovr/noncode": noncode, "gcovr/excluded": excluded}


def build(*lines, functions=()):
    return [{"file": "a.c", "lines": list(lines),
             "functions": [{"name": name, "lineno": number, "execution_count": count}
                           for name, number, count in functions]}]


def tally(*builds):
    return coverage.tally(coverage.merge(builds)[0])


class Merging(unittest.TestCase):
    def test_a_line_counts_once_and_in_any_build(self):
        self.assertEqual(tally(build(line(1, 0), line(2, 3)), build(line(1, 5))), (2, 2, 0, 0, []))

    def test_a_branch_counts_in_any_build(self):
        self.assertEqual(tally(build(line(1, 1, (1, 0))), build(line(1, 1, (0, 1)))), (1, 1, 2, 2, []))

    def test_builds_of_other_shape_are_not_mixed(self):
        builds = build(line(1, 1, (1, 0))), build(line(1, 1, (1, 1, 1, 0)))
        self.assertEqual(tally(*builds), (1, 1, 4, 6, ["a.c:1: 2 of 6 branches not taken"]))

    def test_what_is_no_code_does_not_count(self):
        self.assertEqual(tally(build(line(1, 0, noncode=True), line(2, 0, excluded=True))), (0, 0, 0, 0, []))

    def test_a_line_in_one_build_only(self):
        self.assertEqual(tally(build(line(1, 1), line(7, 0))), (1, 2, 0, 0, ["a.c:7: not run"]))

    def test_a_function_may_stand_at_two_places(self):
        builds = build(line(1, 1), functions=[("f", 1, 2)]), build(line(9, 0), functions=[("f", 9, 0)])
        functions = coverage.trace(*coverage.merge(builds))["files"][0]["functions"]
        self.assertEqual([f["name"] for f in functions], ["f:1", "f:9"])


class Bars(unittest.TestCase):
    def test_enough(self):
        self.assertTrue(coverage.is_enough(100, 100, 100))
        self.assertFalse(coverage.is_enough(9999, 10000, 100))
        self.assertTrue(coverage.is_enough(9, 10, 90))
        self.assertFalse(coverage.is_enough(899, 1000, 90))

    def test_nothing_measured_is_not_enough(self):
        self.assertFalse(coverage.is_enough(0, 0, 90))

    def test_shares_are_rounded_down(self):
        self.assertEqual(coverage.share(9999, 10000), "9999 of 10000, 99.9 %")
        self.assertEqual(coverage.share(7, 7), "7 of 7, 100.0 %")


if __name__ == "__main__":
    unittest.main()
