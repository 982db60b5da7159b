# SPDX-License-Identifier: MIT
"""The NetX client against GNU Mailutils' pop3d."""
import cases
import netx
from servers import Mailutils


class Corpus(cases.CorpusCases, cases.NetxServerCase):
    server_class = Mailutils


class Sessions(cases.SessionCases, cases.NetxServerCase):
    server_class = Mailutils

    def test_N40_apop_refused_then_user_and_pass(self):
        # This user's APOP secret is another than the password, and the server answers APOP with -ERR [AUTH].
        outcome = self.fetch(apop=netx.APOP, password=self.server.password)
        self.assert_all_went_well(outcome)
        self.assertEqual(outcome.maildrops[0][1], len(self.BODIES))

    def test_N46_item_size_where_the_reply_to_RETR_has_no_number(self):
        # It is the size from a mail_item_size_get of the same item before, else 0.
        outcome = self.fetch(list="2,4")
        self.assert_all_went_well(outcome)
        sizes = {number: self.server.listed_size(self.server.stored(body)) for number, body in enumerate(self.BODIES, 1)}
        self.assertEqual(outcome.sizes, {1: 0, 2: sizes[2], 3: 0, 4: sizes[4], 5: 0})
