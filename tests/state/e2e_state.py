#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`satchel state`: `e2e_state.py SATCHEL SAMPLE`. SAMPLE is the program of sample.c."""
import json
import os
import pathlib
import pty
import re
import select
import subprocess
import sys
import tempfile
import time
import unittest

SAMPLE = sys.argv.pop(2)
SATCHEL = sys.argv.pop(1)
ROOT = pathlib.Path(__file__).resolve().parents[2]
SOON = 20


class State(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        self.folder = self.home / ".local/state/satchel"

    def sample(self):
        subprocess.run([SAMPLE, self.folder], check=True, timeout=SOON)

    def environment(self, more):
        return {"HOME": str(self.home), "PATH": os.environ["PATH"], **more}

    def run_it(self, *arguments, **environment):
        done = subprocess.run([SATCHEL, "state", *arguments], capture_output=True, text=True, timeout=SOON,
                              stdin=subprocess.DEVNULL, env=self.environment(environment))
        return done.returncode, done.stdout, done.stderr

    def accounts(self):
        code, out, err = self.run_it("list", "--json")
        self.assertEqual((code, err), (0, ""))
        return {account["user"]: account for account in map(json.loads, out.splitlines())}

    def answer(self, text, *arguments):
        """Runs it on a terminal; what it wrote."""
        child, terminal = pty.fork()
        if child == 0:
            os.execve(SATCHEL, [SATCHEL, "state", *arguments], self.environment({}))
        output = b""
        end = time.monotonic() + SOON
        while time.monotonic() < end and select.select([terminal], [], [], SOON)[0]:
            try:
                octets = os.read(terminal, 4096)
            except OSError:  # Linux: the other side is closed
                break
            output += octets
            if output.endswith(b"[y/N] "):
                os.write(terminal, text)
        self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 0)
        os.close(terminal)
        return output.decode()

    def test_usage(self):
        for arguments in [], ["foo"], ["list", "x"], ["rename", "a"], ["forget"], ["forget", "a", "b", "c"], ["--foo"]:
            code, out, err = self.run_it(*arguments)
            self.assertEqual((code, out), (64, ""), arguments)
            self.assertNotEqual(err, "")
        code, out, err = self.run_it("--help")
        self.assertEqual((code, err), (0, ""))
        manual = (ROOT / "docs/man/satchel-state.1").read_text()
        for option in re.findall(r"--(\w+)", out):
            self.assertIn(f"-{option}", manual)
        for action in "list", "rename", "forget":
            self.assertIn(action, out)
            self.assertIn(f".It Cm {action}", manual)

    def test_without_database_nothing_is_made(self):
        for action in ["list"], ["rename", "a", "b"], ["forget", "--yes", "a"]:
            code, out, err = self.run_it(*action)
            self.assertEqual((code, out), (66, ""))
            self.assertIn(str(self.folder), err)
        self.assertEqual(list(self.home.iterdir()), [])
        code, _, err = self.run_it("list", HOME="")
        self.assertEqual(code, 66)
        self.assertIn("HOME", err)

    def test_list_for_people(self):
        self.sample()
        code, out, err = self.run_it("list")
        self.assertEqual((code, err), (0, ""))
        self.assertIn("\nwork (me@mail.example:995)\n  destination  maildir:/home/me/Mail\n  delivered    5\n"
                      "  deleted      0\n  absent       1\n  unfinished   1\n  last look    20", out)
        self.assertIn("last news    2027-01-15T08:00:00Z, exit code 75: fetched 5, deleted 0, failed 1, waiting 0; "
                      "maildrop\\x1B[2J locked\n", out)
        self.assertTrue(out.startswith("(you@mail.example:995)\n"))

    def test_list_for_programs(self):
        self.sample()
        account = self.accounts()["me"]
        self.assertRegex(account.pop("looked"), r"^20..-..-..T..:..:..Z$")
        self.assertEqual(account, {
            "name": "work", "user": "me", "host": "mail.example", "port": 995, "kind": "maildir",
            "path": "/home/me/Mail", "in-use": False, "delivered": 5, "deleted": 0, "absent": 1, "unfinished": 1,
            "not-before": None, "run": {"started": "2027-01-15T08:00:00Z", "seconds": 2, "exit": 75, "fetched": 5, "octets": 0,
                    "deleted": 0, "failed": 1, "waiting": 0, "text": "maildrop\\x1B[2J locked"}})
        self.assertIsNone(self.accounts()["you"]["run"])
        self.assertIsNone(self.accounts()["you"]["kind"])

    def test_the_folder_by_option_or_environment(self):
        self.sample()
        for arguments, environment in ([["--state", str(self.folder)], {"HOME": "/"}],
                                       [[], {"HOME": "/", "STATE_DIRECTORY": str(self.folder)}]):
            code, out, _ = self.run_it("list", *arguments, **environment)
            self.assertEqual(code, 0)
            self.assertIn("work", out)

    def test_rename(self):
        self.sample()
        for name, new in ("work", "job"), ("me@MAIL.example", "n2"), ("me@mail.example:995", "n3"), (
                "pops://me@mail.example", "n4"), ("pop://me@mail.example:110", "n5"), ("n5", "\x1b[2J"):
            self.assertEqual(self.run_it("rename", name, new), (0, "", ""))
            self.assertEqual(self.accounts()["me"]["name"], new.replace("\x1b", "\\x1B"))
        code, _, err = self.run_it("rename", "nobody", "x")
        self.assertEqual(code, 64)
        self.assertIn("no account", err)
        self.run_it("rename", "me@mail.example", "same")
        self.run_it("rename", "you@mail.example", "same")
        code, _, err = self.run_it("rename", "same", "x")
        self.assertEqual(code, 64)
        self.assertIn("more than one", err)
        code, _, err = self.run_it("rename", "me@mail.example", "x" * 256)
        self.assertEqual(code, 64)

    def test_forget(self):
        self.sample()
        code, _, err = self.run_it("forget", "work")
        self.assertEqual(code, 64)
        self.assertIn("--yes", err)
        self.assertEqual(self.run_it("forget", "--yes", "work", "uid-00001"), (0, "1 message forgotten\n", ""))
        self.assertEqual(self.accounts()["me"]["delivered"], 4)
        self.assertEqual(self.run_it("forget", "-y", "work", "uid-00001"), (0, "0 messages forgotten\n", ""))
        self.assertEqual(self.run_it("forget", "-y", "work"), (0, "5 messages forgotten\n", ""))
        self.assertEqual(list(self.accounts()), ["you"])

    def test_forget_asks_on_a_terminal(self):
        self.sample()
        self.assertIn("Nothing was forgotten", self.answer(b"\n", "forget", "work"))
        self.assertIn("uid-00002", self.answer(b"n\n", "forget", "work", "uid-00002"))
        self.assertEqual(self.accounts()["me"]["delivered"], 5)
        said = self.answer(b"y\n", "forget", "work")
        self.assertIn("all 6 messages", said)
        self.assertIn("6 messages forgotten", said)

    def test_an_account_in_use(self):
        self.sample()
        with subprocess.Popen([SAMPLE, self.folder, "hold"], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            holder.stdout.readline()
            self.assertTrue(self.accounts()["me"]["in-use"])
            code, _, err = self.run_it("forget", "-y", "work")
            self.assertEqual(code, 75)
            self.assertIn(str(holder.pid), err)
        self.assertEqual(holder.returncode, 0)

    def test_damage_is_told(self):
        self.sample()
        (self.folder / "state.db").write_bytes(b"\0" * 100)
        code, _, err = self.run_it("list")
        self.assertEqual(code, 74)
        self.assertIn(str(self.folder / "state.db"), err)
        self.assertIn("backup", err)
        (self.folder / "state.db").chmod(0o644)
        code, _, err = self.run_it("list")
        self.assertEqual(code, 78)
        self.assertIn("chmod 600", err)

    def test_output_that_cannot_be_written(self):
        self.sample()
        with open("/dev/full", "w") as full:
            done = subprocess.run([SATCHEL, "state", "list"], stdout=full, stderr=subprocess.PIPE, timeout=SOON,
                                  env=self.environment({}))
        self.assertEqual(done.returncode, 74)


if __name__ == "__main__":
    unittest.main()
