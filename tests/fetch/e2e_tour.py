# SPDX-License-Identifier: MIT
"""README's five minutes, command by command as they stand there, against Dovecot with TLS.

What differs from a reader's machine: $EDITOR writes the README's account with the server's name replaced, `pass` is a
script, and SSL_CERT_FILE names the authority that made Dovecot's certificate.
"""
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests/e2e"))

import servers  # noqa: E402
import tls_servers  # noqa: E402

SATCHEL = pathlib.Path(sys.argv[1]).resolve()
MESSAGES = [f"From: a{i}@example.org\nSubject: number {i}\n\n{i}\n".encode() for i in range(1, 4)]


class Tour(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.server = tls_servers.DovecotTls()
        self.addCleanup(self.server.stop)
        self.server.stock(MESSAGES)
        folder = tempfile.TemporaryDirectory(prefix="satchel-tour-")
        self.addCleanup(folder.cleanup)
        self.home = pathlib.Path(folder.name)
        tools = self.home / "bin"
        tools.mkdir()
        self.script(tools / "pass", f'[ "$*" = "show mail/work" ] && echo {servers.PASSWORD}')
        (tools / "satchel").symlink_to(SATCHEL)
        self.environment = {"HOME": str(self.home), "PATH": f"{tools}:{os.environ['PATH']}", "LC_ALL": "C",
                            "EDITOR": str(tools / "editor"), "SSL_CERT_FILE": self.server.authority.certificate}

    def script(self, path, text):
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o700)

    def tour(self, name):
        """The README's configuration and commands, without their remarks."""
        blocks = re.search(r"<!-- tour -->\n(.*)<!-- /tour -->", (ROOT / name).read_text(), re.S).group(1)
        config = re.search(r"^```\n(account .*?)^```$", blocks, re.S | re.M).group(1)
        lines = "".join(re.findall(r"^```sh\n(.*?)^```$", blocks, re.S | re.M)).splitlines()
        return config, [line.split("  #")[0].strip() for line in lines]

    def run_command(self, command):
        done = subprocess.run(["sh", "-c", command], env=self.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60)
        self.assertEqual((done.returncode, done.stderr), (0, ""), f"{command}\n{done.stdout}")
        self.assertNotIn(servers.PASSWORD, done.stdout)
        return done.stdout

    def test_both_languages_say_the_same(self):
        self.assertEqual(self.tour("README.md"), self.tour("README.ru.md"))

    def test_as_written(self):
        config, commands = self.tour("README.md")
        url = f"pops://{servers.USER}@{tls_servers.NAMED}:{self.server.port(service='pop3s')}"
        self.assertIn("pops://me@mail.example.org", config)
        account = config.replace("pops://me@mail.example.org", url)
        self.script(pathlib.Path(self.environment["EDITOR"]), f'printf %s {shlex.quote(account)} >"$1"')
        said = {}
        for command in commands:
            said.setdefault(command, []).append(self.run_command(command))
        self.assertIn("1 account", said["satchel config check"][0])
        self.assertIn("good: ", said["satchel check work"][0])
        self.assertIn("3 would be fetched", said["satchel fetch --dry-run"][0])
        self.assertIn("work: 3 messages fetched", said["satchel fetch"][0])
        self.assertEqual(said["satchel fetch"][1], "work: nothing new\n")
        self.assertIn(f"delivered    3 to maildir:{self.home}/Mail/work", said["satchel status"][0])
        self.assertEqual(sorted(path.read_bytes() for path in (self.home / "Mail/work/new").iterdir()), MESSAGES)
        self.assertEqual(len(os.listdir(f"{self.server.maildir()}/new") + os.listdir(f"{self.server.maildir()}/cur")), 3)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
