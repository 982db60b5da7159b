# SPDX-License-Identifier: MIT
"""
F-05, this machine's side: disks that fill up, refuse, or are taken away. A clear message, exit code 74, nothing lost, and all is well
once there is room. Small file systems are mounted, so it takes root; it says so where that is not to be had, and exits with 77.
ARGUMENTS: satchel
"""
import contextlib
import os
import subprocess
import sys
import unittest

import world

EX_IOERR = 74
MANY = [world.message(n, 3000) for n in range(1, 13)]  # about 70 KiB each


def mount(where, size):
    where.mkdir(exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(where)], check=True)


def remount(where, options):
    subprocess.run(["mount", "-o", f"remount,{options}", str(where)], check=True)


class Disk(unittest.TestCase):
    @contextlib.contextmanager
    def small(self, size, part):
        """A world in which `part`, mail or state, is on a disk of that size."""
        with world.World(MANY) as here:
            disk = here.folder / "disk"
            mount(disk, size)
            try:
                setattr(here, part, disk / part)
                yield here, disk
            finally:
                subprocess.run(["umount", str(disk)], check=True)

    def complete(self, here, *options):
        good = here.fetch("--keep", "none", *options)
        self.assertEqual(good.returncode, 0, good.stderr)
        self.assertEqual(world.counted(here.mail), world.expected(MANY))
        self.assertEqual(here.left(), world.expected([]))
        self.assertTrue(here.spool_is_empty())

    def refused(self, here, words):
        full = here.fetch("--keep", "none")
        self.assertEqual(full.returncode, EX_IOERR, full.stderr)
        self.assertIn(words, full.stderr.decode())
        return full

    def test_mail_does_not_fit_at_any_size(self):
        for size in ("100k", "300k", "500k"):
            with self.subTest(size=size), self.small(size, "mail") as (here, disk):
                self.refused(here, "No space left on device")
                self.assertFalse(world.counted(here.mail) - world.expected(MANY))
                remount(disk, "size=100m")
                self.complete(here)

    def test_state_does_not_fit(self):
        """Also the log of a transaction, at each size up to where all fits."""
        for kib in range(24, 200, 12):
            with self.subTest(kib=kib), self.small(f"{kib}k", "state") as (here, disk):
                full = here.fetch("--keep", "none")
                self.assertIn(full.returncode, (0, EX_IOERR), full.stderr)
                remount(disk, "size=100m")
                self.complete(here)

    def test_read_only(self):
        for part in ("mail", "state"):
            with self.subTest(part=part), self.small("10m", part) as (here, disk):
                remount(disk, "ro")
                self.refused(here, "ead-only")
                remount(disk, "rw")
                self.complete(here)

    def test_new_on_another_file_system(self):
        """A rename cannot leave its file system: told at the start, before anything is fetched."""
        with world.World(MANY) as here:
            for name in ("new", "cur", "tmp"):
                (here.mail / name).mkdir(parents=True)
            mount(here.mail / "new", "10m")
            try:
                self.refused(here, "different file systems")
            finally:
                subprocess.run(["umount", str(here.mail / "new")], check=True)
            self.complete(here)

    def test_a_maildir_whose_disk_is_away_is_not_made_anew(self):
        """Else mail would lie where the disk is mounted again, and be deleted on the server."""
        with world.World(MANY) as here:
            first = here.fetch("--max-messages", "1")
            self.assertEqual(first.returncode, 0, first.stderr)
            away = here.folder / "away"
            here.mail.rename(away)
            self.refused(here, "mkdir -p")
            self.assertFalse(here.mail.exists())
            here.mail.mkdir()  # a mount point
            self.refused(here, "mkdir -p")
            here.mail.rmdir()
            away.rename(here.mail)
            self.complete(here)

    def test_D27_another_destination_is_refused_and_not_made(self):
        with world.World(MANY) as here:
            self.assertEqual(here.fetch().returncode, 0)
            for kind in ("maildir", "mbox"):
                other = here.folder / "other" / kind
                refused = here.fetch(to=f"{kind}:{other}")
                self.assertEqual(refused.returncode, 78, refused.stderr)
                self.assertIn(b"--again", refused.stderr)
                self.assertFalse(other.parent.exists())

    def test_destination_that_is_a_file(self):
        with world.World(MANY) as here:
            here.mail.write_text("x")
            self.refused(here, str(here.mail))
            here.mail.unlink()
            self.complete(here)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: only root mounts")
        sys.exit(77)
    unittest.main(argv=sys.argv[:1], verbosity=2)
