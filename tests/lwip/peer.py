# SPDX-License-Identifier: MIT
"""A TCP peer made of packets on tap0, at an address that no kernel has: it sends segments in any order, twice,
overlapping, and offers any window. One connection, IPv4. Knows nothing of POP3.
"""
import random
import socket
import struct
import time

ADDRESS = "10.77.0.3"
PORT = 110
HARDWARE = bytes.fromhex("020000000003")
FIN, SYN, RST, PSH, ACK = 1, 2, 4, 8, 16
PATIENCE = 10


def checksum(octets):
    """RFC 1071."""
    total = sum(struct.unpack(f">{(len(octets) + 1) // 2}H", octets + b"\0" * (len(octets) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Peer:
    """Offsets count from the first octet that this side sends; `said` is the offset behind all that was sent."""

    def __init__(self, window=8192):
        self.wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
        self.wire.bind(("tap0", 0))
        self.window = window
        self.start = random.randrange(1 << 32)
        self.said = 0
        self.acknowledged = 0
        self.expected = 0  # the client's next sequence number
        self.heard = b""
        self.flags = 0

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        self.wire.close()

    def put(self, kind, payload):
        self.wire.send(self.client_hardware + HARDWARE + struct.pack(">H", kind) + payload)

    def answer_arp(self, frame):
        asked = frame[38:42]
        if frame[20:22] == b"\0\1" and asked == socket.inet_aton(ADDRESS):
            self.client_hardware = frame[6:12]
            self.put(0x0806, frame[14:20] + b"\0\2" + HARDWARE + asked + frame[22:32])

    def segment(self, offset, flags, octets=b"", options=b""):
        """Sends one; its sequence number says `offset`."""
        sequence = self.start + 1 + offset & 0xFFFFFFFF
        head = struct.pack(">HHIIBBHHH", PORT, self.client_port, sequence, self.expected,
                           5 + len(options) // 4 << 4, flags, self.window, 0, 0) + options
        addresses = socket.inet_aton(ADDRESS) + self.client_address
        pseudo = addresses + struct.pack(">HH", 6, len(head) + len(octets))
        head = head[:16] + struct.pack(">H", checksum(pseudo + head + octets)) + head[18:]
        ip = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(head) + len(octets), 0, 0, 64, 6, 0) + addresses
        ip = ip[:10] + struct.pack(">H", checksum(ip)) + ip[12:]
        self.put(0x0800, ip + head + octets)

    def listen(self, patience=PATIENCE):
        """Takes in frames until a segment of the client came; false when none does."""
        until = time.monotonic() + patience
        while (left := until - time.monotonic()) > 0:
            self.wire.settimeout(left)
            try:
                frame, where = self.wire.recvfrom(4096)
            except TimeoutError:
                break
            if where[2] == socket.PACKET_OUTGOING:
                continue
            if frame[12:14] == b"\x08\x06":
                self.answer_arp(frame)
            elif frame[12:14] == b"\x08\x00" and frame[23] == 6 and frame[30:34] == socket.inet_aton(ADDRESS):
                self.take(frame[14:14 + int.from_bytes(frame[16:18], "big")])
                return True
        return False

    def take(self, packet):
        tcp = packet[20:]
        port, _, sequence, acknowledged, size, self.flags = struct.unpack(">HHIIBB", tcp[:14])
        octets = tcp[size >> 4 << 2:]
        if self.flags & SYN:
            self.client_address, self.client_port, self.expected = packet[12:16], port, sequence + 1 & 0xFFFFFFFF
            return
        self.acknowledged = acknowledged - self.start - 1 & 0xFFFFFFFF
        if sequence == self.expected and octets:
            octets = octets[:self.window]
            self.heard += octets
            self.expected = self.expected + len(octets) & 0xFFFFFFFF
            self.segment(self.acknowledged, ACK)

    def accept(self):
        while not self.flags & SYN:
            if not self.listen():
                raise TimeoutError("no client came")
        self.segment(-1, SYN | ACK, options=b"\2\4" + struct.pack(">H", 1460))

    def command(self):
        """The client's next line."""
        while b"\n" not in self.heard:
            if not self.listen():
                raise TimeoutError(f"no command behind {self.heard!r}")
        line, self.heard = self.heard.split(b"\n", 1)
        return line + b"\n"

    def say(self, octets, batches=None):
        """Sends octets in batches of pieces (from, to), with a breath between, until all are acknowledged."""
        begun = self.said
        for batch in batches or [[(at, at + 1400)] for at in range(0, len(octets), 1400)]:
            for begin, end in batch:
                self.segment(begun + begin, ACK | PSH, octets[begin:end])
            while self.acknowledged < begun + max(end for _, end in batch) and self.listen(0.01):
                pass
        self.await_acknowledgement(begun, octets)
        self.said += len(octets)

    def await_acknowledgement(self, begun, octets):
        """Waits until the client has them all; sends again what it misses."""
        until = time.monotonic() + PATIENCE
        while (at := self.acknowledged - begun) < len(octets) and not self.flags & RST:
            if not self.listen(0.3):
                if time.monotonic() > until:
                    raise TimeoutError(f"{at} of {len(octets)} octets were acknowledged")
                self.segment(begun + at, ACK | PSH, octets[at:at + 1400])

    def await_flag(self, flag):
        while not self.flags & flag:
            if not self.listen():
                raise TimeoutError(f"the client does not end the connection: {self.heard!r}")
