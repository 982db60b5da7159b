#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each source of credentials through `satchel list` to a server, and nowhere else: `e2e_sources.py SATCHEL`.

R-CRED-01, R-CRED-02 and R-2384-02. The harness of tests/cli sees that no output has the password, at --verbose neither.
"""
import os
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))

import command  # noqa: E402
from command import PASSWORD, USER, harness  # noqa: E402

TOKEN = "token-canary"


class Sources(command.Case):
    def configure(self, server, *keys, mode=0o600):
        """One account, `work`, with these keys besides."""
        url, tls, value = server.target
        lines = [f"url = '{url}'", f"{tls[2:]} = '{value}'", *keys]
        path = pathlib.Path(self.write("config", "account work {\n" + "\n".join(lines) + "\n}\n"))
        path.chmod(mode)
        self.environment["SATCHEL_CONFIG"] = str(path)

    def look(self, *arguments):
        outcome = self.run_satchel("list", "--verbose", *arguments, login=False)
        self.assertNotIn(TOKEN, outcome.text + outcome.errors)
        return outcome

    def assert_login(self, server, *arguments):
        before = self.heard(server).count(f"PASS {PASSWORD}")
        self.assert_code(self.look(*arguments), 0)
        self.assertEqual(self.heard(server).count(f"PASS {PASSWORD}"), before + 1)

    def assert_refused(self, server, code, words):
        before = self.heard(server)
        outcome = self.look("work")
        self.assert_code(outcome, code)
        self.assertIn(words, outcome.errors)
        self.assertEqual(self.heard(server), before)  # nobody was connected to

    def test_a_configuration_names_the_source(self):
        server = self.pop3("implicit")
        for key in (f"password = '{PASSWORD}'", f"password-command = 'cat {self.password_file}'",
                    f"password-file = '{self.password_file}'"):
            self.configure(server, key)
            self.assert_login(server, "work")

    def test_what_is_stored_elsewhere(self):
        server = self.pop3("stls")
        netrc = pathlib.Path(self.home) / ".netrc"
        netrc.write_text(f"machine localhost login {USER} password {PASSWORD}\n")
        netrc.chmod(0o600)
        self.configure(server)
        self.assert_login(server, "work")
        netrc.unlink()
        self.assert_refused(server, 77, "no password")
        self.environment["CREDENTIALS_DIRECTORY"] = self.folder
        self.write("work", PASSWORD + "\n")
        self.assert_login(server, "work")

    def test_R_2384_02_a_url_gets_nothing_that_is_stored(self):
        server = self.pop3("implicit")
        netrc = pathlib.Path(self.home) / ".netrc"
        netrc.write_text(f"machine localhost login {USER} password {PASSWORD}\n")
        netrc.chmod(0o600)
        self.configure(server, f"password = '{PASSWORD}'")
        self.assert_code(self.look(*server.target), 77)
        self.assertEqual(self.heard(server), [])
        self.assert_login(server, *server.target, "--password-command", f"cat {self.password_file}")

    def test_options_take_the_place_of_keys(self):
        server = self.pop3("implicit")
        self.configure(server, "password-command = 'false'")
        self.assert_refused(server, 77, "password-command failed: its exit code is 1")
        self.assert_login(server, "work", "--password-file", self.password_file)

    def test_a_token_and_no_password(self):
        server = self.pop3("implicit", "--auth", "OAUTHBEARER", "--token", TOKEN)
        token = self.write("token", TOKEN + "\n")
        self.configure(server, f"token-command = 'cat {token}'")
        self.assert_code(self.look("work"), 0)
        heard = "\n".join(self.heard(server))
        self.assertIn("AUTH OAUTHBEARER", heard)
        self.assertNotIn("PASS", heard)

    def test_A_17_what_others_reach_is_not_used(self):
        server = self.pop3("implicit")
        self.configure(server, f"password-file = '{self.password_file}'", mode=0o644)
        self.assert_login(server, "work")
        for mode in 0o640, 0o604, 0o620:
            os.chmod(self.password_file, mode)
            self.assert_refused(server, 77, "by other users")
        self.configure(server, f"password = '{PASSWORD}'", mode=0o644)
        self.assert_refused(server, 78, "other users can read it")
        self.configure(server, "password-command = 'echo x'", mode=0o620)
        self.assert_refused(server, 78, "can be written by other users")

    def test_R_CRED_02_a_running_command_shows_nothing(self):
        server = self.pop3("implicit", "--delay", "STAT=60000")
        seen = os.path.join(self.folder, "seen")
        self.configure(server, f"password-command = 'tr \"\\0\" \"\\n\" </proc/self/environ >{seen}; cat {self.password_file}'")
        process = self.start_satchel("list", "work", login=False)
        end = time.monotonic() + harness.SOON
        while f"PASS {PASSWORD}" not in self.heard(server):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        facts = pathlib.Path(f"/proc/{process.pid}")
        for shown in (facts / "cmdline", facts / "environ", pathlib.Path(seen)):
            self.assertNotIn(PASSWORD.encode(), shown.read_bytes())
        self.assertIn(b"SATCHEL_CONFIG=", pathlib.Path(seen).read_bytes())  # the child's environment is what was looked at
        self.assertRegex((facts / "limits").read_text(), r"Max core file size +0 +0 ")
        process.terminate()
        self.assertEqual(process.wait(harness.SOON), 128 + 15)

    def test_the_prompt(self):
        server = self.pop3("implicit")
        self.configure(server)
        self.assert_code(self.run_on_terminal("list", "work", login=False, say=PASSWORD.encode() + b"\n"), 0)
        self.assertIn(f"PASS {PASSWORD}", self.heard(server))


if __name__ == "__main__":
    command.main()
