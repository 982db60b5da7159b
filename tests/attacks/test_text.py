#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A-13, A-14: control octets from the user into commands, and from the server into what people read."""
import unicodedata

from world import IMPLICIT, OFF, PASSWORD, USER, Case, main

CONTROLS = [*range(1, 0x20), 0x7F]
LOGIN = {"CAPA": b"+OK\r\nUSER\r\nSASL PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256 XOAUTH2\r\n.\r\n", "AUTH": b"+ \r\n",
         "USER": b"+OK\r\n", "PASS": b"+OK\r\n", "QUIT": b"+OK\r\n", "NOOP": b"+OK\r\n"}


# What a terminal obeys, what turns text around, what forges lines, and what is no UTF-8; alone and together.
TEXTS = (b"\x1b]0;owned\x07", b"\x1b[2J\x1b[1;1H", b"\x1b[31m", b"\x9b31m", b"\xc2\x9b31m", b"\xc2\x85next",
        b"\xe2\x80\xaegnp.exe", b"\xe2\x81\xa6x\xe2\x81\xa9", b"\xe2\x80\x8fx", b"\xd8\x9cx", b"\xe2\x80\xa8x",
        b"safe\rforged", b"\rS: +OK forged", b"tab\tbell\x07back\x08", b"del\x7f", b"\xff\xfe", b"\xc0\xaf",
        b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x80", b"\x80\x81\x9f", b"%n%s%n%99999d", b"\x00hidden",
        b"\x1bP1;1|x\x1b\\", b"\xe2\x80\xad\xe2\x80\xacx", b"A\xcc\x80" * 9, bytes(range(1, 10)),
         bytes(range(11, 32)) + bytes(range(127, 256)))
EVIL = [b" ".join(TEXTS[i:i + 4]) for i in range(0, len(TEXTS), 4)] + [b"\x1b[2J", b"\x9b", b"\rS: +OK forged"]


class Into(Case):
    """A-13: no octet that could end a command, or begin another, leaves."""

    def wire(self, client, server, **options):
        """What this login says on connections of its own."""
        before = len(server.peers)
        outcome = client.open(port=server.port, **options)
        if outcome.class_ == "OK":
            client.call("quit")
        server.settle()
        return outcome, b"".join(peer.clear + peer.inside for peer in server.peers[before:])

    def test_A_13_each_control_octet_in_each_argument(self):
        def in_clear(peer):
            peer.say(b"+OK <1@x>\r\n")
            peer.answer(LOGIN)

        def in_tls(peer):
            peer.secure(self.authority.context())
            in_clear(peer)

        clear, secure = self.hostile(in_clear), self.hostile(in_tls)
        client = self.client(ca_file=self.authority.ca)
        by_password = ("user", "password", "authzid")
        for auth, arguments in {"USER": by_password, "APOP": by_password, "PLAIN": by_password, "SCRAM-SHA-256":
                                by_password, "LOGIN": by_password, "CRAM-MD5": by_password, "XOAUTH2":
                                ("user", "token")}.items():
            for argument in arguments:
                for octet in CONTROLS if auth in ("USER", "PLAIN", "XOAUTH2") else (0x0A, 0x0D, 0x7F):
                    value = b"mrose" + bytes([octet]) + b"DELE 1"
                    options = {"user": USER, "password": PASSWORD, "authzid": None, "token": None, argument: value}
                    if auth == "XOAUTH2":
                        options["token"] = options["token"] or "tok3n"
                    server, tls = (secure, IMPLICIT) if auth == "XOAUTH2" else (clear, OFF)
                    with self.subTest(auth, argument=argument, octet=octet):
                        outcome, wire = self.wire(client, server, tls=tls, auth=auth, **options)
                        self.assertIn(outcome.class_, ("ARG", "CREDENTIALS"), outcome)
                        self.assert_only(wire, b"CAPA", b"QUIT")

    def test_A_13_a_good_argument_is_sent(self):
        """The same way with nothing wrong: the refusals above are about the octet."""
        server = self.hostile(lambda peer: (peer.say(b"+OK\r\n"), peer.answer(LOGIN)))
        client = self.client(tls=OFF, auth="USER")
        _, wire = self.wire(client, server, user="mroseDELE", password="with a blank")
        self.assertIn(b"USER mroseDELE\r\nPASS with a blank\r\n", wire)

    def test_A_13_hosts_and_mechanisms(self):
        client = self.client(tls=OFF)
        for octet in CONTROLS:
            for options in ({"host": b"127.0.0.1" + bytes([octet])}, {"host": b"localhost" + bytes([octet]) + b"x"},
                            {"auth": b"PLAIN" + bytes([octet])}):
                with self.subTest(**options):
                    outcome = client.open(**{"host": "127.0.0.1", "auth": None, **options})
                    self.assertIn(outcome.class_, ("ARG", "NAME"), outcome)
                    client.call("noop")
        harmless(self, client.out)

    def test_A_13_each_control_octet_in_a_url(self):
        client = self.client()
        for octet in [0, *CONTROLS]:
            for url in (b"pop://mrose%%%02x@host", b"pop://mrose%%%02x%%0d%%0aDELE%%201@host", b"pops://u@ho%%%02xst",
                        b"pops://u;AUTH=PLAIN%%%02x@host"):
                for text in {url % octet, (url % octet).upper().replace(b"POP", b"pop")}:
                    self.assertIn(b"wrong", client.line(f"url {text.hex()}").words, text)
            if octet:
                text = b"pop://mrose" + bytes([octet]) + b"@host"
                self.assertIn(b"wrong", client.line(f"url {text.hex()}").words, text)
        self.assertEqual(client.line(f"url {b'pop://m%72ose@host'.hex()}").words[b"user"], b"mrose".hex().encode())


def harmless(case, octets):
    """Valid UTF-8 without controls, separators of lines, or what turns the direction of text."""
    for line in octets.split(b"\n"):
        for character in line.decode():
            case.assertNotIn(unicodedata.category(character), ("Cc", "Zl", "Zp", "Cs"), line)
            case.assertNotIn(unicodedata.bidirectional(character),
                             ("LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"), line)
            case.assertNotIn(character, "\u200e\u200f\u061c", line)


class OutOf(Case):
    """A-14: what a terminal would obey, or what would forge a line, comes out as text that shows it."""

    def session(self, client, where, text):
        """A dialogue with this text at one place; what fails there is a failure with words."""
        replies = dict(LOGIN, AUTH=b"-ERR\r\n", STAT=b"+OK 1 1\r\n")
        greeting = b"+OK ready\r\n"
        if where == "greeting":
            greeting = b"+OK " + text + b"\r\n"
        elif where == "refused greeting":
            greeting = b"-ERR " + text + b"\r\n"
        elif where == "CAPA":
            replies["CAPA"] = b"+OK " + text + b"\r\nUSER\r\n" + text + b"\r\nIMPLEMENTATION " + text + b"\r\n.\r\n"
        elif where in ("UIDL", "LIST"):
            replies[where] = b"+OK " + text + b"\r\n" + text + b"\r\n1 " + text + b"\r\n.\r\n"
        elif where == "no status":
            replies["STAT"] = text + b"\r\n"
        else:
            verb, status = where.split()
            replies[verb] = status.encode() + b" " + text + b"\r\n"
        server = self.hostile(lambda peer: (peer.say(greeting), peer.answer(replies)))
        outcomes = [client.open(port=server.port), client.call("stat"), client.call("uidl"), client.call("list"),
                    client.call("retr 1"), client.call("dele 1"), client.call("quit")]
        server.settle()
        return outcomes

    def test_A_14_words_and_trace(self):
        client = self.client(tls=OFF, auth="USER")
        for where in ("greeting", "refused greeting", "CAPA", "USER +OK", "PASS -ERR", "STAT -ERR", "STAT +OK",
                      "no status", "UIDL", "LIST", "RETR -ERR", "DELE -ERR", "QUIT -ERR"):
            for text in EVIL:
                with self.subTest(where, text=text):
                    before = len(client.out)
                    outcomes = self.session(client, where, text)
                    out = client.out[before:]
                    harmless(self, out)
                    for line in out.splitlines():
                        self.assertIn(line.split(b" ")[0], (b"call", b"what", b"server", b"hint", b"trace", b"mechanism",
                                                            b"done"), "no line of the server's making")
                    traced = b"\n".join(line for outcome in outcomes for line in outcome.trace)
                    self.assertNotIn(b"\nS: +OK forged", traced)
                    if where.endswith("-ERR"):
                        self.assertTrue(any(outcome.server for outcome in outcomes), "the words are told")

    def test_A_14_what_is_harmless_stays(self):
        client = self.client(tls=OFF, auth="USER")
        text = "Zugang gesperrt für Jürgen – 受信箱 ✉ Ελλάδα".encode()
        outcomes = self.session(client, "PASS -ERR", text)
        self.assertEqual(outcomes[0].server, text)

    def test_A_14_escapes_show_the_octet(self):
        client = self.client(tls=OFF, auth="USER")
        outcomes = self.session(client, "PASS -ERR", b"a\x1b[2Jb\x9b\xe2\x80\xaec")
        self.assertEqual(outcomes[0].server, rb"a\x1B[2Jb\x9B\xE2\x80\xAEc")

    def test_A_14_a_long_line(self):
        """Its length is the client's choice, not the server's (A-10)."""
        client = self.client(tls=OFF, auth="USER")
        for text in (b"\x1b" * 400, b"\xff" * 2000, b"x" * 100000, b"\xc3\xbc" * 250):
            for where in ("PASS -ERR", "UIDL", "greeting", "CAPA"):
                before = len(client.out)
                self.session(client, where, text)
                harmless(self, client.out[before:])
                self.assertLess(max(map(len, client.out[before:].split(b"\n"))), 1100)

    def test_A_14_names_in_certificates(self):
        client = self.client(tls=IMPLICIT, ca_file=self.authority.ca)
        for name in (b"\x1b[31mevil", b"evil\r\nS: +OK", b"\xe2\x80\xaeevil", b"\x9b31m", b"a\0b"):
            context = self.authority.context(self.authority.leaf(name))
            server = self.hostile(lambda peer: peer.secure(context))
            outcome = client.open(port=server.port)
            self.assertEqual(outcome.tls_failure, "IDENTITY", outcome)
        harmless(self, client.out)


if __name__ == "__main__":
    main()
