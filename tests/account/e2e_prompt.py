#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The prompt for a password on a terminal: `e2e_prompt.py ASK`, ASK being ask.c's program. R-CRED-01, R-CRED-02."""
import os
import pathlib
import pty
import re
import select
import signal
import subprocess
import sys
import termios
import time
import unittest

ASK = sys.argv.pop(1)
SOON = 20
QUESTION = b"Password of me at mail.example.org: "
CANARY = "canary-52817"


class Terminal:
    """ASK in the foreground of a terminal, its output in a pipe; a shell's part is played by the session's leader."""

    def __init__(self, *arguments):
        self.output, output = os.pipe()
        self.report, report = os.pipe()
        self.leader, self.master = pty.fork()
        if self.leader == 0:
            self.lead(output, report, arguments)
        os.close(output)
        os.close(report)
        self.screen = b""
        self.pid = int(self.line(self.report))

    @staticmethod
    def lead(output, report, arguments):
        signal.signal(signal.SIGTTOU, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        child = os.fork()
        if child == 0:
            signal.signal(signal.SIGTTOU, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_DFL)
            while os.tcgetpgrp(0) != os.getpid():
                time.sleep(0.001)
            os.dup2(output, 1)
            os.execv(ASK, [ASK, *arguments])
        os.setpgid(child, child)
        os.tcsetpgrp(0, child)
        os.write(report, b"%d\n" % child)
        while True:
            _, status = os.waitpid(child, os.WUNTRACED)
            os.write(report, b"%d\n" % status)
            if not os.WIFSTOPPED(status):
                os._exit(0)

    def line(self, fd):
        text = b""
        while not text.endswith(b"\n"):
            if not select.select([fd], [], [], SOON)[0]:
                raise TimeoutError(text)
            octet = os.read(fd, 1)
            if not octet:
                raise EOFError(text)
            text += octet
        return text.decode()

    def see(self, text, times=1):
        """Waits until the screen has shown it so often."""
        while self.screen.count(text) < times:
            if not select.select([self.master], [], [], SOON)[0]:
                raise TimeoutError(self.screen)
            self.screen += os.read(self.master, 4096)

    def silent(self):
        """Waits for the question, and until the echo is off."""
        self.see(QUESTION)
        return not termios.tcgetattr(self.master)[3] & termios.ECHO

    def write(self, text):
        os.write(self.master, text)

    def status(self):
        return int(self.line(self.report))

    def echo(self):
        return bool(termios.tcgetattr(self.master)[3] & termios.ECHO)

    def close(self):
        os.close(self.master)
        os.waitpid(self.leader, 0)
        os.close(self.output)
        os.close(self.report)


class Prompt(unittest.TestCase):
    def start(self, *arguments):
        terminal = Terminal("pops://me@mail.example.org", *arguments)
        self.addCleanup(terminal.close)
        return terminal

    def test_the_password_is_read_and_not_shown(self):
        terminal = self.start()
        self.assertTrue(terminal.silent())
        terminal.write(CANARY.encode() + b"\n")
        self.assertEqual(terminal.line(terminal.output), f"password {CANARY}\n")
        self.assertEqual(terminal.status(), 0)
        self.assertTrue(terminal.echo())
        terminal.see(b"\n")
        self.assertEqual(terminal.screen, QUESTION + b"\r\n")

    def test_R_CRED_02_nobody_else_sees_it(self):
        terminal = self.start()
        self.assertTrue(terminal.silent())
        terminal.write(CANARY.encode())  # it lies in the terminal's buffer
        process = pathlib.Path("/proc") / str(terminal.pid)
        for name in "cmdline", "environ":
            self.assertNotIn(CANARY.encode(), (process / name).read_bytes())
        self.assertRegex((process / "limits").read_text(), r"Max core file size +0 +0 ")
        terminal.write(b"\n")
        self.assertEqual(terminal.status(), 0)

    def test_nothing_and_the_end_of_input_are_no_password(self):
        for typed in b"\n", b"\x04":
            terminal = self.start()
            self.assertTrue(terminal.silent())
            terminal.write(typed)
            self.assertRegex(terminal.line(terminal.output), r"^fault 2 handled 0: no password was typed;")
            self.assertEqual(terminal.status(), 0)
            self.assertTrue(terminal.echo())

    def test_a_signal_ends_the_program_and_the_terminal_is_as_it_was(self):
        for key, number in ((b"\x03", signal.SIGINT), (b"\x1c", signal.SIGQUIT), (None, signal.SIGTERM),
                            (None, signal.SIGHUP)):
            terminal = self.start()
            self.assertTrue(terminal.silent())
            if key:
                terminal.write(key)
            else:
                os.kill(terminal.pid, number)
            self.assertEqual(os.WTERMSIG(terminal.status()), number)
            self.assertTrue(terminal.echo())

    def test_a_handler_of_the_command_runs(self):
        terminal = self.start("handler")
        self.assertTrue(terminal.silent())
        terminal.write(b"\x03")
        self.assertRegex(terminal.line(terminal.output), r"^fault 4 handled 1: interrupted;")
        self.assertEqual(terminal.status(), 0)
        self.assertTrue(terminal.echo())

    def test_who_comes_back_is_asked_again(self):
        terminal = self.start()
        self.assertTrue(terminal.silent())
        terminal.write(b"half\x1a")
        self.assertTrue(os.WIFSTOPPED(terminal.status()))
        self.assertTrue(terminal.echo())
        os.kill(terminal.pid, signal.SIGCONT)
        terminal.see(QUESTION, 2)
        self.assertFalse(terminal.echo())
        terminal.write(b"whole\n")
        self.assertEqual(terminal.line(terminal.output), "password whole\n")
        self.assertEqual(terminal.status(), 0)
        self.assertTrue(terminal.echo())

    def test_what_a_url_names_cannot_write_to_the_terminal(self):
        terminal = Terminal("pops://me%C2%9B%E2%80%AE@mail.example.org")
        self.addCleanup(terminal.close)
        terminal.see(b": ")
        self.assertIn(rb"me\xC2\x9B\xE2\x80\xAE at", terminal.screen)
        terminal.write(b"x\n")
        self.assertEqual(terminal.status(), 0)

    def test_without_a_terminal_nobody_is_asked(self):
        done = subprocess.run([ASK, "pops://me@mail.example.org"], input="x\n", capture_output=True, text=True,
                              timeout=SOON, start_new_session=True)
        self.assertRegex(done.stdout, r"^fault 2 handled 0: there is no password, and no terminal to ask for it; ")


if __name__ == "__main__":
    unittest.main()
