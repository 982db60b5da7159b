# SPDX-License-Identifier: MIT
"""A server with messages, a Maildir, a state folder, and `satchel fetch` between them, for the tests of this folder."""
import collections
import contextlib
import hashlib
import mailbox
import os
import pathlib
import re
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


def read_mbox(path):
    """The contents in an mbox (mboxrd), by Python's reader; the file is well-formed as a whole."""
    octets = path.read_bytes()
    if re.sub(rb"(?s)(?:\AFrom |(?<=\n\n)From ).*?\n\n(?=From |\Z)", b"", octets):
        raise ValueError(f"{path} is no mbox: {octets[-200:]!r} at its end")
    with contextlib.closing(mailbox.mbox(path)) as box:
        return [re.sub(rb"(?m)^>(>*From )", rb"\1", box.get_bytes(key)) for key in box.keys()]


class World:
    """`with World(messages) as world`: the server serves them to user me. They go to a Maildir, or to an mbox."""

    user = "me"

    def __init__(self, messages, *options, mbox=False):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="satchel-fetch-"))
        self.served = self.folder / "served"
        self.mail = self.folder / "mail"
        self.state = self.folder / "state"
        self.password = self.folder / "password"
        self.password.touch(mode=0o600)
        self.messages = messages
        self.mbox = mbox
        self.start(*options)

    def start(self, *options):
        """The server, its messages and its password."""
        self.password.write_text(PASSWORD + "\n")
        self.stock()
        self.server = harness.Server("--maildir", str(self.served), "--writable", "--user", self.user, "--password",
                                     PASSWORD, *options, sample=False)

    def stock(self):
        fill(self.served, self.messages)

    def port(self):
        return self.server.port

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.__exit__()
        shutil.rmtree(self.folder)

    def refill(self):
        """As at the start: the server has all, here is nothing."""
        self.stock()
        if self.mbox:
            self.mail.unlink(missing_ok=True)
        shutil.rmtree(self.mail, ignore_errors=True)
        shutil.rmtree(self.state, ignore_errors=True)

    def arguments(self, *options, to=None):
        to = to or f"{'mbox' if self.mbox else 'maildir'}:{self.mail}"
        return [SATCHEL, "fetch", f"pop://{self.user}@127.0.0.1:{self.port()}", "--tls", "off", "--quiet",
                "--password-file", str(self.password), "--to", to, "--state", str(self.state), *options]

    def fetch(self, *options, to=None, before=(), **how):
        """The finished process; `before` is put in front of the command."""
        environment = {**os.environ, "HOME": str(self.folder)}
        return subprocess.run([*before, *self.arguments(*options, to=to)], stdin=subprocess.DEVNULL, env=environment,
                              capture_output=True, timeout=120, check=False, **how)

    def left(self):
        """Messages that the server still has."""
        return counted(self.served)

    def found(self):
        """How often each content is at the destination."""
        return collections.Counter(read_mbox(self.mail)) if self.mbox else counted(self.mail)

    def spool_is_empty(self):
        spool = self.state / "spool" if self.mbox else self.mail / "tmp"
        return not [path for path in spool.rglob("*") if path.is_file()]


def expected(messages):
    return collections.Counter(messages)


def digest(octets):
    return hashlib.sha256(octets).hexdigest()[:12]
