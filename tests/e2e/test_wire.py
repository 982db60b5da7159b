# SPDX-License-Identifier: MIT
"""Bodies that no ordinary mail server sends, against the independent server of wire_server.py and `satchel serve`."""
import os
import random
import shutil
import signal
import subprocess
import tempfile
import time
import unittest

import cases
import corpus
import netx
import reference
import wire_server

SATCHEL = os.environ.get("E2E_SATCHEL", "")

LARGE_CONTENTS = ("1 MB line", "65536 octets in a line, LF, dots")
RANDOM = random.Random(24)
CONTENTS = ([octets for name, octets in corpus.bodies() if name not in corpus.LARGE or name in LARGE_CONTENTS] +
            [corpus.hostile(RANDOM) for _ in range(40)])
SMALL_CONTENTS = [octets for octets in CONTENTS if len(octets) < 2000]


def ended(content):
    """Content as a server can send it: with a CRLF at its end, unless it is empty."""
    return content if content.endswith(b"\r\n") or not content else content + b"\r\n"


def unstuffed(contents):
    """Those bodies that a server which never stuffs can send: no line of theirs is the terminator."""
    return [octets for octets in contents if b"\r\n.\r\n" not in b"\r\n" + ended(octets)]


def expected_commands(login, count):
    """What the client must say when it downloads and deletes `count` messages."""
    handled = [f"{verb} {number}" for number in range(1, count + 1) for verb in ("RETR", "DELE")]
    return login + ["STAT"] + handled + ["QUIT"]


USER_AND_PASS = [f"USER {wire_server.USER}", f"PASS {wire_server.PASSWORD}"]


class WireCase(cases.NetxCase):
    """The contents that arrived, and the dialogue."""

    def judge(self, outcome, wanted):
        self.assert_all_went_well(outcome)
        self.assertEqual(len(outcome.messages), len(wanted))
        for number, octets in enumerate(wanted, 1):
            self.assert_octets(outcome.messages[number], octets, f"message {number}, {octets[:40]!r}")


class IndependentServer(WireCase):
    def fetch(self, server, **settings):
        return netx.fetch(port=server.port, user=wire_server.USER, password=wire_server.PASSWORD, **settings)

    def fetch_all(self, bodies, wanted, segment=0, **settings):
        with wire_server.WireServer(bodies, segment) as server:
            outcome = self.fetch(server, delete="all", **settings)
            self.judge(outcome, wanted)
            self.assertEqual(server.early, [])
            self.assertEqual(server.commands, expected_commands(USER_AND_PASS, len(bodies)))
            self.assertEqual(server.removed, set(range(1, len(bodies) + 1)))

    def test_A24_content_stuffed_behind_crlf_only(self):
        self.fetch_all([wire_server.stuff(content) for content in CONTENTS], [ended(content) for content in CONTENTS])

    def test_A24_one_octet_a_segment(self):
        self.fetch_all([wire_server.stuff(content) for content in SMALL_CONTENTS],
                       [ended(content) for content in SMALL_CONTENTS], segment=1)

    def test_A24_small_packets(self):
        self.fetch_all([wire_server.stuff(content) for content in CONTENTS], [ended(content) for content in CONTENTS],
                       payload=156)

    def test_A24_wire_that_was_not_stuffed(self):
        wires = [ended(content) + b".\r\n" for content in unstuffed(CONTENTS)]
        self.fetch_all(wires, [reference.decode(wire) for wire in wires])

    def test_A24_wire_that_was_not_stuffed_one_octet_a_segment(self):
        wires = [ended(content) + b".\r\n" for content in unstuffed(SMALL_CONTENTS)]
        self.fetch_all(wires, [reference.decode(wire) for wire in wires], segment=1)

    def test_N47_connection_closed_behind_a_forged_end(self):
        # Every forged end, and every true one less its last octet, as the last thing that the server ever sends.
        cuts = [b"text" + end for end in corpus.DOT_ENDS.values()] + [b"text\r\n.\r", b"text\r\n.", b"text\r\n", b"."]
        for cut in cuts:
            with self.subTest(cut=cut), wire_server.WireServer([b"whole\r\n.\r\n", cut], cut={2}) as server:
                outcome = self.fetch(server, delete="all")
                self.assertEqual(outcome.downloads[1], netx.SUCCESS)
                self.assertNotEqual(outcome.downloads[2], netx.SUCCESS)
                self.assertEqual(outcome.quits, [netx.INVALID_STATE])
                self.assertEqual(server.commands, USER_AND_PASS + ["STAT", "RETR 1", "DELE 1", "RETR 2"])
                self.assertEqual(server.removed, set())
                self.assert_clean(outcome)

    def test_W01_refused_connection(self):
        with wire_server.WireServer([]) as server:
            pass
        outcome = self.fetch(server)
        self.assertEqual(outcome.create, netx.NOT_CONNECTED)
        self.assert_clean(outcome)

    def test_N54_octets_behind_the_terminator(self):
        with wire_server.WireServer([b"one\r\n.\r\n", b"two\r\n.\r\n+OK 3 octets\r\n", b"three\r\n.\r\n"]) as server:
            outcome = self.fetch(server, delete="all")
            self.assertEqual(outcome.in_order(), [b"one\r\n", b"two\r\n"])
            self.assertEqual(outcome.downloads, {1: netx.SUCCESS, 2: netx.SUCCESS})
            self.assertEqual(outcome.deletions, {1: netx.SUCCESS, 2: netx.INVALID_STATE})
            self.assertEqual(outcome.quits, [netx.INVALID_STATE])
            self.assertEqual(server.removed, set())
            self.assert_clean(outcome)


class SatchelServe(WireCase):
    """`satchel serve` sends the octets of files unchanged, and stuffs dots behind CRLF only."""

    @classmethod
    def setUpClass(cls):
        if not os.access(SATCHEL, os.X_OK):
            raise unittest.SkipTest("this build has no satchel command")

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="satchel-e2e-serve-")
        self.addCleanup(shutil.rmtree, self.folder)

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def stock(self, contents):
        for name in ("tmp", "new", "cur"):
            os.makedirs(self.path("maildir", name))
        for number, content in enumerate(contents, 1):
            with open(self.path("maildir", "new", f"{1_500_000_000 + number}.M{number}P1.e2e"), "wb") as file:
                file.write(content)

    def stored(self):
        return len(os.listdir(self.path("maildir", "new"))) + len(os.listdir(self.path("maildir", "cur")))

    def serve(self, *options):
        """Starts the server; returns its port."""
        port_file = self.path("port")
        with open(self.path("trace"), "wb") as trace:
            server = subprocess.Popen(
                ["setpriv", "--pdeathsig=TERM", SATCHEL, "serve", "--maildir", self.path("maildir"), "--writable", "--octets", "--quiet",
                 "--port-file", port_file, "--user", wire_server.USER, "--password", wire_server.PASSWORD,
                 "--apop-secret", wire_server.PASSWORD, "--stamp", wire_server.STAMP, "--trace", "--trace-secrets",
                 *options], stderr=trace)
        self.addCleanup(self.stop, server)
        deadline = time.monotonic() + 20
        while not os.path.exists(port_file):
            if server.poll() is not None or time.monotonic() > deadline:
                with open(self.path("trace"), encoding="utf-8") as trace:
                    self.fail(f"satchel serve did not start: {trace.read()}")
            time.sleep(0.01)
        with open(port_file, encoding="ascii") as file:
            return int(file.read())

    def stop(self, server):
        """SIGTERM, which must be how the server ends: no crash, no report of a sanitizer."""
        server.terminate()
        self.assertEqual(server.wait(20), 128 + signal.SIGTERM)

    def commands(self):
        with open(self.path("trace"), encoding="utf-8") as trace:
            return [line[3:].rstrip("\n") for line in trace if line.startswith("C: ")]

    def fetch_all(self, contents, wanted, *options, **settings):
        self.stock(contents)
        port = self.serve(*options)
        outcome = netx.fetch(port=port, user=wire_server.USER, password=wire_server.PASSWORD, delete="all", **settings)
        self.judge(outcome, wanted)
        self.assertEqual(self.stored(), 0)
        return self.commands()

    def test_A24_content_stuffed_behind_crlf_only(self):
        commands = self.fetch_all(CONTENTS, [ended(content) for content in CONTENTS])
        self.assertEqual(commands, expected_commands(USER_AND_PASS, len(CONTENTS)))

    def test_A24_after_apop(self):
        commands = self.fetch_all(CONTENTS, [ended(content) for content in CONTENTS], apop=netx.APOP_REQUIRED)
        self.assertEqual(commands[1:], expected_commands([], len(CONTENTS)))

    def test_A24_seven_octets_a_segment(self):
        self.fetch_all(SMALL_CONTENTS, [ended(content) for content in SMALL_CONTENTS], "--split", "7",
                       "--split-pause", "0")

    def test_A24_wire_that_was_not_stuffed(self):
        contents = unstuffed(CONTENTS)
        self.fetch_all(contents, [reference.decode(ended(content) + b".\r\n") for content in contents],
                       "--no-stuffing")
