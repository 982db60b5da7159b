# SPDX-License-Identifier: MIT
"""`satchel list`: every way to connect, every form of its output, and what servers and senders may put into it."""
import command

MAIL = (b"From: =?utf-8?Q?J=C3=BCrgen?= <j@example.org>\nSubject: =?iso-8859-1?Q?Gr=FC=DFe?=\n"
        b"Date: Fri, 20 Nov 2026 09:55:06 -0600\n\nHello.\n")
SIZE = len(MAIL) + MAIL.count(b"\n")


class List(command.Case):
    def test_each_way_to_connect(self):
        for mode in ("off", "stls", "implicit"):
            with self.subTest(mode):
                server = self.pop3(mode, "--maildir", self.maildir(a=MAIL, b=b"Subject: two\n\n"))
                outcome = self.run_satchel("list", *server.target)
                self.assert_code(outcome, 0)
                lines = [line.split("\t") for line in outcome.text.splitlines()]
                self.assertEqual(lines, [
                    ["1", str(SIZE), "a", "2026-11-20T15:55:06Z", "Jürgen <j@example.org>", "Grüße"],
                    ["2", "16", "b", "", "", "two"]])
                self.assertEqual(self.heard(server)[-1], "QUIT")
                self.assertFalse([line for line in self.heard(server) if line.startswith(("RETR", "DELE"))])

    def test_json(self):
        server = self.pop3("implicit", "--maildir", self.maildir(a=MAIL, b=b"\n"))
        outcome = self.run_satchel("list", "--json", *server.target)
        self.assertEqual(outcome.objects, [
            {"number": 1, "size": SIZE, "uid": "a", "date": "2026-11-20T15:55:06Z", "from": "Jürgen <j@example.org>",
             "subject": "Grüße"},
            {"number": 2, "size": 2, "uid": "b", "date": None, "from": None, "subject": None}])

    def test_a_table_on_a_terminal(self):
        server = self.pop3("implicit", "--maildir", self.maildir(a=MAIL, b=b"Subject: " + b"long " * 40 + b"\n\n"))
        outcome = self.run_on_terminal("list", *server.target)
        self.assert_code(outcome, 0)
        heading, first, second = outcome.text.splitlines()
        self.assertEqual(heading.split(), ["N", "SIZE", "DATE", "UID", "FROM", "SUBJECT"])
        self.assertEqual(first.split(), ["1", str(SIZE), "2026-11-20", "a", "Jürgen", "<j@example...", "Grüße"])
        self.assertEqual(first.index("Grüße"), heading.index("SUBJECT"))
        self.assertEqual(len(second), 80)
        self.assertTrue(second.endswith("..."))

    def test_wide_characters_take_two_columns(self):
        subject = "Subject: " + "漢" * 60 + "\n\n"
        server = self.pop3("off", "--maildir", self.maildir(a=subject.encode()))
        line = self.run_on_terminal("list", *server.target).text.splitlines()[1]
        self.assertIn(len(line) + line.count("漢"), (79, 80))

    def test_an_empty_maildrop(self):
        server = self.pop3("off", "--maildir", self.maildir())
        self.assertEqual(self.run_satchel("list", *server.target).out, b"")
        self.assertEqual(self.run_on_terminal("list", *server.target).text, "there are no messages\n")

    def test_the_quick_form(self):
        server = self.pop3("off")
        outcome = self.run_satchel("list", "--no-headers", *server.target)
        self.assertEqual([line.split("\t")[:2] for line in outcome.text.splitlines()], [["1", "120"], ["2", "200"]])
        self.assertFalse([line for line in self.heard(server) if line.startswith("TOP")])
        outcome = self.run_satchel("list", "--no-headers", "--json", *server.target)
        self.assertEqual(outcome.objects[0].keys(), {"number", "size", "uid"})

    def test_the_newest(self):
        server = self.pop3("off", "--maildir", self.maildir(a=b"\n", b=b"\n", c=b"\n"))
        for newest, numbers in (("1", "3"), ("2", "23"), ("9", "123")):
            outcome = self.run_satchel("list", "--newest", newest, *server.target)
            self.assertEqual("".join(line[0] for line in outcome.text.splitlines()), numbers)

    def test_a_server_without_uidl(self):
        server = self.pop3("off", "--err", "UIDL=never heard of it")
        outcome = self.run_satchel("list", *server.target)
        self.assert_code(outcome, 0)
        self.assertEqual([line.split("\t")[2] for line in outcome.text.splitlines()], ["", ""])
        self.assertIn("never heard of it", outcome.errors)
        self.assertEqual(self.run_satchel("list", "--quiet", *server.target).err, b"")

    def test_a_server_without_top(self):
        announced = self.pop3("off", "--reply", r"CAPA=+OK\r\nUIDL\r\nUSER\r\n.", "--err", "TOP")
        silent = self.pop3("off", "--err", "CAPA", "--err", "TOP")
        for server in (announced, silent):
            outcome = self.run_satchel("list", *server.target)
            self.assert_code(outcome, 0)
            self.assertEqual([line.split("\t")[:2] for line in outcome.text.splitlines()], [["1", "120"], ["2", "200"]])
            self.assertIn("no TOP", outcome.errors)
        self.assertNotIn("TOP 1 0", self.heard(announced))
        self.assertNotIn("TOP 2 0", self.heard(silent))

    def test_a_refused_header_is_one_message_without_one(self):
        server = self.pop3("off", "--err", "TOP=gone")
        outcome = self.run_satchel("list", *server.target)
        self.assert_code(outcome, 0)
        self.assertEqual([line.split("\t")[3:] for line in outcome.text.splitlines()], [["", "", ""]] * 2)

    def test_a_wrong_line_does_not_hide_the_others(self):
        server = self.pop3("off", "--reply", r"LIST=+OK\r\n1 120\r\nnonsense\r\n.")
        outcome = self.run_satchel("list", *server.target)
        self.assert_code(outcome, 76)
        self.assertTrue(outcome.text.startswith("1\t120\t"))
        self.assertIn("nonsense", outcome.errors)


class Hostile(command.Case):
    """R-OUT-01"""

    def forms(self, server):
        yield self.run_satchel("list", *server.target)
        yield self.run_satchel("list", "--json", *server.target)
        yield self.run_satchel("list", "-v", *server.target)
        yield self.run_on_terminal("list", *server.target)

    def test_headers(self):
        encoded = b"=?utf-8?Q?=1B]0;owned=07=E2=80=AE=0D=0Ax=FF?="
        mail = b"From: " + command.HOSTILE + b"\nSubject: a\tb " + encoded + b"\nDate: " + command.HOSTILE + b"\n\n"
        server = self.pop3("off", "--maildir", self.maildir(a=mail))
        for outcome in self.forms(server):
            self.assert_code(outcome, 0)
            self.assert_safe(outcome.out, outcome.err)
            self.assertIn(rb"\x1B]0;owned\x07", outcome.out.replace(rb"\\", b"\\"))
        line = self.run_satchel("list", *server.target).text.splitlines()
        self.assertEqual(len(line), 1)
        self.assertEqual(line[0].count("\t"), 5)

    def test_unique_ids(self):
        server = self.pop3("off", "--reply", "UIDL=+OK\\r\\n1 a" + "".join(f"\\x{octet:02X}" for octet in b"\x1b[2J\x9b")
                           + "\\r\\n2 b\\r\\n.")
        for outcome in self.forms(server):
            self.assert_safe(outcome.out, outcome.err)

    def test_words_of_the_server(self):
        text = "".join(f"\\x{octet:02X}" for octet in command.HOSTILE)
        for refused in ("PASS", "LIST", "GREETING"):
            server = self.pop3("off", "--err", f"{refused}={text}")
            for outcome in self.forms(server):
                self.assertNotEqual(outcome.code, 0)
                self.assert_safe(outcome.out, outcome.err)
                self.assertIn(rb"\x1B]0;owned\x07", outcome.out + outcome.err)


if __name__ == "__main__":
    command.main()
