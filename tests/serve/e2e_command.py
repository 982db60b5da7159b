#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The command line: help, exit codes, facts, credentials, port file, signals, addresses, sessions to serve."""
import os
import pathlib
import re
import signal
import subprocess
import tempfile

import harness
from harness import SATCHEL

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(*arguments):
    done = subprocess.run([SATCHEL, *arguments], capture_output=True, text=True, timeout=harness.SOON)
    return done.returncode, done.stdout, done.stderr


class CommandLine(harness.Case):
    def test_help(self):
        for arguments in (["--help"], ["-h"], ["help"]):
            code, out, err = run(*arguments)
            self.assertEqual((code, err), (0, ""))
            self.assertIn("serve", out)
        for arguments in (["serve", "--help"], ["serve", "-h"], ["help", "serve"]):
            code, out, err = run(*arguments)
            self.assertEqual((code, err), (0, ""))
            self.assertIn("--maildir DIR", out)
            self.assertLessEqual(max(map(len, out.splitlines())), 90)

    def test_version(self):
        for argument in ("version", "--version"):
            self.assertRegex(run(argument)[1], r"^satchel \d+\.\d+\.\d+\n$")

    def test_the_manual_has_every_option_and_no_other(self):
        options = set(re.findall(r"^  --([a-z-]+)", run("serve", "--help")[1], re.M))
        manual = (ROOT / "docs/man/satchel-serve.1").read_text()
        self.assertEqual(options, set(re.findall(r"^\.It Fl -([a-z-]+)", manual, re.M)))
        self.assertGreater(len(options), 30)

    def test_D_26_usage_errors_exit_64_with_a_message(self):
        for arguments, message in ((["foo"], 'no command "foo"'), (["serve", "--foo"], "--foo"),
                                   (["serve", "foo"], '"foo"'),
                                   (["serve", "--port", "65536"], "too large"), (["serve", "--port", "x"], "no number"),
                                   (["serve", "--port"], "--port"), (["serve", "--writable"], "needs --maildir"),
                                   (["serve", "--err", "FOO"], "names no verb"),
                                   (["serve", "--drop", "RETR"], "needs a value"),
                                   (["serve", "--name", "a\nb"], "control octets"),
                                   (["serve", "--user", "x" * 129], "128"),
                                   (["serve", "--user", "a b"], "no blank"), (["serve", "--password", ""], "not empty"),
                                   (["serve", "--autologout", "0"], "--autologout 0"),
                                   (["help", "foo"], 'no command "foo"')):
            code, out, err = run(*arguments)
            self.assertEqual((code, out), (64, ""), arguments)
            self.assertIn(message, err)
        self.assertEqual(run()[0], 64)

    def test_other_errors(self):
        code, _, err = run("serve", "--maildir", "/nonexistent")
        self.assertEqual(code, 66)
        self.assertIn("/nonexistent is no Maildir", err)
        code, _, err = run("serve", "--listen", "localhost")
        self.assertEqual(code, 69)
        self.assertIn("no numeric address", err)
        server = self.serve()
        code, _, err = run("serve", "--port", str(server.port))
        self.assertEqual(code, 69)
        self.assertIn("cannot listen", err)
        self.assertEqual(run("serve", "--port-file", "/nonexistent/port", "--quiet")[0], 73)


class Running(harness.Case):
    def facts(self, server):
        return dict(line.split(None, 1) for line in server.text(server.facts).splitlines())

    def test_without_options_credentials_are_random_and_printed(self):
        seen = set()
        for _ in range(2):
            server = self.serve(sample=False)
            facts = self.facts(server)
            self.assertEqual(facts["address"], f"127.0.0.1:{server.port}")
            self.assertEqual(facts["user"], "mrose")
            seen |= {facts["password"], facts["apop-secret"]}
            client = self.connect(server)
            client.line()
            client.command("USER mrose")
            self.assertTrue(client.command("PASS " + facts["password"]).startswith(b"+OK"))
            self.assertEqual(client.command("STAT"), b"+OK 2 320\r\n")
        self.assertEqual(len(seen), 4)

    def test_told_credentials(self):
        server = self.serve("--user", "me", "--password", "two words", sample=False)
        self.assertEqual(self.facts(server), {"address": f"127.0.0.1:{server.port}", "user": "me",
                                              "password": "two words"})
        client = self.connect(server)
        client.line()
        client.command("USER me")
        self.assertTrue(client.command("PASS two words").startswith(b"+OK"))

    def test_quiet(self):
        self.assertEqual(self.facts(self.serve("--quiet")), {})

    def test_R_CRED_02_secrets_are_masked_in_the_trace(self):
        server = self.serve("--trace", "--quiet", "--password", "canary-1", "--apop-secret", "canary-2", sample=False)
        client = self.connect(server)
        client.line()
        client.command("USER mrose")
        client.command("PASS canary-1")
        client.command("APOP mrose 0123456789abcdef0123456789abcdef")
        client.command("AUTH PLAIN canary-1")
        client.command("canary-1")
        server.stop()
        trace = server.text(server.trace)
        self.assertNotIn("canary", trace)
        self.assertNotIn("0123", trace)
        self.assertIn("C: USER mrose\nS: +OK mrose is valid\nC: PASS ****\n", trace)
        self.assertIn("C: APOP mrose ****\n", trace)
        self.assertIn("C: AUTH PLAIN ****\n", trace)
        self.assertIn("C: ****\n", trace)

    def test_trace_numbers(self):
        server = self.serve("--trace-numbers")
        for _ in range(2):
            client = self.connect(server)
            client.line()
            client.command("QUIT")
            client.rest()
        server.stop()
        self.assertRegex(server.text(server.trace), r"^1 S: .*\n1 C: QUIT\n1 S: .*\n2 S: .*\n2 C: QUIT\n2 S: .*\n$")

    def test_signals_end_it_and_the_port_file_goes(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            server = self.serve()
            client = self.session(server)
            self.assertEqual(server.stop(number), 128 + number)
            self.assertFalse(os.path.exists(server.port_file))
            self.assertEqual(client.rest(), b"")

    def test_an_old_port_file_does_not_count(self):
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "port"
            path.write_text("1\n")
            self.assertEqual(run("serve", "--port-file", path, "--maildir", "/nonexistent")[0], 66)
            self.assertFalse(path.exists())

    def test_once(self):
        server = self.serve("--once", "2")
        first, second = self.connect(server), self.connect(server)
        for client in (first, second):
            client.line()
            client.command("QUIT")
            client.rest()
            client.socket.close()
        self.assertEqual(server.process.wait(harness.SOON), 0)

    def test_ipv6(self):
        try:
            server = self.serve("--listen", "::1")
        except RuntimeError as error:
            self.assertIn("cannot listen", str(error))
            self.skipTest("no IPv6 here")
        self.assertEqual(self.facts(server)["address"], f"[::1]:{server.port}")
        self.assertEqual(self.connect(server, address="::1").line()[:3], b"+OK")

    def test_other_machines_only_when_told_and_with_a_warning(self):
        server = self.serve("--listen", "0.0.0.0")
        self.assertIn("warning: 0.0.0.0 can be reached from other machines", server.text(server.trace))
        self.assertEqual(self.serve().text(self.serve().trace), "")


if __name__ == "__main__":
    harness.main()
