#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A-02, A-03, A-04: whoever stands on the way strips, forges and injects before TLS is up, and learns nothing."""
import base64
import time

from world import IMPLICIT, PASSWORD, STAMP, STLS, TOKEN, USER, Case, leaks, main

GREETING = b"+OK ready " + STAMP + b"\r\n"
# What a client could be told to do; none of it may matter before TLS.
WISHES = ({}, {"auth": "USER PLAIN LOGIN APOP CRAM-MD5"}, {"token": TOKEN}, {"auth": "SCRAM-SHA-256 PLAIN"})
READY_TO_TAKE_ALL = {"CAPA": b"+OK\r\nUSER\r\nSASL PLAIN LOGIN CRAM-MD5 XOAUTH2 SCRAM-SHA-256\r\n.\r\n",
                     "USER": b"+OK\r\n", "PASS": b"+OK\r\n", "APOP": b"+OK\r\n", "AUTH": b"+ \r\n", "STAT": b"+OK 1 1\r\n"}


def stls_means(reply):
    return dict(READY_TO_TAKE_ALL, STLS=reply)


def greet(peer, greeting, replies):
    peer.say(greeting)
    peer.answer(replies)


def say_and_leave(octets):
    def reply(peer, _):
        peer.say(octets)
    return reply


def say_and_break(octets):
    def reply(peer, _):
        peer.say(octets)
        peer.reset()
    return reply


def say_and_go_on_in_clear(*answers):
    """Takes whatever comes, a ClientHello above all, and answers as if STLS had never been."""
    def reply(peer, _):
        for answer in answers:
            peer.say(answer)
            if not peer.receive():
                return
        peer.rest()
    return reply


class Stripped(Case):
    """A-02, R-TLS-06, R-TLS-07: zero octets of credentials on the wire, whatever the server says about STLS."""

    rows = {
        "STLS refused": (GREETING, stls_means(b"-ERR no\r\n")),
        "STLS unknown": (GREETING, stls_means(b"-ERR unknown command\r\n")),
        "STLS refused with [AUTH]": (GREETING, stls_means(b"-ERR [AUTH] log in first\r\n")),
        "CAPA refused": (GREETING, dict(stls_means(b"-ERR no\r\n"), CAPA=b"-ERR no\r\n")),
        "CAPA without STLS": (GREETING, dict(stls_means(b"-ERR no\r\n"), CAPA=b"+OK\r\nUSER\r\n.\r\n")),
        "+OK, then the end": (GREETING, stls_means(say_and_leave(b"+OK begin\r\n"))),
        "+OK, then a reset": (GREETING, stls_means(say_and_break(b"+OK begin\r\n"))),
        "the end in place of a reply": (GREETING, stls_means(say_and_leave(b""))),
        "+OK without an end": (GREETING, stls_means(say_and_leave(b"+OK"))),
        "+OK, the dialogue goes on": (GREETING, stls_means(say_and_go_on_in_clear(b"+OK begin\r\n", b"+OK\r\n"))),
        "+OK, TLS is refused in words": (GREETING, stls_means(
            say_and_go_on_in_clear(b"+OK begin\r\n", b"-ERR TLS not available\r\n"))),
        "+OK, TLS is refused by an alert": (GREETING, stls_means(
            say_and_go_on_in_clear(b"+OK begin\r\n", b"\x15\x03\x03\x00\x02\x02\x28"))),
        "a challenge": (GREETING, stls_means(b"+ \r\n")),
        "a reply of many lines": (GREETING, stls_means(b"+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n")),
        "no status at all": (GREETING, stls_means(b"TLS is up\r\n")),
        "an empty line": (GREETING, stls_means(b"\r\n")),
        "a lower-case -err": (GREETING, stls_means(b"-err no\r\n")),
        "-ERR, then a forged CAPA": (GREETING, stls_means(b"-ERR\r\n+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n")),
        "already logged in": (b"+OK already logged in\r\n", stls_means(b"-ERR in TRANSACTION already\r\n")),
        "preauthenticated": (b"+OK [PREAUTH] welcome " + USER.encode() + b"\r\n", stls_means(b"-ERR\r\n")),
        "IMAP's PREAUTH": (b"* PREAUTH ready\r\n", READY_TO_TAKE_ALL),
        "another PREAUTH": (b"+PREAUTH\r\n", READY_TO_TAKE_ALL),
        "a greeting that is -ERR": (b"-ERR secure already\r\n", READY_TO_TAKE_ALL),
        "a challenge as greeting": (b"+ \r\n", READY_TO_TAKE_ALL),
        "STLS answered in advance": (GREETING + b"+OK begin\r\n", stls_means(b"-ERR\r\n")),
        "login answered in advance": (GREETING + b"-ERR\r\n+OK\r\n+OK\r\n", stls_means(b"")),
    }

    def test_A_02_no_credential_in_clear(self):
        client = self.client(tls=STLS, ca_file=self.authority.ca, session_ms=5000, reply_ms=1000)
        for name, (greeting, replies) in self.rows.items():
            for wishes, call in [*((wishes, "open") for wishes in WISHES), ({}, "probe")]:
                with self.subTest(name, call=call, **wishes):
                    server = self.hostile(lambda peer: greet(peer, greeting, replies))
                    outcome = client.open(call, port=server.port, **{"auth": None, "token": None, **wishes})
                    self.assertIn(outcome.class_, ("TLS", "PROTOCOL", "CLOSED", "BUSY"), outcome)
                    self.assertEqual(client.call("stat").class_, "STATE")
                    clear, _ = server.heard()
                    spoken, _, _ = clear.partition(b"\x16\x03\x01")  # a ClientHello has neither words nor names
                    self.assert_only(spoken, b"STLS", b"QUIT")
                    self.assertEqual(leaks(clear), [])
                    self.assertEqual(len(server.peers), 1)

    def test_A_02_a_server_that_takes_all_would_have_got_it(self):
        """The table's server without TLS in between: the same search finds what it must find."""
        client = self.client(tls=2)
        server = self.hostile(lambda peer: greet(peer, GREETING, dict(READY_TO_TAKE_ALL, AUTH=b"-ERR\r\n")))
        client.open(port=server.port, auth="PLAIN USER")
        self.assertEqual(leaks(server.heard()[0]), ["user in base64, place 1", "password in base64, place 1"])

    def test_A_02_implicit_tls_says_nothing_to_a_server_in_clear(self):
        client = self.client(tls=IMPLICIT, ca_file=self.authority.ca, handshake_ms=2000)
        for greeting in (GREETING, b"+OK already logged in\r\n", b"", b"-ERR\r\n"):
            for wishes in WISHES:
                server = self.hostile(lambda peer: (peer.say(greeting), peer.receive()))
                outcome = client.open(port=server.port, **{"auth": None, "token": None, **wishes})
                self.assertIn(outcome.class_, ("TLS", "CLOSED"), outcome)
                clear, _ = server.heard()
                self.assertTrue(clear == b"" or clear.startswith(b"\x16\x03\x01"), clear)
                self.assertEqual(leaks(clear), [])

    def test_A_02_the_faults_of_satchel_serve(self):
        client = self.client(tls=STLS, reply_ms=1000)
        for fault in (["--err", "STLS=not today"], ["--close", "STLS"], ["--reply", "STLS=+OK 1 2 3\\r\\n+OK"],
                      ["--err", "CAPA", "--err", "STLS"], ["--clear-capa", "USER\\r\\nSASL PLAIN", "--err", "STLS"],
                      ["--drop", "STLS=3"], ["--endless", "STLS"], ["--reply", "GREETING=+OK already logged in", "--err",
                                                                    "STLS"]):
            with self.subTest(fault=fault):
                tap = self.tap(self.serve_tls("stls", "--auth", "all", "--allow-plaintext", *fault))
                outcome = client.open(port=tap.port, ca_file=self.ca)
                self.assertIn(outcome.class_, ("TLS", "PROTOCOL", "CLOSED"), outcome)
                self.assert_only(tap.sent(), b"STLS", b"QUIT")


class Injected(Case):
    """A-03, R-TLS-05: what comes in clear behind the +OK to STLS is an attack, also where real TLS follows."""

    def inject(self, client, play):
        server = self.hostile(play)
        outcome = client.open(port=server.port)
        clear, inside = server.heard()
        self.assertEqual(leaks(clear) + leaks(inside), [])
        self.assertEqual(inside, b"", "nothing may be said within TLS that began so")
        return outcome

    def behind_stls(self, *parts, pause=0.0):
        def play(peer):
            peer.say(GREETING)
            assert peer.line() == b"STLS", peer.clear
            for part in parts:
                peer.say(part)
                time.sleep(pause)
            peer.secure(self.authority.context())
            peer.say(b"+OK\r\nUSER\r\nSASL PLAIN\r\n.\r\n")
            peer.answer(READY_TO_TAKE_ALL)
        return play

    def test_A_03_in_one_segment(self):
        client = self.client(tls=STLS, ca_file=self.authority.ca, session_ms=5000)
        for behind in (b"+OK injected\r\n", b"-ERR injected\r\n", b"+", b"\n", b"\r\n", b"\0", b"+OK in", b"+OK injected",
                       b"+OK\r\nSASL PLAIN\r\n.\r\n", b"\x16\x03\x03", b"\x15\x03\x03\x00\x02\x01\x00",
                       b"+OK x\r\n" * 5000):
            with self.subTest(behind=behind[:20]):
                outcome = self.inject(client, self.behind_stls(b"+OK go\r\n" + behind))
                self.assertEqual(outcome.class_, "PROTOCOL", outcome)

    def test_A_03_in_two_segments(self):
        client = self.client(tls=STLS, ca_file=self.authority.ca, session_ms=5000)
        for pause in (0, 0.03):
            for behind in (b"+OK injected\r\n", b"+", b"+OK inj"):
                with self.subTest(behind=behind, pause=pause):
                    outcome = self.inject(client, self.behind_stls(b"+OK go\r\n", behind, pause=pause))
                    self.assertIn(outcome.class_, ("PROTOCOL", "TLS"), outcome)

    def test_A_03_the_reply_itself_in_pieces(self):
        client = self.client(tls=STLS, ca_file=self.authority.ca, session_ms=5000)
        parts = [b"+OK go\r\n+OK injected\r\n"[i:i + 1] for i in range(22)]
        outcome = self.inject(client, self.behind_stls(*parts, pause=0.002))
        self.assertIn(outcome.class_, ("PROTOCOL", "TLS"), outcome)
        outcome = self.inject(client, self.behind_stls(b"+OK go\r", b"\n+OK injected\r\n", pause=0.02))
        self.assertEqual(outcome.class_, "PROTOCOL", outcome)

    def test_A_03_behind_the_client_hello(self):
        client = self.client(tls=STLS, ca_file=self.authority.ca, session_ms=5000)
        for behind in (b"+OK injected\r\n", b"+", b"\x17\x03\x03\x00\x05+OK\r\n", b"\x17\x03\x03\x00\x00"):
            with self.subTest(behind=behind):
                outcome = self.inject(client, lambda peer: (peer.say(GREETING), peer.line(), peer.say(b"+OK go\r\n"),
                                                            peer.receive(), peer.say(behind)))
                self.assertIn(outcome.class_, ("TLS", "CLOSED"), outcome)

    def test_A_03_the_faults_of_satchel_serve(self):
        client = self.client(tls=STLS)
        for fault in (["--unsolicited", "STLS=+OK injected"],
                      ["--unsolicited", "STLS=+OK injected", "--unsolicited-pause", "30"],
                      ["--unsolicited", "STLS=+OK injected", "--split", "1", "--split-pause", "0"]):
            with self.subTest(fault=fault):
                tap = self.tap(self.serve_tls("stls", "--auth", "PLAIN", *fault))
                outcome = client.open(port=tap.port, ca_file=self.ca)
                self.assertIn(outcome.class_, ("PROTOCOL", "TLS"), outcome)
                self.assertEqual(leaks(tap.sent()), [])


class Forged(Case):
    """A-03, R-TLS-04: what was said before TLS influences nothing afterwards."""

    def test_A_03_a_forged_capa_changes_no_choice(self):
        client = self.client(tls=STLS)
        for clear_capa in ("", r"USER\r\nSASL PLAIN LOGIN", r"SASL CRAM-MD5\r\nUTF8 USER", "LOGIN-DELAY 9999 USER"):
            with self.subTest(clear_capa=clear_capa):
                server = self.serve_tls("stls", "--auth", "all", "--clear-capa", clear_capa, "--trace-secrets")
                tap = self.tap(server)
                outcome = client.open(port=tap.port, ca_file=self.ca)
                self.assertEqual((outcome.class_, outcome.mechanism), ("OK", "SCRAM-SHA-256-PLUS"), outcome)
                self.assertEqual(client.call("quit").class_, "OK")
                self.assertEqual(leaks(tap.sent()), [])
                said = [line for line in server.text(server.trace).splitlines() if line.startswith("C: ")]
                self.assertEqual(said[:2], ["C: STLS", "C: CAPA"])

    def test_A_03_a_timestamp_in_clear_is_no_challenge_later(self):
        client = self.client(tls=STLS, auth="APOP")
        tap = self.tap(self.serve_tls("stls", "--stamp", STAMP.decode()))
        outcome = client.open(port=tap.port, ca_file=self.ca)
        self.assertEqual(outcome.class_, "CREDENTIALS", outcome)
        self.assertNotIn("APOP", b" ".join(outcome.trace).decode())
        self.assertEqual(leaks(tap.sent()), [])

    def test_A_02_a_stripped_tag_does_not_strip_tls(self):
        """STLS is tried although CAPA does not name it (R-TLS-06)."""
        client = self.client(tls=STLS)
        tap = self.tap(self.serve_tls("stls", "--clear-capa", "TOP"))
        self.assertEqual(client.open(port=tap.port, ca_file=self.ca).class_, "OK")
        self.assertEqual(client.call("quit").class_, "OK")
        self.assertEqual(leaks(tap.sent()), [])


class NothingBehind(Case):
    def test_A_04_nothing_is_sent_behind_stls(self):
        """R-TLS-03: after STLS the next octet is a ClientHello's, and it comes after the +OK."""
        client = self.client(tls=STLS)
        for options in ([], ["--delay", "STLS=50"], ["--split", "1", "--split-pause", "1"]):
            server = self.serve_tls("stls", *options)
            tap = self.tap(server)
            self.assertEqual(client.open(port=tap.port, ca_file=self.ca).class_, "OK")
            self.assertEqual(client.call("quit").class_, "OK")
            self.assertTrue(tap.sent().startswith(b"STLS\r\n\x16\x03\x01"), tap.sent()[:20])
            said = b""
            for who, octets in tap.flights:
                if who == b"C" and octets.startswith(b"\x16"):
                    break
                said += octets if who == b"S" else b""
                self.assertTrue(who == b"S" or octets == b"STLS\r\n", octets)
            self.assertTrue(said.endswith(b"+OK begin TLS negotiation\r\n"), said)


class TheSearch(Case):
    def test_the_search_finds_every_form(self):
        """Each mechanism sends what leaks() must see; a search that finds nothing proves nothing."""
        def play(peer):
            peer.secure(self.authority.context())
            peer.say(GREETING)
            peer.answer(replies)

        def challenge(_, line):
            text = base64.b64encode(STAMP) if line == b"AUTH CRAM-MD5" else b""
            return b"+ " + text + b"\r\n" if line.count(b" ") == 1 else b"-ERR\r\n"

        replies = {"CAPA": b"+OK\r\nUSER\r\nSASL PLAIN LOGIN CRAM-MD5 XOAUTH2 OAUTHBEARER SCRAM-SHA-256\r\n.\r\n",
                   "AUTH": challenge, "USER": b"+OK\r\n"}
        client = self.client(tls=IMPLICIT, ca_file=self.authority.ca)
        for auth, token, found in (("USER", None, {"user", "password"}), ("APOP", None, {"user", "APOP digest"}),
                                   ("PLAIN", None, {"user in", "password in"}), ("LOGIN", None, {"user in"}),
                                   ("CRAM-MD5", None, {"user in", "CRAM-MD5 digest in"}),
                                   ("SCRAM-SHA-256", None, {"user in"}), ("XOAUTH2", TOKEN, {"user in", "token in"}),
                                   ("OAUTHBEARER", TOKEN, {"user in", "token in"})):
            with self.subTest(auth):
                server = self.hostile(play)
                client.open(port=server.port, auth=auth, token=token)
                _, inside = server.heard()
                self.assertEqual({name.split(" base64")[0] for name in leaks(inside)}, found)
        self.assertNotIn(PASSWORD.encode(), client.out)


if __name__ == "__main__":
    main()
