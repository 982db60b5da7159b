# SPDX-License-Identifier: MIT
"""A POP3 server that lists whatever a test says: the lines of LIST and UIDL are given octet for octet."""
import socket
import threading


class Lister:
    """`messages`: number -> content (CRLF, unstuffed). `uidl`, `sizes`: the lines as they go out, made up if None."""

    def __init__(self, messages, uidl=None, sizes=None, count=None):
        self.messages = messages
        self.uidl = [f"{n} uid-{n}".encode() for n in messages] if uidl is None else uidl
        self.sizes = [f"{n} {len(m)}".encode() for n, m in messages.items()] if sizes is None else sizes
        self.count = len(messages) if count is None else count
        self.said = []
        self.marked = set()
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.listener.close()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as stream:
                try:
                    self.session(stream)
                except OSError:
                    pass

    def session(self, stream):
        marked = set()
        stream.write(b"+OK\r\n")
        stream.flush()
        for line in stream:
            self.said.append(line.rstrip().decode("latin-1"))
            verb, _, rest = line.decode("latin-1").strip().partition(" ")
            stream.write(self.answer(verb.upper(), rest.split(), marked))
            stream.flush()
            if verb.upper() == "QUIT":
                self.marked |= marked
                for number in marked:
                    self.messages.pop(number, None)
                return

    @staticmethod
    def lines(lines):
        return b"+OK\r\n" + b"".join(line + b"\r\n" for line in lines) + b".\r\n"

    def content(self, number, lines=None):
        if number not in self.messages:
            return b"-ERR no such message\r\n"
        text = self.messages[number]
        if lines is not None:
            text = text.partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
        stuffed = (b"\r\n" + text).replace(b"\r\n.", b"\r\n..")[2:]
        return b"+OK\r\n" + stuffed + (b"" if stuffed.endswith(b"\r\n") else b"\r\n") + b".\r\n"

    def answer(self, verb, arguments, marked):
        if verb == "CAPA":
            return self.lines([b"USER", b"UIDL", b"TOP"])
        if verb == "STAT":
            return f"+OK {self.count} 0\r\n".encode()
        if verb == "LIST":
            return self.lines(self.sizes)
        if verb == "UIDL":
            return self.lines(self.uidl)
        if verb == "RETR":
            return self.content(int(arguments[0]))
        if verb == "TOP":
            return self.content(int(arguments[0]), int(arguments[1]))
        if verb == "DELE":
            marked.add(int(arguments[0]))
        return b"+OK\r\n"
