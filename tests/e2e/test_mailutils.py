# SPDX-License-Identifier: MIT
"""The NetX client against GNU Mailutils' pop3d."""
import cases
import netx
from servers import Mailutils


class Corpus(cases.CorpusCases, cases.ServerCase):
    server_class = Mailutils


class Sessions(cases.SessionCases, cases.ServerCase):
    server_class = Mailutils

    def test_N40_apop_refused_then_user_and_pass(self):
        # This user's APOP secret is another than the password, and the server answers APOP with -ERR [AUTH].
        outcome = self.fetch(apop=netx.APOP, password=self.server.password)
        self.assert_all_went_well(outcome)
        self.assertEqual(outcome.maildrops[0][1], len(self.BODIES))

    def test_N46_item_size_is_0_when_the_reply_to_RETR_has_no_number(self):
        outcome = self.fetch()
        self.assertEqual(set(outcome.sizes.values()), {0})
