# SPDX-License-Identifier: MIT
"""Runs `satchel fetch` until a point, as tests/fetch/killer.c counts them, and kills it there."""
import os
import subprocess
import tempfile


def kill_at(killer, here, point, *options):
    """Point 0: not at all. What the killer says: points seen, "killed" or "ended", exit code, system call."""
    with tempfile.TemporaryFile() as report:
        command = ["sh", "-c", 'exec 3>&0; exec "$@"', "sh", killer, str(point)]
        subprocess.run([*command, *here.arguments(*options)], stdin=report, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(here.folder)}, timeout=60, check=True)
        report.seek(0)
        points, how, code, call = report.read().decode().split()
        return int(points), how, int(code), int(call)
