#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`satchel config`: `e2e_config.py SATCHEL`. Exit codes of D-26, files of R-FILE-01, the manual's table of keys."""
import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import unittest

SATCHEL = sys.argv.pop(1)
ROOT = pathlib.Path(__file__).resolve().parents[2]
SOON = 20


class Config(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        self.path = self.home / ".config/satchel/config"

    def run_it(self, *arguments, umask=0o022, **environment):
        done = subprocess.run([SATCHEL, "config", *arguments], capture_output=True, text=True, timeout=SOON,
                              umask=umask, env={"HOME": str(self.home), "PATH": os.environ["PATH"], **environment})
        return done.returncode, done.stdout, done.stderr

    def write(self, text, mode=0o600):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(text)
        self.path.chmod(mode)

    def test_usage(self):
        for arguments in [], ["foo"], ["check", "x"], ["--foo"]:
            code, out, err = self.run_it(*arguments)
            self.assertEqual((code, out), (64, ""), arguments)
            self.assertIn("--help", err)
        code, out, err = self.run_it("--help")
        self.assertEqual((code, err), (0, ""))
        for action in "check", "init", "keys":
            self.assertIn(f"\n  {action} ", out)

    def test_R_FILE_01_init_writes_for_its_owner_alone(self):
        for umask in 0o000, 0o077, 0o022, 0o777:
            folder = self.home / f"{umask:o}"
            folder.mkdir()
            path = folder / "satchel/config"
            if umask == 0o777:  # no folder that is made could be entered
                path.parent.mkdir()
            self.assertEqual(self.run_it("init", umask=umask, XDG_CONFIG_HOME=str(folder)), (0, f"{path}\n", ""))
            self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)
            if umask != 0o777:
                self.assertEqual(stat.S_IMODE(path.parent.stat().st_mode), 0o700)
            self.assertEqual(self.run_it("check", XDG_CONFIG_HOME=str(folder)),
                             (0, f"{path}: 0 accounts, no problem\n", ""))

    def test_init_leaves_what_there_is(self):
        self.write("jobs = 2\n")
        code, out, err = self.run_it("init")
        self.assertEqual((code, out), (73, ""))
        self.assertIn("it exists already", err)
        self.assertEqual(self.path.read_text(), "jobs = 2\n")

    def test_R_FILE_01_init_follows_no_link(self):
        self.path.parent.mkdir(parents=True)
        self.path.symlink_to(self.home / "elsewhere")
        self.assertEqual(self.run_it("init")[0], 73)
        self.assertFalse((self.home / "elsewhere").exists())

    def test_init_where_nothing_can_be_written(self):
        (self.home / ".config").write_text("a file")
        code, out, err = self.run_it("init")
        self.assertEqual((code, out), (73, ""))
        self.assertIn("Not a directory", err)

    def test_init_leaves_nothing_when_the_disk_is_full(self):
        self.assertEqual(self.run_it("init", SATCHEL_CONFIG="/dev/full")[0], 73)
        limited = ["sh", "-c", 'trap "" XFSZ; ulimit -f 0; exec "$0" config init', SATCHEL]
        done = subprocess.run(limited, capture_output=True, text=True, timeout=SOON, env={"HOME": str(self.home)})
        self.assertEqual(done.returncode, 73)
        self.assertIn("File too large", done.stderr)
        self.assertFalse(self.path.exists())

    def test_check_of_a_good_one(self):
        self.write("account work {\n url = 'pops://me@mail.example.org'\n to = 'maildir:~/Mail'\n}\n")
        self.assertEqual(self.run_it("check"), (0, f"{self.path}: 1 account, no problem\n", ""))
        self.write("account a { url = 'pop://me@h' tls = off }\naccount b { url = 'pops://me@h' to = 'mbox:~/x' }\n")
        code, out, err = self.run_it("check", SSL_CERT_FILE="/x")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out.splitlines(), [
            "account a: tls is off: password and mail travel in clear text, and nobody vouches for the server",
            "account a: nothing can be fetched, for there is no key to",
            "SSL_CERT_FILE is set: it changes what TLS trusts or does",
            f"{self.path}: 2 accounts, no problem"])

    def test_check_of_bad_ones(self):
        code, out, err = self.run_it("check")
        self.assertEqual((code, out), (78, ""))
        self.assertEqual(err, f"{self.path}: there is no such file; `satchel config init` writes one\n")
        self.write("account work {\n url = 'pops://me@h'\n kep = all\n order = random\n}\n")
        code, out, err = self.run_it("check")
        self.assertEqual((code, out), (78, ""))
        self.assertEqual(err.splitlines(), [
            f'{self.path}:3: there is no key "kep"; perhaps keep is meant',
            f'{self.path}:4: account work: order: "random" is no value for it; it is written oldest|newest'])
        self.write("account work { url = 'pops://me@h' password = canary }\n", 0o644)
        code, out, err = self.run_it("check")
        self.assertEqual((code, out), (78, ""))
        self.assertRegex(err, r"^\S+/config: it has a password, and other users can read it; chmod 600 .*\n$")

    def test_keys_of_the_manual(self):
        self.assertEqual(subprocess.run([sys.executable, "-B", ROOT / "tools/manual.py", "check", SATCHEL]).returncode, 0)
        out = self.run_it("keys")[1]
        self.assertIn("keep = all|none|DAYSd|newest N\n", out)
        self.assertIn("    without it: all\n", out)


if __name__ == "__main__":
    unittest.main()
