# SPDX-License-Identifier: MIT
"""The client library against Dovecot over TLS, by each mechanism. Dovecot 2.3 offers no -PLUS: SCRAM with channel
binding is tested against libgsasl (tests/auth) and `satchel serve` (tests/serve)."""
import client
import client_cases
from client_cases import MODES
from tls_servers import DovecotTls, token

BY_TOKEN = ("OAUTHBEARER", "XOAUTH2")


class Logins(client_cases.LoginCases, client_cases.SessionCases, client_cases.TrustCases, client_cases.ClientCase):
    server_class = DovecotTls
    mechanisms = ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN", "LOGIN", "USER", "CRAM-MD5", "APOP", "EXTERNAL") + BY_TOKEN

    def credentials(self, mechanism):
        if mechanism in BY_TOKEN:
            return {"token": token(self.server.user)}
        return super().credentials(mechanism)

    def test_R_AUTH_01_the_best_is_chosen_of_more_than_passwords(self):
        for settings, mechanism in (({"token": token(self.server.user)}, "OAUTHBEARER"),
                                    ({"client_cert": self.certificate}, "EXTERNAL")):
            for mode in MODES:
                with self.subTest(mode=mode, mechanism=mechanism):
                    outcome = self.fetch(mode, password=self.server.password, **settings)
                    self.assertEqual(outcome.mechanism, mechanism, outcome.output)
                    self.assert_fetched(outcome, self.messages)

    def test_R_3206_wrong_token(self):
        another_key = token(self.server.user, key=b"another")
        tries = [(mode, mechanism, another_key) for mode in MODES for mechanism in BY_TOKEN]
        tries += [("implicit", "OAUTHBEARER", text)
                  for text in (token("nobody"), token(self.server.user, lifetime=-60), "opaque-token")]
        for mode, mechanism, text in tries:
            with self.subTest(mode=mode, mechanism=mechanism, token=text):
                outcome = self.fetch(mode, auth=mechanism, token=text)
                self.assert_not_logged_in(outcome, "CREDENTIALS", client.WRONG_CREDENTIALS)

    def test_R_TLS_13_wrong_certificate_or_none(self):
        # This Dovecot asks for a certificate without demanding one: what is wrong with it shows when EXTERNAL is tried.
        wrong = (self.server.authority.client("stranger"), self.server.stranger.client(self.server.user), None)
        for certificate in wrong:
            for mode in MODES:
                with self.subTest(mode=mode, certificate=certificate):
                    outcome = self.fetch(mode, auth="EXTERNAL", client_cert=certificate)
                    self.assert_not_logged_in(outcome, "CREDENTIALS", client.WRONG_CREDENTIALS)
                    self.assertIn("certificate", outcome.hint)


class Corpus(client_cases.CorpusCases, client_cases.ClientCase):
    server_class = DovecotTls
