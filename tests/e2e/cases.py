# SPDX-License-Identifier: MIT
"""The cases that every real POP3 server must pass with the NetX client, and what all cases share. The servers differ
only in servers.py."""
import unittest

import corpus
import netx
import reference


def difference(got, wanted):
    """Where two octet strings part, in a form that can be read."""
    at = next((i for i, pair in enumerate(zip(got, wanted)) if pair[0] != pair[1]), min(len(got), len(wanted)))
    start = max(0, at - 20)
    return (f"{len(got)} octets instead of {len(wanted)}; at {at}: "
            f"{got[start:at + 20]!r} instead of {wanted[start:at + 20]!r}")


class Case(unittest.TestCase):
    """Judgements about octets."""

    def assert_octets(self, got, wanted, what):
        if got != wanted:
            self.fail(f"{what}: {difference(got, wanted)}")


class NetxCase(Case):
    """Judgements about a run of the NetX client."""

    def assert_clean(self, outcome):
        """Nothing leaked and every length reported is the true one."""
        self.assertEqual(outcome.client_delete, netx.SUCCESS, outcome.output)
        self.assertEqual(outcome.packets_missing, 0, outcome.output)
        self.assertEqual(outcome.mismatches, [])

    def assert_all_went_well(self, outcome):
        self.assert_clean(outcome)
        wrong = [line for line in outcome.output.splitlines() if " 0x" in line and " 0x00" not in line]
        self.assertEqual(wrong, [])


class ServerCase(Case):
    """Starts the server of the class before its cases, and stops it behind them."""

    server_class = None

    @classmethod
    def setUpClass(cls):
        cls.server = cls.server_class()
        cls.addClassCleanup(cls.server.stop)

    def stock(self, bodies):
        """Fills the maildrop; returns the octets that a client must get for each message."""
        stored = [self.server.stored(body) for body in bodies]
        self.server.stock(stored)
        return [self.server.canonical(octets) for octets in stored]

    def left(self):
        """The messages in the maildrop, read by the reference reader in a session that changes nothing."""
        with reference.Session("127.0.0.1", self.server.port()) as session:
            session.login(self.server.user, self.server.password)
            messages = [session.retrieve(number) for number in range(1, session.count() + 1)]
            session.command("QUIT")
        return messages


class NetxServerCase(NetxCase, ServerCase):
    """The NetX client with the server of the class."""

    def fetch(self, address="127.0.0.1", **settings):
        """Runs the client as the server's user; by APOP it uses the APOP secret."""
        by_apop = settings.get("apop", netx.NO_APOP) != netx.NO_APOP
        settings.setdefault("user", self.server.user)
        settings.setdefault("password", self.server.secret if by_apop else self.server.password)
        return netx.fetch(host=address, port=self.server.port(address), **settings)


class CorpusCases:
    """A thousand messages, each compared with what this server makes of the original."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.corpus = corpus.messages()
        cls.stored = [cls.server.stored(octets) for _, octets in cls.corpus]
        cls.server.stock(cls.stored)

    def judge(self, messages):
        self.assertEqual(len(messages), len(self.stored))
        for (name, _), stored, message in zip(self.corpus, self.stored, messages):
            self.assert_octets(message, self.server.canonical(stored), name)

    def fetch_and_judge(self, **settings):
        outcome = self.fetch(**settings)
        self.assert_all_went_well(outcome)
        self.judge(outcome.in_order())
        return outcome

    def test_reference_reader_agrees_with_the_canonical_form(self):
        self.judge(self.left())

    def test_F02_every_octet_by_user_and_pass(self):
        outcome = self.fetch_and_judge(list="all")
        sizes = [self.server.listed_size(stored) for stored in self.stored]
        self.assertEqual(outcome.maildrops, [(netx.SUCCESS, len(sizes), sum(sizes))])
        self.assertEqual(list(outcome.listed.values()), sizes)

    def test_F02_every_octet_by_apop(self):
        self.fetch_and_judge(apop=netx.APOP_REQUIRED)

    def test_N51_every_octet_in_small_packets(self):
        self.fetch_and_judge(payload=156)


class SessionCases:
    """Logging in, deleting, quitting, coming back."""

    BODIES = (b"one\n", b"two\r\n..\r\n.x\r\n", b"", b"four\n.\nfour", b"five\0\xff\n")

    def setUp(self):
        self.messages = self.stock(self.BODIES)

    def assert_left(self, *numbers):
        self.assertEqual(self.left(), [self.messages[number - 1] for number in numbers])

    def assert_refused(self, outcome, status):
        self.assertEqual(outcome.create, status, outcome.output)
        self.assertEqual((outcome.maildrops, outcome.messages), ([], {}))
        self.assert_clean(outcome)

    def test_W05_user_and_pass(self):
        outcome = self.fetch()
        self.assert_all_went_well(outcome)
        self.assertEqual(outcome.in_order(), self.messages)

    def test_W06_apop(self):
        outcome = self.fetch(apop=netx.APOP_REQUIRED)
        self.assert_all_went_well(outcome)
        self.assertEqual(outcome.maildrops[0][1], len(self.BODIES))

    def test_N41_wrong_password(self):
        self.assert_refused(self.fetch(password="wrong"), netx.SERVER_ERROR)

    def test_N40_wrong_apop_secret_and_password(self):
        self.assert_refused(self.fetch(password="wrong", apop=netx.APOP), netx.SERVER_ERROR)

    def test_N40_wrong_apop_secret_when_apop_is_required(self):
        self.assert_refused(self.fetch(password="wrong", apop=netx.APOP_REQUIRED), netx.APOP_FAILED)

    def test_R_1939_22_quit_removes_exactly_the_deleted(self):
        outcome = self.fetch(delete="2,4")
        self.assert_all_went_well(outcome)
        self.assertEqual(list(outcome.deletions), [2, 4])
        self.assert_left(1, 3, 5)

    def test_R_1939_23_without_quit_nothing_is_removed(self):
        outcome = self.fetch(delete="all", quit=0)
        self.assert_all_went_well(outcome)
        self.assertEqual(len(outcome.deletions), len(self.BODIES))
        self.assert_left(1, 2, 3, 4, 5)

    def test_R_1939_14_delete_without_download(self):
        self.assert_all_went_well(self.fetch(fetch="none", delete="1,5"))
        self.assert_left(2, 3, 4)

    def test_N48_mail_items_get_after_quit_opens_a_new_session(self):
        for apop in (netx.NO_APOP, netx.APOP_REQUIRED):
            with self.subTest(apop=apop):
                self.messages = self.stock(self.BODIES)
                outcome = self.fetch(sessions=3, fetch="1", delete="2", apop=apop)
                self.assert_all_went_well(outcome)
                self.assertEqual([count for _, count, _ in outcome.maildrops], [5, 4, 3])
                self.assert_left(1, 5)

    def test_R_1939_12_empty_maildrop(self):
        self.stock([])
        outcome = self.fetch()
        self.assert_all_went_well(outcome)
        self.assertEqual(outcome.maildrops, [(netx.SUCCESS, 0, 0)])

    def test_N58_whole_session_over_ipv6(self):
        outcome = self.fetch(address="::1", delete="1")
        self.assert_all_went_well(outcome)
        self.assert_octets(outcome.messages[2], self.messages[1], "message 2")
        self.assert_left(2, 3, 4, 5)

    def test_address_written_into_the_application_is_routed(self):
        outcome = netx.fetch(host="192.2.2.89", port=110, user=self.server.user, password=self.server.password,
                             routes=f"192.2.2.89:110=127.0.0.1:{self.server.port()}")
        self.assert_all_went_well(outcome)
        self.assertEqual(len(outcome.messages), len(self.BODIES))
