# SPDX-License-Identifier: MIT
"""How looking commands fail (D-26), which account they take, and how they are interrupted."""
import socket

import command

COMMANDS = (["list"], ["show", "1"], ["top", "1"], ["caps"], ["check"])


class Errors(command.Case):
    def everywhere(self, target, code, words, login=True):
        for arguments in COMMANDS:
            with self.subTest(arguments[0]):
                outcome = self.run_satchel(*arguments, *target, login=login)
                self.assert_code(outcome, code)
                self.assertIn(words, outcome.errors + outcome.text)

    def test_wrong_usage(self):
        rows = (["list", "--frobnicate"], ["list", "pops://a@b", "pops://c@d"], ["show"], ["show", "x"], ["show", "0"],
                ["top"], ["top", "1", "2", "3", "pops://a@b"], ["show", "99999999999", "pops://a@b"],
                ["list", "--newest", "none"], ["list", "--newest", "0"], ["list", "--newest"], ["list", "--json=1"],
                ["show", "--json", "1", "pops://a@b"], ["list", "--keep", "none", "pops://a@b"],
                ["list", "imap://a@b"], ["list", "pops://a:b@c"], ["list", "pops://c"], ["list", "pops://a@b/x"],
                ["list", "--tls", "maybe", "pops://a@b"], ["check", "--tls", "off", "pops://a@b"],
                ["check", "--ca-file", "/nowhere", "pops://a@b"], ["check", "--auth", "NTLM", "pops://a@b"])
        for arguments in rows:
            with self.subTest(arguments):
                outcome = self.run_satchel(*arguments, login=False)
                self.assert_code(outcome, 64)
                self.assertTrue(outcome.errors.startswith(f"satchel {arguments[0]}: "), outcome.errors)
                self.assertEqual(outcome.out, b"")

    def test_R_CRED_01_no_password_option(self):
        for option in ("--password=canary", "--password"):
            outcome = self.run_satchel("list", option, "canary", login=False)
            self.assert_code(outcome, 64)
            self.assertIn("--password-command", outcome.errors)
            self.assertNotIn("canary", outcome.errors)

    def test_help(self):
        for arguments in COMMANDS:
            outcome = self.run_satchel(arguments[0], "--help", login=False)
            self.assert_code(outcome, 0)
            self.assertIn("--ca-file FILE", outcome.text)
            self.assertNotIn("--keep", outcome.text)
            self.assertLessEqual(max(map(len, outcome.text.splitlines())), 90)
            self.assertEqual(self.run_satchel("help", arguments[0], login=False).out, outcome.out)

    def test_an_unknown_host(self):
        self.everywhere(["pops://mrose@no-such-host.invalid"], 68, "no host no-such-host.invalid")

    def test_nobody_listens(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            port = taken.getsockname()[1]
            self.everywhere([f"pops://mrose@127.0.0.1:{port}"], 69, "refuses connections")

    def test_each_fault_of_a_certificate(self):
        for fault, words in (("expired", "expired on"), ("early", "not valid before"), ("name", "other.invalid"),
                             ("self-signed", "self-signed")):
            for mode in ("stls", "implicit"):
                server = self.pop3(mode, "--cert-fault", fault)
                self.everywhere(server.target, 77, words)
                self.assertLessEqual(set(self.heard(server)), {"STLS"})

    def test_a_refused_login(self):
        server = self.pop3("implicit", "--err", "PASS=[AUTH] no")
        for arguments in COMMANDS[:3]:
            outcome = self.run_satchel(*arguments, *server.target)
            self.assert_code(outcome, 77)
            self.assertIn("the server said: [AUTH] no", outcome.errors)
            self.assertIn("what to do: correct the user name", outcome.errors)

    def test_try_again_later(self):
        for text in ("[IN-USE] busy", "[SYS/TEMP] down", "[LOGIN-DELAY] slow"):
            server = self.pop3("off", "--err", f"PASS={text}", "--reply", r"CAPA=+OK\r\nUSER\r\n.", "--stamp", "<a@b>")
            outcome = self.run_satchel("list", "--auth", "USER", *server.target)
            self.assert_code(outcome, 75)
        self.assertIn("not before 900 seconds", outcome.errors)

    def test_a_server_that_breaks_the_rules(self):
        self.assert_code(self.run_satchel("list", *self.pop3("off", "--reply", "STAT=what?").target), 76)

    def test_a_silent_server(self):
        server = self.pop3("off", "--silent", "GREETING")
        outcome = self.run_satchel("check", "--timeout-reply", "1s", *server.target, login=False)
        self.assert_code(outcome, 75)
        self.assertIn("in time", outcome.text)

    def test_interrupted(self):
        for arguments, silent in ((["list"], "CAPA"), (["show", "1"], "RETR 1"), (["check"], "CAPA")):
            server = self.pop3("off", "--silent", silent.split()[0])
            process = self.start_satchel(*arguments, *server.target)
            self.assertEqual(self.interrupt(process, server, silent), 130)
            self.assertEqual(process.stderr.read(), b"")


class Accounts(command.Case):
    def configure(self, **accounts):
        text = "".join(f'account {name} {{\n  url = "{url}"\n  tls = off\n  password-file = "{self.password_file}"\n}}\n'
                       for name, url in accounts.items())
        self.environment["SATCHEL_CONFIG"] = self.write("config", text)

    def setUp(self):
        super().setUp()
        self.server = self.pop3("off")
        self.url = f"pop://mrose@localhost:{self.server.port}"

    def test_by_name(self):
        self.configure(work=self.url, home="pop://me@no-such-host.invalid")
        outcome = self.run_satchel("list", "work", login=False)
        self.assert_code(outcome, 0)
        self.assertEqual(len(outcome.text.splitlines()), 2)

    def test_the_only_one(self):
        self.configure(work=self.url)
        for arguments in COMMANDS:
            self.assert_code(self.run_satchel(*arguments, login=False), 0)

    def test_which_one(self):
        self.configure(work=self.url, home=self.url)
        outcome = self.run_satchel("list", login=False)
        self.assert_code(outcome, 64)
        self.assertEqual(outcome.errors, "satchel list: which account? There are work, home\n")

    def test_none_of_that_name(self):
        self.configure(work=self.url)
        outcome = self.run_satchel("list", "wrk", login=False)
        self.assert_code(outcome, 78)
        self.assertIn("work", outcome.errors)

    def test_an_option_takes_the_place_of_a_key(self):
        self.configure(work=self.url)
        wrong = self.write("wrong", "not this one")
        self.assert_code(self.run_satchel("list", "work", "--password-file", wrong, login=False), 77)

    def test_another_file(self):
        self.configure(work=self.url)
        path = self.environment.pop("SATCHEL_CONFIG")
        self.assert_code(self.run_satchel("list", "--config", path, login=False), 0)

    def test_no_configuration(self):
        for target, code in (([], 64), (["work"], 78)):
            outcome = self.run_satchel("list", *target, login=False)
            self.assert_code(outcome, code)
            self.assertIn("satchel list pops://me@mail.example.org", outcome.errors)

    def test_a_configuration_with_problems(self):
        self.environment["SATCHEL_CONFIG"] = self.write("config", "account work {\n  ulr = x\n}\n")
        outcome = self.run_satchel("list", login=False)
        self.assert_code(outcome, 78)
        self.assertRegex(outcome.errors, r"config:2: .*url")

    def test_R_2384_02_a_url_gets_no_stored_credentials(self):
        self.configure(work=self.url)
        self.write("home/.netrc", f"machine localhost login mrose password {command.PASSWORD}\n")
        outcome = self.run_satchel("list", self.url, "--tls", "off", login=False)
        self.assert_code(outcome, 77)
        self.assert_nothing_secret(self.server)

    def test_clear_text_is_warned_of(self):
        outcome = self.run_satchel("list", "pop://mrose@no-such-host.invalid", "--tls", "off")
        self.assertIn("warning: tls is off", outcome.errors)


if __name__ == "__main__":
    command.main()
