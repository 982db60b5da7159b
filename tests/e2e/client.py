# SPDX-License-Identifier: MIT
"""Runs the client under test, client_fetch, and reads what it prints. Knows no server and no message."""
import os
import subprocess
import tempfile

PROGRAM = os.environ.get("E2E_CLIENT", "")

# Codes of the classes CREDENTIALS (pop3_failure) and TLS (pop3_client_tls_failure).
WRONG_CREDENTIALS, UNCLEAR, NO_MECHANISM = 1, 2, 8
BAD_CERTIFICATE, WRONG_IDENTITY, CLIENT_CERTIFICATE = 3, 5, 8


class Outcome:
    """What one run of client_fetch did: its lines, and the octets of each message in its files."""

    def __init__(self, output, folder):
        words = [line.partition(" ") for line in output.splitlines()]
        self.output = output
        self.trace = [rest for word, _, rest in words if word == "trace"]
        self.calls = {word: (rest.split()[0], int(rest.split()[1])) for word, _, rest in words
                      if word in ("new", "open", "use", "quit")}
        texts = {word: rest for word, _, rest in words if word in ("what", "server", "hint", "mechanism")}
        self.what, self.server, self.hint = (texts.get(word, "") for word in ("what", "server", "hint"))
        self.mechanism = texts.get("mechanism", "")
        numbered = [(word, *rest.split(" ", 1)) for word, _, rest in words
                    if word in ("maildrop", "size", "uid", "message", "delete")]
        self.maildrop = next((tuple(map(int, line[1:])) for line in numbered if line[0] == "maildrop"), None)
        self.sizes = {int(number): int(octets) for word, number, octets in numbered if word == "size"}
        self.uids = {int(number): uid for word, number, uid in numbered if word == "uid"}
        self.retrievals = {int(number): result for word, number, result in numbered if word == "message"}
        self.deletions = {int(number): result for word, number, result in numbered if word == "delete"}
        self.messages = {}
        for name in os.listdir(folder):
            with open(os.path.join(folder, name), "rb") as file:
                self.messages[int(name)] = file.read()

    def in_order(self):
        """The octets of the messages by rising number."""
        return [self.messages[number] for number in sorted(self.messages)]


def fetch(password=None, token=None, timeout=60, **settings):
    """Runs client_fetch with these settings (see there), secrets in its environment, and returns its Outcome; a crash
    or a sanitizer's report raises."""
    environment = dict(os.environ)
    secrets = {"E2E_PASSWORD": password, "E2E_TOKEN": token}
    environment.update({name: secret for name, secret in secrets.items() if secret})
    with tempfile.TemporaryDirectory(prefix="satchel-e2e-mail-") as folder:
        command = [PROGRAM, f"out={folder}"]
        command += [f"{name}={value}" for name, value in settings.items() if value is not None]
        run = subprocess.run(command, capture_output=True, env=environment, timeout=timeout, check=False)
        output = run.stdout.decode("utf-8", "replace")
        if run.returncode != 0:
            raise AssertionError(f"client_fetch ended with {run.returncode}\n{output}{run.stderr.decode()}")
        for secret in secrets.values():
            if secret and secret in output:
                raise AssertionError(f"client_fetch shows a secret\n{output}")
        return Outcome(output, folder)
