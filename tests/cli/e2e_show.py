# SPDX-License-Identifier: MIT
"""`satchel show` and `satchel top`: exact into a pipe, harmless on a terminal, and without any change on the server."""
import random

import command

BODY = b"Subject: x\r\n\r\n.\r\n..two\r\n\tbare\rCR\x00 and gr\xc3\xbc\xc3\x9fe\r\n" + command.HOSTILE + b"\r\n\r\n"


class Show(command.Case):
    def octets(self, mode, content, *options):
        return self.pop3(mode, "--octets", "--maildir", self.maildir(a=content), *options)

    def test_exact_into_a_pipe_each_way(self):
        generator = random.Random(1939)
        large = bytes(generator.randrange(256) for _ in range(300000)) + b"\r\n"
        for mode in ("off", "stls", "implicit"):
            for content in (BODY, large):
                with self.subTest(mode, n=len(content)):
                    server = self.octets(mode, content)
                    outcome = self.run_satchel("show", "1", *server.target)
                    self.assert_code(outcome, 0)
                    self.assertEqual(outcome.out, content)
                    self.assertEqual(outcome.err, b"")

    def test_harmless_on_a_terminal(self):
        server = self.octets("implicit", BODY)
        for arguments in (["show", "1"], ["top", "1", "9"]):
            outcome = self.run_on_terminal(*arguments, *server.target)
            self.assert_code(outcome, 0)
            self.assert_safe(outcome.out)
            self.assertEqual(outcome.text.split("\n")[2:5], [".", "..two", "\tbare\\x0DCR\\x00 and grüße"])
            self.assertIn(r"\x1B]0;owned\x07 \x9B31m \xE2\x80\xAE \xFF \x7F", outcome.text)

    def test_characters_that_come_in_pieces(self):
        server = self.octets("off", b"\r\n" + "é漢😀".encode() * 200 + b"\xf0\x9f\r\n", "--split", "1")
        outcome = self.run_on_terminal("show", "1", *server.target)
        self.assertEqual(outcome.text, "\n" + "é漢😀" * 200 + "\\xF0\\x9F\n")

    def test_R_1939_25_never_quit(self):
        server = self.octets("off", BODY)
        for arguments in (["show", "1"], ["top", "1", "0"]):
            self.assert_code(self.run_satchel(*arguments, *server.target), 0)
        self.assertNotIn("QUIT", self.heard(server))

    def test_the_beginning(self):
        server = self.pop3("off")
        for arguments, lines in ((["2"], 10), (["2", "0"], 4), (["2", "2"], 6)):
            outcome = self.run_satchel("top", *arguments, *server.target)
            self.assertEqual(len(outcome.out.splitlines()), lines)
        self.assertIn("TOP 2 10", self.heard(server))

    def test_numbers_and_target_in_any_order(self):
        server = self.pop3("off")
        url, *rest = server.target
        for order in (["2", "1", url], [url, "2", "1"], ["2", url, "1"]):
            self.assertEqual(len(self.run_satchel("top", *order, *rest).out.splitlines()), 5)

    def test_a_message_that_is_not_there(self):
        server = self.pop3("off")
        outcome = self.run_satchel("show", "9", *server.target)
        self.assert_code(outcome, 76)
        self.assertIn("refused RETR 9", outcome.errors)
        self.assertIn("no such message", outcome.errors)

    def test_a_message_that_breaks_off(self):
        server = self.pop3("off", "--drop", "RETR=60")
        outcome = self.run_satchel("show", "1", *server.target)
        self.assert_code(outcome, 75)
        self.assertIn("closed the connection", outcome.errors)

    def test_an_output_that_cannot_be_written(self):
        server = self.octets("off", b"x" * 100000)
        for arguments in (["show", "1"], ["list"], ["caps"], ["check"]):
            with open("/dev/full", "wb") as full:
                process = command.subprocess.run(self.arguments(*arguments, *server.target), stdout=full,
                                                 stderr=command.subprocess.PIPE, env=self.environment, check=False)
            self.assertEqual(process.returncode, 74, process.stderr)
            self.assertIn(b"standard output", process.stderr)

    def test_the_dialogue(self):
        server = self.pop3("off", "--auth", "PLAIN", "--allow-plaintext")
        outcome = self.run_satchel("show", "-v", "1", *server.target)
        self.assertIn("C: AUTH PLAIN ***\n", outcome.errors)
        self.assertIn("C: RETR 1\nS: +OK", outcome.errors)
        self.assertIn("S: (120 octets)\n", outcome.errors)


if __name__ == "__main__":
    command.main()
