#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Maildir content on the wire, judged by a reference decoder of ten lines; read-only, --writable; links; new mail."""
import os
import random
import socket

import harness


def decode(wire):
    """RFC 1939 section 3, strictly: the content in front of the line that is one dot; lines start behind CRLF only."""
    content, line_start = b"", True
    while True:
        end = wire.find(b"\r\n") + 2
        assert end >= 2, "no final dot"
        line, wire = wire[:end], wire[end:]
        if line == b".\r\n":
            return content, wire
        content += line[1:] if line.startswith(b".") else line


def canonical(content):
    text = content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    return text if text == b"" or text.endswith(b"\r\n") else text + b"\r\n"


# F-02 and every pattern of A-24.
CORPUS = [
    b"", b".", b"..\r\n", b".\n..\n...\n.x\n", b"\n", b"\r\n\r\n", b"x\r\ry\r\n", b"x\r\r\n", b"\xff\x80\x00\x01\r\n",
    b"a\n.\n+OK fake\n", b"a\n.\r\n+OK fake\r\n", b"a\r.\r+OK fake\r\n", b"a\r\n.\n+OK fake\r\n",
    b"a\r\n.\r+OK fake\r\n",
    b"+OK\r\n-ERR\r\n", b"x" * 998 + b"\n", b"x" * 999 + b"\n", b"x" * 65536 + b"\n", b"." * 65536, b"no end",
    b"y" * (1 << 20) + b"\n", b".\n" * 40000, b"\r" * 70000,
]


class Content(harness.Case):
    def check(self, contents, options, expected):
        folder = self.maildir(**{f"{i + 1}.m": content for i, content in enumerate(contents)})
        client = self.session(self.serve("--maildir", folder, *options))
        client.send(b"LIST\r\n" + b"".join(b"RETR %d\r\n" % (i + 1) for i in range(len(contents))) + b"QUIT\r\n")
        client.socket.shutdown(socket.SHUT_WR)
        listing, wire = client.rest().split(b"\r\n.\r\n", 1)
        sizes = [int(line.split()[1]) for line in listing.split(b"\r\n")[1:]]
        for number, content in enumerate(contents):
            status, wire = wire.split(b"\r\n", 1)
            got, wire = decode(wire)
            self.assertEqual(status, b"+OK %d octets" % sizes[number])
            self.assertTrue(got == expected(content), (number, content[:40], got[:40]))
            self.assertEqual(len(got), sizes[number])
        self.assertIn(b"signing off", wire)

    def test_F_02_files_with_lf_become_crlf(self):
        self.check(CORPUS, [], lambda content: canonical(content) if b"\r" not in content.replace(b"\r\n", b"") else
                   self.keep_lone_cr(content))

    @staticmethod
    def keep_lone_cr(content):
        out = b""
        for i, octet in enumerate(content):
            if octet == 10 and content[i - 1:i] != b"\r":
                out += b"\r"
            out += bytes([octet])
        return out if out.endswith(b"\r\n") else out + b"\r\n"

    def test_A_24_octets_are_served_as_they_are(self):
        self.check(CORPUS, ["--octets"], lambda content: content if content == b"" or content.endswith(b"\r\n")
                   else content + b"\r\n")

    def test_F_02_random_octets(self):
        source = random.Random(1939)
        contents = [bytes(source.choices(b"\r\n.x\0", k=source.randrange(300))) + b"\r\n" for _ in range(300)]
        self.check(contents, ["--octets"], lambda content: content)
        self.check(contents, [], self.keep_lone_cr)


class Folder(harness.Case):
    def test_read_only_unless_writable(self):
        for options, left in (((), True), (("--writable",), False)):
            folder = self.maildir(**{"1.a": b"one\n", "2.b": b"two\n"})
            server = self.serve("--maildir", folder, *options)
            client = self.session(server)
            client.command("DELE 1")
            self.assertTrue((folder / "new/1.a").exists())
            self.assertIn(b"(1 message left)", client.command("QUIT"))
            self.assertEqual((folder / "new/1.a").exists(), left)
            self.assertTrue((folder / "new/2.b").exists())
            self.assertEqual(self.session(server).command("UIDL 1"), b"+OK 1 2.b\r\n")

    def test_deletions_in_memory_end_with_the_process(self):
        folder = self.maildir(**{"1.a": b"one\n"})
        for _ in range(2):
            client = self.session(self.serve("--maildir", folder))
            client.command("DELE 1")
            client.command("QUIT")

    def test_writable_but_no_quit(self):
        folder = self.maildir(**{"1.a": b"one\n"})
        client = self.session(self.serve("--maildir", folder, "--writable"))
        client.command("DELE 1")
        client.socket.shutdown(socket.SHUT_WR)
        client.rest()
        self.assertTrue((folder / "new/1.a").exists())

    def test_R_1939_22_quit_tells_when_something_stays(self):
        folder = self.maildir(**{"1.a": b"one\n", "2.b": b"two\n"})
        client = self.session(self.serve("--maildir", folder, "--writable"))
        client.command("DELE 1")
        os.rename(folder / "new", folder / "away")
        self.assertTrue(client.command("QUIT").startswith(b"-ERR [SYS/TEMP] some deleted messages not removed"))
        self.assertEqual(client.rest(), b"")
        self.assertTrue((folder / "away/1.a").exists())

    def test_links_and_other_things_are_no_mail(self):
        folder = self.maildir(**{"1.a": b"one\n", ".2.hidden": b"no\n"})
        os.symlink("/etc/passwd", folder / "new/3.link")
        os.mkfifo(folder / "new/4.fifo")
        (folder / "cur/5.folder").mkdir()
        client = self.session(self.serve("--maildir", folder))
        self.assertEqual(client.command("STAT"), b"+OK 1 5\r\n")

    def test_a_file_that_is_gone(self):
        folder = self.maildir(**{"1.a": b"one\n", "2.b": b"two\n"})
        client = self.session(self.serve("--maildir", folder))
        os.unlink(folder / "new/1.a")
        self.assertTrue(client.command("RETR 1").startswith(b"-ERR [SYS/TEMP]"))
        self.assertEqual(client.command("RETR 2"), b"+OK 5 octets\r\n")

    def test_new_mail_is_seen_by_the_next_session_only(self):
        folder = self.maildir(**{"1.a": b"one\n"})
        server = self.serve("--maildir", folder)
        client = self.session(server)
        (folder / "new/2.b").write_bytes(b"two\n")
        self.assertEqual(client.command("STAT"), b"+OK 1 5\r\n")
        client.command("QUIT")
        self.assertEqual(self.session(server).command("STAT"), b"+OK 2 10\r\n")

    def test_R_1939_17_uids_are_stable(self):
        folder = self.maildir(**{f"{i}.m": b"x\n" for i in range(1, 200)})
        listings = []
        for _ in range(2):
            client = self.session(self.serve("--maildir", folder))
            client.send("UIDL\r\n")
            client.line()
            listings.append(client.multiline())
            client.command("QUIT")
            if len(listings) == 1:
                os.rename(folder / "new/7.m", folder / "cur/7.m:2,S")
        self.assertEqual(listings[0], listings[1])
        self.assertEqual(len(set(line.split()[1] for line in listings[0].splitlines()[:-1])), 199)

    def test_two_servers_share_the_lock(self):
        folder = self.maildir(**{"1.a": b"one\n"})
        first = self.session(self.serve("--maildir", folder))
        second = self.connect(self.serve("--maildir", folder))
        self.assertTrue(second.login().startswith(b"-ERR [IN-USE]"))
        first.command("QUIT")
        second.command("USER mrose")
        self.assertTrue(second.command("PASS mvan99").startswith(b"+OK"))

    def test_an_empty_maildrop(self):
        client = self.session(self.serve("--maildir", self.maildir()))
        self.assertEqual(client.command("STAT"), b"+OK 0 0\r\n")
        client.send("LIST\r\nUIDL\r\n")
        self.assertEqual(client.line() + client.multiline(), b"+OK 0 messages (0 octets)\r\n.\r\n")
        self.assertEqual(client.line() + client.multiline(), b"+OK unique-id listing follows\r\n.\r\n")


class Large(harness.Case):
    def test_a_long_listing(self):
        folder = self.maildir()
        for i in range(1, 12001):
            (folder / "new" / f"{i}.m").touch()
        client = self.session(self.serve("--maildir", folder))
        client.send("LIST\r\n")
        client.line()
        self.assertEqual(client.multiline(), b"".join(b"%d 0\r\n" % i for i in range(1, 12001)) + b".\r\n")

    def test_A_11_a_large_message_needs_no_memory(self):
        folder = self.maildir()
        with open(folder / "new/1.big", "wb") as file:
            file.truncate(200 << 20)
        server = self.serve("--maildir", folder)
        client = self.session(server)
        client.send("RETR 1\r\n")
        self.assertEqual(client.line(), b"+OK %d octets\r\n" % ((200 << 20) + 2))
        left = (200 << 20) + 5 - len(client.waiting)
        while left > 0:
            left -= len(client.socket.recv(1 << 20))
        self.assertEqual(left, 0)
        with open(f"/proc/{server.process.pid}/status") as status:
            peak = next(int(line.split()[1]) for line in status if line.startswith("VmHWM:"))
        self.assertLess(peak, 100 << 10)


if __name__ == "__main__":
    harness.main()
