# SPDX-License-Identifier: MIT
"""Starts `satchel serve` for a test and talks to it octet for octet. Knows nothing of the code behind it."""
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import unittest

SATCHEL = sys.argv[1] if len(sys.argv) > 1 else "satchel"
SOON = 20  # seconds: far above anything that happens in a good run
STAMP = "<1896.697170952@dbc.mtview.ca.us>"
DIGEST = "c4c9334bac560ecc979e58001b3e22fb"


class Client:
    """One connection; `read_*` fail after SOON seconds instead of hanging."""

    def __init__(self, port, address="127.0.0.1", receive_buffer=None):
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.settimeout(SOON)
        self.socket.connect((address, port))
        self.waiting = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data if isinstance(data, bytes) else data.encode())

    def read_segment(self):
        if self.waiting:
            data, self.waiting = self.waiting, b""
            return data
        return self.socket.recv(65536)

    def read_until(self, end):
        data = b""
        while not data.endswith(end):
            if not self.waiting:
                self.waiting = self.socket.recv(65536)
            if not self.waiting:
                raise EOFError(data)
            cut = self.waiting.find(end[-1:]) + 1 or len(self.waiting)
            data, self.waiting = data + self.waiting[:cut], self.waiting[cut:]
        return data

    def line(self):
        return self.read_until(b"\n")

    def multiline(self):
        """The lines behind the status, up to the final dot, as they travel."""
        first = self.line()
        return first if first == b".\r\n" else first + self.read_until(b"\r\n.\r\n")

    def rest(self):
        """All up to the end of the stream."""
        data, self.waiting = self.waiting, b""
        while True:
            more = self.socket.recv(65536)
            if not more:
                return data
            data += more

    def silence(self, seconds):
        """True when nothing comes and the connection stays open for so long."""
        self.socket.settimeout(seconds)
        try:
            self.socket.recv(1, socket.MSG_PEEK)
            return False
        except TimeoutError:
            return not self.waiting
        finally:
            self.socket.settimeout(SOON)

    def command(self, text):
        self.send(text + "\r\n")
        return self.line()

    def login(self):
        """Reads the greeting, logs in as mrose; gives the reply to PASS."""
        self.line()
        self.command("USER mrose")
        return self.command("PASS mvan99")


class Server:
    def __init__(self, *options, sample=True):
        self.folder = tempfile.mkdtemp(prefix="satchel-serve-")
        self.port_file = os.path.join(self.folder, "port")
        self.trace = open(os.path.join(self.folder, "trace"), "w+b")
        self.facts = open(os.path.join(self.folder, "facts"), "w+b")
        arguments = [SATCHEL, "serve", "--port-file", self.port_file, *(["--sample"] if sample else []), *options]
        self.process = subprocess.Popen(arguments, stdin=subprocess.DEVNULL, stdout=self.facts, stderr=self.trace)
        self.port = self._await_port()

    def _await_port(self):
        give_up = time.monotonic() + SOON
        while time.monotonic() < give_up:
            if os.path.exists(self.port_file):
                return int(pathlib.Path(self.port_file).read_text())
            if self.process.poll() is not None:
                break
            time.sleep(0.005)
        raise RuntimeError(f"server did not start: {self.text(self.trace)}")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        self.trace.close()
        self.facts.close()
        shutil.rmtree(self.folder)

    def stop(self, number=signal.SIGTERM):
        """Ends it; gives the exit code. A sanitizer's complaint makes another one."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(SOON)

    def connect(self, **how):
        return Client(self.port, **how)

    @staticmethod
    def text(file):
        file.flush()
        file.seek(0)
        return file.read().decode("ascii")


class Case(unittest.TestCase):
    maxDiff = None

    def serve(self, *options, **how):
        """A server for this test; its end is part of the test."""
        server = Server(*options, **how)

        def end():
            code = server.stop()
            trace = server.text(server.trace)
            server.__exit__()
            self.assertIn(code, (0, 128 + signal.SIGTERM, 128 + signal.SIGINT), trace)

        self.addCleanup(end)
        return server

    def connect(self, server, **how):
        client = server.connect(**how)
        self.addCleanup(client.__exit__)
        return client

    def session(self, server):
        """A connection in the TRANSACTION state."""
        client = self.connect(server)
        self.assertEqual(client.login(), b"+OK mrose is logged in\r\n")
        return client

    def maildir(self, **mails):
        """A Maildir with these files in new/."""
        folder = pathlib.Path(tempfile.mkdtemp(prefix="satchel-maildir-"))
        self.addCleanup(shutil.rmtree, folder)
        for name in ("new", "cur", "tmp"):
            (folder / name).mkdir()
        for name, content in mails.items():
            (folder / "new" / name).write_bytes(content)
        return folder


def main():
    unittest.main(argv=sys.argv[:1] + sys.argv[2:])
