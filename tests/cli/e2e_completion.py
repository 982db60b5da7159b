# SPDX-License-Identifier: MIT
"""Completion in bash: the functions that it would call, called as it calls them."""
import pathlib
import shutil
import subprocess
import unittest

import command
import harness

SCRIPT = pathlib.Path(__file__).resolve().parent.parent.parent / "src/cli/satchel.bash"


@unittest.skipUnless(shutil.which("bash"), "bash is missing")
class Completion(command.Case):
    def complete(self, *words):
        """What stands to choose from for the last word."""
        program = harness.SATCHEL
        script = ('source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _satchel "$1"; '
                  'printf "%s\\n" "${COMPREPLY[@]}"')
        done = subprocess.run(["bash", "-c", script, "bash", str(SCRIPT), program, *words], capture_output=True,
                              text=True, env=self.environment, timeout=harness.SOON)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_commands(self):
        self.assertEqual(self.complete("sta"), ["status", "state"])
        self.assertIn("fetch", self.complete(""))

    def test_options_and_keys_of_each_command(self):
        self.assertEqual(self.complete("fetch", "--dry"), ["--dry-run"])
        self.assertEqual(self.complete("list", "--ca-"), ["--ca-file"])
        self.assertEqual(self.complete("list", "--keep"), [])
        for name in self.complete(""):
            if name not in ("help", "version", "config"):
                self.assertIn("--help", self.complete(name, "--"), name)

    def test_accounts(self):
        self.assertEqual(self.complete("fetch", ""), [])
        self.environment["SATCHEL_CONFIG"] = self.write("config", 'account work {\n}\n  account "home" {\n}\n#account x {\n}\n')
        self.assertEqual(self.complete("fetch", ""), ["work", "home"])
        self.assertEqual(self.complete("list", "--newest", "3", "h"), ["home"])

    def test_actions(self):
        self.assertEqual(self.complete("state", "r"), ["rename"])
        self.assertEqual(self.complete("config", ""), ["check", "init", "keys"])


if __name__ == "__main__":
    command.main()
