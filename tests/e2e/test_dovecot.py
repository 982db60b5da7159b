# SPDX-License-Identifier: MIT
"""The NetX client against Dovecot."""
import cases
import netx
from servers import Dovecot


class Corpus(cases.CorpusCases, cases.NetxServerCase):
    server_class = Dovecot


class Sessions(cases.SessionCases, cases.NetxServerCase):
    server_class = Dovecot

    def test_N46_item_size_is_the_number_in_the_reply_to_RETR(self):
        outcome = self.fetch()
        sizes = [self.server.listed_size(self.server.stored(body)) for body in self.BODIES]
        self.assertEqual(list(outcome.sizes.values()), sizes)

    def test_N54_dot_line_that_dovecot_does_not_stuff(self):
        # Dovecot sends a first line of one dot as it is: the message ends there for every client, and what follows is
        # no reply to anything. The session must be given up, so that nothing is deleted, this message least of all.
        self.server.stock([b"one\n", b".\nrest\n", b"three\n"])
        outcome = self.fetch(delete="all")
        self.assertEqual(outcome.messages, {1: b"one\r\n", 2: b""})
        self.assertEqual(outcome.deletions, {1: netx.SUCCESS, 2: netx.INVALID_STATE})
        self.assertEqual(outcome.retrievals[3], netx.INVALID_STATE)
        self.assertEqual(outcome.quits, [netx.INVALID_STATE])
        self.assert_clean(outcome)
