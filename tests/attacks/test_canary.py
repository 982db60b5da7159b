#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""R-CRED-02, R-AUTH-02: a password and a token that nobody else has stand in nothing that is written, shown or handed on."""
import base64
import json
import os
import pathlib
import resource
import signal
import subprocess
import time

from world import IMPLICIT, OFF, PASSWORD, STAMP, TOKEN, USER, SOON, Case, harness, leaks, main, secret_leaks

LONG = TOKEN * 40  # longer than any status line


def echo(_, line):
    """What servers do that do not know a command: repeat it."""
    return b"-ERR unknown command: " + line + b"\r\n"


def echoing(login, **replies):
    """Repeats everything, at each step of the login or behind it: the worst server is the one that was trusted."""
    said = []

    def remember(line):
        said.append(line)
        return b" ".join(said)

    def challenge(_, line):
        remember(line)
        if login == "refused":
            return echo(_, line)
        return b"+ \r\n" if line.count(b" ") == 1 and not line.endswith(b"CRAM-MD5") else b"+OK " + remember(b"") + b"\r\n"

    def accept(_, line):
        return b"+OK " + remember(line) + b"\r\n" if login == "accepted" else echo(_, line)

    class Verbs(dict):
        def get(self, verb, otherwise=None):
            return super().get(verb, lambda _, line: b"+OK you said " + remember(line) + b"\r\n"
                               if login == "accepted" and line != base64.b64encode(USER.encode()) else
                               b"+ \r\n" if login == "accepted" else echo(_, line))

    return Verbs(CAPA=b"+OK\r\nUSER\r\nSASL PLAIN LOGIN XOAUTH2 OAUTHBEARER\r\n.\r\n", AUTH=challenge, USER=b"+OK\r\n",
                 PASS=accept, QUIT=lambda _, line: b"-ERR " + remember(line) + b"\r\n",
                 STAT=lambda _, line: b"+OK 1 2 " + remember(line) + b"\r\n",
                 UIDL=lambda _, line: b"+OK\r\nno number " + remember(line) + b"\r\n.\r\n",
                 RETR=lambda _, line: b"-ERR " + remember(line) + b"\r\n", **replies)


class Library(Case):
    def dialogue(self, client, login, auth, token):
        def play(peer):
            peer.secure(self.authority.context())
            peer.say(b"+OK " + STAMP + b"\r\n")
            peer.answer(echoing(login))

        server = self.hostile(play)
        client.open(port=server.port, auth=auth, token=token)
        for call in ("stat", "uidl", "retr 1", "quit"):
            client.call(call)
        _, heard = server.heard()
        return heard

    def test_R_CRED_02_a_server_that_repeats_what_it_hears(self):
        client = self.client(tls=IMPLICIT, ca_file=self.authority.ca)
        for login in ("refused", "accepted"):
            for auth, token in (("USER", None), ("PLAIN", None), ("LOGIN", None), ("XOAUTH2", TOKEN),
                                ("OAUTHBEARER", TOKEN), ("XOAUTH2", LONG), ("OAUTHBEARER", LONG)):
                with self.subTest(login, auth=auth, length=len(token or "")):
                    before = len(client.out)
                    heard = self.dialogue(client, login, auth, token)
                    out = client.out[before:]
                    if login == "accepted" or auth not in ("LOGIN", "XOAUTH2", "OAUTHBEARER"):
                        self.assertNotEqual(secret_leaks(heard), [], "the server did hear it")
                    self.assertEqual(secret_leaks(out), [])
                    self.assertEqual([part for part in (LONG[:60], LONG[20:60]) if part.encode() in out], [])

    def test_R_CRED_02_each_beginning_of_a_password(self):
        """base64 shows an octet in three ways, as it stands behind another number of octets."""
        client = self.client(tls=IMPLICIT, ca_file=self.authority.ca, auth="PLAIN")
        for user in ("u", "us", "use"):
            client.set(user=user)
            before = len(client.out)
            heard = self.dialogue(client, "refused", "PLAIN", None)
            self.assertNotEqual(secret_leaks(heard), [])
            self.assertEqual(secret_leaks(client.out[before:]), [])
            self.assertIn(b"***", client.out[before:])

    def test_R_CRED_02_short_secrets_hide_nothing(self):
        """What is masked must not tell by its place in common words what the password is."""
        client = self.client(tls=OFF, auth="USER")
        for password in (b"", b"a", b"ba", b"bad"):
            server = self.hostile(lambda peer: (peer.say(b"+OK\r\n"), peer.answer(
                {"USER": b"+OK\r\n", "PASS": b"-ERR a bad password\r\n", "CAPA": b"-ERR\r\n"})))
            outcome = client.open(port=server.port, password=password)
            self.assertIn(outcome.server, (b"a bad password", b""))
            self.assertNotIn(b"***", outcome.server)


if __name__ == "__main__":
    main()
