#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A-01, A-05, A-18 and downgrades: servers that ask for weaker proofs, send bad challenges, or cannot prove themselves."""
import base64
import re
import socket
import ssl
import threading

from world import IMPLICIT, OFF, PASSWORD, STAMP, STLS, TOKEN, Case, leaks, main, secret_leaks

ALL = "EXTERNAL SCRAM-SHA-256 SCRAM-SHA-1 OAUTHBEARER XOAUTH2 CRAM-MD5 PLAIN LOGIN"


def listing(*lines):
    return b"+OK\r\n" + b"".join(line.encode() + b"\r\n" for line in lines) + b".\r\n"


class Apop(Case):
    """A-01, R-APOP-01: a collision of MD5 needs a challenge that no honest server sends."""

    bad = {
        "an octet with 8 bits": b"<18\xc3\xa9@x>",
        "0x80": b"<18\x80@x>",
        "a control octet": b"<18\x01@x>",
        "TAB": b"<18\t@x>",
        "DEL": b"<18\x7f@x>",
        "a blank": b"<18 96@x>",
        "NUL": b"<18\x00@x>",
        "NUL at the end": b"<18@x\x00>",
        "no @": b"<1896.697170952>",
        "two @": b"<18@96@x>",
        "two <": b"<<18@x>",
        "a < within": b"<18@x<y>",
        "nothing before @": b"<@x>",
        "nothing behind @": b"<18@>",
        "no >": b"<18@x",
        "empty": b"<>",
        "1 KiB": b"<" + b"1" * 1020 + b"@x>",
        "256 octets": b"<" + b"1" * 252 + b"@x>",
        "CR within": b"<18\r96@x>",
        "none": b"",
    }

    def lines_to(self, greeting, **options):
        server = self.hostile(lambda peer: (peer.say(greeting), peer.answer(
            {"CAPA": listing("TOP"), "QUIT": b"+OK\r\n", "APOP": b"-ERR\r\n"})))
        outcome = self.shared.open(port=server.port, tls=OFF, **options)
        return outcome, server.heard()[0]

    def setUp(self):
        super().setUp()
        self.shared = self.client()

    def test_A_01_a_bad_timestamp_is_none(self):
        for name, stamp in self.bad.items():
            for auth in ("APOP", "SCRAM-SHA-256 APOP"):
                with self.subTest(name, auth=auth):
                    outcome, wire = self.lines_to(b"+OK ready " + stamp + b"\r\n", auth=auth)
                    self.assertNotEqual(outcome.class_, "OK")
                    self.assertNotIn(b"APOP", wire)
                    self.assert_only(wire, b"CAPA", b"QUIT", b"AUTH SCRAM-SHA-256")

    def test_A_01_a_good_timestamp_is_answered_where_apop_is_named(self):
        outcome, wire = self.lines_to(b"+OK ready " + STAMP + b"\r\n", auth="APOP")
        self.assertEqual(outcome.class_, "CREDENTIALS")
        self.assertEqual(leaks(wire), ["user", "APOP digest"])

    def test_A_01_not_by_default(self):
        """The default is TLS: to a server in clear that asks for nothing but APOP not a word is said."""
        server = self.hostile(lambda peer: (peer.say(b"+OK ready " + STAMP + b"\r\n"), peer.receive()))
        outcome = self.shared.open(port=server.port)
        self.assertEqual((outcome.class_, outcome.tls_failure), ("TLS", "HANDSHAKE"))
        wire, _ = server.heard()
        self.assertEqual((b"APOP" in wire, leaks(wire)), (False, []))

    def test_A_01_not_within_tls_unless_named(self):
        """R-AUTH-01: also where the server offers nothing else but to refuse all else."""
        def play(peer):
            peer.secure(self.authority.context())
            peer.say(b"+OK ready " + STAMP + b"\r\n")
            peer.answer({"CAPA": capa, "QUIT": b"+OK\r\n", "APOP": b"+OK\r\n"})

        for capa in (listing("SASL CRAM-MD5"), listing("SASL GSSAPI"), listing("SASL SCRAM-SHA-256 PLAIN", "USER"),
                     b"-ERR\r\n", listing("TOP")):
            server = self.hostile(play)
            outcome = self.shared.open(port=server.port, tls=IMPLICIT, ca_file=self.authority.ca)
            self.assertNotEqual(outcome.class_, "OK", outcome)
            self.assertIsNone(re.search(rb"APOP|CRAM-MD5", server.heard()[1]), capa)


class Challenges(Case):
    """A-05, R-5034-06, R-5034-07: what is no base64 is answered with `*`, and with nothing else."""

    bad = (b"====", b"=", b"==", b"=AAA", b"AAA=BBB", b"A", b"AA=", b"AA==AA==", b"AA A", b"AAA", b"AAAAA", b"AAA\t",
           b"AA\0A", b"AA\xc3\xa9", b"-_-_", b"AAAA====", b"A===", b"%", b"\xff", b"AAAA,AAA")
    mechanisms = ("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER")

    def answers_to(self, client, auth, challenge):
        """The lines behind AUTH, each answered with this challenge; those behind `*` with -ERR."""
        lines = []

        def answer(_, line):
            lines.append(line)
            return b"-ERR cancelled\r\n" if line == b"*" else None if len(lines) > 4 else b"+ " + challenge + b"\r\n"

        class Verbs(dict):
            def get(self, verb, otherwise=None):
                return super().get(verb, answer)

        def play(peer):
            peer.secure(self.authority.context())
            peer.say(b"+OK ready\r\n")
            peer.answer(Verbs(CAPA=listing("SASL " + ALL), QUIT=b"+OK\r\n"))

        server = self.hostile(play)
        outcome = client.open(port=server.port, auth=auth, token=TOKEN if "OAUTH" in auth else None)
        server.settle()
        return outcome, lines

    def secure_client(self, **options):
        return self.client(tls=IMPLICIT, ca_file=self.authority.ca, session_ms=10000, **options)

    def test_A_05_bad_base64_is_cancelled(self):
        client = self.secure_client()
        for auth in self.mechanisms:
            for challenge in self.bad:
                with self.subTest(auth, challenge=challenge):
                    outcome, lines = self.answers_to(client, auth, challenge)
                    self.assertEqual(outcome.class_, "PROTOCOL", outcome)
                    self.assertEqual([line for line in lines if not line.startswith(b"AUTH")], [b"*"])

    def test_A_05_a_challenge_of_a_mebibyte(self):
        client = self.secure_client()
        for auth in self.mechanisms + ("PLAIN", "LOGIN"):
            with self.subTest(auth):
                outcome, lines = self.answers_to(client, auth, b"QUFB" * (1 << 18))
                self.assertEqual(outcome.class_, "PROTOCOL", outcome)
                self.assertLessEqual(set(lines[1:]), {b"*"})
                self.assertLess(outcome.ms, 5000)

    def test_A_05_a_bad_first_challenge_gets_no_more_than_an_empty_one(self):
        """PLAIN and LOGIN may overlook it (Q-16), for they do not read it; what they then say is bounded."""
        client = self.secure_client()
        for auth, most in (("PLAIN", 1), ("LOGIN", 2)):
            for challenge in self.bad:
                with self.subTest(auth, challenge=challenge):
                    _, lines = self.answers_to(client, auth, challenge)
                    self.assertLessEqual(len([line for line in lines[1:] if line != b"*"]), most, lines)

    def test_A_05_endless_challenges(self):
        for auth in ("SCRAM-SHA-256", "PLAIN", "LOGIN", "CRAM-MD5", "XOAUTH2", "OAUTHBEARER"):
            with self.subTest(auth):
                token = TOKEN if "OAUTH" in auth else None
                server = self.serve_tls("implicit", "--auth", auth, "--endless-challenge", "--trace")
                client = self.client(auth=auth, token=token, session_ms=10000)
                outcome = client.open(port=server.port, ca_file=self.ca)
                self.assertIn(outcome.class_, ("PROTOCOL", "CREDENTIALS"), outcome)
                said = [line for line in server.text(server.trace).splitlines() if line.startswith("C: ")]
                self.assertLess(len(said), 9, said)


class Proofs(Case):
    """SCRAM: servers that do not know the password, or name a price for it (A-18, R-SCRAM-02, R-SCRAM-03)."""

    CAP = 1000000

    def scram(self, client, *options, auth="SCRAM-SHA-256", allowed="SCRAM-SHA-256 PLAIN USER"):
        server = self.serve_tls("implicit", "--auth", auth, "--trace-secrets", *options)
        outcome = client.open(port=server.port, ca_file=self.ca, auth=allowed)
        return outcome, server.text(server.trace)

    def test_R_SCRAM_03_a_server_without_the_password(self):
        client = self.client()
        for fault in ("signature", "no-signature", "nonce"):
            for auth in ("SCRAM-SHA-256,PLAIN", "SCRAM-SHA-256-PLUS,SCRAM-SHA-256,PLAIN,LOGIN"):
                with self.subTest(fault, auth=auth):
                    outcome, trace = self.scram(client, "--scram-fault", fault, auth=auth,
                                                allowed="SCRAM-SHA-256-PLUS SCRAM-SHA-256 PLAIN LOGIN USER")
                    self.assertEqual(outcome.class_, "PROTOCOL", outcome)
                    self.assertEqual(outcome.mechanism, "")
                    self.assertEqual(secret_leaks(trace.encode()), [])
                    self.assertEqual(trace.count("C: AUTH"), 1, "and no other mechanism is tried")

    def test_R_SCRAM_03_an_error_in_place_of_the_signature(self):
        outcome, trace = self.scram(self.client(), "--scram-fault", "error")
        self.assertEqual(outcome.class_, "CREDENTIALS", outcome)
        self.assertEqual(secret_leaks(trace.encode()), [])

    def price(self, client, iterations, auth="SCRAM-SHA-256"):
        """A scripted server's server-first with this i=; the lines behind it."""
        lines = []

        def first(peer, line):
            if line.count(b" ") == 1:
                peer.say(b"+ \r\n")
                line = b"AUTH x " + peer.line()
            nonce = re.search(rb"r=(.*)", base64.b64decode(line.split(b" ")[2])).group(1)
            challenge = b"r=" + nonce + b"3rfcNHYJY1ZVvWVs7j,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=" + iterations
            peer.say(b"+ " + base64.b64encode(challenge) + b"\r\n")
            lines.append(peer.line())
            return b"-ERR\r\n"

        def play(peer):
            peer.secure(self.authority.context())
            peer.say(b"+OK ready\r\n")
            peer.answer({"CAPA": listing("SASL " + auth + " PLAIN"), "AUTH": first, "QUIT": b"+OK\r\n"})

        server = self.hostile(play)
        outcome = client.open(port=server.port, auth=auth, ca_file=self.authority.ca)
        server.settle()
        return outcome, lines

    def test_A_18_iterations(self):
        client = self.client(login_ms=10000)
        for auth in ("SCRAM-SHA-256", "SCRAM-SHA-1"):
            for iterations, taken in ((b"0", False), (b"1", False), (b"4095", False), (b"4096", True),
                                      (b"%d" % self.CAP, True), (b"%d" % (self.CAP + 1), False),
                                      (b"%d" % 2**31, False), (b"%d" % 2**32, False), (b"%d" % (2**32 + 4096), False),
                                      (b"9" * 30, False), (b"-4096", False), (b"+4096", False), (b"4096x", False),
                                      (b" 4096", False), (b"0x1000", False), (b"", False)):
                if taken and auth == "SCRAM-SHA-1" and iterations != b"4096":
                    continue  # a second of work says no more than the first one did
                with self.subTest(auth, iterations=iterations):
                    outcome, lines = self.price(client, iterations, auth)
                    if taken:
                        self.assertEqual(outcome.class_, "CREDENTIALS", outcome)
                        self.assertIn(b",p=", base64.b64decode(lines[0]))
                    else:
                        self.assertEqual((outcome.class_, lines), ("PROTOCOL", [b"*"]), outcome)
                        self.assertLess(outcome.ms, 1000, "nothing was computed")


class Downgrades(Case):
    """Between mechanisms: R-TLS-08, R-AUTH-01, R-5034-10, R-SCRAM-05."""

    def test_R_TLS_08_a_token_never_goes_in_clear(self):
        for tls, auth in ((OFF, None), (OFF, "XOAUTH2"), (OFF, "OAUTHBEARER XOAUTH2 PLAIN USER APOP")):
            server = self.serve_user("--auth", "all", "--allow-plaintext", "--stamp", STAMP.decode())
            tap = self.tap(server)
            outcome = self.client(tls=tls, auth=auth, token=TOKEN).open(port=tap.port)
            self.assertEqual(outcome.class_, "CREDENTIALS", outcome)
            self.assert_only(tap.sent(), b"CAPA", b"QUIT")

    def test_R_AUTH_01_with_a_token_no_password_is_tried(self):
        def play(peer):
            peer.secure(self.authority.context())
            peer.say(b"+OK ready " + STAMP + b"\r\n")
            peer.answer({"CAPA": capa, "AUTH": b"-ERR\r\n", "USER": b"+OK\r\n", "QUIT": b"+OK\r\n"})

        client = self.client(token=TOKEN, ca_file=self.authority.ca)
        for capa in (listing("SASL XOAUTH2 PLAIN", "USER"), listing("SASL PLAIN SCRAM-SHA-256", "USER"), b"-ERR\r\n"):
            for auth in (None, "XOAUTH2 PLAIN USER"):
                server = self.hostile(play)
                self.assertEqual(client.open(port=server.port, auth=auth).class_, "CREDENTIALS")
                self.assertIsNone(re.search(rb"AUTH (PLAIN|SCRAM)|PASS|USER", server.heard()[1]), capa)

    def test_R_5034_10_without_tls_no_password_follows_a_refused_proof(self):
        """W-06: to refuse SCRAM would be the way to get the password."""
        for auth in ("SCRAM-SHA-256 PLAIN LOGIN USER", "CRAM-MD5 PLAIN USER", "APOP USER PLAIN", None):
            with self.subTest(auth):
                def cram(_, line):
                    return b"+ " + base64.b64encode(STAMP) + b"\r\n" if line == b"AUTH CRAM-MD5" else b"-ERR no\r\n"

                server = self.serve_user("--auth", "SCRAM-SHA-256") if auth and "SCRAM" in auth else None
                if server is None:
                    server = self.hostile(lambda peer: (peer.say(b"+OK ready " + STAMP + b"\r\n"), peer.answer(
                        {"CAPA": listing("SASL CRAM-MD5 PLAIN", "USER"), "AUTH": cram, "USER": b"+OK\r\n",
                         "PASS": b"+OK\r\n", "QUIT": b"+OK\r\n", "APOP": b"-ERR no\r\n"})))
                tap = self.tap(server)
                client = self.client(tls=OFF, auth=auth)
                if auth and "SCRAM" in auth:
                    client.set(password=PASSWORD[:-1] + "x")
                outcome = client.open(port=tap.port)
                self.assertEqual(outcome.class_, "CREDENTIALS", outcome)
                self.assertIsNone(re.search(rb"PASS|AUTH (PLAIN|LOGIN)", tap.sent()), tap.sent())

    def test_R_AUTH_02_to_look_is_not_to_log_in(self):
        """pop3_client_probe() says no credential, neither in clear nor within TLS, however weak or strong the offer."""
        def play(peer):
            if tls == IMPLICIT:
                peer.secure(self.authority.context())
            peer.say(b"+OK ready " + STAMP + b"\r\n")
            peer.answer({"CAPA": capa, "QUIT": b"+OK\r\n"})

        client = self.client(ca_file=self.authority.ca)
        for capa in (listing("SASL " + ALL, "USER"), listing("USER"), b"-ERR\r\n"):
            for tls in (OFF, IMPLICIT):
                for options in ({}, {"token": TOKEN}, {"auth": "USER APOP PLAIN XOAUTH2"}):
                    server = self.hostile(play)
                    client.open("probe", port=server.port, tls=tls, **{"auth": None, "token": None, **options})
                    clear, inside = server.heard()
                    heard = clear if tls == OFF else inside
                    self.assertIn(b"CAPA", heard)
                    self.assert_only(heard, b"CAPA", b"QUIT")

    def test_R_AUTH_01_no_login_for_another_than_is_meant(self):
        """A server that takes away what can say an authzid does not get the user's own maildrop opened in its place."""
        def play(peer):
            peer.secure(self.authority.context())
            peer.say(b"+OK ready " + STAMP + b"\r\n")
            peer.answer({"CAPA": listing("SASL LOGIN CRAM-MD5 XOAUTH2", "USER"), "QUIT": b"+OK\r\n"})

        client = self.client(authzid="shared", ca_file=self.authority.ca)
        for options in ({}, {"auth": "LOGIN CRAM-MD5 USER APOP"}, {"auth": None, "token": TOKEN}):
            server = self.hostile(play)
            self.assertEqual(client.open(port=server.port, **options).class_, "CREDENTIALS")
            self.assert_only(server.heard()[1], b"CAPA", b"QUIT")

    def flag(self, client, auth):
        """The first message of SCRAM, as a server with these mechanisms sees it."""
        server = self.serve_tls("implicit", "--auth", auth, "--trace-secrets")
        outcome = client.open(port=server.port, ca_file=self.ca)
        self.assertEqual(outcome.class_, "OK", outcome)
        first = re.search(r"C: AUTH (\S+) (\S+)", server.text(server.trace))
        return first.group(1), base64.b64decode(first.group(2)).split(b",")[0]

    def test_R_SCRAM_05_the_flag_protects_the_list(self):
        client = self.client()
        self.assertEqual(self.flag(client, "SCRAM-SHA-256,SCRAM-SHA-256-PLUS"),
                         ("SCRAM-SHA-256-PLUS", b"p=tls-exporter"))
        self.assertEqual(self.flag(client, "SCRAM-SHA-256"), ("SCRAM-SHA-256", b"y"))

    def relay(self, port, edit):
        """One who has a certificate that the client takes, and reads along: decrypts, edits, encrypts again."""
        trust = ssl.create_default_context(cafile=self.ca)
        seen = []

        def play(peer):
            peer.secure(self.authority.context())
            with trust.wrap_socket(socket.create_connection(("127.0.0.1", port), 20),
                                   server_hostname="localhost") as server:
                def back():
                    try:
                        while octets := server.recv(65536):
                            peer.say(edit(octets))
                        peer.socket.shutdown(socket.SHUT_WR)
                    except OSError:
                        pass

                thread = threading.Thread(target=back)
                thread.start()
                while octets := peer.receive():
                    seen.append(octets)
                    server.sendall(octets)
                server.shutdown(socket.SHUT_RDWR)
                thread.join(20)

        return self.hostile(play), seen

    def test_R_SCRAM_05_one_in_the_middle_is_found_out(self):
        """Whether he leaves -PLUS in the list, or drops it: the server knows, and the proof is worth nothing to him."""
        edits = {"as it is": lambda octets: octets,
                 "without -PLUS": lambda octets: re.sub(rb" SCRAM-SHA-256-PLUS", b"", octets)}
        client = self.client(auth="SCRAM-SHA-256-PLUS SCRAM-SHA-256", ca_file=self.authority.ca)
        for name, edit in edits.items():
            with self.subTest(name):
                server = self.serve_tls("implicit", "--auth", "SCRAM-SHA-256,SCRAM-SHA-256-PLUS", "--trace")
                middle, seen = self.relay(server.port, edit)
                outcome = client.open(port=middle.port)
                middle.settle()
                self.assertIn(outcome.class_, ("CREDENTIALS", "PROTOCOL"), outcome)
                self.assertNotIn("logged in", server.text(server.trace))
                self.assertEqual(secret_leaks(b"".join(seen)), [])

    def test_R_AUTH_01_a_list_that_lost_its_best_gives_no_weaker_than_allowed(self):
        client = self.client(auth="SCRAM-SHA-256-PLUS SCRAM-SHA-256", tls=STLS)
        server = self.serve_tls("stls", "--auth", "PLAIN,LOGIN,CRAM-MD5", "--trace-secrets")
        outcome = client.open(port=server.port, ca_file=self.ca)
        self.assertIn(outcome.class_, ("CREDENTIALS", "BUSY"), outcome)
        self.assertEqual(secret_leaks(server.text(server.trace).encode()), [])


if __name__ == "__main__":
    main()
