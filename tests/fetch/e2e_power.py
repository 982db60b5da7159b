# SPDX-License-Identifier: MIT
"""
F-05, power cut: mail and state are on a file system of their own. `satchel fetch` is killed at a point, and at once the image
below the file system is copied: what it holds is what the device held, and what was only in memory is gone. The copy is mounted,
its journal replayed, and one more run fetches the rest. ARGUMENTS: satchel killer STEP KIND: every STEP-th point; ext4, xfs,
btrfs or ext4-no-journal. Needs root and loop devices; says so where they are not to be had, and exits with 77.
"""
import contextlib
import os
import pathlib
import shutil
import subprocess
import sys
import unittest

import killing
import world

KILLER, STEP, KIND = sys.argv[2], int(sys.argv[3]), sys.argv[4]
MAKE = {"ext4": ["mkfs.ext4", "-q"], "ext4-no-journal": ["mkfs.ext4", "-q", "-O", "^has_journal"],
        "xfs": ["mkfs.xfs", "-q"], "btrfs": ["mkfs.btrfs", "-q"]}[KIND]
SIZE = {"xfs": 320, "btrfs": 128}.get(KIND, 32) << 20
MESSAGES = [world.message(n) for n in (1, 2)] + [world.message(1)]
MOST_TWICE = len(MESSAGES) if KIND in ("btrfs", "ext4-no-journal") else 0  # D-07 (b)


def run(*command):
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


@contextlib.contextmanager
def mounted(image, where):
    where.mkdir(exist_ok=True)
    run("mount", "-o", "loop", str(image), str(where))
    try:
        yield
    finally:
        run("umount", str(where))


def missing():
    """Why it cannot be done here, or None."""
    if os.geteuid() != 0:
        return "only root mounts"
    if shutil.which(MAKE[0]) is None:
        return f"{MAKE[0]} is not installed"
    probe = pathlib.Path("/tmp") / f"satchel-probe-{os.getpid()}"
    try:
        with open(probe, "wb") as file:
            file.truncate(SIZE)
        run(*MAKE, str(probe))
        with mounted(probe, probe.with_suffix(".d")):
            return None
    except subprocess.CalledProcessError as error:
        return error.stderr.decode().strip()
    finally:
        probe.unlink(missing_ok=True)
        with contextlib.suppress(FileNotFoundError):
            probe.with_suffix(".d").rmdir()


class Disk(world.World):
    """A world whose mail and state are below `disk`, where an image is mounted."""

    def __init__(self):
        super().__init__(MESSAGES)
        self.disk = self.folder / "disk"
        self.mail = self.disk / "mail"
        self.state = self.disk / "state"
        self.fresh = self.folder / "fresh.img"
        with open(self.fresh, "wb") as file:
            file.truncate(SIZE)
        run(*MAKE, str(self.fresh))

    def copy(self, source, name):
        image = self.folder / name
        run("cp", "--sparse=always", str(source), str(image))
        return image

    def cut_at(self, point, *options):
        """What the killer said, and the image as it was then."""
        world.fill(self.served, MESSAGES)
        used = self.copy(self.fresh, "used.img")
        with mounted(used, self.disk):
            said = killing.kill_at(KILLER, self, point, *options)
            image = self.copy(used, "cut.img")
        if KIND == "ext4-no-journal":  # as the machine would when it starts again; 1: it mended something
            subprocess.run(["e2fsck", "-fy", str(image)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                           check=False)
        return said, image


class Power(unittest.TestCase):
    def matrix(self, name, *options, deletes):
        tried = twice = 0
        with Disk() as here:
            (most, hit, code, _, words), _ = here.cut_at(0, *options)
            self.assertEqual((hit, code), (False, 0), words)
            for point in range(1, most + 1, STEP):
                (_, hit, _, call, _), image = here.cut_at(point, *options)
                with mounted(image, here.disk):
                    again = here.fetch(*options)
                    where = f"{name}: point {point}, system call {call}, {again.stdout} {again.stderr.decode()}"
                    self.assertEqual(again.returncode, 0, where)
                    found = world.counted(here.mail)
                    self.assertFalse(world.expected(MESSAGES) - found, "lost, " + where)
                    more = found - world.expected(MESSAGES)
                    self.assertTrue(set(more) <= set(MESSAGES), "damaged, " + where)
                    self.assertLessEqual(sum(more.values()), MOST_TWICE, "twice, " + where)
                    self.assertTrue(here.spool_is_empty(), where)
                self.assertEqual(here.left(), world.expected([] if deletes else MESSAGES), where)
                tried += hit
                twice += sum(more.values())
        print(f"{KIND:16} {name:8} points tried {tried:5}, of {most}; lost 0, twice {twice}, damaged 0", flush=True)
        self.assertGreater(tried, 0)

    def test_F05_keep(self):
        self.matrix("keep", deletes=False)

    def test_F05_delete(self):
        self.matrix("delete", "--keep", "none", deletes=True)


if __name__ == "__main__":
    REASON = missing()
    if REASON is not None:
        print(f"skipped: {REASON}")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
