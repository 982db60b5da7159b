#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`satchel fetch` beside mpop, the quickest of the other fetchers: fetchers.py BUILD [--update] (figures into docs/bench.md).

The same server, the same mail, in turns. Each work has the limit of the same run, a program that does no more than what nobody can
do without. Needs mpop (Debian's package); the disk with a journal is an image that only root can mount.
"""
import argparse
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

import harness
from delay_proxy import DelayProxy
import docblock

ROUNDS = 7
ROUND_TRIP = 0.050
IMAGE_MIB = 512


class Figures:
    """Of one process: seconds on the clock, seconds of processor time, MiB of memory at its peak."""

    def __init__(self, build, command):
        environment = {**os.environ, "HOME": "/nonexistent"}
        environment.pop("SSL_CERT_FILE", None)  # a bundle in place of the system's hashed folder costs memory
        done = subprocess.run([os.path.join(build, "bench/peak"), *command], env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, check=False, text=True)
        if done.returncode != 0:
            raise SystemExit(f"{command[0]}: exit status {done.returncode}")
        self.wall, self.cpu, kib = map(float, done.stdout.split())
        self.mib = kib / 1024


class Place:
    """Where one run delivers to, new each time."""

    def __init__(self, build, folder, count):
        self.build = build
        self.folder = pathlib.Path(folder)
        self.mail = self.folder / "mail"
        self.count = count
        self.password = self.folder / "password"
        self.forget()

    def forget(self):
        """As before the first run."""
        for path in self.folder.iterdir():
            if path.is_dir() and path.name != "lost+found":
                shutil.rmtree(path)
            elif path.is_file():
                path.unlink()
        self.password.touch(mode=0o600)
        self.password.write_text(harness.PASSWORD + "\n")

    def checked(self, figures):
        """What was delivered is all there is."""
        found = len(os.listdir(self.mail / "new"))
        if found != self.count:
            raise SystemExit(f"{found} messages came of {self.count}")
        return figures

    def satchel(self, port, ca=None, keep="all"):
        """One run of satchel fetch."""
        self.forget()
        tls = ["--ca-file", ca] if ca else ["--tls", "off"]
        scheme = "pops" if ca else "pop"
        return self.checked(Figures(self.build, [
            os.path.join(self.build, "src/cli/satchel"), "fetch", f"{scheme}://{harness.USER}@127.0.0.1:{port}", "--quiet",
            "--auth", "PLAIN", "--to", f"maildir:{self.mail}", "--state", str(self.folder / "state"), "--password-file",
            str(self.password), "--keep", keep, *tls]))

    def mpop(self, port, keep="on"):
        """One run of mpop."""
        self.forget()
        for name in ("tmp", "new", "cur"):
            (self.mail / name).mkdir(parents=True)
        settings = self.folder / "mpoprc"
        settings.touch(mode=0o600)
        settings.write_text(f"account default\nhost 127.0.0.1\nport {port}\nuser {harness.USER}\nauth plain\ntls off\n"
                            f"password {harness.PASSWORD}\ndelivery maildir {self.mail}\nkeep {keep}\n"
                            f"uidls_file {self.folder / 'uidls'}\n")
        return self.checked(Figures(self.build, ["mpop", "-Q", "-C", str(settings)]))


@contextlib.contextmanager
def scratch(build, count):
    """A place on tmpfs."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        yield Place(build, folder, count)


@contextlib.contextmanager
def journaled(build, count):
    """A place on ext4 with a journal, in an image on this machine's disk; None where it cannot be mounted."""
    with tempfile.TemporaryDirectory() as folder:
        image, disk = os.path.join(folder, "image"), os.path.join(folder, "disk")
        os.mkdir(disk)
        with open(image, "wb") as file:
            file.truncate(IMAGE_MIB << 20)
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        subprocess.run(["mkfs.ext4", "-q", image], check=True, **quiet)
        if subprocess.run(["mount", "-o", "loop", image, disk], check=False, **quiet).returncode != 0:
            yield None
            return
        try:
            yield Place(build, disk, count)
        finally:
            subprocess.run(["umount", disk], check=True)


@contextlib.contextmanager
def maildrop(build, count, octets, *options):
    """A server with so many messages of so many octets."""
    with tempfile.TemporaryDirectory(dir="/dev/shm") as folder:
        harness.stock(os.path.join(folder, "Maildir"), count, octets)
        with harness.Server(os.path.join(build, "src/cli/satchel"), os.path.join(folder, "Maildir"), "--auth", "PLAIN",
                            "--allow-plaintext", *options) as server:
            yield server


def row(title, figures, bar):
    """Medians of satchel, mpop and the limit, and the ratios that count."""
    ours, theirs, limit = (harness.least_and_median(figures[name])[1] for name in ("satchel", "mpop", "limit"))
    return (title, f"{ours:.3f}", f"{theirs:.3f}", f"{limit:.3f}", f"{ours / theirs:.2f}", f"{ours / limit:.2f}", bar)


def large(build):
    """500 MB in 20 messages to a Maildir on tmpfs, processor time."""
    count, octets = 20, 25_000_000
    with maildrop(build, count, octets) as server, scratch(build, count) as place:
        def raw():
            place.forget()
            out = place.folder / "out"
            return harness.run([os.path.join(build, "bench/receive"), harness.USER, "127.0.0.1", str(server.port),
                                str(count), str(out)])[-1]
        figures = harness.in_turns({"satchel": lambda: place.satchel(server.port).cpu,
                                    "mpop": lambda: place.mpop(server.port).cpu, "limit": raw}, ROUNDS)
    return row("500 MB in 20 messages, processor time, s", figures, "0.37 x mpop, 1.25 x limit")


def small(build, place, server, title, bar):
    """10,000 messages of 4 KB, wall time."""
    def floor():
        place.forget()
        return harness.run([os.path.join(build, "bench/create_files"), str(place.mail), "10000", "4096"])[0]
    figures = harness.in_turns({"satchel": lambda: place.satchel(server.port).wall,
                                "mpop": lambda: place.mpop(server.port).wall, "limit": floor}, ROUNDS)
    return row(title, figures, bar)


def many(build):
    """Many small messages, on tmpfs and durably."""
    rows = []
    with maildrop(build, 10000, 4096) as server:
        with scratch(build, 10000) as place:
            rows.append(small(build, place, server, "10,000 x 4 KB on tmpfs, s", "0.80 x mpop, 1.35 x limit"))
        with journaled(build, 10000) as place:
            if place is not None:
                rows.append(small(build, place, server, "10,000 x 4 KB on ext4 with a journal, durable, s", "0.30 x mpop"))
    return rows


def far(build):
    """500 messages of 4 KB over 50 ms, fetched and deleted, in round trips."""
    def through(work):
        with maildrop(build, 500, 4096) as server, DelayProxy(server.port, ROUND_TRIP) as proxy, scratch(build, 500) as place:
            return work(place, proxy.port).wall / ROUND_TRIP
    figures = harness.in_turns(
        {"satchel": lambda: through(lambda place, port: place.satchel(port, keep="none")),
         "mpop": lambda: through(lambda place, port: place.mpop(port, keep="off")), "limit": lambda: 7.5}, 3)
    return row("500 x 4 KB at 50 ms in clear, round trips", figures, "9 round trips")


def memory(build):
    """MiB at the peak, of 20 messages of 25 MB."""
    rows = []
    for title, tls, bar in (("memory at its peak in clear, MiB", False, "8"), ("memory at its peak over TLS, MiB", True, "12")):
        with scratch(build, 20) as place, tempfile.TemporaryDirectory() as folder:
            ca = os.path.join(folder, "ca.pem")
            options = ["--tls", "implicit", "--ca-out", ca] if tls else []
            with maildrop(build, 20, 25_000_000, *options) as server:
                ours = max(place.satchel(server.port, ca if tls else None).mib for _ in range(3))
                theirs = "" if tls else f"{max(place.mpop(server.port).mib for _ in range(3)):.1f}"
        rows.append((title, f"{ours:.1f}", theirs, "", "", "", bar))
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("build")
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    if shutil.which("mpop") is None:
        raise SystemExit("mpop is not installed: apt-get install mpop")
    rows = [large(arguments.build), *many(arguments.build), far(arguments.build), *memory(arguments.build)]
    table = docblock.table(("work", "satchel", "mpop", "limit", "to mpop", "to limit", "bar"), rows)
    print(f"Medians of {ROUNDS} rounds, in turns\n{table}")
    if arguments.update:
        docblock.write("docs/bench.md", "fetchers", table)


if __name__ == "__main__":
    main()
