# SPDX-License-Identifier: MIT
"""examples/lwip on tap0, against `satchel serve`, Dovecot, and peers that know TCP too well."""
import os
import pathlib
import random
import sys
import time

sys.path.insert(1, str(pathlib.Path(__file__).resolve().parent.parent / "serve"))
import cases  # noqa: E402
import corpus  # noqa: E402
import harness  # noqa: E402
import lwip  # noqa: E402
import peer  # noqa: E402
import servers  # noqa: E402
import test_wire  # noqa: E402
import wire_server  # noqa: E402

harness.SATCHEL = os.environ.get("E2E_SATCHEL", "")
SAMPLE = 2  # messages of `satchel serve --sample`
COMMANDS = ("USER", "PASS", "STAT", "RETR", "RETR", "QUIT")  # of a whole session with the sample


class LwipCase(cases.NetxCase, harness.Case):
    """Judgements about a run of lwip_fetch."""

    def judge(self, outcome, wanted):
        """All went well, and these are the messages."""
        self.assertEqual((outcome.status, outcome.errors), (lwip.SUCCESS, ""))
        self.assertEqual(outcome.output, f"{len(wanted)} messages\n")
        self.assertEqual(sorted(outcome.messages), list(range(1, len(wanted) + 1)))
        for number, octets in enumerate(wanted, 1):
            self.assert_octets(outcome.messages[number], octets, f"message {number}, {octets[:40]!r}")
        self.assertEqual(outcome.others, [])

    def judge_failure(self, outcome, status, words, whole=0):
        """It failed with this line alone, and claims only `whole` messages to be whole."""
        self.assertEqual(outcome.status, status, outcome.errors)
        self.assertRegex(outcome.errors, rf"\A(failing: .*\n)?lwip_fetch: [^\n]*{words}[^\n]*\n\Z")
        self.assertEqual(outcome.output, "")
        self.assertEqual((len(outcome.messages), outcome.others), (whole, []))

    def serve(self, *options, **how):
        return super().serve("--listen", lwip.ADDRESS, "--trace", *options, **how)

    def commands(self, server):
        return [line[3:].split(" ")[0] for line in server.text(server.trace).splitlines() if line.startswith("C: ")]


class SatchelServe(LwipCase):
    def fetch_all(self, contents, *options):
        mails = {f"{1_500_000_000 + number}.M{number}P1.e2e": content for number, content in enumerate(contents, 1)}
        server = self.serve("--maildir", str(self.maildir(**mails)), "--octets", *options)
        self.judge(lwip.fetch(server.port), [test_wire.ended(content) for content in contents])

    def test_F02_every_octet(self):
        self.fetch_all([octets for _, octets in corpus.messages()])

    def test_A24_one_octet_a_segment(self):
        self.fetch_all([octets for octets in test_wire.SMALL_CONTENTS if len(octets) < 300][:40],
                       "--split", "1", "--split-pause", "0")

    def test_A24_seven_octets_a_segment(self):
        self.fetch_all(test_wire.SMALL_CONTENTS, "--split", "7", "--split-pause", "0")

    def test_R_1939_12_empty_maildrop(self):
        self.fetch_all([])

    def test_no_deletion_and_no_other_command(self):
        server = self.serve()
        for _ in range(2):
            self.assertEqual(lwip.fetch(server.port).status, lwip.SUCCESS)
        self.assertEqual(self.commands(server), list(COMMANDS) * 2)

    def test_wrong_password(self):
        server = self.serve()
        self.judge_failure(lwip.fetch(server.port, password="wrong"), lwip.NO_PERMISSION, r"PASS: refused: \[AUTH\]")
        self.assertEqual(self.commands(server), ["USER", "PASS", "QUIT"])

    def test_refused_greeting(self):
        port = self.serve("--err", "GREETING=not \\x1b[31mnow").port
        self.judge_failure(lwip.fetch(port), lwip.REFUSED, r"greeting: refused: not \?\[31mnow")

    def test_A13_name_that_cannot_be_sent(self):
        server = self.serve()
        self.judge_failure(lwip.fetch(server.port, name="a\r\nDELE 1"), lwip.USAGE, "cannot be sent")
        self.assertEqual(self.commands(server), [])

    def test_one_refused_message_leaves_the_others(self):
        server = self.serve("--err", "RETR=gone")
        self.judge_refusals(lwip.fetch(server.port))
        self.assertEqual(self.commands(server), list(COMMANDS))

    def judge_refusals(self, outcome):
        self.assertEqual((outcome.status, outcome.messages), (lwip.REFUSED, {}))
        self.assertEqual(outcome.errors, "lwip_fetch: RETR: refused: gone\n" * SAMPLE)

    def test_W01_refused_connection(self):
        server = self.serve()
        server.stop()
        self.judge_failure(lwip.fetch(server.port), lwip.UNAVAILABLE, "refused or reset")

    def test_R_1939_23_closed_at_any_octet(self):
        # Behind the greeting, USER, PASS, STAT, and from RETR 1 to its last octet but one.
        for verb, octets, whole in (("GREETING", 5, 0), ("USER", 0, 0), ("PASS", 3, 0), ("STAT", 4, 0),
                                    *(("RETR", n, 0) for n in (0, 1, 10, 60, 138)), ("QUIT", 0, SAMPLE)):
            with self.subTest(verb=verb, octets=octets):
                server = self.serve("--drop", f"{verb}={octets}")
                self.judge_failure(lwip.fetch(server.port), lwip.UNAVAILABLE,
                                   f"(?i:{verb}): the connection was closed", whole)

    def test_F03_octets_behind_a_reply(self):
        for verb, at in (("GREETING", 0), ("USER", 1), ("PASS", 2), ("STAT", 3), ("RETR", 4)):
            with self.subTest(verb=verb):
                server = self.serve("--unsolicited", verb, "--coalesce", "20")
                whole = 1 if verb == "RETR" else 0
                self.judge_failure(lwip.fetch(server.port), lwip.PROTOCOL, "broke the protocol", whole)
                self.assertEqual(self.commands(server), list(COMMANDS[:at]))

    def test_not_POP3(self):
        for fault in (("--reply", "GREETING=220 mail.example.org ESMTP"), ("--reply", "STAT=+OK many"),
                      ("--reply", "RETR=+OKAY"), ("--endless", "PASS")):
            with self.subTest(fault=fault):
                self.judge_failure(lwip.fetch(self.serve(*fault).port), lwip.PROTOCOL, "broke the protocol|how many")

    def test_W03_silent_server(self):
        for verb in ("GREETING", "RETR"):
            with self.subTest(verb=verb):
                port = self.serve("--silent", verb).port
                self.judge_failure(lwip.fetch(port, failing=""), lwip.UNAVAILABLE, "does not answer")

    def test_W01_nobody_at_that_address(self):
        self.judge_failure(lwip.fetch(110, address="10.77.0.99", failing=""), lwip.UNAVAILABLE, "does not answer")

    def test_folder_that_cannot_be_written(self):
        server = self.serve()
        self.judge_failure(lwip.fetch(server.port, folder="/proc"), lwip.CANNOT_CREATE, "no file can be created")
        self.assertEqual(self.commands(server), list(COMMANDS[:4]))

    def test_R_1939_25_no_quit_behind_a_message_that_could_not_be_stored(self):
        server = self.serve()
        for octets in (0, 119, 199):  # the messages have 120 and 200
            with self.subTest(octets=octets):
                outcome = lwip.fetch(server.port, largest_file=octets)
                self.judge_failure(outcome, lwip.IO_ERROR, "cannot be stored", octets // 120)
                self.assertNotIn("QUIT", self.commands(server))

    def test_usage(self):
        for arguments in ({"port": 0}, {"port": 65536}, {"port": "x"}, {"port": 110, "address": "mail"},
                          {"port": 110, "folder": "/nonexistent"}):
            with self.subTest(arguments=arguments):
                outcome = lwip.fetch(**arguments)
                self.assertEqual((outcome.status, outcome.output), (lwip.USAGE, ""))
                self.assertRegex(outcome.errors, r"\AUsage: lwip_fetch [^\n]*\n\Z")


class DovecotOnTap(servers.Dovecot):
    addresses = (lwip.ADDRESS, lwip.ADDRESS6)


class Dovecot(cases.ServerCase, LwipCase):
    server_class = DovecotOnTap

    def fetch(self, address=lwip.ADDRESS, **settings):
        return lwip.fetch(self.server.port(address), address=address, **settings)

    def test_F02_every_octet(self):
        wanted = self.stock([octets for _, octets in corpus.messages()])
        self.judge(self.fetch(), wanted)

    def test_whole_session_over_ipv6(self):
        wanted = self.stock([octets for octets in corpus.BODIES.values()])
        self.judge(self.fetch(lwip.ADDRESS6), wanted)

    def test_wrong_password(self):
        self.judge_failure(self.fetch(password="wrong"), lwip.NO_PERMISSION, r"PASS: refused: \[AUTH\]")


class Segments(LwipCase):
    """The client against peer.py: whatever may happen to TCP's segments on their way."""

    RANDOM = random.Random(793)
    BATCH = 40  # segments under way at a time: fewer than lwIP's mailbox holds

    def enter(self, context):
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()

    def connect_client(self, failing=None, window=8192):
        """A client that waits for the greeting: peer and `finish`."""
        tcp = self.enter(peer.Peer(window))
        finish = self.enter(lwip.running(peer.PORT, address=peer.ADDRESS, failing=failing))
        tcp.accept()
        return tcp, finish

    def exchange(self, tcp, *dialogue):
        for reply, command in dialogue:
            tcp.say(reply)
            self.assertEqual(tcp.command(), command)

    def until_retr(self, count=1, **how):
        """A client that waits for message 1."""
        tcp, finish = self.connect_client(**how)
        self.exchange(tcp, (b"+OK ready\r\n", b"USER mrose\r\n"), (b"+OK\r\n", b"PASS mvan99\r\n"),
                      (b"+OK\r\n", b"STAT\r\n"), (b"+OK %d 1\r\n" % count, b"RETR 1\r\n"))
        return tcp, finish

    def batches(self, length, size, order):
        """Pieces that cover `length` octets; some reach into the next, some come twice."""
        cuts = [0]
        while cuts[-1] < length:
            cuts.append(min(length, cuts[-1] + self.RANDOM.randrange(1, size + 1)))
        pieces = [(begin, min(length, end + self.RANDOM.choice((0, 0, 0, 1, 5)))) for begin, end in zip(cuts, cuts[1:])]
        for at in range(0, len(pieces), self.BATCH):
            batch = pieces[at:at + self.BATCH]
            batch += self.RANDOM.sample(batch, len(batch) // 8)
            order(batch)
            yield batch

    def fetch_all(self, size, order, contents=tuple(test_wire.SMALL_CONTENTS)):
        tcp, finish = self.until_retr(len(contents))
        for number, content in enumerate(contents, 1):
            wire = b"+OK\r\n" + wire_server.stuff(content)
            tcp.say(wire, self.batches(len(wire), size, order))
            self.assertEqual(tcp.command(), b"RETR %d\r\n" % (number + 1) if number < len(contents) else b"QUIT\r\n")
        tcp.say(b"+OK\r\n")
        tcp.await_flag(peer.FIN)
        self.judge(finish(), [test_wire.ended(content) for content in contents])

    def test_A24_segments_in_order(self):
        self.fetch_all(40, lambda batch: batch.sort())

    def test_A24_last_segment_first(self):
        self.fetch_all(40, lambda batch: batch.sort(reverse=True))  # one chain of pbufs a batch

    def test_A24_segments_in_any_order(self):
        self.fetch_all(120, self.RANDOM.shuffle)

    def test_A24_octets_in_any_order(self):
        self.fetch_all(3, self.RANDOM.shuffle, [octets for octets in test_wire.SMALL_CONTENTS if len(octets) < 100])

    def test_port_is_another_in_each_run(self):
        ports = set()
        for _ in range(3):
            tcp, finish = self.connect_client()
            tcp.segment(0, peer.RST)
            self.judge_failure(finish(), lwip.UNAVAILABLE, "greeting: the connection was refused or reset")
            ports.add(tcp.client_port)
        self.assertGreater(len(ports), 1)

    def test_window_smaller_than_a_command(self):
        tcp, finish = self.until_retr(window=8)
        self.exchange(tcp, (b"+OK\r\none\r\n.\r\n", b"QUIT\r\n"))
        tcp.say(b"+OK\r\n")
        self.judge(finish(), [b"one\r\n"])

    def test_end_of_the_stream_in_the_segment_of_the_last_reply(self):
        tcp, finish = self.until_retr()
        self.exchange(tcp, (b"+OK\r\none\r\n.\r\n", b"QUIT\r\n"))
        tcp.segment(tcp.said, peer.ACK | peer.FIN, b"+OK\r\n")
        self.judge(finish(), [b"one\r\n"])

    def test_R_1939_23_end_of_the_stream_behind_a_forged_end(self):
        cuts = [b"text" + end for end in corpus.DOT_ENDS.values()]
        for cut in cuts + [b"", b"text\r\n.\r", b"text\r\n.", b"text\r\n", b"."]:
            with self.subTest(cut=cut):
                tcp, finish = self.until_retr(2)
                self.exchange(tcp, (b"+OK\r\none\r\n.\r\n", b"RETR 2\r\n"))
                tcp.segment(tcp.said, peer.ACK | peer.FIN, b"+OK\r\n" + cut)
                tcp.await_flag(peer.RST)
                self.judge_failure(finish(), lwip.UNAVAILABLE, "RETR: the connection was closed", 1)
                self.assertEqual(tcp.heard, b"")

    def test_R_1939_23_reset_in_a_message(self):
        tcp, finish = self.until_retr()
        tcp.say(b"+OK\r\none\r\n")
        tcp.segment(tcp.said, peer.RST)
        self.judge_failure(finish(), lwip.UNAVAILABLE, "refused or reset")

    def test_W03_silence_in_a_message(self):
        tcp, finish = self.until_retr(failing="")
        tcp.say(b"+OK\r\none\r\n")
        tcp.await_flag(peer.RST)
        self.judge_failure(finish(), lwip.UNAVAILABLE, "does not answer")

    def test_W03_a_slow_message_is_no_silence(self):
        tcp, finish = self.until_retr(failing="")
        for octets in (b"+OK\r\n", b"one", b"\r", b"\n."):
            tcp.say(octets)
            time.sleep(1)  # four of them are longer than this client waits
        self.exchange(tcp, (b"\r\n", b"QUIT\r\n"))
        tcp.say(b"+OK\r\n")
        self.judge(finish(), [b"one\r\n"])

    def test_F03_octets_behind_the_terminator_in_another_pbuf_of_the_chain(self):
        tcp, finish = self.until_retr(2)
        wire = b"+OK\r\none\r\n.\r\n+OK\r\ntwo\r\n.\r\n"
        end = wire.index(b"+OK", 1)
        tcp.say(wire, [[(end, len(wire)), (0, end)]])
        tcp.await_flag(peer.RST)
        self.judge_failure(finish(), lwip.PROTOCOL, "broke the protocol", 1)

    def test_F03_reply_to_a_command_that_was_not_sent(self):
        tcp, finish = self.connect_client(failing="write:1")
        tcp.say(b"+OK ready\r\n")
        tcp.say(b"+OK\r\n")
        tcp.await_flag(peer.RST)
        self.judge_failure(finish(), lwip.PROTOCOL, "broke the protocol")
        self.assertEqual(tcp.heard, b"")


class Failures(LwipCase):
    """Calls of lwIP that fail (failing.c)."""

    CONTENTS = [b"one\r\n", b".two\r\n"]

    def fetch(self, failing):
        mails = {f"{number}.M{number}P1.e2e": content for number, content in enumerate(self.CONTENTS, 1)}
        self.server = self.serve("--maildir", str(self.maildir(**mails)))
        return lwip.fetch(self.server.port, failing=failing)

    def judge_in_spite(self, outcome, failure):
        self.assertEqual(outcome.errors, f"failing: {failure}\n" if failure else "")
        outcome.errors = ""
        self.judge(outcome, self.CONTENTS)
        self.assertEqual(self.commands(self.server), list(COMMANDS))

    def test_every_write_finds_no_memory_once(self):
        for n in range(1, len(COMMANDS) + 1):
            with self.subTest(n=n):
                self.judge_in_spite(self.fetch(f"write:{n}"), f"write {n}")
        self.judge_in_spite(self.fetch(f"write:{len(COMMANDS) + 1}"), None)

    def test_every_write_fails(self):
        for n in range(1, len(COMMANDS) + 1):
            with self.subTest(n=n):
                whole = max(0, n - 4)
                self.judge_failure(self.fetch(f"broken:{n}"), lwip.UNAVAILABLE, "lwIP does not send", whole)
                self.assertEqual(self.commands(self.server), list(COMMANDS[:n - 1]))

    def test_send_buffer_smaller_than_a_command(self):
        for room in (1, 2, 5, 11):
            with self.subTest(room=room):
                self.judge_in_spite(self.fetch(f"room:{room}"), None)

    def test_no_connection_for_want_of_memory(self):
        for call in ("new", "connect"):
            with self.subTest(call=call):
                self.judge_failure(self.fetch(f"{call}:1"), lwip.UNAVAILABLE, "lwIP gave up")

    def test_close_finds_no_memory(self):
        self.judge_in_spite(self.fetch("close:1"), "close 1")
