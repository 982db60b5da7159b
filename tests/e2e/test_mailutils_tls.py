# SPDX-License-Identifier: MIT
"""The client library against GNU Mailutils' pop3d over TLS."""
import client
import client_cases
import corpus
from client_cases import MODES
from tls_servers import MailutilsTls


class Logins(client_cases.SessionCases, client_cases.TrustCases, client_cases.ClientCase):
    server_class = MailutilsTls

    def test_every_octet(self):
        messages = self.stock(list(corpus.BODIES.values()))
        for mode in MODES:
            with self.subTest(mode=mode):
                outcome = self.fetch(mode, password=self.server.password)
                self.assertEqual(outcome.mechanism, "USER", outcome.output)
                self.assert_fetched(outcome, messages)

    def test_R_3206_wrong_password(self):
        for mode in MODES:
            with self.subTest(mode=mode):
                outcome = self.fetch(mode, password="wrong-password")
                self.assert_not_logged_in(outcome, "CREDENTIALS", client.WRONG_CREDENTIALS, client.UNCLEAR)
