# SPDX-License-Identifier: MIT
"""A POP3 server whose bodies are given octet by octet as they go over the wire, written apart from src/serve.

It checks the client as it serves: every command is recorded, and so is every one that came while a body was still on
its way. Knows nothing of mail formats.
"""
import hashlib
import re
import select
import socket
import threading

STAMP = "<1896.697170952@dbc.mtview.ca.us>"
USER = "mrose"
PASSWORD = "tanstaaf"

# Where a careless reader sees the end: there the server falls silent for a moment, so that such a reader would speak.
FALSE_END = re.compile(rb"(?<=[\r\n])(?!(?<=\r\n)\.\r\n)\.[\r\n]+")
SILENCE = 0.004


def stuff(content):
    """Content as it goes over the wire: stuffed behind CRLF only, ended, with its terminator."""
    ended = content if content.endswith(b"\r\n") or not content else content + b"\r\n"
    return re.sub(rb"(^|\r\n)\.", rb"\1..", ended) + b".\r\n"


class WireServer:
    """Serves `bodies` (wire octets behind the status line of RETR, terminator included) to one client after another.

    segment: octets handed to the kernel at once, 0 for all of them. cut: numbers of the bodies that the server closes
    behind, instead of waiting for a command.
    """

    def __init__(self, bodies, segment=0, cut=()):
        self.bodies = bodies
        self.segment = segment
        self.cut = cut
        self.commands = []
        self.early = []
        self.removed = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection:
                try:
                    self.session(connection).run()
                except OSError:
                    pass  # the client left first: the test sees what it did before

    def session(self, connection):
        return WireSession(self, connection)


class WireSession:
    """One connection. The methods named as in `VERBS` carry commands out; one that returns False ends it."""

    VERBS = {False: ("USER", "PASS", "APOP", "QUIT"), True: ("STAT", "LIST", "RETR", "DELE", "QUIT")}

    def __init__(self, server, connection):
        self.server = server
        self.connection = connection
        self.logged_in = False
        self.marked = set()

    def run(self):
        self.reply(f"+OK {STAMP}")
        self.serve()

    def serve(self):
        with self.connection.makefile("rb", buffering=0) as lines:
            for line in lines:
                command = line.decode("latin-1").removesuffix("\r\n")
                self.server.commands.append(command)
                verb, *arguments = command.split(" ")
                if verb not in self.VERBS[self.logged_in]:
                    self.reply("-ERR not now")
                elif getattr(self, verb)(*arguments) is False:
                    return

    def reply(self, line):
        self.connection.sendall(line.encode() + b"\r\n")

    def login(self, known):
        self.logged_in = known
        self.reply("+OK" if known else "-ERR [AUTH] no")

    def USER(self, _name):
        self.reply("+OK")

    def PASS(self, password):
        self.login(password == PASSWORD)

    def APOP(self, name, digest):
        self.login((name, digest) == (USER, hashlib.md5((STAMP + PASSWORD).encode()).hexdigest()))

    def STAT(self):
        self.reply(f"+OK {len(self.server.bodies)} {sum(map(len, self.server.bodies))}")

    def LIST(self, number):
        self.reply(f"+OK {number} {len(self.server.bodies[int(number) - 1])}")

    def RETR(self, number):
        self.reply("+OK")
        self.send_body(self.server.bodies[int(number) - 1])
        return int(number) not in self.server.cut

    def DELE(self, number):
        self.marked.add(int(number))
        self.reply("+OK")

    def QUIT(self):
        self.server.removed |= self.marked
        self.reply("+OK")
        return False

    def send_body(self, wire):
        """Sends the body up to each place that looks like its end, and listens there before going on."""
        start = 0
        for end in [match.end() for match in FALSE_END.finditer(b"\r\n" + wire)]:
            self.send_segments(wire[start:end - 2])
            start = end - 2
            if start < len(wire) and select.select([self.connection], [], [], SILENCE)[0]:
                self.server.early.append(self.connection.recv(100, socket.MSG_PEEK))
        self.send_segments(wire[start:])

    def send_segments(self, octets):
        step = self.server.segment or max(1, len(octets))
        for at in range(0, len(octets), step):
            self.connection.sendall(octets[at:at + step])
