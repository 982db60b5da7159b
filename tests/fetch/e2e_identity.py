# SPDX-License-Identifier: MIT
"""
D-27, D-04: an account is its host, user and port, however it is called; one process at a time fetches from it. Runs in a network
namespace of its own, for its servers are on the ports of POP3; says so where that is not to be had, and exits with 77.
ARGUMENTS: satchel
"""
import os
import signal
import subprocess
import sys
import time
import unittest

import world

TWO = [world.message(n) for n in (1, 2)]
EX_TEMPFAIL = 75
INSIDE = "SATCHEL_TEST_INSIDE"


class Served(world.World):
    """A server on each port that is asked for, all with the same mail."""

    def __init__(self, *ports, options=()):
        self.ports = ports
        self.others = []
        super().__init__(TWO, "--port", str(ports[0]), *options)
        for port in ports[1:]:
            self.others.append(world.harness.Server(
                "--maildir", str(self.served), "--writable", "--user", self.user, "--password", world.PASSWORD, "--port",
                str(port), sample=False))

    def __exit__(self, *_):
        for server in self.others:
            server.__exit__()
        super().__exit__()

    def configure(self, text):
        config = self.folder / "config"
        config.write_text(text)
        config.chmod(0o600)
        return "--config", str(config)

    def account(self, name, url):
        return (f'account {name} {{\n url = "{url}"\n tls = off\n password-file = "{self.password}"\n'
                f' to = "maildir:{self.mail}"\n}}\n')

    def satchel(self, *arguments):
        return subprocess.run([world.SATCHEL, *arguments], stdin=subprocess.DEVNULL, capture_output=True, timeout=60,
                              env={**os.environ, "HOME": str(self.folder)}, check=False)


class Identity(unittest.TestCase):
    def expect(self, here, new, *arguments):
        """So many new messages; each is here once."""
        done = here.satchel("fetch", "--state", str(here.state), "--exit-status-new", *arguments)
        self.assertEqual(done.returncode, 0 if new else 1, (arguments, done.stderr))
        self.assertEqual(world.counted(here.mail), world.expected(TWO), arguments)

    def url(self, here, url):
        return (url, "--tls", "off", "--password-file", str(here.password), "--to", f"maildir:{here.mail}")

    def test_D27_a_section_that_is_renamed(self):
        with Served(110) as here:
            self.expect(here, 2, *here.configure(here.account("old", "pop://me@127.0.0.1")))
            self.expect(here, 0, *here.configure(here.account("new", "pop://me@127.0.0.1")))
            self.expect(here, 0, *here.configure(here.account("new", "pop://me@127.0.0.1")), "new")

    def test_D27_a_URL_behind_a_section_and_the_other_way_round(self):
        with Served(110) as here:
            section = here.configure(here.account("it", "pop://me@127.0.0.1"))
            self.expect(here, 2, *section)
            self.expect(here, 0, *self.url(here, "pop://me@127.0.0.1"))
            self.expect(here, 0, *section)
        with Served(110) as here:
            self.expect(here, 2, *self.url(here, "pop://me@127.0.0.1"))
            self.expect(here, 0, *here.configure(here.account("it", "pop://me@127.0.0.1")))

    def test_D27_spellings_of_the_port(self):
        """110 and 995 count as one; another port is another account, and its mail comes again (D-02)."""
        with Served(110, 995, 1110) as here:
            self.expect(here, 2, *self.url(here, "pop://me@127.0.0.1"))
            for url in ("pop://me@127.0.0.1:110", "pop://me@127.0.0.1:995"):
                self.expect(here, 0, *self.url(here, url))
            done = here.satchel("fetch", "--state", str(here.state), *self.url(here, "pop://me@127.0.0.1:1110"))
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(world.counted(here.mail), world.expected(TWO * 2))

    def test_D27_spellings_of_the_host(self):
        with Served(110) as here:
            self.expect(here, 2, *self.url(here, "pop://me@localhost"))
            for url in ("pop://me@LocalHost", "pop://me@localhost."):
                self.expect(here, 0, *self.url(here, url))

    def test_D27_another_destination_needs_a_word(self):
        with Served(110) as here:
            self.expect(here, 2, *self.url(here, "pop://me@127.0.0.1"))
            elsewhere = (*self.url(here, "pop://me@127.0.0.1")[:-1], f"maildir:{here.folder / 'elsewhere'}")
            refused = here.satchel("fetch", "--state", str(here.state), *elsewhere)
            self.assertNotEqual(refused.returncode, 0)
            self.assertIn(b"--again", refused.stderr)
            again = here.satchel("fetch", "--state", str(here.state), "--again", *elsewhere)
            self.assertEqual(again.returncode, 0, again.stderr)
            self.assertEqual(world.counted(here.folder / "elsewhere"), world.expected(TWO))


class OneAtATime(unittest.TestCase):
    def test_D04_the_second_process_is_told_of_the_first(self):
        with Served(110, options=("--silent", "RETR")) as here:
            first = subprocess.Popen(here.arguments(), stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                     env={**os.environ, "HOME": str(here.folder)})
            with first:
                try:
                    self.wait_for_spool(here)
                    second = here.fetch()
                    self.assertEqual(second.returncode, EX_TEMPFAIL, second.stderr)
                    self.assertIn(str(first.pid).encode(), second.stderr)
                finally:
                    first.send_signal(signal.SIGTERM)
                    first.communicate(timeout=20)
            self.assertEqual(first.returncode, 128 + signal.SIGTERM)

    def wait_for_spool(self, here):
        give_up = time.monotonic() + 20
        while not (here.mail / "tmp").exists():
            self.assertLess(time.monotonic(), give_up)
            time.sleep(0.01)

    def test_D04_many_at_once_fetch_each_message_once(self):
        with Served(110) as here:
            runs = [subprocess.Popen(here.arguments("--keep", "none"), stdin=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL) for _ in range(8)]
            codes = [run.wait(60) for run in runs]
            self.assertIn(0, codes)
            self.assertLessEqual(set(codes), {0, EX_TEMPFAIL})
            self.assertEqual(here.fetch("--keep", "none").returncode, 0)
            self.assertEqual(world.counted(here.mail), world.expected(TWO))
            self.assertEqual(here.left(), world.expected([]))


def enter():
    """Becomes itself within a network namespace that has a loopback interface and nothing else."""
    unshare = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--net", "--map-root-user"]
    up = ["sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    if subprocess.run([*unshare, *up, "true"], stderr=subprocess.DEVNULL, check=False).returncode != 0:
        print("skipped: this machine gives no network namespaces")
        sys.exit(77)
    os.execvpe(unshare[0], [*unshare, *up, sys.executable, "-B", *sys.argv], {**os.environ, INSIDE: "1"})


if __name__ == "__main__":
    if INSIDE not in os.environ:
        enter()
    unittest.main(argv=sys.argv[:1], verbosity=2)
