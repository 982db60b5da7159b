# SPDX-License-Identifier: MIT
"""`satchel fetch` as people and programs see it: words, exit codes (D-26), questions (D-28), signals, files, terminals."""
import os
import pathlib
import pty
import shutil
import signal
import socket
import stat
import subprocess
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))

import command  # noqa: E402
import harness  # noqa: E402

HOSTILE_UIDS = rb"UIDL=+OK\r\n1 \x1b]0;owned\x07\r\n2 \x9b31m\xe2\x80\xae\xff\r\n3 plain\r\n."


def message(number, lines=3):
    return f"From: a{number}@example.org\nSubject: number {number}\n\n{f'line of {number}' * 9}\n".encode() * lines


class Case(command.Case):
    def setUp(self):
        super().setUp()
        self.mail = pathlib.Path(self.home) / "Mail"
        self.state = pathlib.Path(self.home) / ".local/state/satchel"

    def pop3_of(self, count, *options):
        """A server with so many messages; `target` are the arguments that fetch from it."""
        self.served = self.maildir(**{f"{i:05}": message(i) for i in range(1, count + 1)})
        server = self.pop3("off", "--maildir", str(self.served), "--writable", *options)
        server.target += ["--to", f"maildir:{self.mail}"]
        return server

    def fetch(self, server, *options, **how):
        return self.run_satchel("fetch", *server.target, *options, **how)

    def delivered(self, folder=None):
        return sorted(path.read_bytes() for path in ((folder or self.mail) / "new").iterdir())

    def left(self):
        return len(list((self.served / "new").iterdir()) + list((self.served / "cur").iterdir()))

    def configure(self, **accounts):
        """Sections of these keys; "to" is a Maildir of the account's name unless it is given."""
        text = ""
        for name, keys in accounts.items():
            keys = {"tls": "off", "password-file": self.password_file, "to": f"maildir:{self.mail / name}", **keys}
            text += f"account {name} {{\n" + "".join(f'  {key} = "{value}"\n' for key, value in keys.items() if value)
            text += "}\n"
        self.environment["SATCHEL_CONFIG"] = self.write("config", text)

    def url(self, server):
        return f"pop://{command.USER}@localhost:{server.port}"


class People(Case):
    def test_once_and_once_more(self):
        server = self.pop3_of(3)
        first = self.fetch(server)
        self.assert_code(first, 0)
        self.assertEqual(first.errors, "")
        self.assertRegex(first.text, r"^localhost: 3 messages fetched, [\d.]+ KiB\n$")
        self.assertEqual(self.delivered(), sorted(message(i) for i in (1, 2, 3)))
        second = self.fetch(server)
        self.assertEqual((second.code, second.text, second.errors), (0, "localhost: nothing new\n", ""))
        self.assert_code(self.fetch(server, "--exit-status-new"), 1)
        self.assertEqual(self.left(), 3)

    def test_a_dry_run_changes_nothing(self):
        server = self.pop3_of(2)
        outcome = self.fetch(server, "--dry-run", "--delete")
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.text.count("fetch, then delete"), 2)
        self.assertIn("2 would be fetched", outcome.text)
        self.assertIn("2 would be deleted there", outcome.text)
        self.assertFalse(self.mail.exists() or self.state.exists())
        self.assertEqual(self.left(), 2)

    def test_quiet_is_silent(self):
        server = self.pop3_of(2)
        for _ in range(2):
            outcome = self.fetch(server, "--quiet")
            self.assertEqual((outcome.code, outcome.out, outcome.err), (0, b"", b""))
        self.assertNotEqual(self.fetch(self.pop3_of(1, "--err", "UIDL=no"), "--quiet").err, b"")

    def test_another_destination_needs_a_word(self):
        server = self.pop3_of(2)
        self.assert_code(self.fetch(server), 0)
        other = f"maildir:{self.home}/Other"
        outcome = self.fetch(server, "--to", other)
        self.assert_code(outcome, 78)
        self.assertIn("--again", outcome.errors)
        self.assertEqual(len(self.delivered()), 2)
        self.assert_code(self.fetch(server, "--to", other, "--again"), 0)
        self.assertEqual(len(self.delivered(pathlib.Path(self.home) / "Other")), 2)

    def test_R_OUT_01_what_the_server_says(self):
        server = self.pop3_of(3, "--reply", HOSTILE_UIDS)
        for options in (["--dry-run"], ["-v"], ["--json"], ["--json", "--dry-run"]):
            outcome = self.fetch(server, *options)
            self.assert_safe(outcome.out, outcome.err)
        refused = self.fetch(self.pop3_of(1, "--err", b"PASS=[AUTH] " + command.HOSTILE.replace(b"\x1b", rb"\x1b")))
        self.assert_code(refused, 77)
        self.assert_safe(refused.out, refused.err)

    def test_json_is_one_object_a_line(self):
        server = self.pop3_of(3, "--reply", HOSTILE_UIDS)
        for options in (["--dry-run"], ["--delete"]):
            events = self.fetch(server, "--json", *options).objects
            self.assertEqual({event["account"] for event in events}, {"localhost"})
            self.assertEqual(events[-1]["event"], "end")
            uids = {event["uid"] for event in events if "uid" in event}
            self.assertIn("plain", uids)
            self.assertTrue(all(uid.isprintable() for uid in uids), uids)

    def test_no_control_codes_in_a_pipe(self):
        outcome = self.fetch(self.pop3_of(20), "-v")
        self.assertNotIn(b"\x1b", outcome.out + outcome.err)
        self.assertNotIn(b"\r", outcome.out + outcome.err)


class Codes(Case):
    def test_D26_one_account(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            nobody = f"pop://mrose@127.0.0.1:{taken.getsockname()[1]}"
            rows = [(["pop://mrose@no-such-host.invalid"], 68), ([nobody], 69)]
            for options, code in rows:
                with self.subTest(code):
                    self.assert_code(self.run_satchel("fetch", *options, "--tls", "off", "--to", "maildir:x"), code)
        for options, code in ((["--err", "PASS=[AUTH] no"], 77), (["--err", "PASS=[IN-USE] busy"], 75),
                              (["--reply", "STAT=what?"], 76), (["--close", "RETR"], 75), (["--err", "UIDL"], 75)):
            with self.subTest(options):
                outcome = self.fetch(self.pop3_of(2, *options), "--state", f"{self.home}/{code}{options[0]}")
                self.assert_code(outcome, code)
                self.assertTrue(outcome.errors.startswith("satchel fetch: localhost: "), outcome.errors)
                self.assertEqual(outcome.out, b"")

    def test_D26_this_machine(self):
        server = self.pop3_of(1)
        self.assert_code(self.fetch(server, "--to", "maildir:/dev/null/mail"), 74)
        (pathlib.Path(self.home) / "state").mkdir()
        (pathlib.Path(self.home) / "state/state.db").write_bytes(b"no database" * 100)
        outcome = self.fetch(server, "--state", f"{self.home}/state")
        self.assertIn(outcome.code, (74, 78))
        self.assertIn("state.db", outcome.errors)
        self.assertFalse(self.mail.exists() and self.delivered())

    def test_wrong_usage(self):
        url = "pop://mrose@localhost"
        for arguments in ([url, "work"], [url, "--tls", "off"], ["--jobs", "0"], ["--frobnicate"], ["http://a@b"],
                          [url, "--keep", "3"], [url, "--tls", "off", "--to", "imap:x"], ["--password", "canary"]):
            with self.subTest(arguments):
                outcome = self.run_satchel("fetch", *arguments, login=False)
                self.assert_code(outcome, 64)
                self.assertTrue(outcome.errors.startswith("satchel fetch: "), outcome.errors)
                self.assertNotIn("canary", outcome.errors)

    def test_no_configuration(self):
        outcome = self.run_satchel("fetch", login=False)
        self.assert_code(outcome, 78)
        self.assertIn("satchel config init", outcome.errors)

    def test_an_unknown_account(self):
        self.configure(work={"url": "pop://mrose@localhost"})
        outcome = self.run_satchel("fetch", "wrok", login=False)
        self.assert_code(outcome, 78)
        self.assertIn("work", outcome.errors)

    def test_one_account_fails_and_the_others_go_on(self):
        good, locked, wrong = self.pop3_of(2), self.pop3_of(1, "--err", "PASS=[IN-USE]"), self.pop3_of(
            1, "--err", "PASS=[AUTH]")
        accounts = {"locked": {"url": self.url(locked)}, "wrong": {"url": self.url(wrong)},
                    "good": {"url": self.url(good)}}
        nowhere = {"nowhere": {"url": "pop://x@localhost", "to": None}}
        for extra, code, jobs in ({}, 77, "1"), ({}, 77, "4"), (nowhere, 78, "1"):
            with self.subTest(code=code, jobs=jobs):
                shutil.rmtree(self.mail, ignore_errors=True)
                self.configure(**extra, **accounts)
                outcome = self.run_satchel("fetch", "-j", jobs, "--json", "--state", f"{self.home}/{code}{jobs}",
                                           login=False)
                self.assert_code(outcome, code)
                ends = {event["account"]: event["exit_code"] for event in outcome.objects if event["event"] == "end"}
                self.assertEqual(ends, {**dict.fromkeys(extra, 78), "locked": 75, "wrong": 77, "good": 0})
                self.assertEqual(len(self.delivered(self.mail / "good")), 2)


class Questions(Case):
    def deleting(self, server, answer):
        """On a terminal; what was asked, if anything."""
        outcome = self.run_on_terminal("fetch", *server.target, "--delete", say=answer, prompt=b"[y/N] ")
        return outcome, b"Go on?" in outcome.out

    def test_D28_the_first_run_that_deletes_asks_once(self):
        server = self.pop3_of(3)
        self.assert_code(self.fetch(server, "--max-messages", "1"), 0)
        outcome, asked = self.deleting(server, b"n\n")
        self.assertTrue(asked)
        self.assertIn(b"3 messages will be deleted", outcome.out)
        self.assert_code(outcome, 75)
        self.assertEqual((self.left(), len(self.delivered())), (3, 1))
        outcome, asked = self.deleting(server, b"y\n")
        self.assertTrue(asked)
        self.assert_code(outcome, 0)
        self.assertEqual((self.left(), len(self.delivered())), (0, 3))

    def test_D28_never_again(self):
        server = self.pop3_of(1)
        self.assertTrue(self.deleting(server, b"y\n")[1])
        (self.served / "new" / "00009").write_bytes(message(9))
        outcome, asked = self.deleting(server, b"n\n")
        self.assertFalse(asked)
        self.assert_code(outcome, 0)
        self.assertEqual((self.left(), len(self.delivered())), (0, 2))

    def test_D28_a_policy_that_deletes_nothing_yet(self):
        server = self.pop3_of(2)
        server.target += ["--keep", "newest 2"]
        ask = {"say": b"n\n", "prompt": b"[y/N] "}
        self.assertNotIn(b"Go on?", self.run_on_terminal("fetch", *server.target, **ask).out)
        (self.served / "new" / "00009").write_bytes(message(9))
        outcome = self.run_on_terminal("fetch", *server.target, **ask)
        self.assertIn(b"1 message will be deleted", outcome.out)
        self.assert_code(outcome, 75)
        self.assertEqual((self.left(), len(self.delivered())), (3, 2))

    def test_scripts_and_yes_are_not_asked(self):
        server = self.pop3_of(1)
        self.assert_code(self.fetch(server, "--delete"), 0)
        self.assertEqual(self.left(), 0)
        other = self.pop3_of(1)
        outcome = self.run_on_terminal("fetch", *other.target, "--delete", "--yes", "--to", f"mbox:{self.home}/box")
        self.assert_code(outcome, 0)
        self.assertNotIn(b"Go on?", outcome.out)


class Signals(Case):
    def end(self, process, number):
        process.send_signal(number)
        process.wait(harness.SOON)
        return process.returncode, process.stderr.read().decode()

    def test_at_the_handshake(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with socket.create_server(("127.0.0.1", 0)) as listener:
                process = self.start_satchel("fetch", f"pops://mrose@127.0.0.1:{listener.getsockname()[1]}", "--to",
                                             f"maildir:{self.mail}")
                with listener.accept()[0] as connection:
                    self.assertNotEqual(connection.recv(1), b"")  # the ClientHello
                    code, errors = self.end(process, number)
            self.assertEqual(code, 128 + number)
            self.assertIn("interrupted", errors)

    def test_in_a_batch(self):
        server = self.pop3_of(2000, "--split", "4000", "--split-pause", "10")
        process = self.start_satchel("fetch", *server.target, "--delete")
        end = time.monotonic() + harness.SOON
        while "RETR 600" not in self.heard(server):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        code, errors = self.end(process, signal.SIGINT)
        self.assertEqual(code, 130)
        self.assertIn("interrupted; what had come whole is delivered", errors)
        self.assertEqual(self.left(), 2000)
        here = self.delivered()
        self.assertGreater(len(here), 50)
        self.assertLess(len(here), 2000)
        status = self.run_satchel("status", "--json", login=False).objects
        self.assertEqual((status[0]["delivered"], status[0]["run"]["exit"], status[0]["unfinished"]), (len(here), 130, 0))
        self.assert_code(self.fetch(server, "--delete", "--quiet"), 0)
        self.assertEqual(self.delivered(), sorted(message(i) for i in range(1, 2001)))
        self.assertEqual(self.left(), 0)

    def test_at_a_prompt(self):
        server = self.pop3_of(1)
        for rest, prompt in ([], b"Password of"), (["--password-file", self.password_file, "--delete"], b"[y/N] "):
            with self.subTest(prompt):
                arguments = [harness.SATCHEL, "fetch", *server.target, *rest]
                child, terminal = pty.fork()
                if child == 0:
                    os.execve(arguments[0], arguments, self.environment)
                output = self.talk(terminal, b"\x03", prompt)  # the terminal makes SIGINT of it
                os.close(terminal)
                self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), 130, output)
        self.assertEqual(self.left(), 1)
        self.assertFalse((self.mail / "new").exists() and self.delivered())


class Files(Case):
    def modes(self, top):
        for folder, _, files in os.walk(top):
            for path in [folder] + [os.path.join(folder, name) for name in files]:
                yield path, stat.S_IMODE(os.lstat(path).st_mode)

    def test_R_FILE_01_whatever_the_umask(self):
        for mask in (0o000, 0o077):
            server = self.pop3_of(2)
            home = pathlib.Path(self.home) / f"umask{mask}"
            home.mkdir(mode=0o700)
            self.environment["HOME"] = str(home)
            for to in (f"maildir:{home}/Mail", f"mbox:{home}/box"):
                state = ["--state", f"{home}/{to[:4]}"]
                outcome = self.fetch(server, "--to", to, *state, preexec_fn=lambda mask=mask: os.umask(mask))
                self.assert_code(outcome, 0)
            found = dict(self.modes(home))
            self.assertGreater(len(found), 10)
            for path, mode in found.items():
                self.assertEqual(mode, 0o700 if os.path.isdir(path) else 0o600, path)

    def test_a_state_folder_behind_a_link(self):
        server = self.pop3_of(1)
        real, link = pathlib.Path(self.home) / "real", pathlib.Path(self.home) / "link"
        real.mkdir(mode=0o700)
        link.symlink_to(real)
        self.assert_code(self.fetch(server, "--state", str(link)), 0)
        self.assertTrue((real / "state.db").exists() and link.is_symlink())
        self.assertIn("nothing new", self.fetch(server, "--state", str(real)).text)

    def test_R_FILE_01_a_linked_database_is_refused(self):
        server = self.pop3_of(1)
        state = pathlib.Path(self.home) / "state"
        state.mkdir(mode=0o700)
        victim = pathlib.Path(self.write("victim", ""))
        (state / "state.db").symlink_to(victim)
        outcome = self.fetch(server, "--state", str(state))
        self.assertIn(outcome.code, (74, 78))
        self.assertIn("state.db", outcome.errors)
        self.assertEqual(victim.read_bytes(), b"")

    def test_D04_two_processes_on_one_account(self):
        server = self.pop3_of(1, "--silent", "RETR")
        process = self.start_satchel("fetch", *server.target)
        end = time.monotonic() + harness.SOON
        while "RETR 1" not in self.heard(server):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        held = self.run_satchel("status", "--json", login=False).objects
        self.assertTrue(held[0]["in-use"])
        self.assertIn("one goes on now", self.run_satchel("status", login=False).text)
        outcome = self.fetch(server)
        self.assert_code(outcome, 75)
        self.assertIn(str(process.pid), outcome.errors)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(harness.SOON), 143)


class Secrets(Case):
    def test_R_CRED_02_nowhere(self):
        """In no file, and nowhere where other users look while it runs; run_satchel() looks at what is printed."""
        server = self.pop3_of(2, "--silent", "RETR")
        process = self.start_satchel("fetch", "-v", "--json", *server.target)
        end = time.monotonic() + harness.SOON
        while "RETR 1" not in self.heard(server):
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)
        for name in ("cmdline", "environ"):
            self.assertNotIn(command.PASSWORD.encode(), pathlib.Path(f"/proc/{process.pid}/{name}").read_bytes())
        limits = pathlib.Path(f"/proc/{process.pid}/limits").read_text()
        self.assertRegex(limits, r"Max core file size +0 +0 ")
        process.send_signal(signal.SIGTERM)
        output, errors = process.communicate(timeout=harness.SOON)
        self.assertIn(b"C: PASS ***", errors)
        self.assertNotIn(command.PASSWORD.encode(), output + errors)
        self.assert_code(self.fetch(self.pop3_of(2), "-v", "--to", f"mbox:{self.home}/box"), 0)
        for folder, _, files in os.walk(self.home):
            for name in files:
                self.assertNotIn(command.PASSWORD.encode(), pathlib.Path(folder, name).read_bytes(), name)


class Terminal(Case):
    def test_the_bar(self):
        outcome = self.run_on_terminal("fetch", *self.pop3_of(300, "--split", "3000", "--split-pause", "5").target)
        self.assert_code(outcome, 0)
        self.assertRegex(outcome.out, rb"\r\[#*\.+\] \d+/300  [\d.]+ [KM]?i?B  [\d.]+ [KM]?i?B/s")
        self.assertTrue(outcome.out.endswith(b"localhost: 300 messages fetched, " + outcome.out.rsplit(b", ", 1)[1]))

    def test_none_where_it_would_not_work(self):
        self.environment["TERM"] = "dumb"
        outcome = self.run_on_terminal("fetch", *self.pop3_of(30, "--split", "3000", "--split-pause", "5").target)
        self.assert_code(outcome, 0)
        self.assertNotIn(b"\x1b", outcome.out)

    @unittest.skipUnless(shutil.which("tmux"), "tmux is missing")
    def test_in_tmux(self):
        """What stands on a real terminal's screen in the middle, and at the end: the bar leaves nothing behind."""
        server = self.pop3_of(400, "--split", "1000", "--split-pause", "10")
        socket_path = os.path.join(self.folder, "tmux")
        arguments = " ".join(self.arguments("fetch", *server.target))
        environment = {**self.environment, "TERM": "xterm", "LC_ALL": "C.UTF-8"}

        def tmux(*rest):
            return subprocess.run(["tmux", "-f", "/dev/null", "-S", socket_path, *rest], env=environment,
                                  capture_output=True, text=True, timeout=harness.SOON).stdout

        tmux("new-session", "-d", "-x", "60", "-y", "10", f"{arguments}; echo ended; exec sleep 60")
        self.addCleanup(tmux, "kill-server")
        screens, end = [], time.monotonic() + harness.SOON
        while not screens or "ended" not in screens[-1]:
            self.assertLess(time.monotonic(), end, screens[-1:])
            screens.append(tmux("capture-pane", "-p"))
            time.sleep(0.05)
        bars = [screen for screen in screens if "/400" in screen]
        self.assertTrue(bars, screens[-1])
        self.assertTrue(all(len(screen.rstrip("\n").splitlines()) == 1 for screen in bars), bars[-1])
        self.assertRegex(screens[-1].rstrip("\n"), r"^localhost: 400 messages fetched, [\d.]+ KiB\nended$")


if __name__ == "__main__":
    command.main()
