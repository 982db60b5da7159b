# SPDX-License-Identifier: MIT
"""F-04, A-07, A-19, Q-04 to Q-10, D-08, D-14: what uids may do. ARGUMENTS: satchel"""
import collections
import sys
import unittest

import lister
import world


def text(n, extra=""):
    return f"From: a@b\r\nSubject: {n}\r\n\r\nbody {n}{extra}\r\n".encode()


def stored(*contents):
    return collections.Counter(c.replace(b"\r\n", b"\n") for c in contents)


class Here(world.World):
    """A world that fetches from a Lister."""

    def __init__(self):
        super().__init__([])

    def from_(self, server, *options, code=0):
        """Fetches; always as the same account: the identity has the port (D-27), which a proxy cannot change, so the state is
        told by --state and the server is asked on its own port."""
        arguments = self.arguments(*options)
        arguments[2] = f"pop://me@127.0.0.1:{server.port}"
        done = world.subprocess.run(arguments, stdin=world.subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
                                    env={**world.os.environ, "HOME": str(self.folder)})
        assert done.returncode == code, (done.returncode, done.stderr)
        return done


class Listings(unittest.TestCase):
    def setUp(self):
        self.here = Here()
        self.addCleanup(self.here.__exit__)

    def mail(self):
        return world.counted(self.here.mail)

    def test_D08_copies_come_each_once_whatever_their_order(self):
        messages = {1: text("same"), 2: text("other"), 3: text("same")}
        with lister.Lister(messages, uidl=[b"1 x", b"2 y", b"3 x"]) as server:
            self.here.from_(server)
            self.assertEqual(self.mail(), stored(*messages.values()))
            server.uidl = [b"1 y", b"2 x", b"3 x"]
            server.messages = {1: messages[2], 2: messages[1], 3: messages[3]}
            self.here.from_(server)
            self.assertEqual(self.mail(), stored(*messages.values()))

    def test_D08_one_uid_for_different_mail_loses_nothing(self):
        messages = {1: text("a"), 2: text("b"), 3: text("c")}
        with lister.Lister(messages, uidl=[b"1 x", b"2 x", b"3 x"]) as server:
            self.here.from_(server)
            self.assertEqual(self.mail(), stored(*messages.values()))
            server.messages = {1: messages[1], 2: messages[2], 3: messages[3], 4: text("d")}
            server.uidl, server.count = [b"1 x", b"2 x", b"3 x", b"4 x"], 4
            self.here.from_(server)
            self.assertEqual(self.mail(), stored(*messages.values(), text("d")))

    def test_D14_a_uid_given_to_new_mail_deletes_nothing_unseen(self):
        """The server numbers uids 1, 2, 3 in each session: equal size is no proof, nor is an equal header."""
        first = {1: text("a"), 2: text("b")}
        with lister.Lister(dict(first), uidl=[b"1 1", b"2 2"]) as server:
            self.here.from_(server)
            second = {1: text("c"), 2: text("b", "!")}
            server.messages, server.sizes = dict(second), [b"1 %d" % len(second[1]), b"2 %d" % len(second[2])]
            self.here.from_(server, "--keep", "none")
            self.assertEqual(self.mail(), stored(*first.values(), *second.values()))
            self.assertEqual(server.marked, {1, 2})

    def test_D14_same_size_and_header_is_taken_for_the_same(self):
        with lister.Lister({1: text("a")}) as server:
            self.here.from_(server)
            server.said.clear()
            self.here.from_(server, "--keep", "none")
            self.assertIn("TOP 1 0", server.said)
            self.assertNotIn("RETR 1", server.said)
            self.assertEqual(server.marked, {1})

    def test_D14_unknown_size_is_fetched_and_compared(self):
        with lister.Lister({1: text("a")}, sizes=[]) as server:
            self.here.from_(server)
            self.here.from_(server, "--keep", "none")
            self.assertEqual(server.said.count("RETR 1"), 2)
            self.assertEqual(self.mail(), stored(text("a")))
            self.assertEqual(server.marked, {1})

    def test_A07_uids_are_no_paths(self):
        uids = [b"../../x", b"/etc/passwd", b".", b"..", b":2,S", b"a/b", b"%2e%2e", b"\xff\xfe", b"x" * 255, b" y".strip()]
        messages = {n: text(n) for n in range(1, len(uids) + 1)}
        with lister.Lister(messages, uidl=[b"%d %s" % (n, uid) for n, uid in enumerate(uids, 1)]) as server:
            self.here.from_(server)
            self.assertEqual(self.mail(), stored(*messages.values()))
            self.here.from_(server)
            self.assertEqual(self.mail(), stored(*messages.values()))
        self.assertEqual(sorted(path.name for path in self.here.folder.iterdir()),
                         ["mail", "password", "served", "state"])

    def test_F04_flawed_listings_delete_nothing(self):
        for uidl in ([b"1 a", b"1 b", b"2 c"], [b"0 a", b"1 b", b"2 c"], [b"1 a", b"nonsense", b"2 b"]):
            with self.subTest(uidl=uidl), lister.Lister({1: text("a"), 2: text("b")}, uidl=uidl) as server:
                here = Here()
                self.addCleanup(here.__exit__)
                here.from_(server, "--keep", "none")
                self.assertEqual(server.marked, set())

    def test_Q07_without_a_uid_no_fetch_and_no_deletion(self):
        with lister.Lister({1: text("a"), 2: text("b")}, uidl=[b"1 ", b"2 x"]) as server:
            self.here.from_(server, "--keep", "none")
            self.assertEqual(self.mail(), stored(text("b")))
            self.assertEqual(server.marked - {2}, set())

    def test_F04_gaps_and_counts_that_do_not_match(self):
        with lister.Lister({7: text("a"), 3: text("b")}, count=99) as server:
            self.here.from_(server)
            self.assertEqual(self.mail(), stored(text("a"), text("b")))

    def test_A11_huge_counts_take_no_memory(self):
        with lister.Lister({1: text("a")}, count=4294967295) as server:
            self.here.from_(server)
            self.assertEqual(self.mail(), stored(text("a")))

    def test_Q09_new_uids_for_old_mail_stop_the_run(self):
        messages = {n: text(n) for n in range(1, 21)}
        with lister.Lister(messages) as server:
            self.here.from_(server)
            server.uidl = [b"%d new-%d" % (n, n) for n in messages]
            stopped = self.here.from_(server, code=75)
            self.assertIn(b"--accept-uid-reset", stopped.stderr)
            self.assertEqual(sum(self.mail().values()), 20)
            self.here.from_(server, "--accept-uid-reset")
            self.assertEqual(sum(self.mail().values()), 40)

    def test_Q10_a_window_that_moves_fetches_nothing_twice(self):
        messages = {n: text(n) for n in range(1, 9)}
        with lister.Lister(messages) as server:
            self.here.from_(server)
            for window in (range(5, 9), range(1, 5), range(3, 7)):
                server.uidl = [b"%d uid-%d" % (n, n) for n in window]
                self.here.from_(server)
            self.assertEqual(self.mail(), stored(*messages.values()))

    def test_loss_of_the_state_alone_does_not_duplicate(self):
        messages = {n: text(n) for n in range(1, 6)}
        with lister.Lister(messages) as server:
            self.here.from_(server)
            world.shutil.rmtree(self.here.state)
            self.here.from_(server)
            self.assertEqual(self.mail(), stored(*messages.values()))
            self.here.from_(server, "--keep", "none")
            self.assertEqual(server.marked, set(range(1, 6)))

    def test_L05_larger_than_max_message_stays_and_is_told(self):
        with lister.Lister({1: text("a", "x" * 5000), 2: text("b")}) as server:
            done = self.here.from_(server, "--max-message", "2K", "--keep", "none")
            self.assertEqual(self.mail(), stored(text("b")))
            self.assertEqual(server.marked, {2})
            self.assertEqual(done.stderr, b"")  # --quiet

    def test_max_messages_and_order(self):
        messages = {n: text(n) for n in range(1, 6)}
        with lister.Lister(messages) as server:
            self.here.from_(server, "--max-messages", "2", "--order", "newest")
            self.assertEqual(self.mail(), stored(text(5), text(4)))
            self.here.from_(server, "--max-messages", "2")
            self.assertEqual(self.mail(), stored(text(5), text(4), text(1), text(2)))

    def test_keep_newest(self):
        messages = {n: text(n) for n in range(1, 6)}
        with lister.Lister(messages) as server:
            self.here.from_(server, "--keep", "newest 2")
            self.assertEqual(server.marked, {1, 2, 3})
            self.assertEqual(self.mail(), stored(*[text(n) for n in range(1, 6)]))

    def test_Q21_content_without_final_line_end_and_empty(self):
        with lister.Lister({1: b"", 2: b"\r\n", 3: b"x", 4: b".\r\n..\r\n"}) as server:
            self.here.from_(server)
            found = self.mail()
            self.assertEqual(sum(found.values()), 4)
            self.assertIn(b".\n..\n", found)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
