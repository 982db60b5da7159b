# SPDX-License-Identifier: MIT
"""A TCP proxy that makes the way to a server long: each octet arrives half a round trip later, and in order.

It limits no rate and has no slow start, so that a session takes its round trips and nothing else. The kernel accepts a
connection at once, which no distant server could: what TCP's own handshake takes is added here. The client's first octets
arrive one and a half round trips after it began to connect (SYN, SYN and ACK, then the octets or an ACK alone), and the
server is connected then.
"""
import queue
import socket
import threading
import time


class DelayProxy:
    """Listens on 127.0.0.1:port from construction to close(); `round_trip` in seconds."""

    def __init__(self, target_port, round_trip):
        self.target = ("127.0.0.1", target_port)
        self.half = round_trip / 2
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client, time.monotonic()), daemon=True).start()

    def _serve(self, client, began):
        upward = queue.SimpleQueue()
        threading.Thread(target=self._read, args=(client, upward), daemon=True).start()
        _sleep_until(began + 3 * self.half)
        with client, socket.create_connection(self.target) as server:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            downward = queue.SimpleQueue()
            threading.Thread(target=self._read, args=(server, downward), daemon=True).start()
            writer = threading.Thread(target=_write, args=(upward, server), daemon=True)
            writer.start()
            _write(downward, client)
            writer.join()

    def _read(self, source, out):
        """Octets with the time when they are due; None is the end."""
        data = b"x"
        while data:
            try:
                data = source.recv(1 << 18)
            except OSError:
                data = b""
            out.put((time.monotonic() + self.half, data))


def _write(octets, sink):
    data = b"x"
    while data:
        due, data = octets.get()
        _sleep_until(due)
        try:
            if data:
                sink.sendall(data)
            else:
                sink.shutdown(socket.SHUT_WR)
        except OSError:
            return


def _sleep_until(due):
    left = due - time.monotonic()
    if left > 0:
        time.sleep(left)
