# SPDX-License-Identifier: MIT
"""The images of firmware/ in QEMU: what they are made of, and what they show of a maildrop."""
import os
import pathlib
import random
import shutil
import tempfile
import unittest

import cases
import corpus
import firmware_image
import firmware_run
import servers

BOARD = firmware_image.BOARDS[os.environ["FIRMWARE_BOARD"]]
IMAGE = firmware_image.Image(BOARD, pathlib.Path(os.environ["FIRMWARE_BUILD"]))
harness = firmware_run.harness
harness.SATCHEL = os.environ["E2E_SATCHEL"]

RANDOM = random.Random(64)
BODIES = (list(corpus.BODIES.values()) + [corpus.LF_HEADER + corpus.hostile(RANDOM) for _ in range(40)] +
          [corpus.ordinary(RANDOM) for _ in range(6)] + [b".".join(b"%d" % n for n in range(3000))])


class FirmwareCase(cases.NetxCase):
    @classmethod
    def setUpClass(cls):
        if BOARD.missing():
            raise unittest.SkipTest(f"missing: {' '.join(BOARD.missing())}")
        super().setUpClass()


class Image(FirmwareCase):
    """What can be told of an image without running it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        IMAGE.make()

    def test_L03_no_heap(self):
        self.assertEqual(IMAGE.heap(), [])

    def test_L03_the_deepest_chain_fits_the_stack(self):
        bound, chain = IMAGE.stack_bound()
        self.assertIn("pop3_engine_command", chain)
        self.assertLess(bound, IMAGE.sections()[".stack"])

    def test_L03_no_variable_outlives_the_session_but_those_of_the_application(self):
        self.assertEqual(IMAGE.variables_of("core", "auth", "login"), 0)


class Faults(FirmwareCase):
    def test_each_ends_in_a_message_and_a_status(self):
        for fault in firmware_run.FAULTS:
            with self.subTest(fault=fault):
                complaints = firmware_run.Complaints()
                firmware_run.suffer(IMAGE, complaints, *fault)
                self.assertEqual(complaints, [])


class SatchelServe(FirmwareCase):
    """`satchel serve --octets` sends the octets of files unchanged but for a CRLF at the end."""

    def maildir(self):
        folder = tempfile.mkdtemp(prefix="satchel-firmware-")
        self.addCleanup(shutil.rmtree, folder)
        for name in ("tmp", "new", "cur"):
            os.mkdir(os.path.join(folder, name))
        for number, octets in enumerate(BODIES, 1):
            pathlib.Path(folder, "new", f"{1_500_000_000 + number}.M{number}P1.e2e").write_bytes(octets)
        return folder

    def fetch_all(self, *options, slow_console=False):
        folder = self.maildir()
        with harness.Server("--maildir", folder, "--octets", "--writable", *options) as server:
            run = IMAGE.run(server.port, firmware_run.USER, firmware_run.PASSWORD, slow_console=slow_console)
        wanted = [octets if octets.endswith(b"\r\n") or not octets else octets + b"\r\n" for octets in BODIES]
        self.assert_octets(run.shown, firmware_run.transcript(wanted, sum(map(len, wanted))), "console")
        self.assertEqual(run.status, 0)
        self.assertEqual(os.listdir(os.path.join(folder, "new")), [])

    def test_A24_F02_every_octet_in_segments_of_61(self):
        self.fetch_all("--split", "61", "--split-pause", "0")

    @unittest.skipUnless(BOARD.console_waits, "this machine of QEMU has no slow console")
    def test_L03_a_full_ring_waits(self):
        self.fetch_all(slow_console=True)

    def test_the_sample_one_octet_at_a_time(self):
        complaints = firmware_run.Complaints()
        firmware_run.fetch(IMAGE, complaints, "--split", "1")
        self.assertEqual(complaints, [])


class Dovecot(FirmwareCase, cases.ServerCase):
    server_class = servers.Dovecot

    def run_image(self, password=servers.PASSWORD):
        return IMAGE.run(self.server.port(), servers.USER, password)

    def test_F02_every_octet(self):
        wanted = self.stock(BODIES)
        listed = sum(self.server.listed_size(self.server.stored(octets)) for octets in BODIES)
        self.assertEqual(self.left(), wanted)
        run = self.run_image()
        self.assert_octets(run.shown, firmware_run.transcript(wanted, listed), "console")
        self.assertEqual(run.status, 0)
        self.assertEqual(self.left(), [])

    def test_R_1939_12_empty_maildrop(self):
        self.stock([])
        run = self.run_image()
        self.assertEqual((run.status, run.shown), (0, b"0 mails, 0 octets\r\n"))

    def test_W05_wrong_password(self):
        wanted = self.stock([b"one\n"])
        run = self.run_image(password="wrong")
        self.assertEqual(run.status, 77, run.shown)
        self.assertIn(b"mail: login: refused: ", run.shown)
        self.assertEqual(self.left(), wanted)
