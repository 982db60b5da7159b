# SPDX-License-Identifier: MIT
"""
D-26: a signal ends a run soon, wherever it is: at the look-up, the handshake, a reply that does not come, a slow disk, a question.
The exit code tells the signal, nothing half-done is delivered, and the next run gets the rest. ARGUMENTS: satchel meddler
"""
import contextlib
import os
import pty
import select
import signal
import socket
import subprocess
import sys
import tempfile
import termios
import time
import unittest

import world

MEDDLER = sys.argv[2]
SOON = 5  # seconds: a run that is not disturbed would take many more
GIVE_UP = 30
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
MANY = [world.message(n) for n in range(1, 101)]


def await_(what):
    give_up = time.monotonic() + GIVE_UP
    while not what():
        if time.monotonic() > give_up:
            raise TimeoutError
        time.sleep(0.005)


class Signals(unittest.TestCase):
    def end(self, arguments, ready, number, soon=SOON, **environment):
        """Sends the signal once `ready`."""
        with tempfile.TemporaryFile() as words:
            process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stderr=words, start_new_session=True,
                                       env={**os.environ, **environment})
            try:
                ready()
                start = time.monotonic()
                process.send_signal(number)
                code = process.wait(GIVE_UP)
                self.assertLess(time.monotonic() - start, soon)
            finally:
                process.kill()
                process.wait()
            words.seek(0)
            self.assertEqual(code, 128 + number, words.read())

    def complete(self, here):
        done = here.fetch("--keep", "none")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(world.counted(here.mail), world.expected(here.messages))
        self.assertEqual(here.left(), world.expected([]))
        self.assertTrue(here.spool_is_empty())

    def test_while_a_reply_does_not_come(self):
        for verb in ("GREETING", "CAPA", "PASS", "UIDL", "RETR", "DELE", "QUIT"):
            for number in SIGNALS if verb == "RETR" else SIGNALS[:1]:
                with self.subTest(verb=verb, number=number):
                    with world.World(MANY[:3], "--silent", verb, "--trace") as here:
                        self.end(here.arguments("--keep", "none"), lambda: self.await_verb(here, verb), number)
                        self.assertFalse(world.counted(here.mail) - world.expected(here.messages)
                                         if here.mail.exists() else None)
                        here.server.__exit__()
                        here.server = world.harness.Server(
                            "--maildir", str(here.served), "--writable", "--user", "me", "--password", world.PASSWORD,
                            "--port", str(here.server.port), sample=False)
                        self.complete(here)

    @staticmethod
    def await_verb(here, verb):
        """A server that does not even greet hears nothing."""
        if verb == "GREETING":
            time.sleep(0.3)
        else:
            await_(lambda: f"C: {verb}" in here.server.text(here.server.trace))

    def test_in_the_handshake(self):
        with socket.create_server(("127.0.0.1", 0)) as listener, world.World([]) as here:
            arguments = here.arguments()
            arguments[2:5] = [f"pops://me@127.0.0.1:{listener.getsockname()[1]}"]
            with contextlib.ExitStack() as open_:
                self.end(arguments, lambda: open_.enter_context(listener.accept()[0]).recv(1), signal.SIGTERM)

    def test_at_the_look_up(self):
        with world.World([]) as here:
            arguments = here.arguments()
            arguments[2] = "pop://me@mail.example.org"
            self.end(arguments, lambda: await_((here.mail / "tmp").exists), signal.SIGTERM, LD_PRELOAD=MEDDLER,
                     MEDDLER_LOOKUP="60000")

    def test_while_a_batch_is_synced(self):
        """100 files of 400 ms, by nine threads: what is on its way is finished."""
        with world.World(MANY) as here:
            everything = len(MANY) + 1  # .batch
            self.end(here.arguments("--keep", "none"),
                     lambda: await_(lambda: len(list(here.mail.glob("tmp/*/*"))) == everything), signal.SIGTERM, soon=20,
                     LD_PRELOAD=MEDDLER, MEDDLER_FSYNC="400")
            self.complete(here)


class Questions(unittest.TestCase):
    """On a terminal of its own."""

    @contextlib.contextmanager
    def at_question(self, arguments, question):
        """(pid, terminal) as it waits for the answer."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.execv(arguments[0], arguments)
        try:
            screen = b""
            while question not in screen:
                self.assertTrue(select.select([terminal], [], [], GIVE_UP)[0], screen)
                screen += os.read(terminal, 1000)
            yield pid, terminal
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            os.close(terminal)

    def interrupted(self, arguments, question, send):
        with self.at_question(arguments, question) as (pid, terminal):
            time.sleep(0.05)
            start = time.monotonic()
            send(pid, terminal)
            _, status = os.waitpid(pid, 0)
            self.assertLess(time.monotonic() - start, SOON)
            self.assertTrue(termios.tcgetattr(terminal)[3] & termios.ECHO, "the terminal is as it was")
            return os.waitstatus_to_exitcode(status)

    def test_at_the_prompt_for_the_password(self):
        with world.World(MANY[:2]) as here:
            arguments = here.arguments()
            at = arguments.index("--password-file")
            del arguments[at:at + 2]
            for send, code in ((lambda _, terminal: os.write(terminal, b"\3"), 130),
                               (lambda pid, _: os.kill(pid, signal.SIGTERM), 143)):
                self.assertEqual(self.interrupted(arguments, b"assword", send), code)
            self.assertFalse(here.mail.exists())

    def test_at_the_question_of_the_first_run_that_deletes(self):
        with world.World(MANY[:2]) as here:
            for send, code in ((lambda _, terminal: os.write(terminal, b"\3"), 130),
                               (lambda pid, _: os.kill(pid, signal.SIGTERM), 143)):
                self.assertEqual(self.interrupted(here.arguments("--keep", "none"), b"Go on?", send), code)
                self.assertEqual(world.counted(here.mail), world.expected([]))
                self.assertEqual(here.left(), world.expected(MANY[:2]))


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
