# SPDX-License-Identifier: MIT
"""A server with messages, a Maildir, a state folder, and `satchel fetch` between them, for the tests of this folder."""
import collections
import hashlib
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SATCHEL = sys.argv[1]
sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "serve"))
import harness  # noqa: E402

PASSWORD = "correct horse"


def message(number, lines=3):
    text = f"From: sender{number}@example.org\nSubject: message {number}\n\n"
    return (text + "".join(f"line {i} of {number}\n.dots\n" for i in range(lines))).encode()


def fill(folder, messages):
    """A Maildir of exactly these."""
    for name in ("new", "cur", "tmp"):
        shutil.rmtree(folder / name, ignore_errors=True)
        (folder / name).mkdir(parents=True)
    for number, octets in enumerate(messages, 1):
        (folder / "cur" / f"{number:05}.message:2,").write_bytes(octets)


def counted(folder, parts=("new", "cur")):
    """How often each content is in a Maildir."""
    found = collections.Counter()
    for part in parts:
        for path in (folder / part).iterdir():
            found[path.read_bytes()] += 1
    return found


class World:
    """`with World(messages) as world`: the server serves them to user me."""

    def __init__(self, messages, *options):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="satchel-fetch-"))
        self.served = self.folder / "served"
        self.mail = self.folder / "mail"
        self.state = self.folder / "state"
        self.password = self.folder / "password"
        self.password.touch(mode=0o600)
        self.password.write_text(PASSWORD + "\n")
        self.messages = messages
        fill(self.served, messages)
        self.server = harness.Server("--maildir", str(self.served), "--writable", "--user", "me", "--password",
                                     PASSWORD, *options, sample=False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.__exit__()
        shutil.rmtree(self.folder)

    def refill(self):
        """As at the start: the server has all, here is nothing."""
        fill(self.served, self.messages)
        shutil.rmtree(self.mail, ignore_errors=True)
        shutil.rmtree(self.state, ignore_errors=True)

    def arguments(self, *options, to=None):
        return [SATCHEL, "fetch", f"pop://me@127.0.0.1:{self.server.port}", "--tls", "off", "--quiet", "--password-file",
                str(self.password), "--to", to or f"maildir:{self.mail}", "--state", str(self.state), *options]

    def fetch(self, *options, to=None, before=(), **how):
        """The finished process; `before` is put in front of the command."""
        environment = {**os.environ, "HOME": str(self.folder)}
        return subprocess.run([*before, *self.arguments(*options, to=to)], stdin=subprocess.DEVNULL, env=environment,
                              capture_output=True, timeout=120, check=False, **how)

    def left(self):
        """Messages that the server still has."""
        return counted(self.served)

    def spool_is_empty(self):
        return not list((self.mail / "tmp").iterdir())


def expected(messages):
    return collections.Counter(messages)


def digest(octets):
    return hashlib.sha256(octets).hexdigest()[:12]
