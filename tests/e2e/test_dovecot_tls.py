# SPDX-License-Identifier: MIT
"""The client library against Dovecot over TLS, by each mechanism. Dovecot 2.3 offers no -PLUS: SCRAM with channel
binding is tested against libgsasl (tests/auth) and `satchel serve` (tests/serve)."""
import client
import client_cases
import corpus
from client_cases import MODES
from tls_servers import DovecotTls, token

BY_PASSWORD = ("SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN", "USER", "APOP")
BY_TOKEN = ("OAUTHBEARER", "XOAUTH2")
WAYS = [(mode, mechanism) for mechanism in BY_PASSWORD + BY_TOKEN + ("EXTERNAL",) for mode in MODES
        # Nothing that was said before STLS counts (R-TLS-04): the timestamp of the greeting does not.
        if (mode, mechanism) != ("stls", "APOP")]


class Logins(client_cases.SessionCases, client_cases.TrustCases, client_cases.ClientCase):
    server_class = DovecotTls

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificate = cls.server.authority.client(cls.server.user)

    def log_in(self, mode, mechanism):
        """By this mechanism with what it needs, everything right."""
        settings = {"auth": mechanism}
        if mechanism in BY_PASSWORD:
            settings["password"] = self.server.password
        elif mechanism in BY_TOKEN:
            settings["token"] = token(self.server.user)
        else:
            settings.update(client_cert=self.certificate, user=None)
        return self.fetch(mode, **settings)

    def test_every_mechanism_and_every_octet(self):
        messages = self.stock(list(corpus.BODIES.values()))
        for mode, mechanism in WAYS:
            with self.subTest(mode=mode, mechanism=mechanism):
                outcome = self.log_in(mode, mechanism)
                self.assertEqual(outcome.mechanism, mechanism, outcome.output)
                self.assert_fetched(outcome, messages)

    def test_R_TLS_04_no_apop_behind_stls(self):
        outcome = self.log_in("stls", "APOP")
        self.assert_not_logged_in(outcome, "CREDENTIALS", client.NO_MECHANISM)
        self.assertEqual([line for line in outcome.trace if line.startswith("C: APOP")], [])

    def test_R_AUTH_01_the_safest_is_chosen(self):
        for settings, mechanism in (
                ({"password": self.server.password}, "SCRAM-SHA-256"),
                ({"password": self.server.password, "token": token(self.server.user)}, "OAUTHBEARER"),
                ({"password": self.server.password, "client_cert": self.certificate}, "EXTERNAL")):
            for mode in MODES:
                with self.subTest(mode=mode, mechanism=mechanism):
                    outcome = self.fetch(mode, **settings)
                    self.assertEqual(outcome.mechanism, mechanism, outcome.output)
                    self.assert_fetched(outcome, self.messages)

    def test_R_3206_wrong_password(self):
        for mode, mechanism in WAYS:
            if mechanism in BY_PASSWORD:
                with self.subTest(mode=mode, mechanism=mechanism):
                    outcome = self.fetch(mode, auth=mechanism, password="wrong-password")
                    self.assert_not_logged_in(outcome, "CREDENTIALS", client.WRONG_CREDENTIALS)

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
        for certificate in (self.server.authority.client("stranger"), self.server.stranger.client(self.server.user), None):
            for mode in MODES:
                with self.subTest(mode=mode, certificate=certificate):
                    outcome = self.fetch(mode, auth="EXTERNAL", client_cert=certificate)
                    self.assert_not_logged_in(outcome, "CREDENTIALS", client.WRONG_CREDENTIALS)


class Corpus(client_cases.ClientCase):
    server_class = DovecotTls

    def test_F02_every_octet_over_tls(self):
        messages = self.stock([octets for _, octets in corpus.messages()])
        for mode in MODES:
            with self.subTest(mode=mode):
                self.assert_fetched(self.fetch(mode, password=self.server.password), messages)
