# SPDX-License-Identifier: MIT
"""A reader of POP3 replies kept apart from the client under test: strict, slow and obvious.

It says what a server really sends, so that a difference can be laid at the right door. Knows nothing of NetX.
"""
import hashlib
import re
import socket


def decode(wire):
    """The content of a multi-line body that ends `wire` (RFC 1939 section 3: a dot counts only behind CRLF)."""
    if wire == b".\r\n":
        return b""
    if not wire.endswith(b"\r\n.\r\n"):
        raise ValueError("the body has no end")
    lines = wire[:-len(b"\r\n.\r\n")].split(b"\r\n")
    if b"." in lines:
        raise ValueError("the body ends before its end")
    return b"".join(line.removeprefix(b".") + b"\r\n" for line in lines)


class Session:
    """One connection to a POP3 server; every reply that is not +OK raises."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), timeout=20)
        self.buffer = b""
        self.greeting = self.status()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.socket.close()

    def take(self, end):
        """The received octets up to and with `end`."""
        searched = 0
        while (at := self.buffer.find(end, searched)) < 0:
            searched = max(0, len(self.buffer) - len(end) + 1)
            more = self.socket.recv(1 << 16)
            if not more:
                raise ConnectionError("the server closed")
            self.buffer += more
        taken, self.buffer = self.buffer[:at + len(end)], self.buffer[at + len(end):]
        return taken

    def status(self):
        line = self.take(b"\r\n")
        if not re.match(rb"\+OK\b", line):
            raise ValueError(line)
        return line

    def command(self, line):
        self.socket.sendall(line.encode() + b"\r\n")
        return self.status()

    def login(self, user, password):
        self.command(f"USER {user}")
        self.command(f"PASS {password}")

    def apop(self, user, secret):
        stamp = re.search(rb"<[^<>]+@[^<>]+>", self.greeting).group()
        self.command(f"APOP {user} {hashlib.md5(stamp + secret.encode()).hexdigest()}")

    def count(self):
        return int(self.command("STAT").split()[1])

    def retrieve(self, number):
        """The content of message `number`."""
        status = self.command(f"RETR {number}")
        self.buffer = b"\r\n" + self.buffer  # the body starts a line
        wire = self.take(b"\r\n.\r\n")[len(b"\r\n"):]
        return decode(wire) if status else b""
