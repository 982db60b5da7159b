# SPDX-License-Identifier: MIT
"""Runs the client under test, netx_fetch, and reads what it prints. Knows no server and no message."""
import os
import subprocess
import tempfile

# Where another client is the one under test, netx_fetch has a variable of its own.
PROGRAM = os.environ.get("E2E_NETX_FETCH", os.environ.get("E2E_CLIENT", ""))

SUCCESS = 0x00
NOT_CONNECTED = 0x38
APOP_FAILED = 0xB3
SERVER_ERROR = 0xB4
INVALID_STATE = 0xB7

NO_APOP, APOP, APOP_REQUIRED = 0, 1, 2


def statuses(lines, word):
    """{number: status} of the lines "word number status ..."."""
    return {int(line[1]): int(line[2], 16) for line in lines if line[0] == word}


class Outcome:
    """What one run of netx_fetch did: its status lines, and the octets of each message in its files."""

    def __init__(self, output, folder):
        lines = [line.split() for line in output.splitlines()]
        single = {line[0]: int(line[1], 16) for line in lines if line[0] in ("create", "client_delete")}
        self.output = output
        self.create = single["create"]
        self.client_delete = single["client_delete"]
        self.maildrops = [(int(line[1], 16), int(line[2]), int(line[3])) for line in lines if line[0] == "items"]
        self.listed = {int(line[1]): int(line[3]) for line in lines if line[0] == "size"}
        self.sizes = {int(line[1]): int(line[3]) for line in lines if line[0] == "item"}
        self.retrievals = statuses(lines, "item")
        self.downloads = statuses(lines, "message")
        self.lengths = {int(line[1]): int(line[3]) for line in lines if line[0] == "message"}
        self.deletions = statuses(lines, "delete")
        self.quits = [int(line[1], 16) for line in lines if line[0] == "quit"]
        self.mismatches = [line for line in lines if line[0] == "mismatch"]
        self.packets_missing = sum(int(line[2]) - int(line[1]) for line in lines if line[0] == "pool")
        self.messages = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as file:
                self.messages[int(name)] = file.read()

    def in_order(self):
        """The octets of the messages by rising number."""
        return [self.messages[number] for number in sorted(self.messages)]


def fetch(routes=None, timeout=60, **settings):
    """Runs netx_fetch with these settings (see there) and returns its Outcome; a crash or a sanitizer's report raises."""
    environment = dict(os.environ)
    environment.pop("NXHOST_ROUTE", None)
    if routes:
        environment["NXHOST_ROUTE"] = routes
    with tempfile.TemporaryDirectory(prefix="satchel-e2e-mail-") as folder:
        command = [PROGRAM, f"out={folder}"] + [f"{name}={value}" for name, value in settings.items()]
        run = subprocess.run(command, capture_output=True, env=environment, timeout=timeout, check=False)
        if run.returncode != 0:
            raise AssertionError(f"netx_fetch ended with {run.returncode}\n{run.stdout.decode()}{run.stderr.decode()}")
        return Outcome(run.stdout.decode(), folder)
