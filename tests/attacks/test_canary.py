#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""R-CRED-02, R-AUTH-02: a password and a token that nobody else has stand in nothing that is written, shown or handed on."""
import base64
import os
import pathlib
import resource
import signal
import subprocess
import tempfile
import threading
import time

from world import IMPLICIT, OFF, PASSWORD, SOON, STAMP, TOKEN, USER, Case, harness, main, secret_leaks

LONG = TOKEN * 40  # longer than any status line
HALF = b"half a message\r\n" * 60_000  # more than any buffer


def echo(_, line):
    """What servers do that do not know a command: repeat it."""
    return b"-ERR unknown command: " + line + b"\r\n"


def echoing(login):
    """Repeats everything, at each step of the login or behind it: the worst server is the one that was trusted."""
    said = []

    def remember(line):
        said.append(line)
        return b" ".join(said)

    def challenge(_, line):
        remember(line)
        if login == "refused":
            return echo(_, line)
        return b"+ \r\n" if line.count(b" ") == 1 and not line.endswith(b"CRAM-MD5") else b"+OK " + remember(b"") + b"\r\n"

    def accept(_, line):
        return b"+OK " + remember(line) + b"\r\n" if login == "accepted" else echo(_, line)

    class Verbs(dict):
        def get(self, verb, otherwise=None):
            return super().get(verb, lambda _, line: b"+OK you said " + remember(line) + b"\r\n"
                               if login == "accepted" and line != base64.b64encode(USER.encode()) else
                               b"+ \r\n" if login == "accepted" else echo(_, line))

    return Verbs(CAPA=b"+OK\r\nUSER\r\nSASL PLAIN LOGIN XOAUTH2 OAUTHBEARER\r\n.\r\n", AUTH=challenge, USER=b"+OK\r\n",
                 PASS=accept, QUIT=lambda _, line: b"-ERR " + remember(line) + b"\r\n",
                 STAT=lambda _, line: b"+OK 1 2 " + remember(line) + b"\r\n",
                 UIDL=lambda _, line: b"+OK\r\n1 uid\r\nno number " + remember(line) + b"\r\n.\r\n",
                 LIST=lambda _, line: b"+OK " + remember(line) + b"\r\n1 2 " + remember(line) + b"\r\n.\r\n",
                 RETR=lambda _, line: b"-ERR " + remember(line) + b"\r\n",
                 TOP=lambda _, line: b"-ERR " + remember(line) + b"\r\n")


class Library(Case):
    def dialogue(self, client, login, auth, token):
        def play(peer):
            peer.secure(self.authority.context())
            peer.say(b"+OK " + STAMP + b"\r\n")
            peer.answer(echoing(login))

        server = self.hostile(play)
        client.open(port=server.port, auth=auth, token=token)
        for call in ("stat", "uidl", "retr 1", "quit"):
            client.call(call)
        _, heard = server.heard()
        return heard

    def test_R_CRED_02_a_server_that_repeats_what_it_hears(self):
        client = self.client(tls=IMPLICIT, ca_file=self.authority.ca)
        for login in ("refused", "accepted"):
            for auth, token in (("USER", None), ("PLAIN", None), ("LOGIN", None), ("XOAUTH2", TOKEN),
                                ("OAUTHBEARER", TOKEN), ("XOAUTH2", LONG), ("OAUTHBEARER", LONG)):
                with self.subTest(login, auth=auth, length=len(token or "")):
                    before = len(client.out)
                    heard = self.dialogue(client, login, auth, token)
                    out = client.out[before:]
                    if login == "accepted" or auth not in ("LOGIN", "XOAUTH2", "OAUTHBEARER"):
                        self.assertNotEqual(secret_leaks(heard), [], "the server did hear it")
                    self.assertEqual(secret_leaks(out), [])
                    self.assertEqual([part for part in (LONG[:60], LONG[20:60]) if part.encode() in out], [])

    def test_R_CRED_02_each_beginning_of_a_password(self):
        """base64 shows an octet in three ways, as it stands behind another number of octets."""
        client = self.client(tls=IMPLICIT, ca_file=self.authority.ca, auth="PLAIN")
        for user in ("u", "us", "use"):
            client.set(user=user)
            before = len(client.out)
            heard = self.dialogue(client, "refused", "PLAIN", None)
            self.assertNotEqual(secret_leaks(heard), [])
            self.assertEqual(secret_leaks(client.out[before:]), [])
            self.assertIn(b"***", client.out[before:])

    def test_R_CRED_02_short_secrets_hide_nothing(self):
        """What is masked must not tell by its place in common words what the password is."""
        client = self.client(tls=OFF, auth="USER")
        for password in (b"", b"a", b"ba", b"bad"):
            server = self.hostile(lambda peer: (peer.say(b"+OK\r\n"), peer.answer(
                {"USER": b"+OK\r\n", "PASS": b"-ERR a bad password\r\n", "CAPA": b"-ERR\r\n"})))
            outcome = client.open(port=server.port, password=password)
            self.assertIn(outcome.server, (b"a bad password", b""))
            self.assertNotIn(b"***", outcome.server)


class Commands(Case):
    """`satchel check`, `caps`, `list`, `show`, `top` and `fetch`: at their most talkative, and while they run."""

    commands = (("check",), ("check", "--login"), ("check", "--login", "--json"), ("caps",), ("caps", "--json"),
                ("list",), ("list", "--json"), ("show", "1"), ("top", "1"))

    def setUp(self):
        super().setUp()
        self.home = pathlib.Path(tempfile.mkdtemp(dir=self.folder))
        self.fetch = ("fetch", f"--to=maildir:{self.home}/mail", f"--state={self.home}/state")
        self.commands = (*self.commands, (*self.fetch, "--dry-run"), self.fetch,
                         ("fetch", "--json", "--delete", f"--to=mbox:{self.home}/box", f"--state={self.home}/other"))
        self.environment = {"HOME": str(self.home), "PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8",
                            "ASAN_OPTIONS": "disable_coredump=0"}
        for name, secret in (("password", PASSWORD), ("token", TOKEN)):
            path = self.home / name
            path.write_text(secret + "\n")
            path.chmod(0o600)
        self.sources = (["--password-file", str(self.home / "password")],
                        ["--password-command", f"env >'{self.home}/child'; cat '{self.home}/password'"],
                        ["--token-command", f"env >'{self.home}/child'; cat '{self.home}/token'"])

    def arguments(self, command, port, source):
        """The place of a message's number is behind the account's."""
        return [harness.SATCHEL, command[0], "-v", *(word for word in command[1:] if word.startswith("-")), "--ca-file",
                str(self.authority.ca), *source, f"pops://{USER}@127.0.0.1:{port}",
                *(word for word in command[1:] if not word.startswith("-"))]

    def run_command(self, *arguments):
        done = subprocess.run(arguments, env=self.environment, cwd=self.home, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=SOON)
        return done.returncode, done.stdout + done.stderr

    def status(self):
        """What the last runs of fetch told about themselves."""
        code, out = self.run_command(harness.SATCHEL, "status", f"--state={self.home}/state")
        self.assertEqual(code, 0, out)
        return out

    def files(self):
        """What lies about afterwards, the secrets' own files left out."""
        return b"".join(path.read_bytes() for path in self.home.rglob("*")
                        if path.is_file() and path.name not in ("password", "token"))

    def test_R_CRED_02_commands_at_a_good_server(self):
        for source in self.sources:
            server = self.serve_tls("implicit", "--auth", "all", "--maildir", str(self.maildir(one=b"Subject: x\n\nx\n")))
            for command in self.commands:
                with self.subTest(command=command, source=source[0]):
                    arguments = self.arguments(command, server.port, source)
                    arguments[arguments.index(str(self.authority.ca))] = self.ca
                    code, out = self.run_command(*arguments)
                    self.assertEqual(code, 0, out)
                    self.assertNotEqual(out, b"")
                    self.assertEqual(secret_leaks(out + self.files()), [])

    def test_R_CRED_02_commands_at_a_server_that_repeats_what_it_hears(self):
        for login in ("refused", "accepted"):
            def play(peer):
                peer.secure(self.authority.context())
                peer.say(b"+OK " + STAMP + b"\r\n")
                peer.answer(echoing(login))

            for source in self.sources:
                heard = b""
                for command in self.commands:
                    with self.subTest(login, command=command, source=source[0]):
                        server = self.hostile(play)
                        _, out = self.run_command(*self.arguments(command, server.port, source))
                        heard += server.heard()[1]
                        self.assertEqual(secret_leaks(out + self.files()), [])
                    self.assertEqual(secret_leaks(self.status()), [])
                if "token" not in source[0] or login == "accepted":
                    self.assertNotEqual(secret_leaks(heard), [], "the server did hear it")

    def test_R_CRED_02_what_others_see_while_it_runs(self):
        for command in (("list",), self.fetch):
            for source in self.sources:
                with self.subTest(command=command[0], source=source[0]):
                    in_the_middle = threading.Event()

                    def stop(peer, _):
                        peer.say(b"+OK\r\nSubject: x\r\n\r\n" + HALF)
                        in_the_middle.set()
                        peer.rest()

                    def accept(peer, line):
                        if b" PLAIN" not in line:
                            peer.say(b"+ \r\n")
                            peer.line()
                        return b"+OK\r\n"

                    def play(peer):
                        peer.secure(self.authority.context())
                        peer.say(b"+OK ready\r\n")
                        peer.answer({"CAPA": b"+OK\r\nSASL PLAIN XOAUTH2\r\nUIDL\r\nTOP\r\n.\r\n", "AUTH": accept,
                                     "STAT": b"+OK 1 50\r\n", "LIST": b"+OK\r\n1 50\r\n.\r\n",
                                     "UIDL": b"+OK\r\n1 uid\r\n.\r\n", "TOP": stop, "RETR": stop})

                    server = self.hostile(play)
                    self.look_at(self.arguments(command, server.port, source), in_the_middle)
                    self.assertEqual(secret_leaks(server.heard()[0]), [])
                    self.assertEqual(secret_leaks(self.files()), [])
                    self.assertEqual(list(self.home.glob("core*")), [])
    def wait_for_spool(self):
        give_up = time.monotonic() + SOON
        while HALF[:100].replace(b"\r\n", b"\n") not in self.files():
            self.assertLess(time.monotonic(), give_up, "what was fetched so far is in the spool")

    def look_at(self, arguments, in_the_middle):
        """Its /proc in the middle of a session; then it crashes."""
        process = subprocess.Popen(arguments, env=self.environment, cwd=self.home, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, preexec_fn=allow_cores)
        try:
            self.assertTrue(in_the_middle.wait(SOON))
            if "fetch" in arguments:
                self.wait_for_spool()
            self.assertEqual(secret_leaks(self.files()), [])
            folder = pathlib.Path("/proc") / str(process.pid)
            for name in ("cmdline", "environ"):
                self.assertEqual(secret_leaks((folder / name).read_bytes()), [], name)
            limits = (folder / "limits").read_text()
            self.assertRegex(limits, r"Max core file size +0 +0 ", "RLIMIT_CORE")
            flags = [line for line in (folder / "smaps").read_text().splitlines() if line.startswith("VmFlags")]
            self.assertTrue(any(" dd" in line for line in flags), "MADV_DONTDUMP")
            os.kill(process.pid, signal.SIGQUIT)
            out, _ = process.communicate(timeout=SOON)
        finally:
            process.kill()
            process.wait()
        self.assertEqual(secret_leaks(out), [])

    def test_R_CRED_02_secrets_in_the_wrong_place_are_not_repeated(self):
        """In a URL, behind an option that is none, in a line of the configuration that is none."""
        config = self.home / "config"
        url = f"pops://{USER}@127.0.0.1:1"
        wrong = [("check", f"pops://{USER}:{PASSWORD}@127.0.0.1"), ("check", f"--password={PASSWORD}", url),
                 ("check", "--password", PASSWORD, url), ("check", f"--passwort={PASSWORD}", url),
                 ("check", f"--passw={PASSWORD}", url), ("list", f"--token={TOKEN}", url),
                 ("list", "--token", TOKEN, url), ("list", f"--tok={TOKEN}", url)]
        for arguments in wrong:
            with self.subTest(arguments=arguments[:2]):
                self.assert_refused_silently(arguments)
        for line in (f"password = {PASSWORD}", f"pasword = {PASSWORD}", f"password {PASSWORD}",
                     f'password = "{PASSWORD}', f"token = {TOKEN}", f"passwordcommand = {PASSWORD}"):
            config.write_text(f"account a {{\n    url = {url}\n    {line}\n}}\n")
            config.chmod(0o600)
            for arguments in (("check", "--config", str(config)), ("config", "check", "--config", str(config))):
                with self.subTest(line=line, arguments=arguments[:1]):
                    self.assert_refused_silently(arguments)

    def assert_refused_silently(self, arguments):
        code, out = self.run_command(harness.SATCHEL, *arguments)
        self.assertNotEqual(code, 0, out)
        self.assertNotEqual(out, b"")
        self.assertEqual(secret_leaks(out), [], out)


def allow_cores():
    _, most = resource.getrlimit(resource.RLIMIT_CORE)
    resource.setrlimit(resource.RLIMIT_CORE, (most, most))


if __name__ == "__main__":
    main()
