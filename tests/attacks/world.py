# SPDX-License-Identifier: MIT
"""What the attacks share: the client under attack, hostile servers, a tap on the wire, and the search for credentials."""
import base64
import hashlib
import hmac
import itertools
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "serve"))
import harness  # noqa: E402 (tests/serve: starts `satchel serve`)

CLIENT = sys.argv[2] if len(sys.argv) > 2 else "attacks_client"
FLOOD = sys.argv[3] if len(sys.argv) > 3 else "attacks_flood"
SOON = harness.SOON

USER, PASSWORD, TOKEN = "ibis.canary", "pW-kestrel/93?vault", "ya29.heron-55_marsh~dawn"
STAMP = b"<1896.697170952@dbc.mtview.ca.us>"

CLASSES = ("OK", "ARG", "STATE", "NAME", "CONNECT", "TIMEOUT", "TLS", "CREDENTIALS", "BUSY", "REFUSED", "PROTOCOL",
           "CLOSED", "CANCELLED", "SINK", "MEMORY", "SYSTEM")
TLS_FAILURES = (None, "HANDSHAKE", "NO_STLS", "CERTIFICATE", "EXPIRED", "IDENTITY", "PIN", "ALPN", "CLIENT")
IMPLICIT, STLS, OFF = 0, 1, 2


# ---- The search for credentials ----

def base64_cores(octets):
    """Of these octets somewhere within other ones: what base64 shows of them, at each of three places."""
    for before in range(3):
        text = base64.b64encode(b"\0" * before + octets + b"\0" * (-(before + len(octets)) % 3))
        first = -(-before * 8 // 6)
        last = (before + len(octets)) * 8 // 6
        yield text[first:last]


def forms(stamps=(STAMP,)):
    """Name and octets of each form that a credential may have on a wire."""
    for name, secret in (("user", USER), ("password", PASSWORD), ("token", TOKEN)):
        octets = secret.encode()
        yield name, octets
        yield f"{name} backwards", octets[::-1]
        yield f"{name} in hex", octets.hex().encode()
        yield f"{name} in HEX", octets.hex().upper().encode()
        for place, core in enumerate(base64_cores(octets)):
            yield f"{name} in base64, place {place}", core
    for stamp in stamps:
        digests = {"APOP": hashlib.md5(stamp + PASSWORD.encode()).hexdigest(),
                   "CRAM-MD5": hmac.new(PASSWORD.encode(), stamp, "md5").hexdigest()}
        for name, digest in digests.items():
            yield f"{name} digest", digest.encode()
            for place, core in enumerate(base64_cores(digest.encode())):
                yield f"{name} digest in base64, place {place}", core


def leaks(octets, stamps=(STAMP,)):
    """Which forms of which credentials stand in these octets."""
    return [name for name, form in forms(stamps) if form in octets]


def secret_leaks(octets):
    """The same of what must not even be told to the user; a name may be."""
    return [name for name in leaks(octets) if not name.startswith("user")]


# ---- The client ----

class Outcome:
    """What came of one call."""

    def __init__(self, lines):
        words = {line.split(b" ", 1)[0]: line.split(b" ", 1)[1] for line in lines if b" " in line}
        self.trace = [line[6:] for line in lines if line.startswith(b"trace ")]
        self.mechanism = words.get(b"mechanism", b"").decode()
        self.class_, self.code, self.ms = None, 0, 0
        if b"call" in words:
            _, number, code, ms = words[b"call"].split(b" ")
            self.class_, self.code, self.ms = CLASSES[int(number)], int(code), int(ms)
        self.what, self.server, self.hint = (words.get(name, b"") for name in (b"what", b"server", b"hint"))
        self.words = words

    @property
    def tls_failure(self):
        return TLS_FAILURES[self.code] if self.class_ == "TLS" else None

    def __repr__(self):
        return f"{self.class_} {self.code}: {self.what} | {self.server} | {self.trace}"


class Client:
    """attacks_client, and all that it said."""

    def __init__(self, **options):
        self.process = subprocess.Popen([CLIENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE)
        self.out = b""
        self.set(host="127.0.0.1", user=USER, password=PASSWORD, **options)

    def line(self, text):
        """A line in, the outcome of it. A client that hangs is ended, and the test with it."""
        watchdog = threading.Timer(SOON, self.process.kill)
        watchdog.start()
        try:
            return self._line(text)
        finally:
            watchdog.cancel()

    def _line(self, text):
        self.process.stdin.write(text.encode() + b"\n")
        self.process.stdin.flush()
        lines = []
        while not lines or lines[-1] != b"done":
            line = self.process.stdout.readline()
            if not line:
                raise EOFError(self.process.stderr.read().decode("latin-1"))
            self.out += line
            lines.append(line.rstrip(b"\n"))
        return Outcome(lines)

    def set(self, **options):
        for name, value in options.items():
            octets = value if isinstance(value, bytes) else "" if value is None else str(value)
            octets = octets if isinstance(octets, bytes) else octets.encode()
            self.line(f"set {name} {octets.hex()}")

    def call(self, name):
        return self.line(name)

    def open(self, call="open", **options):
        """A new handle with these options, opened or probed; the handle's own failure where there is none."""
        self.set(**options)
        made = self.line("new")
        return self.line(call) if made.class_ == "OK" else made

    def end(self):
        """Frees all handles; gives the exit code, which a sanitizer's complaint makes another one, and stderr."""
        _, complaint = self.process.communicate(timeout=SOON)
        return self.process.returncode, complaint


# ---- Hostile servers ----

class Peer:
    """The server's end of a connection: what it heard in clear and within TLS is kept, to the last octet."""

    def __init__(self, connection):
        self.socket = connection
        self.socket.settimeout(SOON)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.clear, self.inside = b"", b""
        self.tls = False
        self.waiting = b""
        self.reused = None

    def say(self, octets, pause=0):
        """In one segment; with a pause octet by octet."""
        for part in [octets] if not pause else [octets[i:i + 1] for i in range(len(octets))]:
            self.socket.sendall(part)
            time.sleep(pause)

    def receive(self):
        octets = self.socket.recv(65536)
        if self.tls:
            self.inside += octets
        else:
            self.clear += octets
        self.waiting += octets
        return octets

    def line(self):
        """The client's next line without its end; None: the client has gone."""
        while b"\n" not in self.waiting:
            if not self.receive():
                return None
        line, self.waiting = self.waiting.split(b"\n", 1)
        return line.rstrip(b"\r")

    def rest(self):
        """Hears the client out."""
        while self.receive():
            pass

    def secure(self, context):
        """The handshake. Of the ClientHello nothing was read yet."""
        assert not self.waiting, self.waiting
        self.socket = context.wrap_socket(self.socket, server_side=True, suppress_ragged_eofs=False,
                                          do_handshake_on_connect=False)
        self.socket.do_handshake()
        self.tls, self.reused = True, self.socket.session_reused

    def answer(self, replies):
        """Obeys: a reply by verb, octets or a function of peer and line; None: the end."""
        while (line := self.line()) is not None:
            reply = replies.get(line.split(b" ")[0].upper().decode("latin-1"), b"-ERR what?\r\n")
            reply = reply(self, line) if callable(reply) else reply
            if reply is None:
                return
            self.say(reply)

    def reset(self):
        """The end, without order."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


class Hostile:
    """A server: each connection is one run of play(peer). A client that goes, or that refuses TLS, is no error."""

    def __init__(self, play):
        self.play = play
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.peers, self.threads, self.errors = [], [], []
        self.thread = threading.Thread(target=self._accept)
        self.thread.start()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            peer = Peer(connection)
            self.peers.append(peer)
            self.threads.append(threading.Thread(target=self._run, args=(peer,)))
            self.threads[-1].start()

    def _run(self, peer):
        try:
            self.play(peer)
        except (ssl.SSLError, ConnectionError, TimeoutError):
            pass
        except Exception as error:  # a thread's exception must fail the test
            self.errors.append(error)
        finally:
            peer.socket.close()

    def heard(self):
        """All lines in clear, and all within TLS."""
        self.settle()
        return b"".join(peer.clear for peer in self.peers), b"".join(peer.inside for peer in self.peers)

    def settle(self):
        for thread in list(self.threads):
            thread.join(SOON)

    def end(self):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(SOON)
        self.settle()
        if self.errors:
            raise self.errors[0]


class Tap:
    """Stands between client and server and keeps what each says: `flights`, of (b"C" or b"S", octets)."""

    def __init__(self, port):
        self.port_behind = port
        self.flights = []
        self.hostile = Hostile(self._relay)
        self.port = self.hostile.port

    def _relay(self, peer):
        with socket.create_connection(("127.0.0.1", self.port_behind), SOON) as server:
            server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            back = threading.Thread(target=self._pump, args=(server, peer.socket, b"S"))
            back.start()
            self._pump(peer.socket, server, b"C")
            back.join(SOON)

    def _pump(self, source, sink, who):
        try:
            while octets := source.recv(65536):
                self.flights.append((who, octets))
                sink.sendall(octets)
            sink.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def sent(self):
        """All octets of the client."""
        self.hostile.settle()
        return b"".join(octets for who, octets in self.flights if who == b"C")

    def records(self):
        """Types of the TLS records of the client, on a connection that is TLS from its first octet."""
        octets = self.sent()
        while octets:
            yield octets[0]
            octets = octets[5 + int.from_bytes(octets[3:5], "big"):]

    def end(self):
        self.hostile.end()


# ---- Certificates ----

class Authority:
    """A CA, and leaves of one key; made by the openssl command in a folder that the caller removes."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self.ca, self.key = self.folder / "ca.pem", self.folder / "key.pem"
        self._run("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", self.key)
        self.numbers = itertools.count()
        self._run("req", "-x509", "-new", "-key", self.key, "-out", self.ca, "-subj", "/CN=Trial CA")
        self.own = self.leaf(bytes([127, 0, 0, 1]), b"localhost")

    @staticmethod
    def _run(*arguments):
        subprocess.run(["openssl", *map(str, arguments)], check=True, stdin=subprocess.DEVNULL,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def leaf(self, *names, common_name="trial", name_type=0x82):
        """PEM with names in subjectAltName as they are, octet for octet; an address is one of 4 octets."""
        path = self.folder / f"leaf{next(self.numbers)}.pem"
        general = b"".join(bytes([0x87 if len(name) == 4 else name_type, len(name)]) + name for name in names)
        extensions = ["-addext", f"subjectAltName=DER:30:{len(general):02x}:" + general.hex(":")] if names else []
        self._run("req", "-x509", "-new", "-key", self.key, "-CA", self.ca, "-CAkey", self.key, "-out", path,
                  "-subj", f"/CN={common_name}", "-addext", "basicConstraints=critical,CA:FALSE", *extensions)
        return path

    def context(self, certificate=None, alpn=("pop3",)):
        """A server's, for 127.0.0.1 and localhost unless it is given another certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate or self.own, self.key)
        context.set_alpn_protocols(list(alpn))
        return context


# ---- Tests ----

class Case(harness.Case):
    """Everything that a test started ends with it, and ends well."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="satchel-attacks-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.authority = Authority(os.path.join(cls.folder, "authority"))

    def client(self, **options):
        client = Client(**options)

        def end():
            code, complaint = client.end()
            self.assertEqual((code, complaint), (0, b""))

        self.addCleanup(end)
        return client

    def hostile(self, play):
        server = Hostile(play)
        self.addCleanup(server.end)
        return server

    def tap(self, server):
        tap = Tap(server.port)
        self.addCleanup(tap.end)
        return tap

    def serve_user(self, *options, **how):
        """`satchel serve` for USER and PASSWORD, and TOKEN."""
        return self.serve("--user", USER, "--password", PASSWORD, "--apop-secret", PASSWORD, "--token", TOKEN,
                          *options, sample=False, **how)

    def serve_tls(self, mode, *options):
        """The same with TLS; the CA's file is self.ca."""
        self.ca = os.path.join(self.folder, "serve-ca.pem")
        return self.serve_user("--tls", mode, "--ca-out", self.ca, *options)

    def assert_only(self, wire, *lines):
        """What was heard is at most these lines, each with its end, and no credential."""
        self.assertEqual(leaks(wire), [])
        self.assertEqual([line for line in wire.split(b"\r\n") if line and line not in lines], [])


def main():
    import unittest
    unittest.main(argv=sys.argv[:1] + sys.argv[4:])
