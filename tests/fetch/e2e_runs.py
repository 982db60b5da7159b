# SPDX-License-Identifier: MIT
"""D-07, D-08, D-14, D-24, D-27, Q-09: what one run leaves to the next, where something went wrong in between.
ARGUMENTS: satchel"""
import contextlib
import hashlib
import sqlite3
import sys
import unittest

import lister
import world
from e2e_listings import Here, stored, text


class Server(lister.Lister):
    """`broken`: a function of verb and arguments; what it returns is the answer, and the end of the session if it is b""."""

    broken = staticmethod(lambda verb, arguments: None)

    def answer(self, verb, arguments, marked):
        given = self.broken(verb, arguments)
        if given == b"":
            raise OSError("the session ends here")
        return super().answer(verb, arguments, marked) if given is None else given


def ends_at(verb, *arguments):
    return lambda said, given: b"" if (said, *given[:len(arguments)]) == (verb, *arguments) else None


def refuses(verb, words=b"-ERR no\r\n"):
    return lambda said, _: words if said == verb else None


class Runs(unittest.TestCase):
    def setUp(self):
        self.here = Here()
        self.addCleanup(self.here.__exit__)

    def mail(self):
        return world.counted(self.here.mail)

    def database(self, statement):
        with contextlib.closing(sqlite3.connect(self.here.state / "state.db")) as database, database:
            database.execute(statement)

    # ---- Equal uids ----

    def copies(self):
        messages = {1: text("a"), 2: text("b")}
        return messages, Server(dict(messages), uidl=[b"1 x", b"2 x"])

    def test_D08_copies_that_change_their_order_before_they_are_deleted(self):
        messages, server = self.copies()
        with server:
            self.here.from_(server)
            server.messages = {1: messages[2], 2: messages[1]}
            self.here.from_(server, "--keep", "none")
            self.assertEqual(self.mail(), stored(*messages.values()))
            self.assertEqual(server.marked, {1, 2})

    def test_D08_a_copy_that_vanishes_before_the_other_is_deleted(self):
        messages, server = self.copies()
        with server:
            self.here.from_(server)
            server.messages, server.uidl, server.sizes = {1: messages[2]}, [b"1 x"], [b"1 %d" % len(messages[2])]
            self.here.from_(server, "--keep", "none")
            self.assertEqual(self.mail(), stored(*messages.values()))
            self.assertEqual(server.marked, {1})

    def test_D08_copies_of_a_destination_that_kept_other_line_ends(self):
        messages, server = self.copies()
        with server:
            self.here.from_(server, "--line-ends", "keep")
            server.messages = {1: messages[2], 2: messages[1]}
            self.here.from_(server, "--keep", "none")
            self.assertEqual(sum(self.mail().values()), 2)

    # ---- A uid used again ----

    def test_D14_three_messages_under_one_uid(self):
        contents = [text("a"), text("b"), text("c", "!")]
        with Server({1: contents[0]}, uidl=[b"1 x"]) as server:
            for content in contents:
                server.messages, server.sizes = {1: content}, [b"1 %d" % len(content)]
                self.here.from_(server, "--keep", "none")
        self.assertEqual(self.mail(), stored(*contents))

    def test_D14_new_mail_under_an_old_uid_is_as_young_as_it_is(self):
        with Server({1: text("a")}, uidl=[b"1 x"]) as server:
            self.here.from_(server, "--keep", "30d")
            self.database("UPDATE msg SET delivered_s = delivered_s - 40 * 86400")
            server.messages = {1: text("b")}
            self.here.from_(server, "--keep", "30d")
            self.assertEqual(self.mail(), stored(text("a"), text("b")))
            self.assertEqual(server.marked, set())

    # ---- A uid that is too long ----

    def test_Q06_long_uids_are_told_apart_and_known_again(self):
        messages = {1: text("a"), 2: text("b"), 3: text("c")}
        uidl = [b"1 " + b"x" * 255, b"2 " + b"x" * 256, b"3 " + b"x" * 900]
        with Server(dict(messages), uidl=uidl) as server:
            self.here.from_(server)
            self.here.from_(server, "--keep", "none")
            self.assertEqual(self.mail(), stored(*messages.values()))
            self.assertEqual(server.marked, {1, 2, 3})
            self.assertFalse([said for said in server.said[server.said.index("QUIT"):] if said.startswith("RETR")])

    # ---- The journal is lost ----

    def lose_state(self, server):
        self.here.from_(server)
        world.shutil.rmtree(self.here.state)

    def test_D07_loss_of_the_state_and_a_run_that_comes_to_nothing(self):
        messages = {n: text(n) for n in range(1, 6)}
        with Server(messages) as server:
            self.lose_state(server)
            server.broken = ends_at("STAT")
            self.here.from_(server, code=75)
            server.broken = Server.broken
            self.here.from_(server)
        self.assertEqual(self.mail(), stored(*messages.values()))

    def test_D07_loss_of_the_state_and_a_run_that_is_broken_off(self):
        messages = {n: text(n) for n in range(1, 6)}
        with Server(messages, uidl=[b"%d uid-%d" % (n, n) for n in range(1, 4)]) as server:
            self.lose_state(server)
            server.uidl = [b"%d uid-%d" % (n, n) for n in messages]
            server.broken = ends_at("RETR", "5")
            self.here.from_(server, code=75)
            server.broken = Server.broken
            self.here.from_(server)
        self.assertEqual(self.mail(), stored(*messages.values()))

    def test_D07_loss_of_the_state_and_few_messages_a_run(self):
        messages = {n: text(n) for n in range(1, 6)}
        with Server(messages) as server:
            self.lose_state(server)
            for _ in range(3):
                self.here.from_(server, "--max-messages", "2")
        self.assertEqual(self.mail(), stored(*messages.values()))

    def test_D14_what_is_recognised_by_its_name_is_compared_before_it_is_deleted(self):
        with Server({1: text("a")}) as server:
            self.lose_state(server)
            server.messages, server.sizes = {1: text("a", "!")}, [b"1 %d" % len(text("a", "!"))]
            self.here.from_(server)
            self.here.from_(server, "--keep", "none")
        self.assertEqual(self.mail(), stored(text("a"), text("a", "!")))

    # ---- What the server does not give ----

    def test_D24_a_message_that_ends_the_session_does_not_stop_the_others_for_ever(self):
        messages = {n: text(n) for n in range(1, 5)}
        with Server(messages) as server:
            server.broken = ends_at("RETR", "2")
            for _ in range(3):
                self.here.from_(server, code=75)
            self.here.from_(server)
        self.assertEqual(self.mail(), stored(*(messages[n] for n in (1, 3, 4))))

    def test_D24_a_server_that_is_out_of_order_for_a_while_loses_nothing(self):
        messages = {n: text(n) for n in range(1, 4)}
        with Server(messages) as server:
            server.broken = refuses("RETR", b"-ERR [SYS/TEMP] the disk is away\r\n")
            for _ in range(4):
                self.here.from_(server, code=75)
            server.broken = Server.broken
            self.here.from_(server)
        self.assertEqual(self.mail(), stored(*messages.values()))

    # ---- QUIT whose reply is lost ----

    def test_Q09_deletions_that_nobody_confirmed_are_no_new_uids(self):
        with Server({n: text(n) for n in range(1, 6)}) as server:
            server.broken = ends_at("QUIT")
            self.here.from_(server, "--keep", "none", code=75)
            messages = {n: text(n) for n in range(6, 18)}
            server.messages, server.count = messages, len(messages)
            server.uidl = [b"%d uid-%d" % (n, n) for n in messages]
            server.sizes = [b"%d %d" % (n, len(m)) for n, m in messages.items()]
            server.broken = Server.broken
            self.here.from_(server, "--keep", "none")
        self.assertEqual(self.mail(), stored(*(text(n) for n in range(1, 18))))

    # ---- Destinations ----

    def interrupted(self, server, folder, *, moved):
        """One message, as a kill leaves it between S3 and S4, or (`moved`) between S4 and S6."""
        self.here.from_(server)
        (name,) = (path.name for path in (folder / "new").iterdir())
        owner = hashlib.sha256(f"127.0.0.1\0me\0{server.port}".encode()).hexdigest()[:16]
        spool = folder / "tmp" / f"satchel-{owner}.1.1"
        spool.mkdir()
        (spool / ".batch").touch()
        if not moved:
            (folder / "new" / name).rename(spool / name)
        boot_id = world.pathlib.Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        self.database("INSERT INTO intent SELECT account, uid, k, generation, list_size, place, size, digest, header_digest, "
                      f"'{owner}.1.1', '{name}', '{boot_id}', 0 FROM msg")
        self.database("DELETE FROM msg")

    def test_D06_finished_where_it_was_begun_and_nothing_is_left_there(self):
        messages = {1: text("a")}
        other = self.here.folder / "other"
        with Server(messages) as server:
            self.interrupted(server, self.here.mail, moved=False)
            self.here.from_(server, "--to", f"maildir:{other}", "--again")
        self.assertEqual(self.mail() + world.counted(other), stored(text("a")))
        self.assertTrue(self.here.spool_is_empty())

    def test_D06_finished_in_a_folder_that_was_moved(self):
        other = self.here.folder / "other"
        with Server({1: text("a")}) as server:
            self.interrupted(server, self.here.mail, moved=True)
            self.here.mail.rename(other)
            (taken,) = (other / "new").iterdir()
            taken.unlink()  # read and removed meanwhile: only the mark in the spool proves that it was there
            self.here.from_(server, "--to", f"maildir:{other}")
        self.assertEqual(world.counted(other), stored())
        self.assertFalse(self.here.mail.exists())

    def test_D27_two_mboxes_in_one_folder_are_two_destinations(self):
        with Server({1: text("a")}) as server:
            self.here.from_(server, "--to", f"mbox:{self.here.folder}/one")
            told = self.here.from_(server, "--to", f"mbox:{self.here.folder}/two", code=78)
            self.assertIn(b"--again", told.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
