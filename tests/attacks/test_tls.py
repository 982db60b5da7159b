#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A-06, A-12, R-TLS-*: servers whose certificate, version, protocol or manners are wrong hear no credential."""
import os
import ssl

from world import IMPLICIT, OFF, STLS, USER, Authority, Case, leaks, main

MODES = {"implicit": IMPLICIT, "stls": STLS}
LOGIN = {"CAPA": b"+OK\r\nSASL PLAIN\r\n.\r\n", "AUTH": b"+OK\r\n", "STAT": b"+OK 2 320\r\n", "QUIT": b"+OK\r\n",
         "NOOP": b"+OK\r\n"}


class Refused(Case):
    def refuse(self, context, mode=IMPLICIT, **options):
        """What became of a login at a server with this context. Of credentials it heard nothing, at no level."""
        def play(peer):
            if mode == STLS:
                peer.say(b"+OK ready\r\n")
                assert peer.line() == b"STLS", peer.clear
                peer.say(b"+OK go\r\n")
            peer.secure(context)
            peer.say(b"" if mode == STLS else b"+OK ready\r\n")
            peer.answer(LOGIN)

        server = self.hostile(play)
        outcome = self.shared.open(port=server.port, tls=mode, **options)
        self.shared.call("quit")
        clear, inside = server.heard()
        if outcome.class_ != "OK":
            self.assertEqual(leaks(clear) + leaks(inside), [])
            self.assertNotIn(b"AUTH", inside)
        return outcome

    def setUp(self):
        super().setUp()
        self.shared = self.client(ca_file=self.authority.ca)


class Identity(Refused):
    HOST = "pop.good.example"

    good = (b"pop.good.example", b"POP.Good.example", b"*.good.example")
    bad = (b"pop.good.example\0.evil.example", b"pop.good.example\0", b"\0pop.good.example", b"*.good.example\0.evil",
           b"pop.good.example\n", b"pop.good.example ", b"*.example", b"*", b"*.*.example", b"*.*.*", b"p*.good.example",
           b"*p.good.example", b"p*p.good.example", b"pop.*.example", b"pop.good.*", b"*pop.good.example",
           b".good.example", b"good.example", b"pop.good.example.evil", b"evil.pop.good.example", b"")

    def test_A_12_names_that_are_not_the_hosts(self):
        for name in self.good:
            outcome = self.refuse(self.authority.context(self.authority.leaf(name)), host=self.HOST)
            self.assertEqual(outcome.class_, "OK", outcome)
        for name in self.bad:
            with self.subTest(name=name):
                outcome = self.refuse(self.authority.context(self.authority.leaf(name)), host=self.HOST)
                self.assertEqual((outcome.class_, outcome.tls_failure), ("TLS", "IDENTITY"), outcome)
                self.assertTrue(outcome.what.isascii() and outcome.what.decode().isprintable(), outcome.what)

    def test_A_12_behind_stls_too(self):
        for name in (b"pop.good.example\0.evil.example", b"evil.example"):
            context = self.authority.context(self.authority.leaf(name))
            self.assertEqual(self.refuse(context, STLS, host=self.HOST).tls_failure, "IDENTITY")

    def test_R_TLS_09_only_names_of_hosts_count(self):
        """Neither the subject's CN, nor addresses of mail, nor URIs."""
        name = b"pop.good.example"
        for certificate in (self.authority.leaf(common_name=self.HOST), self.authority.leaf(b"evil.example",
                                                                                          common_name=self.HOST),
                            self.authority.leaf(name, name_type=0x81),
                            self.authority.leaf(b"pops://" + name, name_type=0x86),
                            self.authority.leaf(name, name_type=0x86)):
            outcome = self.refuse(self.authority.context(certificate), host=self.HOST)
            self.assertEqual(outcome.tls_failure, "IDENTITY", outcome)

    def test_R_TLS_09_an_address_is_no_name(self):
        for name in (b"127.0.0.1", b"*.0.0.1", b"*", bytes([127, 0, 0, 2])):
            outcome = self.refuse(self.authority.context(self.authority.leaf(name)), host="127.0.0.1")
            self.assertEqual(outcome.tls_failure, "IDENTITY", outcome)


class Trust(Refused):
    def test_R_TLS_11_nobody_vouches(self):
        other = Authority(os.path.join(self.folder, "other"))
        for mode in MODES.values():
            outcome = self.refuse(other.context(), mode)
            self.assertEqual(outcome.tls_failure, "CERTIFICATE", outcome)
            outcome = self.refuse(self.authority.context(), mode, ca_file=None)  # the system's, which know no trial CA
            self.assertEqual(outcome.tls_failure, "CERTIFICATE", outcome)
            self.shared.set(ca_file=self.authority.ca)

    def test_R_TLS_11_a_leaf_is_no_authority(self):
        """Signed by a leaf of the right CA: basicConstraints says no."""
        leaf = self.authority.leaf(b"evil.example", common_name="Leaf")
        forger = Authority(os.path.join(self.folder, "forger"))
        forger.ca, forger.key = leaf, self.authority.key
        forged = forger.leaf(bytes([127, 0, 0, 1]))
        forged.write_bytes(forged.read_bytes() + leaf.read_bytes())
        outcome = self.refuse(forger.context(forged))
        self.assertEqual(outcome.tls_failure, "CERTIFICATE", outcome)

    def test_R_TLS_11_the_certificates_of_satchel_serve(self):
        for mode, tls in MODES.items():
            for fault, failure in (("expired", "EXPIRED"), ("early", "EXPIRED"), ("name", "IDENTITY"),
                                   ("self-signed", "CERTIFICATE")):
                with self.subTest(mode, fault=fault):
                    server = self.serve_tls(mode, "--auth", "all", "--cert-fault", fault, "--trace-secrets")
                    tap = self.tap(server)
                    outcome = self.shared.open(port=tap.port, tls=tls, ca_file=self.authority.ca if
                                               fault == "self-signed" else self.ca)
                    self.assertEqual((outcome.class_, outcome.tls_failure), ("TLS", failure), outcome)
                    self.assertEqual(leaks(tap.sent()), [])
                    heard = [line for line in server.text(server.trace).splitlines() if line.startswith("C: ")]
                    self.assertEqual(heard, ["C: STLS"] if mode == "stls" else [])


class Protocol(Refused):
    def test_R_TLS_11_old_versions(self):
        for mode, tls in MODES.items():
            for version in ("1.0", "1.1"):
                with self.subTest(mode, version=version):
                    server = self.serve_tls(mode, "--tls-version", version, "--trace-secrets")
                    outcome = self.shared.open(port=server.port, tls=tls, ca_file=self.ca)
                    self.assertEqual((outcome.class_, outcome.tls_failure), ("TLS", "HANDSHAKE"), outcome)
                    self.assertEqual(leaks(server.text(server.trace).encode()), [])

    def test_R_TLS_16_another_protocol(self):
        for name in ("imap", "http/1.1", "pop3s", "POP3", "pop"):
            with self.subTest(name):
                server = self.serve_tls("implicit", "--alpn", name, "--trace-secrets")
                outcome = self.shared.open(port=server.port, tls=IMPLICIT, ca_file=self.ca)
                self.assertEqual((outcome.class_, outcome.tls_failure), ("TLS", "ALPN"), outcome)
                self.assertEqual(leaks(server.text(server.trace).encode()), [])

    def test_R_TLS_16_a_server_that_speaks_another_protocol_only(self):
        """OpenSSL ends the handshake with no_application_protocol, or without an answer; then its greeting decides."""
        def play(peer):
            peer.secure(self.authority.context(alpn=("http/1.1",)))
            peer.say(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            peer.rest()

        server = self.hostile(play)
        outcome = self.shared.open(port=server.port, tls=IMPLICIT)
        self.assertIn(outcome.class_, ("TLS", "PROTOCOL"), outcome)
        self.assertEqual(leaks(server.heard()[1]), [])

    def test_R_TLS_13_a_client_certificate_is_wanted(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            for mode in MODES.values():
                with self.subTest(version, mode=mode):
                    context = self.authority.context()
                    context.minimum_version = context.maximum_version = version
                    context.verify_mode = ssl.CERT_REQUIRED
                    context.load_verify_locations(self.authority.ca)
                    outcome = self.refuse(context, mode)
                    self.assertEqual((outcome.class_, outcome.tls_failure), ("TLS", "CLIENT"), outcome)

    def test_R_TLS_12_no_renegotiation(self):
        """The server asks for it; the client answers with an alert, and never with another ClientHello."""
        handshake, alert, content = 22, 21, 23
        for verb in ("STAT", "AUTH"):
            with self.subTest(verb):
                tap = self.tap(self.serve_tls("implicit", "--auth", "PLAIN", "--tls-version", "1.2", "--renegotiate",
                                              verb))
                self.shared.open(port=tap.port, tls=IMPLICIT, ca_file=self.ca)
                self.shared.call("stat")
                self.shared.call("quit")
                records = list(tap.records())
                first = records.index(content)
                self.assertEqual(records[:first].count(handshake), 3)
                self.assertNotIn(handshake, records[first:])
                self.assertIn(alert, records[first:])

    def test_R_TLS_12_an_end_without_close_notify(self):
        """Within an answer it is a truncation; behind QUIT's answer everything was said."""
        for call, verb, octets in (("retr 1", "RETR", 60), ("uidl", "UIDL", 20), ("list", "LIST", 20),
                                   ("stat", "STAT", 3), ("quit", "QUIT", 2)):
            with self.subTest(call):
                server = self.serve_tls("implicit", "--auth", "PLAIN", "--maildir", str(self.maildir(a=b"x\n" * 99)),
                                        "--no-close-notify", "--drop", f"{verb}={octets}")
                self.assertEqual(self.shared.open(port=server.port, tls=IMPLICIT, ca_file=self.ca).class_, "OK")
                outcome = self.shared.call(call)
                self.assertEqual(outcome.class_, "CLOSED", outcome)
                self.assertEqual(self.shared.call("noop").class_, "STATE")
        server = self.serve_tls("implicit", "--auth", "PLAIN", "--no-close-notify")
        self.assertEqual(self.shared.open(port=server.port, tls=IMPLICIT, ca_file=self.ca).class_, "OK")
        self.assertEqual(self.shared.call("quit").class_, "OK")

    def test_R_TLS_12_an_end_that_an_attacker_forged_is_none(self):
        """A FIN in place of the last record of a message, in each version of TLS."""
        def cut(peer, _):
            peer.say(b"+OK\r\nSubject: x\r\n\r\n")
            peer.say(b"pay 1")  # "000" would have followed
            return None

        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            context = self.authority.context()
            context.minimum_version = context.maximum_version = version
            server = self.hostile(lambda peer: (peer.secure(context), peer.say(b"+OK\r\n"),
                                                peer.answer(dict(LOGIN, RETR=cut))))
            self.assertEqual(self.shared.open(port=server.port, tls=IMPLICIT, auth="PLAIN").class_, "OK")
            self.assertEqual(self.shared.call("retr 1").class_, "CLOSED")


class Identities(Case):
    """A-06, R-TLS-15, R-TLS-17: nothing of one session serves another identity, or another level of TLS."""

    def play(self, peer):
        peer.secure(self.context)
        peer.say(b"+OK ready\r\n")
        peer.answer(LOGIN)

    def setUp(self):
        super().setUp()
        self.context = self.authority.context()
        self.options = {"tls": IMPLICIT, "ca_file": self.authority.ca, "auth": "PLAIN"}

    def test_A_06_two_handles_have_their_own_sockets(self):
        client = self.client(**self.options)
        server = self.hostile(self.play)
        for user in (USER, USER, "another"):
            self.assertEqual(client.open(port=server.port, user=user).class_, "OK")
        self.assertEqual(len(server.peers), 3)
        self.assertEqual(client.call("quit").class_, "OK")
        for handle in ("use 0", "use 1"):
            client.call(handle)
            self.assertEqual(client.call("noop").class_, "OK", "the others live on")
            self.assertEqual(client.call("quit").class_, "OK")
        server.settle()
        users = [peer.inside.count(b"AUTH PLAIN") for peer in server.peers]
        self.assertEqual(users, [1, 1, 1], "each logged in for itself, once")

    def test_A_06_tickets_stay_with_their_handle(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            with self.subTest(version):
                self.context = self.authority.context()
                self.context.minimum_version = self.context.maximum_version = version
                client = self.client(**self.options)
                server = self.hostile(self.play)

                def resumed(call=None, **options):
                    outcome = client.line(call) if call else client.open(port=server.port, **options)
                    self.assertEqual(outcome.class_, "OK", outcome)
                    self.assertEqual(client.call("quit").class_, "OK")
                    server.settle()
                    return server.peers[-1].reused

                self.assertFalse(resumed())
                self.assertTrue(resumed("open"), "the same handle resumes: the test can tell")
                self.assertFalse(resumed(user="another"))
                self.assertFalse(resumed(user=USER), "not even the same user's other handle")

    def test_A_06_no_level_of_tls_serves_another(self):
        """A session in clear, then one that wants TLS, at the same server: a new connection, and STLS first."""
        def go(peer, _):
            peer.say(b"+OK go\r\n")
            peer.secure(self.context)
            return b""

        client = self.client(auth="PLAIN", ca_file=self.authority.ca)
        server = self.hostile(lambda peer: (peer.say(b"+OK ready\r\n"), peer.answer(dict(LOGIN, STLS=go))))
        self.assertEqual(client.open(port=server.port, tls=OFF).class_, "OK")
        self.assertEqual(client.open(port=server.port, tls=STLS).class_, "OK")
        self.assertEqual(client.call("quit").class_, "OK")
        client.call("use 0")
        self.assertEqual(client.call("noop").class_, "OK")
        self.assertEqual(client.call("quit").class_, "OK")
        server.settle()
        in_clear, in_tls = server.peers
        self.assertEqual((in_clear.tls, in_tls.tls), (False, True))
        self.assert_only(in_tls.clear, b"STLS")

    def test_A_06_a_broken_session_is_not_revived(self):
        """Behind a failure no call but open goes anywhere, and open makes a connection of its own."""
        client = self.client(**self.options)
        server = self.hostile(lambda peer: (peer.secure(self.context), peer.say(b"+OK\r\n"), peer.answer(
            dict(LOGIN, STAT=b"nonsense\r\n"))))
        self.assertEqual(client.open(port=server.port).class_, "OK")
        self.assertEqual(client.call("stat").class_, "PROTOCOL")
        self.assertEqual(client.call("noop").class_, "STATE")
        self.assertEqual(client.call("open").class_, "OK")
        self.assertEqual(client.call("quit").class_, "OK")
        self.assertEqual(len(server.peers), 2)


if __name__ == "__main__":
    main()
