#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the client library costs the processor: client_cpu.py BUILD [--update] (figures into docs/bench.md).

500 MB in 20 messages over the loopback interface, counted and written to a file, against a program that receives the same
octets and understands nothing. Seconds of processor time of the programs, the kernel's work for them included, the
server's not.
"""
import os
import tempfile

import harness

ROUNDS = 7
MESSAGES, OCTETS = 20, 25_000_000


def processor_seconds(command):
    octets, *_, seconds = harness.run(command)[-3:]
    if octets < MESSAGES * OCTETS:
        raise SystemExit(f"{octets:.0f} octets came of {MESSAGES * OCTETS}")
    return seconds


def client(build, folder, out, *tls):
    """The client: no TLS, or implicit TLS."""
    authority = os.path.join(folder, "ca.pem")
    options = ["--tls", "implicit", "--ca-out", authority] if tls else []
    with harness.Server(satchel(build), os.path.join(folder, "Maildir"), *options) as server:
        mode, ca = ("implicit", authority) if tls else ("off", "-")
        return processor_seconds([os.path.join(build, "bench/fetch_many"), mode, harness.USER, "127.0.0.1",
                                  str(server.port), ca, out])


def raw(build, folder, out):
    with harness.Server(satchel(build), os.path.join(folder, "Maildir")) as server:
        return processor_seconds([os.path.join(build, "bench/receive"), harness.USER, "127.0.0.1", str(server.port),
                                  str(MESSAGES), out])


def satchel(build):
    return os.path.join(build, "src/cli/satchel")


def measure(build):
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        harness.stock(os.path.join(folder, "Maildir"), MESSAGES, OCTETS)
        out = os.path.join(folder, "out")
        works = {
            "received raw, counted": lambda: raw(build, folder, "-"),
            "client, counted": lambda: client(build, folder, "-"),
            "received raw, written": lambda: raw(build, folder, out),
            "client, written": lambda: client(build, folder, out),
            "client over TLS, counted": lambda: client(build, folder, "-", "tls"),
        }
        figures = harness.in_turns(works, ROUNDS)
    floors = {"counted": figures["received raw, counted"], "written": figures["received raw, written"]}
    rows = []
    for title, seconds in figures.items():
        _, floor = harness.least_and_median(floors[title.rsplit(" ", 1)[1]])
        least, median = harness.least_and_median(seconds)
        rows.append((title, f"{least:.3f}", f"{median:.3f}", f"{median / floor:.2f}"))
    return rows


if __name__ == "__main__":
    harness.main(__doc__, f"{MESSAGES} messages of {OCTETS} octets, processor time",
                 ("500 MB", "least, s", "median, s", "against raw"), measure, "client-cpu")
