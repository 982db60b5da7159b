# SPDX-License-Identifier: MIT
"""Runs commands of `satchel` for tests: alone in their environment, into a pipe or on a terminal. Knows no POP3."""
import json
import os
import pathlib
import pty
import select
import signal
import subprocess
import sys
import time
import unicodedata

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "serve"))

import harness  # noqa: E402
import tls_client  # noqa: E402

PASSWORD = "mvan99-canary"  # nothing but the server's trace may ever show it
USER = "mrose"
SETTINGS = ("SSL_CERT_FILE", "SSL_CERT_DIR", "OPENSSL_CONF", "SATCHEL_CONFIG", "XDG_CONFIG_HOME", "CREDENTIALS_DIRECTORY")
SCHEMES = {"off": "pop", "stls": "pop", "implicit": "pops"}
HOSTILE = b"\x1b]0;owned\x07 \x9b31m \xe2\x80\xae \xff \x7f"  # a title, a C1 control, U+202E, no UTF-8, DEL


class Outcome:
    def __init__(self, code, out, err=b""):
        self.code, self.out, self.err = code, out, err

    @property
    def text(self):
        return self.out.decode()

    @property
    def errors(self):
        return self.err.decode()

    @property
    def objects(self):
        return [json.loads(line) for line in self.text.splitlines()]


def is_safe(data, allowed="\n\t"):
    """R-OUT-01: UTF-8 without controls, but line ends and tabs, and without what turns the direction."""
    turning = "\u061c\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
    return all(char in allowed or (unicodedata.category(char) != "Cc" and char not in turning)
               for char in data.decode("utf-8"))


class Case(tls_client.Case):
    def setUp(self):
        super().setUp()
        self.home = os.path.join(self.folder, "home")
        os.mkdir(self.home)
        self.password_file = self.write("password", PASSWORD + "\n")
        self.environment = {name: value for name, value in os.environ.items() if name not in SETTINGS}
        self.environment.update(HOME=self.home, TZ="UTC", LC_ALL="C")

    def write(self, name, text):
        path = pathlib.Path(self.folder) / name
        path.write_text(text)
        path.chmod(0o600)
        return str(path)

    # ---- Servers ----

    def pop3(self, mode, *options, password=PASSWORD):
        """A server; the arguments that name it and trust it are in `server.target`."""
        arguments = ["--password", password, "--trace-secrets", *options]
        if mode != "off":
            arguments += ["--tls", mode]
            if not {"self-signed", "--cert"} & set(options):
                arguments += ["--ca-out", self.ca]
        server = self.serve(*arguments, sample=False)
        server.target = [f"{SCHEMES[mode]}://{USER}@localhost:{server.port}"]
        server.target += ["--tls", "off"] if mode == "off" else ["--ca-file", self.ca]
        if mode != "off" and not os.path.exists(self.ca):
            server.target = server.target[:1]
        return server

    def heard(self, server):
        """The lines of all clients."""
        return [line[3:] for line in server.text(server.trace).splitlines() if line.startswith("C: ")]

    # ---- Commands ----

    def arguments(self, command, *rest, login=True):
        return [harness.SATCHEL, command, *rest, *(["--password-file", self.password_file] if login else [])]

    def run_satchel(self, command, *rest, login=True, **how):
        """Into pipes."""
        done = subprocess.run(self.arguments(command, *rest, login=login), capture_output=True, timeout=harness.SOON,
                              stdin=subprocess.DEVNULL, env=self.environment, start_new_session=True, **how)
        self.assertNotIn(PASSWORD.encode(), done.stdout + done.stderr)
        return Outcome(done.returncode, done.stdout, done.stderr)

    def run_on_terminal(self, command, *rest, login=True, say=b"", prompt=b"Password of", columns=100):
        """On a pseudo-terminal of its own; `say` is typed once the command prints `prompt`."""
        arguments = self.arguments(command, *rest, login=login)
        child, terminal = pty.fork()
        if child == 0:
            os.execve(arguments[0], arguments, {**self.environment, "COLUMNS": str(columns)})
        output = self.talk(terminal, say, prompt)
        os.close(terminal)
        _, status = os.waitpid(child, 0)
        self.assertNotIn(PASSWORD.encode(), output)
        return Outcome(os.waitstatus_to_exitcode(status), output.replace(b"\r\n", b"\n"))

    def talk(self, terminal, say, prompt):
        output, end = b"", time.monotonic() + harness.SOON
        while time.monotonic() < end:
            if not select.select([terminal], [], [], 1)[0]:
                continue
            try:
                data = os.read(terminal, 65536)
            except OSError:  # Linux: the other end is closed
                return output
            output += data
            if say and prompt in output:
                os.write(terminal, say)
                say = b""
        self.fail(f"no end: {output}")

    def start_satchel(self, command, *rest, login=True):
        process = subprocess.Popen(self.arguments(command, *rest, login=login), stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=self.environment)
        self.addCleanup(process.wait)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        return process

    def interrupt(self, process, server, heard):
        """SIGINT as soon as the server heard this line; the exit code."""
        end = time.monotonic() + harness.SOON
        while heard not in self.heard(server):
            self.assertLess(time.monotonic(), end, server.text(server.trace))
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        return process.wait(harness.SOON)

    # ---- Judgements ----

    def assert_code(self, outcome, code):
        self.assertEqual(outcome.code, code, outcome.errors + outcome.out.decode(errors="replace"))

    def assert_safe(self, *outputs):
        for output in outputs:
            self.assertTrue(is_safe(output), output)

    def assert_nothing_secret(self, server):
        """No name, password or proof was sent, and nothing but this was."""
        self.assertLessEqual(set(self.heard(server)), {"CAPA", "STLS", "QUIT"})


main = harness.main
