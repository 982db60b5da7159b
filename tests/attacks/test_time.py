#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A-09, R-TLS-14: servers that fall silent, drip or flood. Each limit ends its call, and the session's limit ends them all."""
import contextlib
import socket
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

from world import FLOOD, IMPLICIT, OFF, STLS, TOKEN, Case, main

# Each limit is another one, so that a call that ends by the wrong one shows it.
LIMITS = {"connect_ms": 300, "handshake_ms": 350, "greeting_ms": 400, "reply_ms": 450, "login_ms": 500, "idle_ms": 550,
          "session_ms": 20000}
SLACK_MS = 2000  # a busy machine's
MAIL = b"Subject: x\n\n" + b"0123456789abcdef" * 64 + b"\n"
LOGIN = {"CAPA": b"+OK\r\nSASL PLAIN\r\n.\r\n", "AUTH": b"+OK\r\n", "STAT": b"+OK 2 320\r\n", "QUIT": b"+OK\r\n"}


class Timed(Case):
    def assert_ends(self, outcome, limit_ms, class_="TIMEOUT"):
        self.assertEqual(outcome.class_, class_, outcome)
        self.assertGreaterEqual(outcome.ms, limit_ms - 1, outcome)
        self.assertLess(outcome.ms, limit_ms + SLACK_MS, outcome)

    def at_once(self, rows, run):
        """The rows wait, so all of them may wait together."""
        with ThreadPoolExecutor(len(rows)) as pool:
            for row, done in [(row, pool.submit(run, *row)) for row in rows]:
                with self.subTest(row[0]):
                    done.result()


class Silent(Timed):
    def test_A_09_the_network_swallows_the_connection(self):
        """A listener whose backlog is full: the kernel drops further SYNs."""
        with contextlib.ExitStack() as stack:
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            listener.listen(0)
            for _ in range(4):
                other = stack.enter_context(socket.socket())
                other.setblocking(False)
                other.connect_ex(listener.getsockname())
            client = self.client(tls=IMPLICIT, **LIMITS)
            outcome = client.open(port=listener.getsockname()[1])
            self.assertIn(outcome.class_, ("TIMEOUT", "CONNECT"), outcome)
            self.assertGreaterEqual(outcome.ms, LIMITS["connect_ms"] - 1)
            self.assertLess(outcome.ms, LIMITS["connect_ms"] + SLACK_MS)

    def test_A_09_before_and_during_the_login(self):
        def run(_, verb, limit, tls, *how):
            options = {"STLS": ["--tls", "stls"], "HANDSHAKE": []}.get(verb, [])
            server = self.serve_user("--auth", "all", "--allow-plaintext", "--silent",
                                     "GREETING" if verb == "HANDSHAKE" else verb, *options)
            outcome = self.client(tls=tls, auth=how[0] if how else None, **LIMITS).open(port=server.port)
            self.assert_ends(outcome, LIMITS[limit])

        self.at_once([("greeting", "GREETING", "greeting_ms", OFF), ("USER", "USER", "reply_ms", OFF, "USER"),
                      ("PASS", "PASS", "login_ms", OFF, "USER"), ("APOP", "APOP", "login_ms", OFF, "APOP"),
                      ("AUTH", "AUTH", "login_ms", OFF, "PLAIN"), ("STLS", "STLS", "reply_ms", STLS),
                      ("implicit TLS", "HANDSHAKE", "handshake_ms", IMPLICIT)], run)

    def test_A_09_scripted_steps_of_the_login(self):
        def in_clear(peer):
            peer.say(b"+OK ready\r\n")

        def in_tls(peer):
            peer.secure(self.authority.context())
            peer.say(b"+OK ready\r\n")

        def until(verb, then=b""):
            """Answers all up to this verb; its answer is a beginning, or nothing."""
            def rest(peer, _):
                peer.say(then)
                peer.rest()
            return lambda peer: peer.answer(dict(LOGIN, **{verb: rest}))

        def handshake(hello):
            def play(peer):
                in_clear(peer)
                peer.line()
                peer.say(b"+OK go\r\n")
                peer.receive()
                peer.say(hello)
                peer.rest()
            return play

        def whole(begin, goes_on):
            return lambda peer: (begin(peer), goes_on(peer))

        def challenged(peer, _):
            peer.say(b"+ \r\n")
            peer.line()
            peer.rest()

        def run(_, tls, limit, play):
            server = self.hostile(play)
            client = self.client(tls=tls, auth="PLAIN", ca_file=self.authority.ca, **LIMITS)
            self.assert_ends(client.open(port=server.port), LIMITS[limit])

        self.at_once([
            ("half a greeting", OFF, "greeting_ms", lambda peer: (peer.say(b"+OK rea"), peer.rest())),
            ("half of CAPA, within STLS", STLS, "reply_ms", lambda peer: (
                in_clear(peer), peer.line(), peer.say(b"+OK\r\n"), peer.secure(self.authority.context()),
                until("CAPA", b"+OK\r\nSASL PLAIN\r\n")(peer))),
            ("handshake behind STLS", STLS, "handshake_ms", handshake(b"")),
            ("half a ServerHello", STLS, "handshake_ms", handshake(b"\x16\x03\x03\x00\x7a\x02\x00\x00\x76\x03\x03")),
            ("greeting within TLS", IMPLICIT, "greeting_ms", lambda peer: (
                peer.secure(self.authority.context()), peer.rest())),
            ("AUTH", IMPLICIT, "login_ms", whole(in_tls, until("AUTH"))),
            ("half a challenge", IMPLICIT, "login_ms", whole(in_tls, until("AUTH", b"+ QUJ"))),
            ("behind a challenge", IMPLICIT, "login_ms", whole(in_tls, lambda peer: peer.answer(
                dict(LOGIN, AUTH=challenged)))),
        ], run)

    def test_A_09_silence_is_no_word_about_the_credentials(self):
        """Neither our clock nor a cancel counts as a refusal: R-3206-03 is about what a server says."""
        server = self.hostile(lambda peer: (peer.say(b"+OK\r\n"), peer.answer(dict(LOGIN, AUTH=lambda _, line: b""))))
        client = self.client(tls=OFF, auth="PLAIN", **dict(LIMITS, login_ms=100))
        self.assert_ends(client.open(port=server.port), 100)
        for _ in range(4):
            self.assert_ends(client.call("open"), 100)
        client.set(login_ms=5000)
        client.line("new")
        client.call("cancel 100")
        self.assert_ends(client.call("open"), 100, "CANCELLED")
        self.assertEqual(client.call("open").class_, "CANCELLED")

    def test_A_09_after_the_login(self):
        def run(_, verb, call, limit, *fault):
            server = self.serve_user("--maildir", str(self.maildir(one=MAIL)),
                                     *(fault or ["--silent", verb]))
            client = self.client(tls=OFF, auth="USER", **LIMITS)
            self.assertEqual(client.open(port=server.port).class_, "OK")
            self.assert_ends(client.call(call), LIMITS[limit])
            self.assertEqual(client.call("noop").class_, "STATE", "the session is over")

        self.at_once([("STAT", "STAT", "stat", "reply_ms"), ("LIST", "LIST", "list", "reply_ms"),
                      ("UIDL", "UIDL", "uidl", "reply_ms"), ("RETR", "RETR", "retr 1", "reply_ms"),
                      ("TOP", "TOP", "top 1", "reply_ms"), ("DELE", "DELE", "dele 1", "reply_ms"),
                      ("RSET", "RSET", "rset", "reply_ms"), ("NOOP", "NOOP", "noop", "reply_ms"),
                      ("QUIT", "QUIT", "quit", "login_ms")], run)

    def test_A_09_in_the_middle_of_an_answer(self):
        def run(_, call, limit, beginning):
            def begin(peer, _):
                peer.say(beginning)
                peer.rest()

            server = self.hostile(lambda peer: (peer.say(b"+OK\r\n"), peer.answer(
                dict(LOGIN, **{call.split()[0].upper(): begin}))))
            client = self.client(tls=OFF, **LIMITS)
            self.assertEqual(client.open(port=server.port).class_, "OK")
            self.assert_ends(client.call(call), LIMITS[limit])

        self.at_once([("half a status", "stat", "reply_ms", b"+OK 1"), ("half a listing", "uidl", "reply_ms",
                                                                      b"+OK\r\n1 a\r\n2 b\r\n"),
                      ("half a message", "retr 1", "idle_ms", b"+OK\r\nSubject: x\r\n"),
                      ("a message without its dot", "retr 1", "idle_ms", b"+OK\r\nx\r\n."),
                      ("QUIT", "quit", "login_ms", b"+O")], run)


class Dripping(Timed):
    """An octet at a time, each in time: the limit of the line, or of the session, ends it."""

    PAUSE = 0.05

    def drip(self, octets):
        def reply(peer, _):
            peer.say(octets, pause=self.PAUSE)
            peer.rest()
        return reply

    def play(self, tls, greeting=b"+OK\r\n", **replies):
        def play(peer):
            if tls:
                peer.secure(self.authority.context())
            peer.say(greeting, pause=self.PAUSE if len(greeting) > 100 else 0)
            peer.answer(dict(LOGIN, **replies))
        return play

    def test_A_09_a_line_that_never_ends(self):
        """The idle limit of a line is the limit of the whole line."""
        def run(_, limit, call, greeting, replies, tls):
            server = self.hostile(self.play(tls, greeting, **replies))
            client = self.client(tls=IMPLICIT if tls else OFF, auth="PLAIN", ca_file=self.authority.ca, **LIMITS)
            outcome = client.open(port=server.port)
            if call is not None:
                self.assertEqual(outcome.class_, "OK", outcome)
                outcome = client.call(call)
            self.assert_ends(outcome, LIMITS[limit])

        line = b"+OK " + b"x" * 400
        self.at_once([("greeting", "greeting_ms", None, line, {}, False),
                      ("greeting in TLS", "greeting_ms", None, line, {}, True),
                      ("AUTH", "login_ms", None, b"+OK\r\n", {"AUTH": self.drip(line)}, False),
                      ("challenge", "login_ms", None, b"+OK\r\n", {"AUTH": self.drip(b"+ " + b"Q" * 400)}, True),
                      ("STAT", "reply_ms", "stat", b"+OK\r\n", {"STAT": self.drip(line)}, False)], run)

    def test_A_09_handshake(self):
        def play(peer):
            peer.receive()
            peer.say(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + b"\3" * 400, pause=self.PAUSE)

        server = self.hostile(play)
        self.assert_ends(self.client(tls=IMPLICIT, **LIMITS).open(port=server.port), LIMITS["handshake_ms"])

    def test_A_09_the_session_ends(self):
        """Lines and octets without end, each in time. The limit counts from dialling."""
        lines = b"".join(b"%d x\r\n" % i for i in range(1, 400))

        def run(_, call, replies, tls):
            server = self.hostile(self.play(tls, **replies))
            client = self.client(tls=IMPLICIT if tls else OFF, auth="PLAIN", ca_file=self.authority.ca,
                                 **dict(LIMITS, session_ms=1500))
            began = time.monotonic()
            outcome = client.open(port=server.port)
            if call is not None:
                self.assertEqual(outcome.class_, "OK", outcome)
                outcome = client.call(call)
            self.assertEqual(outcome.class_, "TIMEOUT", outcome)
            self.assertGreater(time.monotonic() - began, 1.4)
            self.assertLess(time.monotonic() - began, 1.5 + SLACK_MS / 1000)

        def line_by_line(octets, forever=False):
            def reply(peer, _):
                for line in octets.splitlines(True):
                    peer.say(line)
                    time.sleep(self.PAUSE)
            return reply

        self.at_once([("a message", "retr 1", {"RETR": self.drip(b"+OK\r\n" + b"x" * 400)}, False),
                      ("a message in TLS", "retr 1", {"RETR": self.drip(b"+OK\r\n" + b"x" * 400)}, True),
                      ("UIDL", "uidl", {"UIDL": line_by_line(b"+OK\r\n" + lines)}, False),
                      ("LIST", "list", {"LIST": line_by_line(b"+OK\r\n" + lines)}, True)], run)

    def test_A_09_a_second_connection_gets_no_second_hour(self):
        """CAPA line by line, until the session's limit; without CAPA the client would try once more (Q-13)."""
        def capa(peer, _):
            peer.say(b"+OK\r\n")
            while True:
                peer.say(b"X-LINE\r\n")
                time.sleep(self.PAUSE)

        server = self.hostile(self.play(False, CAPA=capa, USER=self.drip(b"+OK\r\n"), PASS=lambda peer, _: peer.rest()))
        client = self.client(tls=OFF, **dict(LIMITS, session_ms=1000, login_ms=900))
        outcome = client.open(port=server.port)
        self.assert_ends(outcome, 1000)
        self.assertLess(outcome.ms, 1500, outcome)


class Flooding(Timed):
    """More than can be read, without end: there is always something to read, and still the clock runs."""

    def flood(self, peer, _):
        peer.say(b"+OK\r\n")
        octets = b"0123456789abcdef" * 4096 + b"\r\n"
        while True:
            peer.say(octets)

    def flooded(self, tls, **limits):
        def play(peer):
            if tls:
                peer.secure(self.authority.context())
            peer.say(b"+OK\r\n")
            peer.answer(dict(LOGIN, RETR=self.flood))

        server = self.hostile(play)
        client = self.client(tls=IMPLICIT if tls else OFF, auth="PLAIN", ca_file=self.authority.ca, sink_ms=2,
                             **dict(LIMITS, **limits))
        self.assertEqual(client.open(port=server.port).class_, "OK")
        return client

    def test_A_09_a_message_without_end(self):
        for tls in (False, True):
            with self.subTest(tls=tls):
                outcome = self.flooded(tls, session_ms=700).call("retr 1")
                self.assertEqual(outcome.class_, "TIMEOUT", outcome)
                self.assertLess(outcome.ms, 700 + SLACK_MS)

    def test_A_09_a_flood_can_be_cancelled(self):
        for tls in (False, True):
            with self.subTest(tls=tls):
                client = self.flooded(tls, session_ms=8000)
                client.call("cancel 200")
                outcome = client.call("retr 1")
                self.assertEqual(outcome.class_, "CANCELLED", outcome)
                self.assertLess(outcome.ms, 200 + SLACK_MS)

    def test_A_09_messages_of_tls_without_end(self):
        """Tickets and new keys that carry no octet: no reading may last longer than its limit."""
        certificate = self.authority.leaf(bytes([127, 0, 0, 1]))
        for what in ("tickets", "keys"):
            with self.subTest(what):
                flood = subprocess.Popen([FLOOD, certificate, self.authority.key, what], stdout=subprocess.PIPE)
                try:
                    client = self.client(tls=IMPLICIT, ca_file=self.authority.ca, **LIMITS)
                    outcome = client.open(port=int(flood.stdout.readline()))
                    self.assertIn(outcome.class_, ("TIMEOUT", "CLOSED"), outcome)
                    self.assertLess(outcome.ms, LIMITS["greeting_ms"] + SLACK_MS, outcome)
                finally:
                    flood.kill()
                    flood.communicate()


if __name__ == "__main__":
    main()
