# SPDX-License-Identifier: MIT
"""The cases of the client library with a server of tls_servers.py, and what its cases share."""
import cases
import client
import corpus
from tls_servers import UNNAMED

MODES = ("implicit", "stls")


class ClientCase(cases.ServerCase):
    """The client library with the server of the class, over TLS."""

    auth = None  # what is allowed where a case says nothing else

    def fetch(self, mode, host="127.0.0.1", **settings):
        """Runs the client as the server's user, who trusts the server's authority."""
        settings.setdefault("user", self.server.user)
        settings.setdefault("auth", self.auth)
        settings.setdefault("uids", 0 if self.server.uidl_changes_messages else 1)
        settings.setdefault("ca_file", self.server.authority.certificate)
        port = self.server.port(host, "pop3s" if mode == "implicit" else "pop3")
        return client.fetch(tls=mode, host=host, port=port, **settings)

    def assert_fetched(self, outcome, messages):
        """Everything went well, and these are the messages."""
        self.assertEqual(outcome.calls, {call: ("OK", 0) for call in ("open", "use", "quit")}, outcome.output)
        self.assertEqual(len(outcome.retrievals), len(messages))
        for number, octets in enumerate(messages, 1):
            self.assert_octets(outcome.messages[number], octets, f"message {number}")

    def assert_not_logged_in(self, outcome, class_, *codes):
        """The reason has this class and one of these codes, and stands there in words."""
        self.assertIn(outcome.calls, [{"open": (class_, code)} for code in codes], outcome.output)
        self.assertIn(" ", outcome.what)
        self.assertEqual(outcome.messages, {})


class CorpusCases:
    """A thousand messages, each compared with what this server makes of the original."""

    def test_F02_every_octet(self):
        messages = self.stock([octets for _, octets in corpus.messages()])
        for mode in MODES:
            with self.subTest(mode=mode):
                self.assert_fetched(self.fetch(mode, password=self.server.password), messages)


class LoginCases:
    """Every mechanism that the server offers, the best one first."""

    mechanisms = ()
    refusals = (client.WRONG_CREDENTIALS,)  # what the server's answer to a wrong password says

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.certificate = cls.server.authority.client(cls.server.user)

    def credentials(self, mechanism):
        """What the client needs for it."""
        if mechanism == "EXTERNAL":
            return {"client_cert": self.certificate, "user": None}
        return {"password": self.server.secret if mechanism == "APOP" else self.server.password}

    def ways(self):
        """Modes and mechanisms that work together. Nothing that was said before STLS counts (R-TLS-04), and so the
        timestamp of the greeting does not."""
        return [(mode, mechanism) for mechanism in self.mechanisms for mode in MODES
                if (mode, mechanism) != ("stls", "APOP")]

    def test_every_mechanism_and_every_octet(self):
        messages = self.stock(list(corpus.BODIES.values()))
        for mode, mechanism in self.ways():
            with self.subTest(mode=mode, mechanism=mechanism):
                outcome = self.fetch(mode, auth=mechanism, **self.credentials(mechanism))
                self.assertEqual(outcome.mechanism, mechanism, outcome.output)
                self.assert_fetched(outcome, messages)

    def test_R_TLS_04_no_apop_behind_stls(self):
        outcome = self.fetch("stls", auth="APOP", **self.credentials("APOP"))
        self.assert_not_logged_in(outcome, "CREDENTIALS", client.NO_MECHANISM)
        self.assertEqual([line for line in outcome.trace if line.startswith("C: APOP")], [])

    def test_R_AUTH_01_the_best_is_chosen(self):
        for mode in MODES:
            with self.subTest(mode=mode):
                outcome = self.fetch(mode, password=self.server.password)
                self.assertEqual(outcome.mechanism, self.mechanisms[0], outcome.output)
                self.assert_fetched(outcome, self.messages)

    def test_R_3206_wrong_password(self):
        for mode, mechanism in self.ways():
            if "password" in self.credentials(mechanism):
                with self.subTest(mode=mode, mechanism=mechanism):
                    outcome = self.fetch(mode, auth=mechanism, password="wrong-password")
                    self.assert_not_logged_in(outcome, "CREDENTIALS", *self.refusals)


class SessionCases:
    """Listing, deleting, quitting."""

    BODIES = (b"one\n", b"two\r\n..\r\n.x\r\n", b"four\n.\nfour", b"five\xff\n")

    def setUp(self):
        self.messages = self.stock(self.BODIES)

    def test_R_1939_22_quit_removes_exactly_the_deleted(self):
        for mode in MODES:
            with self.subTest(mode=mode):
                self.messages = self.stock(self.BODIES)
                outcome = self.fetch(mode, password=self.server.password, delete="1,3")
                self.assert_fetched(outcome, self.messages)
                self.assertEqual(outcome.deletions, {1: "OK", 3: "OK"})
                self.assertEqual(self.left(), [self.messages[1], self.messages[3]])

    def test_R_1939_23_without_quit_nothing_is_removed(self):
        outcome = self.fetch("implicit", password=self.server.password, delete="all", quit=0)
        self.assertEqual(len(outcome.deletions), len(self.BODIES))
        self.assertEqual(self.left(), self.messages)

    def test_listing(self):
        outcome = self.fetch("implicit", password=self.server.password, uids=1, fetch="none")
        sizes = [self.server.listed_size(self.server.stored(body)) for body in self.BODIES]
        self.assertEqual(list(outcome.sizes.values()), sizes)
        self.assertEqual(outcome.maildrop, (len(sizes), sum(sizes)))
        self.assertEqual(len(set(outcome.uids.values())), len(sizes))

    def test_without_pipelining_and_with(self):
        for pipelining in ("off", "on"):
            with self.subTest(pipelining=pipelining):
                outcome = self.fetch("stls", password=self.server.password, pipelining=pipelining)
                self.assert_fetched(outcome, self.messages)


class TrustCases:
    """Whom the client lets itself in with."""

    def test_R_TLS_09_unknown_authority(self):
        stranger = self.server.stranger.certificate
        for mode in MODES:
            with self.subTest(mode=mode):
                outcome = self.fetch(mode, password=self.server.password, ca_file=stranger)
                self.assert_not_logged_in(outcome, "TLS", client.BAD_CERTIFICATE)

    def test_R_TLS_09_certificate_for_other_names(self):
        for mode in MODES:
            with self.subTest(mode=mode):
                outcome = self.fetch(mode, password=self.server.password, host=UNNAMED)
                self.assert_not_logged_in(outcome, "TLS", client.WRONG_IDENTITY)
