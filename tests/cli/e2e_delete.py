# SPDX-License-Identifier: MIT
"""`satchel delete` (D-28): by unique id, all or none, shown and asked for. The server's files tell what became of it."""
import command


class Delete(command.Case):
    def stocked(self, *options, **mails):
        self.served = self.maildir(**(mails or {
            "one": b"From: dewey@example.org\nSubject: =?utf-8?q?caf=C3=A9?=\nDate: Mon, 23 Nov 2026 10:00:00 +0000\n\n1\n",
            "two": b"From: x\x1b[2J\nSubject: \x9b31m\xe2\x80\xae\n\n22\n", "three": b"Subject: last\n\n333\n"}))
        return self.pop3("off", "--maildir", str(self.served), "--writable", *options)

    def left(self):
        return {path.name for path in self.served.glob("[nc][eu][wr]/*")}

    def uid_of(self, server, subject):
        rows = self.run_satchel("list", "--json", *server.target).objects
        return next(row["uid"] for row in rows if row["subject"] == subject)

    def delete(self, server, *rest, **how):
        return self.run_satchel("delete", *server.target, *rest, **how)

    def test_what_is_named_and_nothing_else(self):
        server = self.stocked()
        uid = self.uid_of(server, "café")
        outcome = self.delete(server, uid, "--yes")
        self.assert_code(outcome, 0)
        self.assertEqual(self.left(), {"two", "three"})
        self.assertIn("2026-11-23 10:00\n  from     dewey@example.org\n  subject  café\n", outcome.text)
        self.assertTrue(outcome.text.endswith(f"{uid}: deleted\n"))

    def test_the_same_one_twice(self):
        server = self.stocked()
        uid = self.uid_of(server, "last")
        self.assert_code(self.delete(server, uid, uid, "-y"), 0)
        self.assertEqual(self.left(), {"one", "two"})

    def test_all_or_none(self):
        server = self.stocked()
        outcome = self.delete(server, self.uid_of(server, "last"), "nowhere", "-y")
        self.assert_code(outcome, 66)
        self.assertIn("no message has the unique id nowhere: nothing was deleted", outcome.errors)
        self.assertEqual(len(self.left()), 3)
        self.assertNotIn("DELE", " ".join(self.heard(server)))

    def test_never_by_number(self):
        server = self.stocked("--reply", r"UIDL=+OK\r\n1 a\r\n2 b\r\n3 c\r\n.")
        self.assert_code(self.delete(server, "1", "-y"), 66)
        self.assertEqual(len(self.left()), 3)

    def test_two_messages_of_one_unique_id(self):
        server = self.stocked("--reply", r"UIDL=+OK\r\n1 a\r\n2 a\r\n3 c\r\n.")
        outcome = self.delete(server, "a", "-y")
        self.assert_code(outcome, 76)
        self.assertIn("2 messages have the unique id a", outcome.errors)
        self.assertEqual(len(self.left()), 3)

    def test_refused_without_UIDL(self):
        server = self.stocked("--err", "UIDL=no such thing")
        outcome = self.delete(server, "a", "-y")
        self.assert_code(outcome, 76)
        self.assertIn("without UIDL no message can be told from another", outcome.errors)
        self.assertEqual(len(self.left()), 3)

    def test_another_message_under_its_number(self):
        """UIDL of all says a, of one message something else."""
        server = self.stocked("--reply", r"UIDL=+OK\r\n1 a\r\n2 b\r\n3 c\r\n.")
        outcome = self.delete(server, "a", "-y")
        self.assertNotEqual(outcome.code, 0)
        self.assertIn("nothing was deleted", outcome.errors)
        self.assertEqual(len(self.left()), 3)

    def test_a_question_first(self):
        server = self.stocked()
        uid = self.uid_of(server, "last")
        for answer, code, left in ((b"n\n", 75, 3), (b"\n", 75, 3), (b"\x04", 75, 3), (b"y\n", 0, 2)):
            with self.subTest(answer):
                outcome = self.run_on_terminal("delete", *server.target, uid, say=answer, prompt=b"[y/N] ")
                self.assert_code(outcome, code)
                self.assertEqual(b"Nothing was deleted" in outcome.out, code != 0)
                self.assertEqual(len(self.left()), left)
                self.assertLess(outcome.out.index(b"subject  last"), outcome.out.index(b"Delete this message"))

    def test_nobody_to_ask(self):
        server = self.stocked()
        outcome = self.delete(server, "a")
        self.assert_code(outcome, 64)
        self.assertIn("--yes", outcome.errors)
        self.assertEqual(self.heard(server), [])

    def test_wrong_usage(self):
        for arguments in ([], ["pop://a@b"], ["--yes", "pop://a@b"], ["--newest", "1", "pop://a@b", "x"]):
            self.assert_code(self.run_satchel("delete", *arguments, login=False), 64)

    def test_QUIT_decides(self):
        for options, code, words in ((["--err", "QUIT=some are left"], 76, "were not deleted"),
                                     (["--drop", "QUIT=0"], 75, "nobody knows whether they were deleted"),
                                     (["--close", "DELE"], 75, "nothing was deleted"),
                                     (["--err", "DELE=no"], 76, "nothing was deleted")):
            with self.subTest(options):
                server = self.stocked(*options)
                outcome = self.delete(server, self.uid_of(self.pop3("off", "--maildir", str(self.served)), "last"), "-y")
                self.assert_code(outcome, code)
                self.assertIn(words, outcome.errors)
                self.assertNotIn(": deleted\n", outcome.text)

    def test_R_OUT_01(self):
        server = self.stocked(**{"2": b"From: " + command.HOSTILE + b"\nSubject: " + command.HOSTILE + b"\n\nx\n"})
        uid = self.run_satchel("list", "--json", *server.target).objects[0]["uid"]
        outcome = self.delete(server, uid, command.HOSTILE.replace(b"\x00", b""), "-y")
        self.assert_safe(outcome.out, outcome.err)
        outcome = self.delete(server, uid, "-y")
        self.assert_code(outcome, 0)
        self.assert_safe(outcome.out, outcome.err)

    def test_interrupted_at_the_question(self):
        server = self.stocked()
        outcome = self.run_on_terminal("delete", *server.target, self.uid_of(server, "last"), say=b"\x03",
                                       prompt=b"[y/N] ")
        self.assert_code(outcome, 130)
        self.assertEqual(len(self.left()), 3)


if __name__ == "__main__":
    command.main()
