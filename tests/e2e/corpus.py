# SPDX-License-Identifier: MIT
"""The mail that the end to end tests store: a thousand messages, the same in every run.

Covers the F-02 and A-24 corpora of requirements.md and more of their kind. Knows nothing of servers or protocols: what
a server makes of these octets is stated in servers.py.
"""
import random

LF_HEADER = b"From: a@example.org\nTo: mrose@example.org\nSubject: corpus\n\n"
CRLF_HEADER = LF_HEADER.replace(b"\n", b"\r\n")

# What a sender may write to be taken for the end of the message and the server's next replies.
FORGERY = b"+OK 2 messages\r\n1 120\r\n2 200\r\n.\n+OK message deleted\r\n-ERR no such message\r\n"
DOT_ENDS = {
    "LF.LF": b"\n.\n",
    "LF.CRLF": b"\n.\r\n",
    "CR.CR": b"\r.\r",
    "CRLF.LF": b"\r\n.\n",
    "CRLF.CRx": b"\r\n.\rx",
}

BODIES = {
    "empty": b"",
    "LF": b"\n",
    "CRLF": b"\r\n",
    "CR": b"\r",
    "NUL": b"\0",
    "dot": b".",
    "dot LF": b".\n",
    "dot CRLF": b".\r\n",
    "dot CR": b".\r",
    "dot CR LF LF": b".\r\n\n",
    "two dots": b"..",
    "two dots LF": b"..\n",
    "two dots CRLF": b"..\r\n",
    "three dots CRLF": b"...\r\n",
    "only dots": b"." * 777,
    "lines of one dot": b".\n" * 50,
    "lines of one dot, CRLF": b".\r\n" * 50,
    "lines of dots": b"".join(b"." * n + b"\n" for n in range(60)),
    "lines of dots, CRLF": b"".join(b"." * n + b"\r\n" for n in range(60)),
    "dot x": b".x\n..x\n...x\n. \n.\t\n",
    "dot x, CRLF": b".x\r\n..x\r\n...x\r\n. \r\n.\t\r\n",
    "bare LF": b"one\ntwo\n\n\nthree\n",
    "bare CR": b"one\rtwo\r\r\rthree\r",
    "bare CR and LF": b"one\rtwo\nthree\n\rfour\r\n\n\rfive\n",
    "CR CR LF": b"one\r\r\ntwo\r\r\r\nthree\r\r\n",
    "CR at the end": b"text\r\ntext\r",
    "LF at the end": b"text\r\ntext\n",
    "no newline at the end": b"text\r\ntext",
    "dot at the end": b"text\r\n.",
    "dots at the end": b"text\r\n..",
    "dot CR at the end": b"text\n.\r",
    "CRLF.CRLF": b"\r\n.\r\n",
    "CRLF.CRLF CRLF.CRLF": b"\r\n.\r\n\r\n.\r\n",
    "blank lines": b"\n" * 40,
    "blank lines, CRLF": b"\r\n" * 40,
    "blanks at line ends": b"text \n\t\n \n",
    "NULs": b"a\0b\n\0\n\0.\n.\0\n\n\0\0\0",
    "NUL lines": b"\0\n" * 30,
    "all octets": bytes(range(256)) * 3,
    "all octets, falling": bytes(range(255, -1, -1)) * 3,
    "8-bit": "Grüße, здравствуйте, 你好\n".encode() * 20,
    "8-bit, not UTF-8": b"\x80\xff\xfe\xc3\x28\xa0\xa1\n" * 20,
    "escapes": b"\x1b]0;title\x07\x1b[2J\x9b31m\n\x04\x1a\n",
    "+OK lines": b"+OK\n+OK 2 octets\n+OK\r\n+OK 3 120\r\n",
    "-ERR lines": b"-ERR\n-ERR [SYS/TEMP] no\n-ERR\r\n-ERR\r\n.x\r\n",
    "commands": b"DELE 1\r\nQUIT\r\nRSET\nSTAT\n",
    "continuation": b"+ \r\n+\n+ dGltIA==\r\n",
    "From lines": b"From a@example.org Mon Nov 23 12:00:00 2026\n>From b\n>>From c\nFrom \n\nFrom x\n",
    "listing": b"1 120\r\n2 200\r\n.\nuid\n",
    "998 octets in a line": b"a" * 998 + b"\r\n" + b"b" * 998 + b"\n",
    "999 octets in a line": b"a" * 999 + b"\r\n" + b"b" * 999 + b"\n",
    "1000 octets, dots": b"." * 1000 + b"\r\n" + b"." * 1000 + b"\n",
    "forged end of every kind": b"x".join(end + FORGERY for end in DOT_ENDS.values()),
    "two bodies": b"Subject: one\n\none\n.\n+OK 20 octets\nSubject: two\n\ntwo\n",
    "header only": b"Subject: header only\n",
    "header only, no newline": b"Subject: header only",
    "broken header": b"Subject\n: x\n folded\nSubject : y\n\nbody\n",
}
BODIES.update({f"forged end {name}": b"before" + end + FORGERY for name, end in DOT_ENDS.items()})
BODIES.update({f"forged end {name}, first": end[end.index(b"."):] + FORGERY for name, end in DOT_ENDS.items()})

# Once each: lines beyond any buffer.
LARGE = {
    "65536 octets in a line": b"x" * 65536 + b"\r\n",
    "65536 octets in a line, LF, dots": b"." * 65536 + b"\n.\n",
    "65536 octets without newline": b"y" * 65536,
    "1 MB line": b"z" * (1 << 20) + b"\n",
    "1 MB line of CRs": b"\r" * (1 << 20),
    "300 KB of LF.": b"\n." * 150_000,
    "300 KB of text": b"The quick brown fox jumps over the lazy dog, and then it jumps again and again.\n" * 3800,
}

HOSTILE_PARTS = (b"\r", b"\n", b"\r\n", b".", b"..", b"\0", b"\xff", b"\xc3\xa9", b" ", b"x", b"text", b"+OK", b"-ERR ",
                 b"\r\n.", b"\n.", b"\r.", b".\r\n", b".\r", b"From ", b">", b"\r\r\n")


def hostile(rng):
    """Octets of which nearly every pair matters to a decoder."""
    return b"".join(rng.choice(HOSTILE_PARTS) for _ in range(rng.randrange(1, 400)))


def ordinary(rng):
    """A mail of text lines such as people send, with LF or with CRLF."""
    end = rng.choice((b"\n", b"\r\n"))
    words = (b"the", b"mail", b"server", b"octets", b"of", b"a", b"message.", b"...", b"and", b".", b"line")
    lines = (b" ".join(rng.choice(words) for _ in range(rng.randrange(0, 14))) for _ in range(rng.randrange(1, 120)))
    return LF_HEADER.replace(b"\n", end) + end.join(lines) + end


def bodies():
    """(name, octets) of every special body, without a header."""
    yield from BODIES.items()
    yield from LARGE.items()


def messages(count=1000):
    """A list of `count` pairs (name, octets): the special bodies bare and behind headers, then generated ones."""
    rng = random.Random(1939)
    out = list(bodies())
    for header_name, header in (("LF header", LF_HEADER), ("CRLF header", CRLF_HEADER)):
        out += [(f"{name}, {header_name}", header + body) for name, body in BODIES.items()]
    while len(out) < count:
        kind = len(out) % 4
        if kind == 0:
            out.append((f"hostile {len(out)}", hostile(rng)))
        elif kind == 1:
            out.append((f"hostile {len(out)}, LF header", LF_HEADER + hostile(rng)))
        else:
            out.append((f"ordinary {len(out)}", ordinary(rng)))
    return out[:count]
