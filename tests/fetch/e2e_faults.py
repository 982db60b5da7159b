# SPDX-License-Identifier: MIT
"""
F-05 and A-19, the server's side: whatever it does wrong, nothing is lost, delivered twice or in part, nobody spins, memory stays
bounded, and the run after it gets everything. The servers are `satchel serve` with faults, always on the same port, for the port is
part of an account's identity (D-27). ARGUMENTS: satchel [sanitized | TEST...]
"""
import os
import subprocess
import sys
import time
import unittest

import world

EX_NOHOST, EX_UNAVAILABLE, EX_IOERR, EX_TEMPFAIL, EX_PROTOCOL, EX_NOPERM = 68, 69, 74, 75, 76, 77
BROKEN = {EX_UNAVAILABLE, EX_TEMPFAIL, EX_PROTOCOL}
SANITIZED = "sanitized" in sys.argv  # then memory means nothing
TWO = [world.message(1), world.message(2)]


class Faulty(world.World):
    """A world whose server can be replaced by one with other faults on the same port."""

    def serve(self, *options):
        port = str(self.server.port)
        self.server.__exit__()
        self.server = world.harness.Server("--maildir", str(self.served), "--writable", "--user", "me", "--password",
                                           world.PASSWORD, "--port", port, "--trace", *options, sample=False)

    def said(self, verb):
        """Did the client say that?"""
        return f"C: {verb}" in self.server.text(self.server.trace)


class Measured:
    """What a child process took: seconds of CPU, its largest memory in MiB."""

    def __init__(self, arguments, home):
        process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.PIPE, env={**os.environ, "HOME": str(home)})
        self.words = process.stderr.read().decode()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = self.code = os.waitstatus_to_exitcode(status)
        process.stderr.close()
        self.cpu = usage.ru_utime + usage.ru_stime
        self.mib = usage.ru_maxrss / 1024


class Faults(unittest.TestCase):
    def expect_all(self, here, messages, *options, left):
        """A good run from here on leaves everything where it belongs."""
        good = here.fetch(*options)
        self.assertEqual(good.returncode, 0, good.stderr)
        self.assertEqual(world.counted(here.mail), world.expected(messages))
        self.assertEqual(here.left(), world.expected(left))
        self.assertTrue(here.spool_is_empty())

    def test_closed_behind_each_octet_of_a_message(self):
        """Nothing of it is delivered; QUIT is not said (R-1939-25)."""
        messages = [b"Subject: x\n\n.body\nend\n"]
        with Faulty(messages) as here:
            with here.server.connect() as client:
                client.line()
                for line in ("USER me", f"PASS {world.PASSWORD}"):
                    client.command(line)
                whole = len(client.command("RETR 1") + client.multiline())
            for octets in range(whole):
                here.refill()
                here.serve("--drop", f"RETR={octets}")
                broken = here.fetch("--keep", "none")
                self.assertIn(broken.returncode, BROKEN, broken.stderr)
                self.assertEqual(world.counted(here.mail), world.expected([]))
                self.assertFalse(here.said("QUIT") or here.said("DELE"))
                self.assertNotEqual(broken.stderr, b"")
                here.serve()
                self.expect_all(here, messages, "--keep", "none", left=[])

    def test_refused_at_each_verb(self):
        """-ERR: the exit code says what kind it is; later all is here once."""
        codes = {"GREETING": {EX_TEMPFAIL, EX_PROTOCOL}, "CAPA": {0}, "USER": {EX_TEMPFAIL}, "PASS": {EX_TEMPFAIL},
                 "STAT": {0, EX_TEMPFAIL, EX_PROTOCOL}, "LIST": {0, EX_TEMPFAIL, EX_PROTOCOL},
                 "UIDL": {EX_TEMPFAIL, EX_PROTOCOL}, "RETR": {EX_TEMPFAIL}, "DELE": {0, EX_TEMPFAIL, EX_PROTOCOL},
                 "QUIT": {EX_TEMPFAIL, EX_PROTOCOL}}
        for verb, expected in codes.items():
            with self.subTest(verb=verb), Faulty(TWO) as here:
                here.serve("--err", f"{verb}=no")
                refused = here.fetch("--keep", "none")
                self.assertIn(refused.returncode, expected, refused.stderr)
                here.serve()
                self.expect_all(here, TWO, "--keep", "none", left=[])

    def test_wrong_password(self):
        with Faulty(TWO) as here:
            here.serve("--err", "PASS=[AUTH] wrong password")
            refused = here.fetch()
            self.assertEqual(refused.returncode, EX_NOPERM, refused.stderr)
            self.assertIn(b"wrong password", refused.stderr)

    def test_busy_maildrop_is_temporary(self):
        with Faulty(TWO) as here:
            here.serve("--err", "PASS=[IN-USE] another session")
            busy = here.fetch()
            self.assertEqual(busy.returncode, EX_TEMPFAIL, busy.stderr)
            self.assertIn(b"another session", busy.stderr)
            here.serve()
            self.expect_all(here, TWO, left=TWO)

    def test_one_message_refused_does_not_stop_the_others(self):
        """D-24: the third run in which the server does not give it is the last that tries."""
        with Faulty(TWO) as here:
            here.serve("--err", "RETR=gone")
            for _ in range(3):
                self.assertEqual(here.fetch().returncode, EX_TEMPFAIL)
            after = here.fetch()
            self.assertEqual(after.returncode, 0, after.stderr)
            self.assertFalse(here.server.text(here.server.trace).count("RETR") > 6)

    def test_closed_instead_of_each_verb(self):
        for verb in ("GREETING", "CAPA", "USER", "PASS", "STAT", "LIST", "UIDL", "RETR", "DELE", "QUIT"):
            with self.subTest(verb=verb), Faulty(TWO) as here:
                here.serve("--close", verb)
                here.fetch("--keep", "none")
                here.serve()
                self.expect_all(here, TWO, "--keep", "none", left=[])

    def test_silence_at_each_verb_ends_in_time(self):
        for verb in ("GREETING", "STAT", "UIDL", "RETR", "DELE", "QUIT"):
            with self.subTest(verb=verb), Faulty(TWO) as here:
                here.serve("--silent", verb)
                start = time.monotonic()
                silent = Measured(here.arguments("--keep", "none", "--timeout-reply", "1s"), here.folder)
                self.assertIn(silent.code, BROKEN, silent.words)
                self.assertLess(time.monotonic() - start, 20)
                self.assertLess(silent.cpu, 3)
                here.serve()
                self.expect_all(here, TWO, "--keep", "none", left=[])

    def test_A11_endless_lines_take_no_memory(self):
        """L-02: the end comes by itself, and soon; within 4 MiB of a good run."""
        with Faulty(TWO) as here:
            usual = Measured(here.arguments(), here.folder)
            self.assertEqual(usual.code, 0, usual.words)
            for verb in ("GREETING", "CAPA", "PASS", "STAT", "LIST", "UIDL", "RETR", "QUIT"):
                with self.subTest(verb=verb):
                    here.refill()
                    here.serve("--endless", verb)
                    endless = Measured(here.arguments(), here.folder)
                    self.assertNotEqual(endless.code, 0)
                    self.assertLess(endless.cpu, 5)
                    if not SANITIZED:
                        self.assertLess(endless.mib, usual.mib + 4)

    def test_QUIT_that_is_refused_or_lost_deletes_again(self):
        """Rows S7 to S8 of D-06."""
        for fault in (("--err", "QUIT=not all removed"), ("--close", "QUIT")):
            with self.subTest(fault=fault), Faulty(TWO) as here:
                here.serve(*fault)
                self.assertNotEqual(here.fetch("--keep", "none").returncode, 0)
                self.assertEqual(world.counted(here.mail), world.expected(TWO))
                here.serve()
                self.expect_all(here, TWO, "--keep", "none", left=[])
                self.assertFalse(here.said("RETR"))

    def test_Q18_pipelining_that_breaks_the_server(self):
        """R-2449-15: the session breaks, a second one goes without; it is remembered."""
        with Faulty(TWO) as here:
            here.serve("--coalesce", "1", "--drop", "RETR=0")
            broken = here.fetch()
            self.assertIn(broken.returncode, BROKEN)
            self.assertGreaterEqual(here.server.text(here.server.trace).count("C: CAPA"), 2)
            here.serve()
            self.expect_all(here, TWO, left=TWO)


class Splits(unittest.TestCase):
    def test_octet_by_octet_lf_only_and_unstuffed(self):
        """Byte exactness does not depend on how it travels."""
        for options in (("--split", "1", "--split-pause", "0"), ("--coalesce", "5"), ("--delay", "RETR=20")):
            with self.subTest(options=options), Faulty(TWO) as here:
                here.serve(*options)
                good = here.fetch("--keep", "none")
                self.assertEqual(good.returncode, 0, good.stderr)
                self.assertEqual(world.counted(here.mail), world.expected(TWO))
                self.assertEqual(here.left(), world.expected([]))


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0], *(test for test in sys.argv[2:] if test != "sanitized")], verbosity=2)
