# SPDX-License-Identifier: MIT
"""What examples/netx_mail prints and how it ends when things go well and when they do not: each failure has the
documented status and words that say what to do; the same of examples/netx_secure_mail; and examples/first, examples/client.
Arguments: satchel, netx_mail, full_pool, first, client, netx_secure_mail."""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "serve"))
import harness  # noqa: E402

NETX_MAIL, FULL_POOL, FIRST, CLIENT, NETX_SECURE_MAIL = sys.argv[2:7]


def unused_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def run(port, *arguments, program=NETX_MAIL):
    environment = {**os.environ, "NXHOST_ROUTE": f"192.2.2.89:110=127.0.0.1:{port}"}
    return subprocess.run([program, *arguments], env=environment, stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=60, text=True)


class NetxMail(harness.Case):
    def fails(self, ended, status, words):
        self.assertEqual(ended.returncode, 1, ended)
        self.assertEqual(ended.stdout, "")
        self.assertIn(f"status 0x{status:02X}: ", ended.stderr)
        self.assertIn(words, ended.stderr)

    def fetches(self, method, login):
        server = self.serve("--once", "2", "--trace-secrets", "--stamp", harness.STAMP)
        first, second = run(server.port, method), run(server.port, method)
        self.assertEqual((first.returncode, first.stderr), (0, ""))
        self.assertIn("2 mails, 320 octets\n--- mail 1, 120 octets\n", first.stdout)
        self.assertEqual((second.returncode, second.stdout), (0, "0 mails, 0 octets\n"))
        server.process.wait(harness.SOON)
        commands = [line for line in server.text(server.trace).splitlines() if line.startswith("C: ")]
        session = ["STAT", "RETR 1", "DELE 1", "RETR 2", "DELE 2", "QUIT"]
        self.assertEqual(commands, [f"C: {c}" for c in login + session + login + ["STAT", "QUIT"]])

    def test_apop(self):
        self.fetches("apop", [f"APOP mrose {harness.DIGEST}"])

    def test_user_and_pass(self):
        self.fetches("user", ["USER mrose", "PASS mvan99"])

    def test_wrong_password(self):
        port = self.serve().port
        self.fails(run(port, "user", "mrose", "wrong"), 0xB4, "wrong name or password")
        self.fails(run(port, "apop", "mrose", "wrong"), 0xB4, "wrong name or password")
        self.fails(run(port, "apop-only", "mrose", "wrong"), 0xB3, "refused the secret")

    def test_apop_is_not_offered(self):
        server = self.serve("--reply", "GREETING=+OK ready\\r\\n")
        self.fails(run(server.port, "apop-only"), 0xB3, "offers no APOP")

    def test_refused_connection(self):
        self.fails(run(unused_port()), 0x38, "nothing listens there")

    def test_dead_server(self):
        self.fails(run(self.serve("--silent", "GREETING").port), 0x01, "did not answer in time")

    def test_server_closes_in_mid_message(self):
        ended = run(self.serve("--drop", "RETR=60").port)
        self.assertEqual(ended.returncode, 1)
        self.assertIn("status 0x38", ended.stderr)
        self.assertIn("stays on the server", ended.stderr)

    def test_full_pool(self):
        self.fails(run(self.serve().port, program=FULL_POOL), 0x01, "the packet pool is empty")

    def test_names_that_cannot_be_used(self):
        port = unused_port()
        for name, password in (("n" * 41, "p"), ("n", "p" * 21), ("", "p"), ("n", ""), ("n\n", "p"), ("n", "p\r\nDELE 1")):
            self.fails(run(port, "user", name, password), 0xB1, "empty, too long or have control characters")

    def test_usage(self):
        for arguments in (("pop",), ("user", "mrose"), ("user", "a", "b", "c")):
            ended = run(unused_port(), *arguments)
            self.assertEqual(ended.returncode, 64)
            self.assertTrue(ended.stderr.startswith("Usage: "))


class NetxSecureMail(harness.Case):
    """NetX Secure over OpenSSL against the server's TLS."""

    def fetch(self, mode, *options, name="localhost"):
        folder = tempfile.TemporaryDirectory(prefix="satchel-examples-")
        self.addCleanup(folder.cleanup)
        pem, der = (os.path.join(folder.name, "ca." + form) for form in ("pem", "der"))
        server = self.serve("--tls", mode, "--ca-out", pem, "--trace-secrets", *options)
        subprocess.run(["openssl", "x509", "-in", pem, "-outform", "der", "-out", der], check=True)
        port = 110 if mode == "stls" else 995
        environment = {**os.environ, "NXHOST_ROUTE": f"192.2.2.89:{port}=127.0.0.1:{server.port}"}
        ended = subprocess.run([NETX_SECURE_MAIL, mode, name, der], env=environment, stdin=subprocess.DEVNULL,
                               capture_output=True, timeout=60, text=True)
        return ended, server.text(server.trace)

    def refused(self, ended, status, reason):
        self.assertEqual((ended[0].returncode, ended[0].stdout), (1, ""), ended)
        self.assertIn(f"status 0x{status:02X}, NetX Secure's is 0x{reason:03X}", ended[0].stderr)
        self.assertNotIn("mrose", ended[1])

    def test_implicit_and_stls(self):
        for mode, first in (("implicit", "USER mrose"), ("stls", "STLS")):
            ended, trace = self.fetch(mode)
            self.assertEqual((ended.returncode, ended.stderr), (0, ""))
            self.assertTrue(ended.stdout.startswith("2 mails, 320 octets\n"))
            self.assertEqual(len(ended.stdout.encode().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")), 320 + 21)
            commands = [line[3:] for line in trace.splitlines() if line.startswith("C: ")]
            self.assertEqual(commands[0], first)
            self.assertEqual(commands[-6:], ["USER mrose", "PASS mvan99", "STAT", "RETR 1", "RETR 2", "QUIT"])

    def test_certificates_that_are_refused(self):
        for mode in ("implicit", "stls"):
            self.refused(self.fetch(mode, name="pop.example.org"), 0xBA, 0x195)
            self.refused(self.fetch(mode, "--cert-fault", "expired"), 0xBA, 0x193)

    def test_A_02_stls_is_refused(self):
        self.refused(self.fetch("stls", "--reply", "STLS=-ERR no\\r\\n"), 0xBB, 0)

    def test_usage(self):
        ended = subprocess.run([NETX_SECURE_MAIL, "implicit", "localhost"], capture_output=True, text=True, timeout=60)
        self.assertEqual(ended.returncode, 64)
        self.assertTrue(ended.stderr.startswith("Usage: "))


class First(harness.Case):
    """The engine alone: descriptor 0 is the connection."""

    def run_first(self, server, *arguments):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            return subprocess.run([FIRST, *arguments], stdin=connection, capture_output=True, timeout=60)

    def test_prints_message_1(self):
        ended = self.run_first(self.serve("--split", "1"), "mrose", "mvan99")
        self.assertEqual((ended.returncode, ended.stderr), (0, b""))
        self.assertEqual(len(ended.stdout), 120)

    def test_refusals_and_broken_connections(self):
        self.assertIn(b"refused: ", self.run_first(self.serve(), "mrose", "wrong").stderr)
        self.assertIn(b"failed: ", self.run_first(self.serve("--drop", "RETR=60"), "mrose", "mvan99").stderr)

    def test_F_03_octets_behind_a_reply_answer_nothing(self):
        ended = self.run_first(self.serve("--unsolicited", "PASS"), "mrose", "mvan99")
        self.assertEqual((ended.returncode, ended.stdout), (1, b""))
        self.assertIn(b"failed: ", ended.stderr)


class Client(harness.Case):
    """The client library: sizes, or one message."""

    def run_client(self, server, number="0", password="tanstaaf"):
        return subprocess.run([CLIENT, "mrose", "127.0.0.1", number, str(server.port)], stdin=subprocess.DEVNULL,
                              env={**os.environ, "POP_PASSWORD": password}, capture_output=True, timeout=60, text=True)

    def test_prints_sizes(self):
        ended = self.run_client(self.serve())
        self.assertEqual((ended.returncode, ended.stdout, ended.stderr), (0, "1 120\n2 200\n", ""))

    def test_prints_a_message(self):
        ended = self.run_client(self.serve("--split", "1"), "2")
        self.assertEqual((ended.returncode, ended.stderr), (0, ""))
        self.assertEqual(len(ended.stdout.encode().replace(b"\n", b"\r\n")), 200)

    def test_failures_have_words(self):
        ended = self.run_client(self.serve(), password="wrong")
        self.assertEqual((ended.returncode, ended.stdout), (1, ""))
        self.assertIn("127.0.0.1 says that the credentials are wrong. ", ended.stderr)
        ended = self.run_client(self.serve(), "7")
        self.assertIn("127.0.0.1 refused RETR 7. ", ended.stderr)
        ended = self.run_client(self.serve("--drop", "RETR=60"), "1")
        self.assertIn("127.0.0.1 closed the connection before the end of the reply to RETR", ended.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[7:])
