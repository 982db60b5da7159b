# SPDX-License-Identifier: MIT
"""F-06: the same reply through the engine, the NetX services and the client library gives the same octets and the same
outcome. The replies are those of the transcripts in tests/core, where it is written what each must give, and the F-02
and A-24 bodies of test_wire.py."""
import os
import pathlib
import subprocess

import cases
import client
import netx
import reference
import test_wire
import wire_server

ENGINE_REPLIES = os.environ.get("E2E_ENGINE_REPLIES", "")
TRANSCRIPTS = sorted((pathlib.Path(__file__).resolve().parents[1] / "core" / "transcripts").glob("*.pop3"))

GREETING = b"+OK\r\n"
WHOLE, REFUSED, BROKEN = "whole", "refused", "broken"


def engine_replies(*arguments, lines=""):
    """The words of each line that engine_replies prints."""
    run = subprocess.run([ENGINE_REPLIES, *arguments], input=lines, capture_output=True, text=True, check=True)
    return [line.split(" ") for line in run.stdout.splitlines()]


def result(text):
    """(outcome, content) of "whole:2e0d0a"."""
    outcome, _, digits = text.partition(":")
    return outcome, bytes.fromhex(digits)


class Reply:
    """A reply to RETR, or to DELE where it is a status line; what must come of it, and what the engine made of it."""

    def __init__(self, name, kind, greeting, octets, said, made):
        self.name = name
        self.is_message = kind == "message"
        self.greeting = bytes.fromhex(greeting[1:])
        self.octets = bytes.fromhex(octets[1:])
        self.expected = result(said)
        self.by_engine = result(made)


def transcript_replies():
    return [Reply(*words) for words in engine_replies(*map(str, TRANSCRIPTS))]


def body_replies():
    """Bodies that are stuffed and bodies that are not."""
    wires = [wire_server.stuff(content) for content in test_wire.CONTENTS]
    wires += [test_wire.ended(content) + b".\r\n" for content in test_wire.unstuffed(test_wire.CONTENTS)]
    wanted = [reference.decode(wire) for wire in wires]
    replies = [b"+OK\r\n" + wire for wire in wires]
    made = engine_replies(lines="".join(f"{reply.hex()}\n" for reply in replies))
    return [Reply(f"body {number}", "message", f":{GREETING.hex()}", f":{octets.hex()}", f"{WHOLE}:{content.hex()}", by)
            for number, (octets, content, (by,)) in enumerate(zip(replies, wanted, made), 1)]


class ReplySession(wire_server.WireSession):
    """Gives the replies; behind one that breaks the session it closes."""

    def run(self):
        self.connection.sendall(self.server.replies[0].greeting)
        self.serve()

    def reply_to(self, number):
        reply = self.server.replies[int(number) - 1]
        self.send_segments(reply.octets)
        return reply.expected[0] != BROKEN

    RETR = DELE = reply_to


class ReplyServer(wire_server.WireServer):
    """Serves the replies, which share a greeting, to one client after another."""

    def __init__(self, replies, segment=0):
        self.replies = replies
        super().__init__([reply.octets for reply in replies], segment)

    def session(self, connection):
        return ReplySession(self, connection)


def numbers(replies, is_message):
    """The setting that names these messages."""
    chosen = [str(number) for number, reply in enumerate(replies, 1) if reply.is_message == is_message]
    return ",".join(chosen) or "none"


def outcomes(replies, statuses, messages, name_of):
    """[(outcome, content)] in the order of the replies; one without a status did not come to its end."""
    found = []
    for number, reply in enumerate(replies, 1):
        outcome = name_of(statuses.get((reply.is_message, number)))
        found.append((outcome, messages.get(number, b"") if outcome == WHOLE else b""))
    return found


def by_netx(replies, segment):
    with ReplyServer(replies, segment) as server:
        run = netx.fetch(port=server.port, user=wire_server.USER, password=wire_server.PASSWORD,
                         fetch=numbers(replies, True), delete=numbers(replies, False))
    statuses = {(True, number): status for number, status in {**run.retrievals, **run.downloads}.items()}
    statuses.update({(False, number): status for number, status in run.deletions.items()})
    # What breaks a session shows when it is to be ended.
    failed = REFUSED if run.quits == [netx.SUCCESS] else BROKEN
    return outcomes(replies, statuses, run.messages, lambda status: WHOLE if status == netx.SUCCESS else failed), run


def by_client(replies, segment):
    names = {"OK": WHOLE, "REFUSED": REFUSED, "BUSY": REFUSED}
    with ReplyServer(replies, segment) as server:
        run = client.fetch(port=server.port, tls="off", auth="USER", user=wire_server.USER,
                           password=wire_server.PASSWORD, uids=0, fetch=numbers(replies, True),
                           delete=numbers(replies, False))
    statuses = {(True, number): name for number, name in run.retrievals.items()}
    statuses.update({(False, number): name for number, name in run.deletions.items()})
    return outcomes(replies, statuses, run.messages, lambda name: names.get(name, BROKEN)), run


class SameBytes(cases.Case):
    def judge(self, replies, segment=0):
        """All three agree with what is expected; content of a broken message is nobody's promise."""
        self.assertNotEqual(replies, [])
        for way, (found, run) in (("netx", by_netx(replies, segment)), ("client", by_client(replies, segment))):
            for reply, (outcome, content) in zip(replies, found):
                self.assertEqual((way, reply.name, outcome), (way, reply.name, reply.expected[0]), run.output)
                if outcome == WHOLE:
                    self.assert_octets(content, reply.expected[1], f"{reply.name} by {way}")
        for reply in replies:
            self.assertEqual(reply.by_engine, reply.expected, reply.name)

    def test_F06_transcripts(self):
        replies = transcript_replies()
        sound = [reply for reply in replies if reply.expected[0] != BROKEN]
        self.assertGreater(len(sound), 100)
        for greeting in sorted({reply.greeting for reply in sound}):
            for segment in (0, 1):
                together = [reply for reply in sound
                            if reply.greeting == greeting and segment * len(reply.octets) < 5000]
                with self.subTest(greeting=greeting, segment=segment):
                    self.judge(together, segment)

    def test_F06_transcripts_that_end_in_ruins(self):
        broken = [reply for reply in transcript_replies() if reply.expected[0] == BROKEN]
        self.assertGreater(len(broken), 10)
        for reply in broken:
            with self.subTest(reply=reply.name):
                self.judge([reply])

    def test_F06_bodies(self):
        replies = body_replies()
        self.judge(replies)
        self.judge([reply for reply in replies if len(reply.octets) < 300], segment=1)
