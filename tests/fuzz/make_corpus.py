#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Writes inputs of the fuzz targets from the transcripts: `make_corpus.py OUT`. The tests run them, the fuzzers start
with them, and tests/fuzz/corpus has what covers more."""
import base64
import hashlib
import pathlib
import re
import shutil
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
VERBS = "GREETING CAPA STLS UTF8 LANG USER PASS APOP AUTH STAT LIST UIDL RETR TOP DELE NOOP RSET QUIT".split()
LOGIN = ["S: +OK", "C: USER u", "S: +OK", "C: PASS p", "S: +OK"]
LONGEST = 3000  # a corpus is for shapes, not for lengths
ONE_LONG = "challenge.pop3"
SIMPLE = {"r": b"\r", "n": b"\n", "t": b"\t", "0": b"\0", "\\": b"\\", '"': b'"', "{": b"{"}
REPEAT = re.compile(r"\{((?:\\.|[^*\\])*)\*(\d+)\}")


def octets(text):
    out, at = b"", 0
    while at < len(text):
        repeat = REPEAT.match(text, at)
        if repeat:
            out += octets(repeat[1]) * int(repeat[2])
            at = repeat.end()
        elif text[at] == "\\" and text[at + 1] == "x":
            out += bytes.fromhex(text[at + 2:at + 4])
            at += 4
        elif text[at] == "\\":
            out += SIMPLE[text[at + 1]]
            at += 2
        else:
            out += text[at].encode()
            at += 1
    return out


def connections(path):
    for part in re.split(r"^---.*$", path.read_text(), flags=re.M):
        lines = [row for line in part.splitlines() for row in (LOGIN if line == "login" else [line])]
        if any(line[:2] in ("S:", "s:") for line in lines):
            yield lines


def command(line):
    words = line.split(" ")
    variant = min(len(words) - 1, 2) if words[0] in ("AUTH", "LIST", "UIDL", "LANG") else 0
    return VERBS.index(words[0]) | variant << 5


def session(lines):
    stream = b"".join(octets(line[3:]) + (b"\r\n" if line[0] == "S" else b"") for line in lines if line[:2] in ("S:", "s:"))
    commands = bytes(command(line[3:]) for line in lines if line.startswith("C: "))
    pipelined = any(a.startswith("C: ") and b.startswith("C: ") for a, b in zip(lines, lines[1:]))
    size = 0 if len(stream) % 2 else 1
    no_tls = "C: STLS" in lines and "tls" not in lines
    return bytes([size | (3 << 2 if pipelined else 0x10) | (0x20 if no_tls else 0), len(commands), len(stream) % 251]) + commands + stream


def calls(lines):
    """The same for engine_commands: commands, input in pieces, sends."""
    out = bytearray([124])
    for line in lines:
        if line.startswith("C: "):
            verb, _, rest = line[3:].partition(" ")
            number = verb in ("LIST", "UIDL", "RETR", "DELE", "TOP") and rest != ""
            words = [] if number else [w for w in rest.split(" ", 1 if verb in ("APOP", "AUTH") else 0) if w]
            out += bytes([0, VERBS.index(verb), len(words) * 2 - (len(words) > 0) if words else 4 * number])
            for word in words:
                out += bytes([min(len(word), 255)]) + octets(word)[:255]
            out += bytes([6, 255])
        elif line[:2] in ("S:", "s:"):
            text = octets(line[3:]) + (b"\r\n" if line[0] == "S" else b"")
            for at in range(0, len(text), 255):
                out += bytes([3, len(text[at:at + 255])]) + text[at:at + 255]
        elif line.startswith("A:"):
            reply = octets(line[3:])[:255]
            out += bytes([7, len(reply)]) + reply + bytes([6, 255, 6, 255])
        elif line in ("tls", "eof"):
            out += bytes([8]) if line == "tls" else bytes([9, 0])
    return bytes(out)


STAMPS = ("<a@b>", "<a@b@c>", "<@b>", "<a@>", "<a>", "<a<b@c>", "<a b@c>", "<a@b c>", "<(a)@b>", "<a@[b]>", "<a@b> <c@d>")

WORDS = ("TOP", "TOPX", "sasl PLAIN  LOGIN ", "RESP-CODE", "AUTH-RESP-CODE", "UTF8\tUSER", "[IN-USE] x", "[in-use/now]",
         "[SYS/TEMP]", "[SYS/TEMPX]", "[SYS]", "[AUTH", "[AUTH]]", "4294967295 4294967296", "1 2x", "00000000001 1")


def greetings():
    for stamp in STAMPS:
        yield from clear_login([f"S: +OK ready {stamp}", "S: -ERR", "S: +OK", "S: +OK"])


def clear_login(lines):
    """All that the server says, under each policy."""
    stream = b"".join(octets(line[3:]) + (b"\r\n" if line[0] == "S" else b"") for line in lines if line[:2] in ("S:", "s:"))
    return [bytes([policy, longest, 0]) + stream for policy in range(3) for longest in (75, 255)]


SERVICES = {"STAT": [0], "LIST": [1], "RETR": [2], "DELE": [5], "QUIT": [6], "TOP": [7], "UIDL": [8], "NOOP": [9],
            "RSET": [10], "CAPA": [11]}
READING = ([4], [3], [])  # a message: whole, one packet of it, not at all


def netx(lines, number):
    """The services that send these commands, and a block of the server's octets for each; where those do not begin
    with STAT, the count comes first, for without it no item is asked for."""
    services, blocks = [0], [b""]
    lines = [line for line in lines if line[:3] in ("C: ", "S: ", "s: ")]
    for line in lines:
        if line.startswith("C: "):
            words = line[3:].split(" ")
            item = int(words[1]) % 4 << 4 if len(words) > 1 and words[1].isdigit() else 0
            services += [service | item for service in SERVICES.get(words[0], [])]
            services += READING[number % len(READING)] if words[0] in ("RETR", "TOP") else []
            blocks.append(b"")
        elif line[:2] in ("S:", "s:"):
            blocks[-1] += octets(line[3:]) + (b"\r\n" if line[0] == "S" else b"") + b"\x1e"
    if lines[:len(LOGIN)] == LOGIN:
        blocks.insert(3, b"+OK 3 1000\r\n")
    services.append(SERVICES["QUIT"][0])
    blocks.append(b"+OK\r\n")
    shapes = ([0, 0, 0xFE], [4, 1, 0x0F], [0x18, 3, 0xF6], [0x1D, 1, 0xFE])[number % 4]
    return bytes([*shapes, 15, 0, len(services), *services]) + b"\x1d".join(blocks)


def texts(lines):
    for line in lines:
        if line.startswith("S: "):
            yield re.sub(rb"^(\+OK|-ERR) ?", b"", octets(line[3:]))


NONCE = "A" * 24  # what 18 octets of 0 are
FIRST = f"r={NONCE}xyz,s=QSXCR+Q6sek8bf92,i="
CHALLENGES = ["", "\n", "x", "\nx\ny\nz", "VXNlcm5hbWU6\nUGFzc3dvcmQ6\n", "<1896.697170952@postoffice.example>", "AA=\n====",
              FIRST + "4096\nv=!", "\n" + FIRST + "4096,x=y\nv=!\nmore", FIRST + "4096\nv=rmF9pqV8S7suAoZWja4dJRkFsKQ=",
              FIRST + "4095", FIRST + "1000001", FIRST + "4294967296", FIRST + "04096", "m=x," + FIRST + "4096",
              f"r={NONCE},s=QQ==,i=4096", f"r={NONCE}x,s=,i=4096", f"r={NONCE}x,s=Q,i=4096", "e=unknown-user",
              FIRST + "4096\ne=invalid-proof", '{"status":"invalid_token","scope":"s"}', '{"status" : 401}', '\n{"status":"4']


CAPA = "+OK\nSASL {}\nUSER\nUTF8 USER\n.\n"
SESSIONS = ["-ERR [SYS/TEMP] x\n", "+OK <a@b>\n-ERR\n+OK\n+OK\n", "+OK\n+OK\n+OK\n+OK\n+OK\n", "+OK\n-ERR\n+OK\n-ERR locked\n",
            "+OK\n-ERR\n-ERR [AUTH]\n", "+OK <a@b>\n" + CAPA.format("PLAIN LOGIN") + "-ERR\n+ \n+ \n-ERR [IN-USE]\n",
            "+OK\n" + CAPA.format("CRAM-MD5 LOGIN") + "+ PDFAYT4=\n+OK\n", "+OK\n" + CAPA.format("XOAUTH2") + "+ \n+ e30=\n-ERR\n",
            "+OK\n" + CAPA.format("EXTERNAL OAUTHBEARER") + "-ERR\n-ERR\n+ \n-ERR no\n", "+OK\n+OK\nEXPIRE 0 USER\nLOGIN-DELAY 9\n.\n",
            "+OK\n" + CAPA.format("SCRAM-SHA-1 SCRAM-SHA-256 SCRAM-SHA-256-PLUS PLAIN")
            + "+ " + base64.b64encode((FIRST + "4096").encode()).decode() + "\n+ dj0=\n-ERR\n+OK\n"]


def login():
    """Each session under each way to protect it, with the mechanisms in either order."""
    for session_text in SESSIONS:
        stream = session_text.replace("\n", "\r\n").encode()
        for flags in (0, 1, 2, 4, 6, 10, 16, 32, 68, 132):
            starttls = b"+OK\r\n+OK\r\n" if flags % 3 == 1 else b""
            for shape in (b"\x80\0", b"\x90\0", b"\xa1\0", b"\xc0\xff"):
                yield bytes([flags]) + shape + b"\x80" + starttls + stream


def sasl():
    """Each mechanism: challenges as they are and in base64, in buffers that have room and in small ones."""
    for number in range(10):
        for text in CHALLENGES:
            for flags in (0, 0x10, 0x50, 0x90):
                yield bytes([number | flags, 0xFF]) + text.encode()
            yield bytes([number | 0x10, 50]) + text.encode()


URLS = ("pop://rg@mailsrv.example.com", "pop://rg;AUTH=+APOP@mail.example.com:8110", "pop://b;AUTH=SCRAM-MD5@foo.bar",
        "POPS://u%40x%3Ay;auth=*@h:", "pops://h", "pops://%C3%BC@[::1]:65535", "pop://u:p@h", "pop://h/x", "pop://h?x#y",
        "pop://u;AUTH=+@h", "pop://[::1", "pop://[h]", "pop://a@b@c", "pop://u%0d%0a@h", "pop://h:0", "pop://h:65536", "")


TEXTS = ("", "a\x1b[31m\xc2\x9b\xe2\x80\xae\xff\x7f", "gr\xc3\xbc\xf0\x9f\x98\x80\xed\xa0\x80\xc0\xaf\xe2\x82",
         "=?utf-8?Q?=1B]0;x=07=C3?= =?UTF-8?B?vA==?= b", "=?iso-8859-15*de?q?=A4_=?= =?x?B?w7w?=", "=?iso-2022-jp?B?GyRCRnxLXBsoQg==?=",
         "=?gb18030?B?gTCBMA==?==?euc-jp?Q?=8F=A2?=", "=?windows-1252?Q?" + 600 * "=80" + "?=", "=?koi8-r?Q?" + 300 * "=C1",
         "From: a\r\n b\nSUBJECT:c\n\td\n\nDate: e", "Subject: " + 2100 * "x" + "\r\nFrom: y",
         "Fri, 21 Nov 1997 09:55:06 -0600", "29 feb 00 9:5 +9959", "1 Jan 1900 0:00", "31 Dec 9999 23:59:60 -9999")


def dns_name(text):
    return b"".join(bytes([len(label)]) + label for label in text.encode().split(b".") if label) + b"\0"


def answer(question, *records):
    """The answer of DNS: SRV records of (priority, weight, port, target)."""
    octets_of = b"\0\0\x81\x80\0\1" + struct.pack(">HHH", len(records), 0, 0) + dns_name(question) + b"\0\x21\0\1"
    for *numbers, target in records:
        target = target if isinstance(target, bytes) else dns_name(target)
        octets_of += b"\xc0\x0c\0\x21\0\1\0\0\0\x3c" + struct.pack(">HHHH", len(target) + 6, *numbers) + target
    return octets_of


ADDRESSES = ("me@example.org", '"a@b"@EXAMPLE.org.', "me@m\u00fcnchen.example", "me", "@example.org", "me@", "me@127.0.0.1",
             "m\re@example.org", "me@xn--mnchen-3ya.example")
RECORDS = ([(10, 0, 995, "mail.example.org")], [(2, 0, 1, "a.example.org"), (2, 9, 2, "b.example.org"), (1, 9, 3, "evil.example")],
           [(0, 0, 0, "")], [(0, 0, 0, ""), (1, 0, 995, "Mail.EXAMPLE.org")], [], [(0, 0, 995, b"\xc0\x13")],
           [(0, 0, 995, b"\xc0\x40")], [(0, 0, 995, "mail\a.example.org"), (0, 0, 995, "127.0.0.1"), (0, 0, 0, "a.example.org")],
           [(1, 100, 995, "x.test")] * 9)


def discover():
    """Each address with one answer; each pair of answers, and one that is none, for one address."""
    implicit = [answer("_pop3s._tcp.example.org", *records) for records in RECORDS]
    stls = [answer("_pop3._tcp.example.org", *records) for records in RECORDS]
    for address in ADDRESSES:
        yield bytes([2 << 3]) + struct.pack(">H", len(implicit[0])) + address.encode() + b"\0" + implicit[0]
    for first in implicit:
        for status in (0, *range(0o10, 0o100, 0o10)):
            for second in stls if status == 0 else stls[:1]:
                yield bytes([status]) + struct.pack(">H", len(first)) + b"me@example.org\0" + first + second


def main():
    files = {name: set() for name in
             ("engine_differential", "engine_splits", "engine_commands", "clear_login", "login", "netx_packets", "parsers",
              "sasl", "url", "discover", "text")}
    for path in sorted((HERE.parent / "core" / "transcripts").glob("*.pop3")):
        for number, lines in enumerate(connections(path)):
            data = session(lines)
            if len(data) <= LONGEST or path.name == ONE_LONG and len(data) < 17000:
                files["engine_splits"].add(data)
                files["engine_differential"].add(data)
            if len(data) <= LONGEST // 3:
                files["clear_login"].update(clear_login(lines))
                files["netx_packets"].add(netx(lines, number))
            if len(calls(lines)) <= LONGEST // 5:
                files["engine_commands"].add(calls(lines))
            files["parsers"].update(text for text in texts(lines) if 3 < len(text) < 300)
    files["clear_login"].update(greetings())
    files["login"].update(login())
    files["sasl"].update(sasl())
    files["parsers"].update(text.encode() for text in (*STAMPS, *WORDS))
    files["url"].update(url.encode() for url in URLS)
    files["discover"].update(discover())
    files["text"].update(bytes([cut]) + text.encode("latin-1") for text in TEXTS for cut in (0, 6, 255))
    for name, contents in files.items():
        folder = pathlib.Path(sys.argv[1]) / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        for data in contents:
            (folder / hashlib.sha1(data).hexdigest()[:16]).write_bytes(data)
        print(f"{name}: {len(contents)} files, {sum(map(len, contents))} octets")


main()
