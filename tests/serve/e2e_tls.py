#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""TLS of `satchel serve`: implicit and by STLS, certificates, and each misbehaviour of TLS on demand."""
import ssl
import subprocess

import harness
import tls_client


def log_in(client):
    return client.command("USER mrose"), client.command("PASS mvan99")


LOGGED_IN = (b"+OK mrose is valid\r\n", b"+OK mrose is logged in\r\n")


class Sessions(tls_client.Case):
    def test_implicit(self):
        for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
            client = self.connect_tls(self.serve_tls("implicit"), context=self.trust(version))
            self.assertTrue(client.line().startswith(b"+OK POP3 server ready <"))
            self.assertNotIn(b"STLS", self.capabilities(client))
            self.assertEqual(client.command("STLS"), b"-ERR there is TLS already\r\n")
            self.assertEqual(log_in(client), LOGGED_IN)
            self.assertEqual(client.command("RETR 1"), b"+OK 120 octets\r\n")
            self.assertEqual(len(client.multiline()), 120 + 3)
            self.assertEqual(client.command("QUIT"), b"+OK POP3 server signing off (2 messages left)\r\n")
            self.assertEqual(client.socket.recv(1), b"")  # close_notify: OpenSSL raises where it is missing

    def test_R_2595_stls(self):
        client = self.connect(self.serve_tls("stls"))
        client.line()
        self.assertIn(b"STLS", self.capabilities(client))
        client.command("STLS")
        self.secure(client)
        self.assertNotIn(b"STLS", self.capabilities(client))
        self.assertEqual(log_in(client), LOGGED_IN)
        self.assertEqual(client.command("STAT"), b"+OK 2 320\r\n")

    def test_R_2595_stls_before_login_only(self):
        client = self.session(self.serve_tls("stls"))
        self.assertNotIn(b"STLS", self.capabilities(client))
        self.assertEqual(client.command("STLS"), b"-ERR STLS is not allowed now\r\n")
        self.assertEqual(client.command("STAT"), b"+OK 2 320\r\n")

    def test_off(self):
        client = self.connect(self.serve())
        client.line()
        self.assertNotIn(b"STLS", self.capabilities(client))
        self.assertEqual(client.command("STLS"), b"-ERR STLS is not offered\r\n")

    def test_A_04_what_came_behind_stls_is_not_read_within_tls(self):
        client = self.connect(self.serve_tls("stls"))
        client.line()
        client.send("STLS\r\nUSER mallory\r\nCAPA\r\nNOOP without its end")
        self.assertEqual(client.line(), b"+OK begin TLS negotiation\r\n")
        self.secure(client)
        self.assertEqual(client.command("USER mrose"), b"+OK mrose is valid\r\n")

    def test_what_was_said_before_tls_is_forgotten(self):
        client = self.connect(self.serve_tls("stls"))
        client.line()
        client.command("USER mrose")
        client.command("STLS")
        self.secure(client)
        self.assertEqual(client.command("PASS mvan99"), b"-ERR PASS is not allowed now\r\n")

    def test_the_whole_maildrop_through_small_segments_and_many_connections(self):
        mails = {f"{i}.x": b"Subject: x\n\n" + b"0123456789abcdef\n" * 4000 for i in range(3)}
        server = self.serve_tls("implicit", "--split", "777", "--split-pause", "0", "--maildir",
                                str(self.maildir(**mails)))
        others = [self.connect_tls(server) for _ in range(20)]
        client = self.connect_tls(server)
        client.line()
        self.assertEqual(log_in(client), LOGGED_IN)
        client.send("RETR 1\r\nRETR 2\r\nRETR 3\r\n")
        for content in mails.values():
            self.assertEqual(client.line(), b"+OK 72014 octets\r\n")
            self.assertEqual(client.multiline(), content.replace(b"\n", b"\r\n") + b".\r\n")
        for other in others:
            self.assertTrue(other.line().startswith(b"+OK"))

    def test_an_answer_to_stls_that_comes_late_and_in_pieces(self):
        for options in (("--split", "1"), ("--delay", "STLS=30"), ("--coalesce", "20"),
                        ("--text-length", "STLS=70000")):
            client = self.connect(self.serve_tls("stls", *options))
            client.line()
            self.assertTrue(client.command("STLS").startswith(b"+OK begin TLS negotiation"))
            self.assertEqual(log_in(self.secure(client)), LOGGED_IN)

    def test_a_client_that_goes_instead_of_starting_tls(self):
        server = self.serve_tls("stls", "--delay", "STLS=50", "--once", "2")
        client = self.connect(server)
        client.send("STLS\r\n")
        client.__exit__()
        client = self.connect(server)
        client.line()
        client.command("STLS")
        client.__exit__()
        self.assertEqual(server.process.wait(harness.SOON), 0)

    def test_many_commands_in_one_record(self):
        client = self.connect_tls(self.serve_tls("implicit"))
        client.line()
        client.send("USER mrose\r\nPASS mvan99\r\n" + "NOOP\r\n" * 2000)
        self.assertEqual(client.read_until(b"logged in\r\n")[-2:], b"\r\n")
        self.assertEqual([client.line() for _ in range(2000)], [b"+OK\r\n"] * 2000)

    def test_the_trace_shows_what_is_said_within_tls(self):
        server = self.serve_tls("stls", "--trace")
        client = self.connect_stls(server)
        log_in(client)
        client.command("QUIT")
        trace = server.text(server.trace)
        self.assertIn("C: STLS\nS: +OK begin TLS negotiation\nC: USER mrose\n", trace)
        self.assertNotIn("mvan99", trace)

    def test_a_handshake_that_does_not_go_on_ends_by_autologout(self):
        for data in (b"", b"\x16\x03\x01", b"\x16\x03\x01\x02\x00\x01"):
            client = self.connect(self.serve_tls("implicit", "--autologout", "1"))
            client.send(data)
            self.assertEqual(client.rest(), b"")

    def test_clear_text_to_a_tls_port_gets_no_answer_in_clear_text(self):
        client = self.connect(self.serve_tls("implicit"))
        client.send("CAPA\r\nUSER mrose\r\n")
        try:
            self.assertNotIn(b"+OK", client.rest())
        except ConnectionResetError:
            pass


class Certificates(tls_client.Case):
    def test_names(self):
        server = self.serve_tls("implicit", "--name", "pop.example.org")
        for name in ("localhost", "127.0.0.1", "::1", "pop.example.org"):
            self.assertTrue(self.connect_tls(server, name=name).line().startswith(b"+OK"))

    def refusal(self, *options, name="localhost"):
        for mode, connect in (("implicit", self.connect_tls), ("stls", self.connect_stls)):
            server = self.serve_tls(mode, *options)
            with self.assertRaises(ssl.SSLCertVerificationError) as caught:
                connect(server, name=name)
            code = caught.exception.verify_code
        return code

    def test_R_TLS_11_expired(self):
        self.assertEqual(self.refusal("--cert-fault", "expired"), 10)

    def test_R_TLS_11_not_yet_valid(self):
        self.assertEqual(self.refusal("--cert-fault", "early"), 9)

    def test_R_TLS_09_another_name(self):
        self.assertEqual(self.refusal("--cert-fault", "name"), 62)
        self.assertEqual(self.refusal(name="elsewhere.example"), 62)

    def test_R_TLS_11_self_signed(self):
        self.assertEqual(self.refusal("--cert-fault", "self-signed"), 18)

    def test_an_authority_for_each_run(self):
        server = self.serve_tls("implicit")
        self.serve_tls("implicit")  # overwrites the first one's CA
        with self.assertRaises(ssl.SSLCertVerificationError):
            self.connect_tls(server)

    def make(self, name, *arguments):
        key, certificate = f"{self.folder}/{name}.key", f"{self.folder}/{name}.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", key, "-out", certificate, "-days", "2", *arguments], check=True,
                       stderr=subprocess.DEVNULL)
        return certificate, key

    def test_files(self):
        certificate, key = self.make("own", "-subj", "/CN=x", "-addext", "subjectAltName=DNS:own.example")
        server = self.serve("--tls", "implicit", "--cert", certificate, "--key", key)
        self.connect_tls(server, context=self.trust(ca=certificate), name="own.example").line()

    def test_client_certificates(self):
        certificate, key = self.make("client", "-subj", "/CN=mrose")
        stranger, strange_key = self.make("stranger", "-subj", "/CN=mrose")
        server = self.serve_tls("implicit", "--client-ca", certificate)
        context = self.trust()
        self.assertTrue(self.connect_tls(server, context=context).line().startswith(b"+OK"))
        context.load_cert_chain(certificate, key)
        self.assertTrue(self.connect_tls(server, context=context).line().startswith(b"+OK"))
        context = self.trust()
        context.load_cert_chain(stranger, strange_key)
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.connect_tls(server, context=context).line()


class Faults(tls_client.Case):
    def test_R_TLS_11_one_version_only(self):
        versions = {"1.0": ssl.TLSVersion.TLSv1, "1.1": ssl.TLSVersion.TLSv1_1, "1.2": ssl.TLSVersion.TLSv1_2,
                    "1.3": ssl.TLSVersion.TLSv1_3}
        for offered in versions:
            server = self.serve_tls("implicit", "--tls-version", offered)
            for tried, version in versions.items():
                if tried == offered:
                    self.connect_tls(server, context=self.trust(version)).line()
                else:
                    with self.assertRaises((ssl.SSLError, ConnectionError)):
                        self.connect_tls(server, context=self.trust(version)).line()

    def test_any_version_is_1_2_and_1_3(self):
        server = self.serve_tls("implicit")
        with self.assertRaises((ssl.SSLError, ConnectionError)):
            self.connect_tls(server, context=self.trust(ssl.TLSVersion.TLSv1_1))

    def test_alpn(self):
        for options, offered, chosen in (([], ["pop3"], "pop3"), ([], ["imap", "pop3"], "pop3"), ([], ["imap"], None),
                                         (["--alpn", "pop3"], [], None)):
            server = self.serve_tls("implicit", *options)
            context = self.trust()
            context.set_alpn_protocols(offered)
            client = self.connect_tls(server, context=context)
            self.assertEqual(client.socket.selected_alpn_protocol(), chosen)

    def test_another_alpn(self):
        server = self.serve_tls("implicit", "--alpn", "imap")
        context = self.trust()
        context.set_alpn_protocols(["pop3", "imap"])
        client = self.connect_tls(server, context=context)
        self.assertEqual(client.socket.selected_alpn_protocol(), "imap")

    def test_R_TLS_12_no_close_notify(self):
        for mode, connect in (("implicit", self.connect_tls), ("stls", self.connect_stls)):
            client = connect(self.serve_tls(mode, "--no-close-notify", "--drop", "RETR=60"))
            if mode == "implicit":
                client.line()
            self.assertEqual(log_in(client), LOGGED_IN)
            client.send("RETR 1\r\n")
            self.assertEqual(len(client.socket.recv(100)), 60)
            with self.assertRaises(ssl.SSLEOFError):
                client.socket.recv(1)

    def test_R_TLS_12_renegotiation(self):
        server = self.serve_tls("implicit", "--renegotiate", "NOOP")
        for refuses in (False, True):
            context = self.trust(ssl.TLSVersion.TLSv1_2)
            context.options |= ssl.OP_NO_RENEGOTIATION if refuses else 0
            client = self.connect_tls(server, context=context)
            client.line()
            self.assertEqual(log_in(client), LOGGED_IN)
            if refuses:
                with self.assertRaises((ssl.SSLError, ConnectionError, EOFError)):
                    for _ in range(9):
                        client.command("NOOP")
            else:
                self.assertEqual(client.command("NOOP"), b"+OK\r\n")
                self.assertEqual(client.command("QUIT")[:3], b"+OK")

    def test_A_03_injected_behind_stls(self):
        client = self.connect(self.serve_tls("stls", "--unsolicited", "STLS=+OK injected"))
        client.line()
        client.send("STLS\r\n")
        self.assertEqual(client.read_segment(), b"+OK begin TLS negotiation\r\n+OK injected\r\n")
        self.secure(client)
        self.assertEqual(client.command("NOOP"), b"-ERR NOOP is not allowed now\r\n")

    def test_A_03_injected_in_a_segment_of_its_own(self):
        client = self.connect(self.serve_tls("stls", "--unsolicited", "STLS=+OK injected", "--unsolicited-pause", "50"))
        client.line()
        client.send("STLS\r\n")
        self.assertEqual(client.read_segment(), b"+OK begin TLS negotiation\r\n")
        self.assertEqual(client.read_segment(), b"+OK injected\r\n")
        self.secure(client)
        self.assertEqual(client.command("CAPA")[:3], b"+OK")

    def test_A_03_a_hello_in_front_of_the_injected_line(self):
        client = self.connect(self.serve_tls("stls", "--unsolicited", "STLS=+OK injected", "--unsolicited-pause", "50"))
        client.line()
        client.command("STLS")
        with self.assertRaises(ssl.SSLError):  # "+OK i" is no record
            self.secure(client)

    def test_A_02_stls_refused(self):
        client = self.connect(self.serve_tls("stls", "--err", "STLS=not today"))
        client.line()
        self.assertEqual(client.command("STLS"), b"-ERR not today\r\n")
        self.assertEqual(log_in(client), LOGGED_IN)

    def test_A_02_forged_capa_before_tls(self):
        for text, lines in ((r"USER\r\nSASL PLAIN", [b"USER", b"SASL PLAIN"]), ("", []), ("TOP", [b"TOP"])):
            client = self.connect(self.serve_tls("stls", "--clear-capa", text))
            client.line()
            self.assertEqual(self.capabilities(client), lines)
            client.command("STLS")
            self.secure(client)
            self.assertIn(b"UIDL", self.capabilities(client))


class CommandLine(tls_client.Case):
    def test_the_facts_name_mode_and_ca(self):
        server = self.serve_tls("stls")
        self.assertIn(f"\ntls         stls\nca-file     {self.ca}\n", server.text(server.facts))

    def test_what_does_not_fit_together(self):
        for options, words in ((["--tls", "on"], "it is one of off|stls|implicit"),
                               (["--tls", ""], "it is one of off|stls|implicit"),
                               (["--ca-out", "x"], "need --tls stls or --tls implicit"),
                               (["--tls", "stls", "--key", "x"], "--key needs --cert"),
                               (["--tls", "stls", "--cert", "x", "--ca-out", "y"], "without --cert"),
                               (["--tls", "stls", "--clear-capa", r"\q"], "has an escape other than"),
                               (["--tls", "stls", "--cert", "/nonexistent"], "/nonexistent cannot be read"),
                               (["--tls", "stls", "--ca-out", "/nonexistent/x"], "cannot be written")):
            done = subprocess.run([harness.SATCHEL, "serve", *options], stderr=subprocess.PIPE, text=True, timeout=20)
            self.assertIn(done.returncode, (64, 66), options)
            self.assertIn(words, done.stderr)


if __name__ == "__main__":
    harness.main()
