# SPDX-License-Identifier: MIT
"""
F-02, D-25, D-21, D-07: the corpus of the end-to-end tests through `satchel fetch` to Maildir and mbox, read back by Python's mailbox
module: the octets that the server sent, with LF for CRLF or as they are. ARGUMENTS: satchel
"""
import mailbox
import unittest

import dovecot  # finds tests/e2e
import world

import corpus
import wire_server


class WireSession(wire_server.WireSession):
    VERBS = {**wire_server.WireSession.VERBS, True: ("STAT", "LIST", "UIDL", "RETR", "QUIT")}

    def listing(self, value):
        lines = [f"{n} {value(n)}\r\n" for n in range(1, len(self.server.bodies) + 1)]
        self.connection.sendall(("+OK\r\n" + "".join(lines) + ".\r\n").encode())

    def LIST(self):
        self.listing(lambda n: len(self.server.bodies[n - 1]))

    def UIDL(self):
        self.listing(lambda n: f"uid-{n}")


class WireServer(wire_server.WireServer):
    def __init__(self, contents):
        super().__init__([wire_server.stuff(content) for content in contents])

    def session(self, connection):
        return WireSession(self, connection)


class WireWorld(world.World):
    user = wire_server.USER

    def start(self):
        self.password.write_text(wire_server.PASSWORD + "\n")
        self.server = WireServer(self.messages)

    def port(self):
        return self.server.port

    @staticmethod
    def sent(content):
        """A server ends what it sends by CRLF."""
        return content if content.endswith(b"\r\n") or not content else content + b"\r\n"


class DovecotWorld(dovecot.World):
    def stock(self):
        self.stored = [self.server.stored(content) for content in self.messages]
        self.server.stock(self.stored)

    def sent(self, content):
        return self.server.canonical(self.server.stored(content))


def as_stored(sent, mbox, keep):
    """An mbox has whole lines only, which may add the last LF."""
    octets = sent if keep else sent.replace(b"\r\n", b"\n")
    return octets + b"\n" if mbox and octets and not octets.endswith(b"\n") else octets


class Bytes(unittest.TestCase):
    maxDiff = 2000

    def in_order(self, here):
        """Contents as a reader gets them: a Maildir is ordered by the names of its files."""
        if here.mbox:
            return world.read_mbox(here.mail)
        box = mailbox.Maildir(here.mail, create=False)
        return [box.get_bytes(key) for key in sorted(box.keys())]

    def through(self, make, contents, *options, mbox=False):
        with make(contents, mbox=mbox) as here:
            done = here.fetch(*options)
            self.assertEqual(done.returncode, 0, done.stderr)
            found = self.in_order(here)
            self.assertEqual(len(found), len(contents))
            for number, (octets, content) in enumerate(zip(found, contents), 1):
                wanted = as_stored(here.sent(content), mbox, "keep" in options)
                self.assertTrue(octets == wanted, f"message {number}: {octets[:200]!r} instead of {wanted[:200]!r}")
            if make is WireWorld:
                self.assertEqual(here.server.early, [])

    # Each false end takes the wire server a moment: no body of nothing else.
    hard = [octets for name, octets in corpus.messages(260) if name != "300 KB of LF."]

    def test_F02_wire_to_Maildir(self):
        self.through(WireWorld, self.hard)

    def test_F02_wire_to_mbox(self):
        self.through(WireWorld, self.hard, mbox=True)

    def test_D25_wire_line_ends_as_they_come(self):
        for mbox in (False, True):
            self.through(WireWorld, self.hard[:150], "--line-ends", "keep", mbox=mbox)

    def test_F02_Dovecot_to_Maildir(self):
        self.through(DovecotWorld, [octets for _, octets in corpus.messages()])

    def test_F02_Dovecot_to_mbox(self):
        self.through(DovecotWorld, [octets for _, octets in corpus.messages()], mbox=True)

    def test_D25_Dovecot_line_ends_as_they_come(self):
        self.through(DovecotWorld, [octets for _, octets in corpus.messages(200)], "--line-ends", "keep")


class Order(unittest.TestCase):
    def test_D07_Dovecot_lists_what_was_delivered_in_the_order_it_was_fetched(self):
        """Its order, over IMAP too, is that of the names, as long as it has not seen the messages before."""
        messages = [world.message(number) for number in range(1, 201)]
        with world.World(messages) as here, dovecot.World([]) as reader:
            for _ in range(2):  # the second run's come behind the first one's
                self.assertEqual(here.fetch("--max-messages", "100").returncode, 0)
            world.shutil.rmtree(reader.served)
            world.shutil.copytree(here.mail, reader.served)
            reader.server.give_away(str(reader.served))
            listed = reader.folder / "listed"
            done = reader.fetch(to=f"mbox:{listed}")
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(world.read_mbox(listed), messages)


if __name__ == "__main__":
    unittest.main(argv=world.sys.argv[:1], verbosity=2)
