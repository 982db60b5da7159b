# SPDX-License-Identifier: MIT
"""`satchel status` and `satchel demo`."""
import os
import pathlib
import re

import command


class Status(command.Case):
    def fetch(self, server, *options):
        return self.run_satchel("fetch", *server.target, "--to", f"maildir:{self.home}/Mail", *options)

    def status(self, *arguments):
        return self.run_satchel("status", *arguments, login=False)

    def test_before_anything(self):
        outcome = self.status()
        self.assertEqual((outcome.code, outcome.text, outcome.errors), (0, "Nothing was fetched yet.\n", ""))
        self.assertEqual(self.status("--json").out, b"")
        self.assertFalse(os.path.exists(f"{self.home}/.local"))

    def test_after_a_good_run(self):
        server = self.pop3("off")
        self.assert_code(self.fetch(server), 0)
        text = self.status().text
        self.assertRegex(text, rf"^mrose@localhost:{server.port}\n  last run     \d{{4}}-\d\d-\d\d \d\d:\d\d:\d\d\n")
        self.assertRegex(text, r"\n  last news    .*: 2 fetched \(320 B\), 0 deleted on the server\n")
        self.assertTrue(text.endswith(f"\n  delivered    2 to maildir:{self.home}/Mail\n"), text)
        self.assertNotIn("problem", text)

    def test_problems_and_what_waits(self):
        self.assert_code(self.fetch(self.pop3("off"), "--max-messages", "1"), 0)
        self.assertIn("\n  waiting      1 on the server\n", self.status().text)
        other = self.pop3("off", "--err", "PASS=[AUTH] " + r"\x1b[2Jno")
        self.assert_code(self.fetch(other, "--to", f"maildir:{self.home}/Other"), 77)
        outcome = self.status(f"mrose@localhost:{other.port}")
        self.assertRegex(outcome.text, r"\n  problem      since .*: .*credentials are wrong \(exit code 77\)\n")
        self.assertEqual(outcome.text.count("last run"), 1)
        self.assert_safe(outcome.out)

    def test_the_next_login(self):
        server = self.pop3("off", "--reply", r"CAPA=+OK\r\nUIDL\r\nUSER\r\nLOGIN-DELAY 600\r\n.")
        self.assert_code(self.fetch(server), 0)
        self.assertRegex(self.status().text, r"\n  next login   not before .*, as the server asks\n")
        self.assertIsNotNone(self.status("--json").objects[0]["not-before"])
        self.assert_code(self.fetch(server), 75)

    def test_for_programs(self):
        server = self.pop3("off")
        self.assert_code(self.fetch(server), 0)
        account, = self.status("--json", f"pop://mrose@localhost:{server.port}").objects
        self.assertEqual((account["user"], account["delivered"], account["in-use"]), ("mrose", 2, False))
        self.assertEqual((account["run"]["exit"], account["run"]["fetched"], account["run"]["octets"]), (0, 2, 320))

    def test_an_unknown_account(self):
        outcome = self.status("work\x1b")
        self.assert_code(outcome, 64)
        self.assertIn('nothing is known of "work\\x1B"', outcome.errors)

    def test_a_damaged_database(self):
        pathlib.Path(self.folder, "state.db").write_bytes(b"nonsense" * 512)
        outcome = self.status("--state", self.folder)
        self.assertIn(outcome.code, (74, 78))
        self.assertIn("state.db", outcome.errors)


class Demo(command.Case):
    def demo(self, *arguments):
        self.environment["TMPDIR"] = self.folder
        return self.run_satchel("demo", *arguments, login=False)

    def test_twice_into_a_maildir(self):
        self.environment["SATCHEL_CONFIG"] = self.write("config", "this is none")
        done = re.search(r"All of this is in (\S+):", self.text_of(self.demo())).group(1)
        self.assertEqual(len(os.listdir(f"{done}/Mail/new")), 2)
        self.assertEqual(os.stat(done).st_mode & 0o777, 0o700)
        self.assertFalse(os.path.exists(f"{self.home}/.local"))

    def text_of(self, outcome):
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.errors, "")
        words = ("C: PASS ***", "C: RETR 1", "2 messages fetched, 320 B", "nothing new")
        places = [outcome.text.index(word) for word in words]
        self.assertEqual(places, sorted(places))
        return outcome.text

    def test_to_a_place_of_choice(self):
        self.text_of(self.demo("--to", f"mbox:{self.folder}/box"))
        self.assertEqual(pathlib.Path(self.folder, "box").read_text().count("\nSubject: "), 2)

    def test_wrong_usage(self):
        for arguments, code in (["now"], 64), (["--frobnicate"], 64), (["--to", "nowhere"], 64):
            self.assert_code(self.demo(*arguments), code)


if __name__ == "__main__":
    command.main()
