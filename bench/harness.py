# SPDX-License-Identifier: MIT
"""What the benchmarks share: a maildrop, `satchel serve` on it, programs in turns, figures.

Works that are compared run in turns in one go, so that whatever else the machine does is shared among them. Ratios count,
absolute times do not, and nothing fails because a machine is slow.
"""
import argparse
import os
import pathlib
import statistics
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))
import docblock  # noqa: E402

USER, PASSWORD = "mrose", "mvan99"  # no secret: RFC 1939's example, on a port of the loopback interface
LINE = 78


def text_message(octets):
    """A message of so many octets: a header, then lines of 76 columns, one in a thousand with a dot in front."""
    header = b"From: a@example.org\r\nTo: b@example.org\r\nSubject: A message\r\n\r\n"
    lines = [bytes(97 + (i * 7 + number) % 26 for i in range(LINE - 2)) + b"\r\n" for number in range(1000)]
    lines[-1] = b"." + lines[-1][1:]
    block = b"".join(lines)
    message = header + block * (octets // len(block) + 1)
    return message[:octets - 2] + b"\r\n"


def stock(folder, count, octets):
    """A Maildir of `count` messages of `octets` octets each: one file under many names."""
    for name in ("tmp", "new", "cur"):
        os.makedirs(os.path.join(folder, name))
    first = os.path.join(folder, "new", "1500000000.M0.bench")
    pathlib.Path(first).write_bytes(text_message(octets))
    for number in range(1, count):
        os.link(first, os.path.join(folder, "new", f"{1500000000 + number}.M{number}.bench"))


class Server:
    """`satchel serve` on a Maildir, files as they are; deletions are forgotten with it."""

    def __init__(self, satchel, maildir, *options):
        command = [satchel, "serve", "--user", USER, "--password", PASSWORD, "--maildir", maildir, "--octets", *options]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
        address = self.process.stdout.readline().split()
        if address[:1] != ["address"]:
            raise SystemExit(f"{satchel} does not serve")
        self.port = int(address[1].rsplit(":", 1)[1])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.communicate()


def run(command):
    """The numbers that a program prints."""
    done = subprocess.run(command, env={**os.environ, "POP_PASSWORD": PASSWORD}, stdout=subprocess.PIPE, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]}: exit status {done.returncode}")
    return [float(word) for word in done.stdout.split()]


def in_turns(works, rounds):
    """{name: [figure, ...]} of {name: function}, every function once a round; the first round warms up."""
    figures = {name: [] for name in works}
    for number in range(rounds + 1):
        for name, work in works.items():
            figure = work()
            if number > 0:
                figures[name].append(figure)
    return figures


def least_and_median(figures):
    return min(figures), statistics.median(figures)


def main(description, title, head, measure, block):
    """A benchmark's program: prints the table of measure(build); with --update it goes into docs/bench.md too."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("build")
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    table = docblock.table(head, measure(arguments.build))
    print(f"{title}\n{table}")
    if arguments.update:
        docblock.write("docs/bench.md", block, table)
