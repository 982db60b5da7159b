# SPDX-License-Identifier: MIT
"""Runs `satchel fetch` until a point, as tests/fetch/killer.c counts them, and kills it or lets a system call fail there."""
import collections
import os
import subprocess
import tempfile

Said = collections.namedtuple("Said", "points hit code call words")


def trace(killer, here, mode, *options):
    with tempfile.TemporaryFile() as report:
        command = ["sh", "-c", 'exec 3>&0; exec "$@"', "sh", killer, *map(str, mode)]
        done = subprocess.run([*command, *here.arguments(*options)], stdin=report, capture_output=True,
                              env={**os.environ, "HOME": str(here.folder)}, timeout=60, check=True)
        report.seek(0)
        points, how, code, call = report.read().decode().split()
        return Said(int(points), how == "hit", int(code), int(call), done.stderr.decode())


def kill_at(killer, here, point, *options):
    """Point 0: not at all."""
    return trace(killer, here, ("kill", point), *options)


def fail_at(killer, here, point, errno, *options):
    return trace(killer, here, ("fail", point, errno), *options)
