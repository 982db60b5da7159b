# SPDX-License-Identifier: MIT
"""Runs the client under test, lwip_fetch, on tap0. Knows no server and no message."""
import contextlib
import os
import resource
import subprocess
import tempfile

PROGRAM = os.environ.get("E2E_CLIENT", "")
FAILING = os.environ.get("LWIP_FETCH_FAILING", "")

ADDRESS = "10.77.0.1"  # as in_namespace.sh has them; the client is 10.77.0.2 and fd77::2
ADDRESS6 = "fd77::1"

SUCCESS, USAGE, UNAVAILABLE, CANNOT_CREATE, IO_ERROR, REFUSED, PROTOCOL, NO_PERMISSION = 0, 64, 69, 73, 74, 75, 76, 77


class Outcome:
    """How a run ended, and the octets of each message that it says is whole."""

    def __init__(self, status, output, errors, folder):
        self.status = status
        self.output = output
        self.errors = errors
        self.others = []
        self.messages = {}
        for name in os.listdir(folder):
            if name.endswith(".eml"):
                with open(os.path.join(folder, name), "rb") as file:
                    self.messages[int(name.removesuffix(".eml"))] = file.read()
            else:
                self.others.append(name)


@contextlib.contextmanager
def running(port, address=ADDRESS, name="mrose", password="mvan99", folder=None, failing=None,
            largest_file=resource.RLIM_INFINITY):
    """The client as a process; gives a function that waits for its end and returns its Outcome.

    folder: one that will not do, instead of a new one. failing: what failing.c is asked for, "" for its short patience
    alone. largest_file: octets, as if the disk were full.
    """
    environment = {**os.environ, "PRECONFIGURED_TAPIF": "tap0", "LWIP_FAIL": failing or ""}
    program = PROGRAM if failing is None else FAILING
    with tempfile.TemporaryDirectory(prefix="satchel-lwip-") as temporary:
        process = subprocess.Popen(  # Python ignores SIGXFSZ: a file that may not grow gives an error, as a full disk
            [program, address, str(port), name, password, folder or temporary], env=environment, restore_signals=False,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file)),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

        def finish(timeout=120):
            output, errors = process.communicate(timeout=timeout)
            return Outcome(process.returncode, output, errors, temporary)

        try:
            yield finish
        finally:
            process.kill()
            process.communicate()


def fetch(port, **settings):
    """Runs the client to its end."""
    with running(port, **settings) as finish:
        return finish()
