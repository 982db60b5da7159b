#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Each fault option, alone and combined (F-01 to F-04): what a client sees, octet for octet."""
import socket
import time

import harness
from harness import STAMP

GREETING = b"+OK POP3 server ready " + STAMP.encode() + b"\r\n"
LOGIN = b"USER mrose\r\nPASS mvan99\r\n"
LOGGED_IN = GREETING + b"+OK mrose is valid\r\n+OK mrose is logged in\r\n"


class Fault(harness.Case):
    def serve(self, *options, **how):
        return super().serve("--stamp", STAMP, *options, **how)

    def talk(self, options, commands):
        """All that the server says to these commands until it closes, or the client has ended its side."""
        client = self.connect(self.serve(*options))
        client.send(LOGIN + commands)
        client.socket.shutdown(socket.SHUT_WR)
        return client.rest()


class Answers(Fault):
    def test_err(self):
        got = self.talk(["--err", "STAT=[SYS/TEMP] later", "--err", "DELE", "--err", "QUIT=no"],
                        b"STAT\r\nDELE 1\r\nLIST 1\r\nQUIT\r\nNOOP\r\n")
        self.assertEqual(got, LOGGED_IN + b"-ERR [SYS/TEMP] later\r\n-ERR\r\n+OK 1 120\r\n-ERR no\r\n+OK\r\n")

    def test_err_of_every_command(self):
        for command in ("USER mrose", "PASS mvan99", "APOP mrose x", "CAPA", "STAT", "LIST", "UIDL", "RETR 1",
                        "TOP 1 1", "DELE 1", "NOOP", "RSET", "QUIT"):
            verb = command.split()[0]
            client = self.connect(self.serve("--err", verb + "=[X/Y] z"))
            client.line()
            client.command("USER mrose")
            if verb not in ("USER", "PASS", "APOP"):
                client.command("PASS mvan99")
            self.assertEqual(client.command(command), b"-ERR [X/Y] z\r\n", verb)

    def test_err_pass_does_not_log_in(self):
        client = self.connect(self.serve("--err", "PASS=[IN-USE] locked"))
        client.line()
        client.command("USER mrose")
        self.assertEqual(client.command("PASS mvan99"), b"-ERR [IN-USE] locked\r\n")
        self.assertTrue(client.command("STAT").startswith(b"-ERR"))

    def test_R_1939_01_greeting_err_closes(self):
        client = self.connect(self.serve("--err", "GREETING=[SYS/PERM] no"))
        self.assertEqual(client.rest(), b"-ERR [SYS/PERM] no\r\n")

    def test_F_04_reply(self):
        got = self.talk(["--reply", r"UIDL=+OK\r\n1 a\r\n1 a\r\n.", "--reply", r"STAT=+OK 99999999999999999999 -1\0"],
                        b"UIDL\r\nSTAT\r\nNOOP\r\n")
        self.assertEqual(got, LOGGED_IN + b"+OK\r\n1 a\r\n1 a\r\n.\r\n+OK 99999999999999999999 -1\0\r\n+OK\r\n")

    def test_reply_does_what_was_asked_for(self):
        got = self.talk(["--reply", "DELE=200 gone", "--reply", "PASS=+OK hello"], b"DELE 1\r\nSTAT\r\n")
        self.assertEqual(got, GREETING + b"+OK mrose is valid\r\n+OK hello\r\n200 gone\r\n+OK 1 200\r\n")

    def test_malformed_greeting(self):
        for text in ("200 hello", "+OKAY", r"\xEF\xBB\xBF+OK", "", "+OK<1.2@x>", "* OK"):
            client = self.connect(self.serve("--reply", "GREETING=" + text))
            self.assertEqual(client.line(), text.replace(r"\xEF\xBB\xBF", "\xef\xbb\xbf").encode("latin1") + b"\r\n")
            self.assertEqual(client.command("USER mrose"), b"+OK mrose is valid\r\n")

    def test_F_03_unsolicited(self):
        got = self.talk(["--unsolicited", "GREETING", "--unsolicited", r"RETR=-ERR \x41 too"], b"RETR 1\r\nNOOP\r\n")
        self.assertTrue(got.startswith(GREETING + b"+OK nobody asked\r\n+OK mrose is valid\r\n"))
        self.assertTrue(got.endswith(b"office.\r\n.\r\n-ERR A too\r\n+OK\r\n"))

    def test_text_length_of_one_verb(self):
        for length, text in ((0, b"+OK"), (1, b"+OK m"), (5, b"+OK mrose"), (14, b"+OK mrose is valid"),
                             (15, b"+OK mrose is valid "), (500, b"+OK mrose is valid " + b"x" * 485)):
            client = self.connect(self.serve("--text-length", f"USER={length}"))
            client.line()
            self.assertEqual(client.command("USER mrose"), text + b"\r\n")
            self.assertEqual(client.command("PASS mvan99"), b"+OK mrose is logged in\r\n")

    def test_text_length_of_all_keeps_what_has_a_meaning(self):
        got = self.talk(["--text-length", "0"], b"STAT\r\nLIST 1\r\nUIDL 1\r\nLIST\r\nDELE 1\r\nDELE 1\r\nNOOP\r\n")
        self.assertEqual(got, GREETING + b"+OK\r\n+OK\r\n+OK 2 320\r\n+OK 1 120\r\n+OK 1 whqtswO00WBw418f9t5JxYwZ\r\n"
                         b"+OK\r\n1 120\r\n2 200\r\n.\r\n+OK\r\n-ERR\r\n+OK\r\n")

    def test_text_length_1_and_500(self):
        got = self.talk(["--text-length", "1"], b"NOOP\r\nSTAT\r\n")
        self.assertEqual(got, GREETING + b"+OK m\r\n+OK m\r\n+OK x\r\n+OK 2 320\r\n")
        for line in self.talk(["--text-length", "500"], b"NOOP\r\nSTAT\r\nDELE 9\r\n").splitlines():
            self.assertEqual(len(line.split(b" ", 1)[1]), 500)

    def test_F_01_a_line_of_a_mebibyte(self):
        got = self.talk(["--text-length", "STAT=1048576"], b"STAT\r\nNOOP\r\n")[len(LOGGED_IN):]
        self.assertEqual(got, b"+OK 2 320 " + b"x" * (1048576 - 6) + b"\r\n+OK\r\n")

    def test_A_09_endless(self):
        for verb, before in (("GREETING", b"+OK POP3 server ready"), ("STAT", LOGGED_IN + b"+OK 2 320 x")):
            client = self.connect(self.serve("--endless", verb))
            client.send(LOGIN + b"STAT\r\n")
            data = b""
            while len(data) < 1 << 20:
                data += client.read_segment()
            self.assertTrue(data.startswith(before), data[:100])
            self.assertEqual(data[len(before) + 40:].strip(b"x"), b"")


class Ends(Fault):
    def test_silent(self):
        for verb, expected in (("GREETING", b""), ("USER", GREETING), ("PASS", GREETING + b"+OK mrose is valid\r\n"),
                               ("STAT", LOGGED_IN), ("RETR", LOGGED_IN + b"+OK 2 320\r\n"),
                               ("QUIT", LOGGED_IN + b"+OK 2 320\r\n-ERR message 1 already deleted\r\n")):
            client = self.connect(self.serve("--silent", verb, "--err", "RETR=message 1 already deleted"))
            client.send(LOGIN + b"STAT\r\nRETR 1\r\nQUIT\r\n")
            self.assertEqual(client.read_until(expected), expected)
            client.send("NOOP\r\n")
            self.assertTrue(client.silence(0.15), verb)

    def test_silence_ends_with_the_client(self):
        client = self.connect(self.serve("--silent", "GREETING"))
        client.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(client.rest(), b"")

    def test_close_instead_of_an_answer(self):
        self.assertEqual(self.talk(["--close", "GREETING"], b""), b"")
        self.assertEqual(self.talk(["--close", "PASS"], b"STAT\r\n"), GREETING + b"+OK mrose is valid\r\n")
        self.assertEqual(self.talk(["--close", "STAT"], b"NOOP\r\nSTAT\r\nNOOP\r\n"), LOGGED_IN + b"+OK\r\n")

    def test_R_1939_23_close_at_quit_removes_nothing(self):
        server = self.serve("--close", "QUIT")
        client = self.session(server)
        client.command("DELE 1")
        client.send("QUIT\r\n")
        self.assertEqual(client.rest(), b"")
        self.assertEqual(self.session(server).command("STAT"), b"+OK 2 320\r\n")

    def test_D_09_lost_reply_to_quit_after_the_removal(self):
        server = self.serve("--drop", "QUIT=0")
        client = self.session(server)
        client.command("DELE 1")
        client.send("QUIT\r\n")
        self.assertEqual(client.rest(), b"")
        self.assertEqual(self.session(server).command("STAT"), b"+OK 1 200\r\n")

    def test_the_lock_is_free_before_quit_is_answered(self):
        server = self.serve("--delay", "QUIT=999999")
        self.session(server).send("QUIT\r\n")
        for _ in range(200):
            client = self.connect(server)
            if client.login().startswith(b"+OK"):
                return
        self.fail("QUIT was executed late")

    def test_drop_at_each_octet_of_a_session(self):
        commands = b"STAT\r\nLIST\r\nRETR 2\r\nQUIT\r\n"
        whole = self.talk([], commands)
        for count in list(range(0, len(whole), 13)) + [len(whole) - 1, len(whole), len(whole) + 5]:
            self.assertEqual(self.talk(["--drop", str(count)], commands), whole[:count])

    def test_drop_within_one_answer(self):
        before = LOGGED_IN + b"+OK\r\n"
        answer = self.talk([], b"NOOP\r\nRETR 1\r\n")[len(before):]
        for count in (0, 1, 5, 16, 17, 18, 100, len(answer) - 5, len(answer) - 1, len(answer)):
            got = self.talk(["--drop", f"RETR={count}"], b"NOOP\r\nRETR 1\r\nSTAT\r\n")
            self.assertEqual(got, before + answer[:count])
        got = self.talk(["--drop", f"RETR={len(answer) + 1}"], b"NOOP\r\nRETR 1\r\nSTAT\r\n")
        self.assertEqual(got, before + answer + b"+OK 2 320\r\n")

    def test_the_lock_is_free_after_a_drop(self):
        server = self.serve("--drop", "STAT=3")
        client = self.session(server)
        client.send("STAT\r\n")
        self.assertEqual(client.rest(), b"+OK")
        self.session(server)


class Pieces(Fault):
    COMMANDS = b"LIST\r\nRETR 2\r\nQUIT\r\n"

    def segments(self, options, commands=COMMANDS):
        client = self.connect(self.serve(*options))
        client.send(LOGIN + commands)
        pieces = []
        while True:
            piece = client.socket.recv(65536)
            if not piece:
                return pieces
            pieces.append(piece)

    def test_F_01_one_octet_a_segment(self):
        whole = self.talk([], self.COMMANDS)
        began = time.monotonic()
        pieces = self.segments(["--split", "1", "--split-pause", "2"])
        self.assertEqual(b"".join(pieces), whole)
        self.assertIn(1, map(len, pieces))
        self.assertGreaterEqual(time.monotonic() - began, (len(whole) - 1) * 0.001)

    def test_split_at_other_sizes(self):
        whole = self.talk([], self.COMMANDS)
        for size in (2, 7, 100, 1460):
            pieces = self.segments(["--split", str(size), "--split-pause", "0"])
            self.assertEqual(b"".join(pieces), whole)
        began = time.monotonic()
        self.assertEqual(b"".join(self.segments(["--split", "100", "--split-pause", "50"])), whole)
        self.assertGreaterEqual(time.monotonic() - began, (len(whole) // 100 - 1) * 0.049)

    def test_coalesce(self):
        client = self.connect(self.serve("--coalesce", "1000"))
        for command in (b"USER mrose\r\n", b"PASS mvan99\r\n", b"STAT\r\n", b"RETR 1\r\n"):
            client.send(command)
            self.assertTrue(client.silence(0.05))
        data = client.socket.recv(65536)
        self.assertTrue(data.startswith(LOGGED_IN + b"+OK 2 320\r\n+OK 120 octets\r\n"))
        self.assertTrue(data.endswith(b"office.\r\n.\r\n"))

    def test_delay(self):
        client = self.connect(self.serve("--delay", "STAT=500", "--delay", "NOOP=0"))
        client.login()
        for command, least, most in (("NOOP", 0, 0.4), ("STAT", 0.495, 10)):
            began = time.monotonic()
            client.command(command)
            self.assertTrue(least <= time.monotonic() - began < most, command)

    def test_delay_of_all_and_in_order(self):
        began = time.monotonic()
        self.assertEqual(self.talk(["--delay", "30"], b"STAT\r\nQUIT\r\n"),
                         LOGGED_IN + b"+OK 2 320\r\n+OK POP3 server signing off (2 messages left)\r\n")
        self.assertGreaterEqual(time.monotonic() - began, 5 * 0.03 - 0.005)

    def test_delay_without_end(self):
        client = self.connect(self.serve("--delay", "STAT=18446744073709551615"))
        client.login()
        client.send("STAT\r\n")
        self.assertTrue(client.silence(0.1))

    def test_Q_22_lf_only(self):
        got = self.talk(["--lf-only"], self.COMMANDS)
        self.assertEqual(got, self.talk([], self.COMMANDS).replace(b"\r\n", b"\n"))
        self.assertNotIn(b"\r", got)

    def test_lf_only_stuffs_at_its_own_lines(self):
        folder = self.maildir(**{"1.a": b"a\n.\n.b\r\n..\n"})
        for options in ((), ("--octets",)):
            got = self.talk(["--lf-only", "--maildir", folder, *options], b"RETR 1\r\n")
            self.assertTrue(got.endswith(b" octets\na\n..\n..b\n...\n.\n"), got)

    def test_no_stuffing(self):
        got = self.talk(["--no-stuffing"], b"RETR 2\r\n")
        self.assertIn(b"two.\r\n.this one did,\r\n..\r\n.\r\nDots", got)

    def test_Q_21_no_final_crlf(self):
        folder = self.maildir(**{"1.a": b"text", "2.b": b"text\n"})
        options = ["--maildir", folder]
        self.assertTrue(self.talk(options, b"RETR 1\r\n").endswith(b"text\r\n.\r\n"))
        self.assertTrue(self.talk([*options, "--no-final-crlf"], b"RETR 1\r\n").endswith(b"text.\r\n"))
        self.assertTrue(self.talk([*options, "--no-final-crlf"], b"RETR 2\r\n").endswith(b"text\r\n.\r\n"))


class Together(Fault):
    def test_faults_combine(self):
        got = self.talk(["--lf-only", "--split", "3", "--split-pause", "0", "--text-length", "NOOP=4",
                         "--err", "STAT=x", "--unsolicited", "NOOP", "--drop", "LIST=7", "--delay", "1"],
                        b"NOOP\r\nSTAT\r\nLIST\r\nQUIT\r\n")
        self.assertEqual(got, LOGGED_IN.replace(b"\r\n", b"\n") + b"+OK xxxx\n+OK nobody asked\n-ERR x\n+OK 2 m")

    def test_endless_until_a_drop(self):
        got = self.talk(["--endless", "STAT", "--drop", "STAT=200000"], b"STAT\r\n")
        self.assertEqual(len(got) - len(LOGGED_IN), 200000)


if __name__ == "__main__":
    harness.main()
