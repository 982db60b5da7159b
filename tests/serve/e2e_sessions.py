#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Documented sessions octet for octet, each command in each state, pipelining, locks, UPDATE."""
import hashlib
import re
import socket

import harness
from harness import DIGEST, STAMP

FIRST = (b"From: dewey@example.org\r\nTo: mrose@example.org\r\nSubject: The satchel\r\n\r\n"
         b"Two letters are waiting for you at the office.\r\n")
SECOND = (b"From: dewey@example.org\r\nTo: mrose@example.org\r\nSubject: Dots\r\n\r\n"
          b"A line that begins with a dot travels with two.\r\n.this one did,\r\n..\r\n.\r\n"
          b"Dots inside are content and end nothing.\r\nand it is all here.\r\n")
SECOND_ON_THE_WIRE = SECOND.replace(b"\r\n.", b"\r\n..")


def wire(*lines):
    return b"".join(line + b"\r\n" for line in lines)


def play(client, dialogue):
    """Sends each C line, gives what came back, one status or multi-line answer after another."""
    return [client.command(text) + (client.multiline() if more else b"") for text, more in dialogue]


class Documented(harness.Case):
    """The sample sessions of RFC 1939 section 10 and of the NetX Duo documentation."""

    MAIL = [b"+OK 120 octets\r\n" + FIRST + b".\r\n", b"+OK message 1 deleted\r\n",
            b"+OK 200 octets\r\n" + SECOND_ON_THE_WIRE + b".\r\n", b"+OK message 2 deleted\r\n"]
    FETCH = [("RETR 1", True), ("DELE 1", False), ("RETR 2", True), ("DELE 2", False), ("QUIT", False)]

    def test_the_two_messages_have_120_and_200_octets(self):
        self.assertEqual((len(FIRST), len(SECOND)), (120, 200))

    def test_rfc1939_section_10_by_apop(self):
        server = self.serve("--stamp", STAMP, "--name", "dewey")
        client = self.connect(server)
        self.assertEqual(client.line(), b"+OK dewey POP3 server ready " + STAMP.encode() + b"\r\n")
        got = play(client, [("APOP mrose " + DIGEST, False), ("STAT", False), ("LIST", True)] + self.FETCH)
        self.assertEqual(got, [b"+OK mrose's maildrop has 2 messages (320 octets)\r\n", b"+OK 2 320\r\n",
                               b"+OK 2 messages (320 octets)\r\n1 120\r\n2 200\r\n.\r\n", *self.MAIL,
                               b"+OK dewey POP3 server signing off (maildrop empty)\r\n"])
        self.assertEqual(client.rest(), b"")

    def test_netx_duo_sample_by_user_and_pass(self):
        server = self.serve("--stamp", STAMP)
        client = self.connect(server)
        self.assertEqual(client.line(), b"+OK POP3 server ready " + STAMP.encode() + b"\r\n")
        got = play(client, [("USER mrose", False), ("PASS mvan99", False), ("STAT", False)] + self.FETCH)
        self.assertEqual(got, [b"+OK mrose is valid\r\n", b"+OK mrose is logged in\r\n", b"+OK 2 320\r\n", *self.MAIL,
                               b"+OK POP3 server signing off (maildrop empty)\r\n"])
        self.assertEqual(client.rest(), b"")

    def test_the_trace_shows_it_octet_for_octet(self):
        server = self.serve("--stamp", STAMP, "--name", "dewey", "--trace-secrets")
        client = self.connect(server)
        client.line()
        play(client, [("APOP mrose " + DIGEST, False), ("STAT", False), ("LIST", True), ("QUIT", False)])
        client.rest()
        server.stop()
        self.assertEqual(server.text(server.trace),
                         f"S: +OK dewey POP3 server ready {STAMP}\nC: APOP mrose {DIGEST}\n"
                         "S: +OK mrose's maildrop has 2 messages (320 octets)\nC: STAT\nS: +OK 2 320\nC: LIST\n"
                         "S: +OK 2 messages (320 octets)\nS: 1 120\nS: 2 200\nS: .\nC: QUIT\n"
                         "S: +OK dewey POP3 server signing off (2 messages left)\n")

    def test_examples_of_the_command_sections(self):
        client = self.session(self.serve())
        for command, answer in [("LIST 2", b"+OK 2 200"),
                                ("LIST 3", b"-ERR no such message, only 2 messages in maildrop"),
                                ("UIDL 2", b"+OK 2 QhdPYR:00WBw1Ph7x7"),
                                ("UIDL 3", b"-ERR no such message, only 2 messages in maildrop"),
                                ("DELE 1", b"+OK message 1 deleted"), ("DELE 1", b"-ERR message 1 already deleted"),
                                ("STAT", b"+OK 1 200"), ("RSET", b"+OK maildrop has 2 messages (320 octets)"),
                                ("NOOP", b"+OK"), ("STAT", b"+OK 2 320")]:
            self.assertEqual(client.command(command), answer + b"\r\n", command)
        client.send("UIDL\r\n")
        self.assertEqual(client.line() + client.multiline(),
                         wire(b"+OK unique-id listing follows", b"1 whqtswO00WBw418f9t5JxYwZ", b"2 QhdPYR:00WBw1Ph7x7",
                              b"."))


class Commands(harness.Case):
    def test_capa_in_both_states(self):
        client = self.connect(self.serve())
        client.line()
        client.send("CAPA\r\n")
        before = client.line() + client.multiline()
        for tag in (b"TOP", b"USER", b"UIDL", b"RESP-CODES", b"AUTH-RESP-CODE", b"PIPELINING"):
            self.assertIn(b"\r\n" + tag + b"\r\n", before)
        self.assertRegex(before, rb"\r\nIMPLEMENTATION satchel-[0-9.]+\r\n")
        client.command("USER mrose")
        client.command("PASS mvan99")
        client.send("CAPA\r\n")
        self.assertEqual(client.line() + client.multiline(), before)

    def test_top(self):
        client = self.session(self.serve())
        header, body = SECOND.split(b"\r\n\r\n")
        lines = [line.replace(b".", b"..", 1) if line.startswith(b".") else line for line in body.splitlines(True)]
        for count in range(9):
            client.send(f"TOP 2 {count}\r\n")
            self.assertEqual(client.line(), b"+OK top of message follows\r\n")
            self.assertEqual(client.multiline(), header + b"\r\n\r\n" + b"".join(lines[:count]) + b".\r\n")
        self.assertTrue(client.command("TOP 2 -1").startswith(b"-ERR"))
        self.assertTrue(client.command("TOP 3 1").startswith(b"-ERR no such message"))

    def test_R_1939_02_each_command_only_in_its_state(self):
        server = self.serve()
        client = self.connect(server)
        client.line()
        for command in ("STAT", "LIST", "UIDL", "RETR 1", "TOP 1 1", "DELE 1", "NOOP", "RSET", "PASS mvan99"):
            self.assertTrue(client.command(command).startswith(b"-ERR"), command)
        client.command("USER mrose")
        client.command("PASS mvan99")
        for command in ("USER mrose", "PASS mvan99", f"APOP mrose {DIGEST}"):
            self.assertTrue(client.command(command).startswith(b"-ERR"), command)
        self.assertEqual(client.command("STAT"), b"+OK 2 320\r\n")

    def test_R_1939_18_pass_only_directly_behind_user(self):
        client = self.connect(self.serve())
        client.line()
        client.command("USER mrose")
        client.command("NOOP")
        self.assertTrue(client.command("PASS mvan99").startswith(b"-ERR PASS is not allowed"))
        client.command("USER mrose")
        self.assertTrue(client.command("PASS wrong").startswith(b"-ERR [AUTH]"))
        self.assertTrue(client.command("PASS mvan99").startswith(b"-ERR PASS is not allowed"))

    def test_R_3206_02_wrong_credentials(self):
        server = self.serve("--stamp", STAMP)
        client = self.connect(server)
        client.line()
        for user, password in (("mrose", "wrong"), ("nobody", "mvan99")):
            self.assertEqual(client.command(f"USER {user}"), f"+OK {user} is valid\r\n".encode())
            self.assertTrue(client.command(f"PASS {password}").startswith(b"-ERR [AUTH]"))
        self.assertTrue(client.command(f"APOP mrose {'0' * 32}").startswith(b"-ERR [AUTH]"))
        self.assertTrue(client.command(f"APOP nobody {DIGEST}").startswith(b"-ERR [AUTH]"))
        self.assertTrue(client.command(f"APOP mrose {DIGEST}").startswith(b"+OK"))

    def test_guessing_ends_the_connection(self):
        client = self.connect(self.serve())
        client.line()
        for _ in range(5):
            client.command("USER mrose")
            self.assertTrue(client.command("PASS wrong").startswith(b"-ERR [AUTH]"))
        self.assertEqual(client.rest(), b"")

    def test_R_1939_19_another_stamp_each_time_and_it_counts(self):
        server = self.serve()
        stamps = set()
        for _ in range(3):
            client = self.connect(server)
            stamp = re.search(rb"<[^<>@]+@[^<>@]+>", client.line())[0]
            stamps.add(stamp)
            digest = hashlib.md5(stamp + b"tanstaaf").hexdigest()
            self.assertTrue(client.command(f"APOP mrose {digest}").startswith(b"+OK"))
            client.command("QUIT")
        self.assertEqual(len(stamps), 3)

    def test_only_what_has_a_secret_is_offered(self):
        client = self.connect(self.serve("--password", "x", sample=False))
        self.assertNotIn(b"<", client.line())
        self.assertTrue(client.command(f"APOP mrose {DIGEST}").startswith(b"-ERR APOP is not offered"))
        client = self.connect(self.serve("--apop-secret", "x", sample=False))
        self.assertIn(b"<", client.line())
        self.assertTrue(client.command("USER mrose").startswith(b"-ERR USER is not offered"))
        client.send("CAPA\r\n")
        client.line()
        self.assertNotIn(b"USER", client.multiline())


class Flow(harness.Case):
    def test_R_2449_12_answers_come_in_order(self):
        client = self.connect(self.serve("--stamp", STAMP))
        client.send(wire(b"USER mrose", b"PASS mvan99", b"STAT", b"RETR 2", b"XTND", b"LIST 1", b"DELE 1", b"RETR 1",
                         b"QUIT", b"STAT"))
        self.assertEqual(client.rest(),
                         wire(b"+OK POP3 server ready " + STAMP.encode(), b"+OK mrose is valid",
                              b"+OK mrose is logged in", b"+OK 2 320", b"+OK 200 octets") + SECOND_ON_THE_WIRE +
                         wire(b".", b"-ERR unknown command", b"+OK 1 120", b"+OK message 1 deleted",
                              b"-ERR message 1 already deleted", b"+OK POP3 server signing off (1 message left)"))

    def test_ten_thousand_commands_at_once(self):
        client = self.session(self.serve())
        client.send(b"LIST 2\r\n" * 10000)
        client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(client.rest(), b"+OK 2 200\r\n" * 10000)

    def test_commands_octet_by_octet(self):
        client = self.connect(self.serve())
        client.line()
        for octet in b"USER mrose\r\nPASS mvan99\r\nSTAT\r\n":
            client.send(bytes([octet]))
        self.assertEqual(client.read_until(b"320\r\n"),
                         b"+OK mrose is valid\r\n+OK mrose is logged in\r\n+OK 2 320\r\n")

    def test_a_bare_lf_ends_a_command(self):
        client = self.session(self.serve())
        client.send("STAT\n")
        self.assertEqual(client.line(), b"+OK 2 320\r\n")

    def test_R_2449_11_the_lock_is_exclusive_and_ends_with_the_session(self):
        server = self.serve()
        first = self.session(server)
        second = self.connect(server)
        self.assertTrue(second.login().startswith(b"-ERR [IN-USE]"))
        first.command("QUIT")
        second.command("USER mrose")
        self.assertEqual(second.command("PASS mvan99"), b"+OK mrose is logged in\r\n")
        second.socket.close()
        third = self.connect(server)
        third.line()
        third.command("USER mrose")
        for _ in range(200):
            if third.command("PASS mvan99").startswith(b"+OK"):
                return
            third.command("USER mrose")
        self.fail("a closed connection keeps the lock")

    def test_R_1939_22_deletions_last_when_quit_was_said(self):
        server = self.serve()
        client = self.session(server)
        client.command("DELE 1")
        self.assertEqual(client.command("QUIT"), b"+OK POP3 server signing off (1 message left)\r\n")
        client = self.session(server)
        self.assertEqual(client.command("UIDL 1"), b"+OK 1 QhdPYR:00WBw1Ph7x7\r\n")

    def test_R_1939_23_nothing_is_removed_without_quit(self):
        server = self.serve()
        client = self.session(server)
        client.command("DELE 1")
        client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(client.rest(), b"")
        self.assertEqual(self.session(server).command("STAT"), b"+OK 2 320\r\n")

    def test_rset_takes_marks_back(self):
        server = self.serve()
        client = self.session(server)
        client.command("DELE 1")
        client.command("RSET")
        client.command("QUIT")
        self.assertEqual(self.session(server).command("STAT"), b"+OK 2 320\r\n")

    def test_quit_before_login(self):
        client = self.connect(self.serve())
        client.line()
        self.assertEqual(client.command("QUIT"), b"+OK POP3 server signing off\r\n")
        self.assertEqual(client.rest(), b"")

    def test_octets_behind_quit_do_not_cost_its_answer(self):
        client = self.session(self.serve())
        client.send(b"QUIT\r\n" + b"x" * 100000)
        self.assertIn(b"signing off", client.rest())

    def test_autologout(self):
        client = self.session(self.serve("--autologout", "1"))
        client.command("DELE 1")
        self.assertEqual(client.rest(), b"")


if __name__ == "__main__":
    harness.main()
