#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Clients that break the rules, and many of them: the server answers, stays bounded and goes on serving others."""
import os
import pathlib
import random
import resource
import socket
import time

import harness


class Lines(harness.Case):
    def test_too_long_lines_are_refused_and_skipped(self):
        client = self.connect(self.serve())
        client.line()
        for size in (511, 512, 513, 600, 4096, 5000, 100000):
            client.send(b"X" * (size - 2) + b"\r\nNOOP\r\n")
            answer = b"-ERR unknown command\r\n" if size <= 512 else b"-ERR line too long\r\n"
            self.assertEqual(client.line(), answer, size)
            self.assertEqual(client.line(), b"-ERR NOOP is not allowed now\r\n", size)

    def test_a_line_without_end(self):
        client = self.connect(self.serve())
        client.line()
        for _ in range(100):
            client.send(b"x" * 65536)
        self.assertEqual(client.line(), b"-ERR line too long\r\n")
        self.assertTrue(client.silence(0.1))
        client.send("\r\nQUIT\r\n")
        self.assertIn(b"signing off", client.rest())

    def test_A_13_control_octets(self):
        client = self.connect(self.serve())
        client.line()
        for octet in [*range(0, 10), *range(11, 32), 127]:
            client.send(b"USER a" + bytes([octet]) + b"b\r\n")
            self.assertEqual(client.line(), b"-ERR control octets in a command\r\n", octet)
        client.send(b"\0\r\n")
        self.assertEqual(client.line(), b"-ERR control octets in a command\r\n")

    def test_eight_bit_names_come_back_as_they_are(self):
        client = self.connect(self.serve())
        client.line()
        client.send(b"USER \xff\xfe\r\n")
        self.assertEqual(client.line(), b"+OK \xff\xfe is valid\r\n")

    def test_empty_and_odd_lines(self):
        client = self.connect(self.serve())
        client.line()
        for line in (b"", b" ", b"\xff" * 20, b"GREETING", b"GET / HTTP/1.1", b"EHLO x", b"%s%n%s%n", b"USER"):
            client.send(line + b"\r\n")
            self.assertTrue(client.line().startswith(b"-ERR"), line)

    def test_A_23_message_numbers(self):
        client = self.session(self.serve())
        for number in ("0", "-1", "3", "+1", "4294967297", "18446744073709551617", "1x", "99999999999999999999999"):
            for verb in ("RETR", "LIST", "UIDL", "DELE"):
                self.assertTrue(client.command(f"{verb} {number}").startswith(b"-ERR"), number)
        self.assertEqual(client.command("STAT"), b"+OK 2 320\r\n")

    def test_A_14_the_trace_is_printable(self):
        server = self.serve("--trace-secrets")
        client = self.connect(server)
        client.line()
        client.send(b"USER \x1b]0;owned\x07\x9b2J\r\n" + bytes(range(11, 256)) + b"\r\nQUIT\r\n")
        client.rest()
        server.stop()
        trace = server.text(server.trace)
        self.assertIn("C: USER \\x1B]0;owned\\x07\\x9B2J\n", trace)
        self.assertEqual([c for c in trace if not (" " <= c <= "~" or c == "\n")], [])


class Garbage(harness.Case):
    def test_random_octets(self):
        server = self.serve("--trace")
        source = random.Random(2)
        words = b"USER mrose,PASS mvan99,STAT,LIST,RETR 1,TOP 1 1,DELE 2,RSET,QUIT,UIDL".split(b",")
        for turn in range(120):
            client = server.connect()
            commands = b"\r\n".join(source.choices(words, k=20)) + b"\r\n"
            noise = bytearray(commands if turn % 2 else source.randbytes(3000))
            for _ in range(turn % 7):
                noise[source.randrange(len(noise))] = source.randrange(256)
            client.send(bytes(noise))
            if turn % 3:
                client.socket.shutdown(socket.SHUT_WR)
                client.rest()
            client.socket.close()
        self.assertEqual(self.connect(server).line()[:3], b"+OK")


class Many(harness.Case):
    def await_login(self, server):
        """The maildrop's lock is free, perhaps after a while."""
        deadline = time.monotonic() + harness.SOON
        while not self.connect(server).login().startswith(b"+OK"):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.05)

    def test_three_hundred_connections(self):
        server = self.serve()
        clients = [self.connect(server) for _ in range(300)]
        for client in clients:
            self.assertEqual(client.line()[:3], b"+OK")
        for client in reversed(clients):
            client.send("USER mrose\r\nPASS mvan99\r\nSTAT\r\nQUIT\r\n")
            self.assertIn(b"+OK 2 320\r\n", client.rest())

    def test_more_than_it_takes_at_once_wait_for_their_turn(self):
        server = self.serve()
        clients = [self.connect(server) for _ in range(530)]
        for client in clients[:512]:
            self.assertEqual(client.line()[:3], b"+OK")
        self.assertTrue(clients[-1].silence(0.1))
        for client in clients[:40]:
            client.send("QUIT\r\n")
            client.rest()
            client.socket.close()
        for client in clients[512:]:
            self.assertEqual(client.line()[:3], b"+OK")

    def test_a_client_that_does_not_read_holds_up_nobody(self):
        folder = self.maildir(**{"1.big": b"x" * (32 << 20)})
        server = self.serve("--maildir", folder, "--autologout", "1")
        lazy = server.connect(receive_buffer=4096)
        lazy.send("USER mrose\r\nPASS mvan99\r\n" + "RETR 1\r\n" * 50)
        other = self.connect(server)
        began = time.monotonic()
        self.assertTrue(other.login().startswith(b"-ERR [IN-USE]"))
        self.assertLess(time.monotonic() - began, 5)
        self.await_login(server)
        lazy.socket.close()

    def test_a_slow_client_is_logged_out_all_the_same(self):
        client = self.connect(self.serve("--autologout", "1"))
        client.line()
        began = time.monotonic()
        with self.assertRaises(OSError):
            while time.monotonic() - began < 10:
                client.send("N")
                time.sleep(0.1)
        self.assertLess(time.monotonic() - began, 5)

    def test_resets_do_no_harm(self):
        server = self.serve()
        for _ in range(50):
            client = server.connect()
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            client.send("USER mrose\r\nPASS mvan99\r\nRETR 1\r\n")
            client.socket.close()
        self.await_login(server)


class Idle(harness.Case):
    """Whatever it waits for, it waits in poll(2)."""

    WAITS = [[], ["--silent", "STAT"], ["--silent", "GREETING"], ["--delay", "STAT=99999"], ["--endless", "STAT"],
             ["--split", "1000", "--split-pause", "0"], ["--split", "9", "--split-pause", "99999"],
             ["--coalesce", "99999"], ["--delay", "STAT=1", "--silent", "STAT"], ["--drop", "STAT=1"],
             ["--close", "STAT"]]

    def test_it_does_not_spin_when_no_descriptor_is_free(self):
        server = self.serve()
        resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (12, 12))
        clients = [self.connect(server) for _ in range(20)]
        time.sleep(0.2)
        before = self.used(server)
        time.sleep(1)
        self.assertLess(self.used(server) - before, 0.1)
        for client in clients:
            self.assertEqual(client.line()[:3], b"+OK")
            client.command("QUIT")
            client.rest()
            client.socket.close()

    def used(self, server):
        fields = pathlib.Path(f"/proc/{server.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def test_it_does_not_spin(self):
        servers = [self.serve(*options) for options in self.WAITS]
        clients = [self.connect(server) for server in servers]
        for client in clients:
            client.send("USER mrose\r\nPASS mvan99\r\nSTAT\r\n")
        time.sleep(0.5)
        before = [self.used(server) for server in servers]
        time.sleep(1)
        for options, server, start in zip(self.WAITS, servers, before):
            self.assertLess(self.used(server) - start, 0.1, options)


if __name__ == "__main__":
    harness.main()
