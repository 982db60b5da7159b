#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""How many round trips a session takes over a long way: round_trips.py BUILD [--update] (figures into docs/bench.md).

500 messages of 4 KB, from connecting to the reply to QUIT, through delay_proxy.py; the order of commands that this tells
of is a test too, tests/client/test_turns.c. Knows nothing of what the programs say.
"""
import os
import tempfile

import harness
from delay_proxy import DelayProxy

ROUND_TRIP = 0.050
ROUNDS = 7
MESSAGES, OCTETS = 500, 4096

# What is measured: title, mode of fetch_many, options of `satchel serve`, most round trips, aim.
CASES = [
    ("in clear", "off", ["--tls", "off"], 9, 7.5),
    ("implicit TLS 1.3", "implicit", ["--tls", "implicit"], 10, 8.7),
    ("STLS, TLS 1.3", "stls", ["--tls", "stls"], 11.5, 10.1),
]


def session(build, folder, mode, options):
    """Round trips of one session, with a server of its own: the last session deleted everything."""
    satchel = os.path.join(build, "src/cli/satchel")
    authority = os.path.join(folder, "ca.pem")
    options = ["--auth", "PLAIN", "--allow-plaintext", *options]
    options += ["--ca-out", authority] if mode != "off" else []
    with harness.Server(satchel, os.path.join(folder, "Maildir"), *options) as server, \
            DelayProxy(server.port, ROUND_TRIP) as proxy:
        command = [os.path.join(build, "bench/fetch_many"), mode, harness.USER, "127.0.0.1", str(proxy.port),
                   authority if mode != "off" else "-", "-"]
        messages, octets, seconds, _ = harness.run(command)
    if (messages, octets) != (MESSAGES, MESSAGES * OCTETS):
        raise SystemExit(f"{messages} messages, {octets} octets came of {MESSAGES} of {OCTETS}")
    return seconds / ROUND_TRIP


def measure(build):
    with tempfile.TemporaryDirectory() as folder:
        harness.stock(os.path.join(folder, "Maildir"), MESSAGES, OCTETS)
        works = {title: lambda mode=mode, options=options: session(build, folder, mode, options)
                 for title, mode, options, *_ in CASES}
        figures = harness.in_turns(works, ROUNDS)
    rows = []
    for title, _, _, most, aim in CASES:
        least, median = harness.least_and_median(figures[title])
        rows.append((title, f"{least:.2f}", f"{median:.2f}", f"{aim:g}", f"{most:g}"))
    return rows


if __name__ == "__main__":
    harness.main(__doc__, f"Round trips of {ROUND_TRIP * 1000:.0f} ms, {MESSAGES} messages of {OCTETS} octets",
                 ("session", "least", "median", "aim", "limit"), measure, "round-trips")
