# SPDX-License-Identifier: MIT
"""The client library against Cyrus over TLS, by each mechanism of its SASL library.

Cyrus announces -PLUS too, whatever it is configured to announce, but all it can bind to is tls-unique (RFC 5929), also
where TLS 1.3 has none: nobody can log in by these, and the user must allow another mechanism.
"""
import client
import client_cases
from client_cases import MODES
from cyrus import Cyrus


class Logins(client_cases.LoginCases, client_cases.SessionCases, client_cases.TrustCases, client_cases.ClientCase):
    server_class = Cyrus
    mechanisms = ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "USER", "CRAM-MD5", "APOP", "EXTERNAL")
    auth = "SCRAM-SHA-256"

    def test_R_SCRAM_05_binding_that_the_server_does_not_know(self):
        for mode in MODES:
            with self.subTest(mode=mode):
                outcome = self.fetch(mode, auth=None, password=self.server.password)
                self.assert_not_logged_in(outcome, "CREDENTIALS", client.WRONG_CREDENTIALS)
                self.assertEqual([line for line in outcome.trace if line.startswith("C: AUTH")],
                                 ["C: AUTH SCRAM-SHA-256-PLUS ***"])
                self.assertIn("SCRAM-SHA-256", outcome.hint)


class Corpus(client_cases.CorpusCases, client_cases.ClientCase):
    server_class = Cyrus
    auth = "SCRAM-SHA-256"
