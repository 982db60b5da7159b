# SPDX-License-Identifier: MIT
"""`satchel check ADDRESS`: from a mail address to a server (R-SRV-01). DNS is a server of this test, in network and mount
namespaces of its own, where /etc/resolv.conf names it. Where namespaces are not permitted it exits with 77."""
import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading

import command

A, AAAA, SRV = 1, 28, 33
INSIDE = "SATCHEL_TEST_INSIDE"


def labels(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".") if label) + b"\0"


class NameServer:
    """Records by (name, type); what is not there is not there."""

    def __init__(self):
        self.records = {}
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 53))
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, client = self.socket.recvfrom(4096)
            self.socket.sendto(self.answer(query), client)

    def answer(self, query):
        at, name = 12, []
        while query[at]:
            name.append(query[at + 1:at + 1 + query[at]].decode().lower())
            at += 1 + query[at]
        kind, = struct.unpack("!H", query[at + 1:at + 3])
        data = self.records.get((".".join(name), kind), [])
        known = any(owner == ".".join(name) for owner, _ in self.records)
        header = query[:2] + struct.pack("!HHHHH", 0x8180 | (0 if known else 3), 1, len(data), 0, 0)
        return header + query[12:at + 5] + b"".join(
            b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 60, len(record)) + record for record in data)

    def tell(self, service, *targets):
        self.records[service, SRV] = [struct.pack("!HHH", 0, 0, port) + labels(host) for host, port in targets]


class Address(command.Case):
    @classmethod
    def setUpClass(cls):
        cls.dns = NameServer()
        for host in ("mail.example.org", "pop.provider.example"):
            cls.dns.records[host, A] = [socket.inet_aton("127.0.0.1")]

    def setUp(self):
        super().setUp()
        self.dns.tell("_pop3._tcp.example.org")
        self.server = self.pop3("implicit", "--name", "mail.example.org")

    def check(self, *options, code=0, address="me@example.org"):
        outcome = self.run_satchel("check", *options, address, "--ca-file", self.ca, login=False)
        self.assert_code(outcome, code)
        return outcome

    def test_found_and_good(self):
        self.dns.tell("_pop3s._tcp.example.org", ("mail.example.org", self.server.port))
        self.dns.tell("_pop3._tcp.example.org", ("mail.example.org", 110))
        report = self.check().text
        self.assertTrue(report.startswith(
            f"Found        pops://me%40example.org@mail.example.org:{self.server.port}\n"
            "             pop://me%40example.org@mail.example.org:110\n"
            f"Server       mail.example.org port {self.server.port}, TLS from the start\n"), report)
        self.assertIn("Certificate  good", report)
        self.assertNotIn("Warning", report)
        self.assert_nothing_secret(self.server)

    def test_a_server_of_another_domain(self):
        self.dns.tell("_pop3s._tcp.example.org", ("pop.provider.example", self.server.port))
        report = self.check(code=77).text
        self.assertIn("Warning      pop.provider.example is in another domain than the address", report)
        self.assertIn("not for pop.provider.example", report)
        found, = self.check("--json", code=77).objects[0]["found"]
        self.assertEqual((found["host"], found["foreign"]), ("pop.provider.example", True))

    def test_a_login_needs_the_url(self):
        self.assertIn("name its URL", self.check("--login", code=64).errors)
        self.assertEqual(self.heard(self.server), [])

    def test_a_domain_without_pop3(self):
        self.dns.tell("_pop3s._tcp.example.org", ("", 0))
        self.assertIn("offers no POP3", self.check(code=68).errors)
        self.assertIn("does not tell of a POP3 server", self.check(address="me@elsewhere.example", code=68).errors)

    def test_an_account_of_that_name_comes_first(self):
        self.environment["SATCHEL_CONFIG"] = self.write(
            "config", f'account me@example.org {{ url = "pops://me@localhost:{self.server.port}" }}\n')
        report = self.check().text
        self.assertTrue(report.startswith("Server       localhost"), report)


def in_namespaces():
    """This program again, where it may be its own DNS."""
    rights = [] if os.geteuid() == 0 else ["--user", "--map-root-user"]
    unshare = ["unshare", *rights, "--net", "--mount", "--"]
    if not shutil.which("unshare") or subprocess.run([*unshare, "true"], check=False).returncode != 0:
        print("SKIPPED: namespaces are not permitted here")
        sys.exit(77)
    os.environ[INSIDE] = "1"
    os.execvp("unshare", [*unshare, sys.executable, "-B", *sys.argv])


def prepare():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    with tempfile.NamedTemporaryFile("w") as file:
        file.write("nameserver 127.0.0.1\n")
        file.flush()
        subprocess.run(["mount", "--bind", file.name, os.path.realpath("/etc/resolv.conf")], check=True)


if __name__ == "__main__":
    if INSIDE not in os.environ:
        in_namespaces()
    prepare()
    command.main()
