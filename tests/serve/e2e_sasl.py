#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""AUTH of `satchel serve`: each mechanism, right and wrong, and its misbehaviour; hashlib checks SCRAM."""
import base64
import hashlib
import hmac
import json
import re
import ssl
import subprocess

import harness
import tls_client

LOGGED_IN = b"+OK mrose is logged in\r\n"
REFUSED = b"-ERR [AUTH] wrong user, password or digest\r\n"
NO_BASE64 = b"-ERR that is no base64\r\n"
NOT_OFFERED = b"-ERR that mechanism is not offered\r\n"
CLEAR = ("--auth", "all", "--allow-plaintext")


def b64(data):
    return base64.b64encode(data if isinstance(data, bytes) else data.encode()).decode()


def challenge(line):
    """What the server asks, decoded; its base64 must be strict."""
    assert line.startswith(b"+ ") and line.endswith(b"\r\n"), line
    return base64.b64decode(line[2:-2], validate=True)


class Scram:
    """RFC 5802 as a client; `finish` gives the server's signature as it must be."""

    def __init__(self, name, header="n,,", binding=b"", user="mrose", password="mvan99"):
        self.hash = "sha256" if "256" in name else "sha1"
        self.header, self.binding, self.password = header, binding, password
        self.bare = f"n={user},r=fyko+d2lbbFgONRv9qkxdawL"
        self.first = self.header + self.bare

    def hmac(self, key, text):
        return hmac.digest(key, text, self.hash)

    def final(self, server_first):
        self.values = dict(part.split("=", 1) for part in server_first.split(","))
        salted = hashlib.pbkdf2_hmac(self.hash, self.password.encode(), base64.b64decode(self.values["s"]),
                                     int(self.values["i"]))
        without_proof = f"c={b64(self.header.encode() + self.binding)},r={self.values['r']}"
        text = f"{self.bare},{server_first},{without_proof}".encode()
        key = self.hmac(salted, b"Client Key")
        signature = self.hmac(hashlib.new(self.hash, key).digest(), text)
        self.signature = self.hmac(self.hmac(salted, b"Server Key"), text)
        return f"{without_proof},p={b64(bytes(a ^ b for a, b in zip(key, signature)))}"


class Case(tls_client.Case):
    def greeted(self, *options):
        client = self.connect(self.serve(*options))
        client.line()
        return client

    def scram_first(self, client, name, scram):
        return challenge(client.command(f"AUTH {name} {b64(scram.first)}")).decode()

    def scram(self, client, name, **how):
        """A whole exchange that must go well."""
        scram = Scram(name, **how)
        first = self.scram_first(client, name, scram)
        verifier = challenge(client.command(b64(scram.final(first))))
        self.assertEqual(verifier.decode(), "v=" + b64(scram.signature))
        self.assertEqual(client.command(""), LOGGED_IN)


class Capabilities(Case):
    def sasl(self, client):
        return [line for line in self.capabilities(client) if line.startswith(b"SASL")]

    def test_none_unless_asked_for(self):
        client = self.greeted()
        self.assertEqual(self.sasl(client), [])
        self.assertEqual(client.command("AUTH PLAIN"), NOT_OFFERED)

    def test_R_5034_plaintext_within_tls_only(self):
        client = self.connect(self.serve_tls("stls", "--auth", "all", "--token", "t"))
        client.line()
        self.assertEqual(self.sasl(client), [b"SASL SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5"])
        for name in ("PLAIN", "LOGIN", "XOAUTH2", "OAUTHBEARER", "EXTERNAL", "SCRAM-SHA-256-PLUS"):
            self.assertEqual(client.command("AUTH " + name), NOT_OFFERED)
        client.command("STLS")
        self.secure(client)
        self.assertEqual(self.sasl(client), [b"SASL SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1-PLUS SCRAM-SHA-1 "
                                             b"CRAM-MD5 EXTERNAL OAUTHBEARER XOAUTH2 PLAIN LOGIN"])

    def test_allow_plaintext_and_a_list(self):
        self.assertEqual(self.sasl(self.greeted(*CLEAR)), [b"SASL SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN"])
        self.assertEqual(self.sasl(self.greeted("--auth", "login,CRAM-MD5", "--allow-plaintext")),
                         [b"SASL CRAM-MD5 LOGIN"])
        done = subprocess.run([harness.SATCHEL, "serve", "--auth", "PLAIN,DIGEST-MD5"], stderr=subprocess.PIPE,
                              timeout=harness.SOON)
        self.assertEqual((done.returncode, b"unknown" in done.stderr), (64, True))

    def test_without_a_password_there_is_no_mechanism_that_needs_one(self):
        client = self.connect(self.serve("--apop-secret", "x", *CLEAR, sample=False))
        client.line()
        self.assertEqual(self.sasl(client), [])


class Plain(Case):
    def test_with_and_without_initial_response(self):
        for text in ("\0mrose\0mvan99", "mrose\0mrose\0mvan99"):
            self.assertEqual(self.greeted(*CLEAR).command("AUTH PLAIN " + b64(text)), LOGGED_IN)
            client = self.greeted(*CLEAR)
            self.assertEqual(client.command("auth plain"), b"+ \r\n")
            self.assertEqual(client.command(b64(text)), LOGGED_IN)
            self.assertEqual(client.command("STAT"), b"+OK 2 320\r\n")

    def test_refused(self):
        for text in ("", "\0mrose\0mvan9", "\0mros\0mvan99", "other\0mrose\0mvan99", "mrose\0mvan99", "\0mrose\0",
                     "\0mrose\0mvan99\0", "\0\0"):
            client = self.greeted(*CLEAR)
            self.assertEqual(client.command("AUTH PLAIN " + (b64(text) or "=")), REFUSED, text)
            self.assertTrue(client.command("STAT").startswith(b"-ERR"))

    def test_no_base64(self):
        good = b64("\0mrose\0mvan99")
        self.assertEqual(good, "AG1yb3NlAG12YW45OQ==")
        for text in (good[:-1], good[:-2], good + "=", good + "====", "*" + good[1:], good[:-3] + "R==", "A", "====",
                     good[:4] + "=" + good[5:], "\xe4" + good[1:], good + " ", " " + good, "-_" + good[2:]):
            client = self.greeted(*CLEAR)
            client.command("AUTH PLAIN")
            client.send(text.encode("latin1") + b"\r\n")
            self.assertEqual(client.line(), NO_BASE64, text)
            self.assertEqual(client.command("AUTH PLAIN " + good), LOGGED_IN)

    def test_cancel(self):
        client = self.greeted(*CLEAR)
        for _ in range(9):  # no failure of logging in
            client.command("AUTH PLAIN")
            self.assertEqual(client.command("*"), b"-ERR authentication cancelled\r\n")
        self.assertEqual(client.command("AUTH PLAIN " + b64("\0mrose\0mvan99")), LOGGED_IN)

    def test_the_fifth_failure_ends_the_connection(self):
        client = self.greeted(*CLEAR)
        for _ in range(5):
            self.assertEqual(client.command("AUTH PLAIN " + b64("\0mrose\0x")), REFUSED)
        self.assertEqual(client.rest(), b"")

    def test_long_responses(self):
        client = self.greeted(*CLEAR)
        client.command("AUTH PLAIN")
        self.assertEqual(client.command(b64(b"\0mrose\0" + b"x" * (9216 - 7))), REFUSED)
        client.command("AUTH PLAIN")
        self.assertEqual(client.command(b64(b"\0mrose\0" + b"x" * (9216 - 4))), b"-ERR line too long\r\n")
        self.assertEqual(client.command("AUTH PLAIN " + b64("\0mrose\0mvan99")), LOGGED_IN)

    def test_not_when_logged_in(self):
        client = self.session(self.serve(*CLEAR))
        self.assertEqual(client.command("AUTH PLAIN"), b"-ERR AUTH is not allowed now\r\n")

    def test_the_maildrop_is_in_use(self):
        server = self.serve(*CLEAR)
        self.session(server)
        client = self.connect(server)
        client.line()
        self.assertEqual(client.command("AUTH PLAIN " + b64("\0mrose\0mvan99")),
                         b"-ERR [IN-USE] maildrop already locked\r\n")

    def test_A_10_the_trace_masks_responses(self):
        server = self.serve("--trace", *CLEAR)
        client = self.connect(server)
        client.line()
        client.command("AUTH PLAIN " + b64("\0mrose\0wrong!"))
        client.command("AUTH LOGIN")
        client.command("bXJv")
        client.command("*")
        client.command("AUTH LOGIN")
        client.command(b64("mrose"))
        client.command("c2Vj" * 4000)
        client.command("QUIT")
        trace = server.text(server.trace)
        self.assertEqual(re.findall("C: (.*)", trace), ["AUTH PLAIN ****", "AUTH LOGIN", "****", "*", "AUTH LOGIN",
                                                        "****", "****", "QUIT"])


class Others(Case):
    def test_login(self):
        for initial in (False, True):
            client = self.greeted(*CLEAR)
            if initial:
                line = client.command("AUTH LOGIN " + b64("mrose"))
            else:
                self.assertEqual(challenge(client.command("AUTH LOGIN")), b"Username:")
                line = client.command(b64("mrose"))
            self.assertEqual(challenge(line), b"Password:")
            self.assertEqual(client.command(b64("mvan99")), LOGGED_IN)

    def test_login_refused(self):
        for user, password in (("mrose", "x"), ("x", "mvan99"), ("mrose", ""), ("", "")):
            client = self.greeted(*CLEAR)
            client.command("AUTH LOGIN")
            client.command(b64(user))
            self.assertEqual(client.command(b64(password)), REFUSED)

    def cram(self, user, password):
        client = self.greeted(*CLEAR)
        question = challenge(client.command("AUTH CRAM-MD5"))
        self.assertRegex(question, rb"^<[^<>@ ]+@[^<>@ ]+>$")
        return client.command(b64(f"{user} {hmac.new(password.encode(), question, 'md5').hexdigest()}"))

    def test_cram_md5(self):
        self.assertEqual(self.cram("mrose", "mvan99"), LOGGED_IN)
        for user, password in (("mrose", "x"), ("x", "mvan99"), ("", "mvan99"), ("mrose ", "mvan99")):
            self.assertEqual(self.cram(user, password), REFUSED)

    def test_cram_md5_takes_no_initial_response(self):
        self.assertEqual(self.greeted(*CLEAR).command("AUTH CRAM-MD5 " + b64("mrose x")), REFUSED)

    TOKEN = "vF9dft4qmTc2Nvb3RlckBhbHRhdmlzdGEuY29tCg=="

    def oauth(self, name, text):
        client = self.greeted("--token", self.TOKEN, *CLEAR)
        return client, client.command(f"AUTH {name} {b64(text)}")

    def test_oauthbearer(self):
        for head in ("n,a=mrose,", "n,,", "y,a=mrose,"):
            text = f"{head}\1host=localhost\1port=110\1auth=Bearer {self.TOKEN}\1\1"
            self.assertEqual(self.oauth("OAUTHBEARER", text)[1], LOGGED_IN)

    def test_xoauth2(self):
        self.assertEqual(self.oauth("XOAUTH2", f"user=mrose\1auth=Bearer {self.TOKEN}\1\1")[1], LOGGED_IN)

    def test_oauth_refusals_are_a_challenge_first(self):
        good = f"auth=Bearer {self.TOKEN}\1\1"
        for name, status, texts in (
                ("OAUTHBEARER", "invalid_token",
                 ("n,a=mrose,\1auth=Bearer x\1\1", "n,a=x,\1" + good, "p=y,,\1" + good, "n,a=mrose,\1" + good[:-1],
                  "n,a=mrose,\1" + good + "\1", "n,a=mrose,\1\1", good, "n,a=mrose,b\1" + good)),
                ("XOAUTH2", "401", ("user=mrose\1auth=Bearer x\1\1", "user=x\1" + good, good, "user=mrose\1\1"))):
            for text in texts:
                client, line = self.oauth(name, text)
                self.assertEqual(json.loads(challenge(line))["status"], status, text)
                self.assertEqual(client.command("AQ==" if name == "OAUTHBEARER" else ""), REFUSED)

    def certificate(self, *arguments):
        pem = f"{self.folder}/client.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-keyout", pem + ".key", "-out", pem, "-days", "2", *arguments], check=True,
                       stderr=subprocess.DEVNULL)
        return pem

    def external(self, pem, shown=True):
        server = self.serve_tls("implicit", "--auth", "EXTERNAL", "--client-ca", pem)
        context = self.trust()
        if shown:
            context.load_cert_chain(pem, pem + ".key")
        client = self.connect_tls(server, context=context)
        client.line()
        return client

    def test_external(self):
        for arguments in (("-subj", "/CN=mrose"),
                          ("-subj", "/CN=x", "-addext", "subjectAltName=email:mrose@example.org")):
            pem = self.certificate(*arguments)
            user = "mrose@example.org" if "-addext" in arguments else "mrose"
            server = self.serve_tls("implicit", "--auth", "EXTERNAL", "--client-ca", pem, "--user", user)
            context = self.trust()
            context.load_cert_chain(pem, pem + ".key")
            for initial in ("=", b64(user), None):
                client = self.connect_tls(server, context=context)
                client.line()
                line = client.command("AUTH EXTERNAL" + (" " + initial if initial else ""))
                line = line if initial else client.command("")
                self.assertEqual(line, f"+OK {user} is logged in\r\n".encode())
                client.command("QUIT")

    def test_external_refused(self):
        self.assertEqual(self.external(self.certificate("-subj", "/CN=other")).command("AUTH EXTERNAL ="), REFUSED)
        pem = self.certificate("-subj", "/CN=mrose")
        self.assertEqual(self.external(pem).command("AUTH EXTERNAL " + b64("other")), REFUSED)
        self.assertEqual(self.external(pem, shown=False).command("AUTH EXTERNAL ="), REFUSED)


class ScramMechanisms(Case):
    NAMES = ("SCRAM-SHA-1", "SCRAM-SHA-256")

    def test_log_in(self):
        for name in self.NAMES:
            for header in ("n,,", "y,,", "n,a=mrose,"):
                self.scram(self.greeted(*CLEAR), name, header=header)

    def test_names_with_a_comma_and_an_equals_sign(self):
        client = self.connect(self.serve("--user", "a,b=c", "--password", "p", "--auth", "SCRAM-SHA-1", sample=False))
        client.line()
        scram = Scram("SCRAM-SHA-1", user="a=2Cb=3Dc", password="p")
        first = self.scram_first(client, "SCRAM-SHA-1", scram)
        self.assertTrue(challenge(client.command(b64(scram.final(first)))).startswith(b"v="))
        self.assertEqual(client.command(""), b"+OK a,b=c is logged in\r\n")

    def test_without_initial_response(self):
        client = self.greeted(*CLEAR)
        self.assertEqual(client.command("AUTH SCRAM-SHA-256"), b"+ \r\n")
        scram = Scram("SCRAM-SHA-256")
        first = challenge(client.command(b64(scram.first))).decode()
        client.command(b64(scram.final(first)))
        self.assertEqual(client.command(""), LOGGED_IN)

    def test_first_message_refused(self):
        for text in ("", "n", "n,", "n,,", "n,,n=mrose", "n,,r=x", "n,,n=mrose,r=", "n,,m=x,n=mrose,r=abc",
                     "x,,n=mrose,r=a", "p=tls-exporter,,n=mrose,r=a", "n,,n=mrose,r=a,b=c", "n,,n=mrose,r=a\0b",
                     "n,,n=mrose,r=" + "a" * 300):
            client = self.greeted(*CLEAR)
            self.assertEqual(client.command("AUTH SCRAM-SHA-1 " + (b64(text) or "=")), REFUSED, text)

    def test_wrong_user_password_proof_nonce_and_binding(self):
        for change in ({"user": "x"}, {"password": "x"}, {"user": "mros=65"}, {"header": "n,a=x,"}):
            client = self.greeted(*CLEAR)
            scram = Scram("SCRAM-SHA-1", **change)
            first = self.scram_first(client, "SCRAM-SHA-1", scram)
            self.assertEqual(client.command(b64(scram.final(first))), REFUSED, change)
        for old, new in (("c=biws", "c=eSws"), ("r=fyko", "r=fyk0"), (",p=", ",x=y,p="), (",p=", ",p"), (",p=", ",q=")):
            client = self.greeted(*CLEAR)
            scram = Scram("SCRAM-SHA-1")
            final = scram.final(self.scram_first(client, "SCRAM-SHA-1", scram))
            self.assertIn(old, final)
            self.assertEqual(client.command(b64(final.replace(old, new))), REFUSED, old)

    def test_a_proof_holds_once(self):
        client = self.greeted(*CLEAR)
        scram = Scram("SCRAM-SHA-1")
        final = scram.final(self.scram_first(client, "SCRAM-SHA-1", scram))
        client.command("*")
        again = self.scram_first(client, "SCRAM-SHA-1", scram)
        self.assertNotEqual(again.split(",")[0], "r=" + scram.values["r"])
        self.assertEqual(client.command(b64(final)), REFUSED)

    def test_iterations(self):
        for count in (1, 4095, 100000):
            client = self.greeted("--iterations", str(count), *CLEAR)
            self.assertTrue(self.scram_first(client, "SCRAM-SHA-1", Scram("SCRAM-SHA-1")).endswith(f",i={count}"))
            client.command("*")
            self.scram(client, "SCRAM-SHA-256")
        client = self.greeted("--iterations", "4294967295", *CLEAR)
        self.assertTrue(self.scram_first(client, "SCRAM-SHA-1", Scram("SCRAM-SHA-1")).endswith(",i=4294967295"))


class Plus(Case):
    """Python has no tls-exporter, so what it binds is the certificate, by TLS 1.2; `openssl s_client` has one."""

    def bound(self, version=ssl.TLSVersion.TLSv1_2):
        client = self.connect_tls(self.serve_tls("implicit", "--auth", "all"), context=self.trust(version))
        client.line()
        return client, hashlib.sha256(client.socket.getpeercert(binary_form=True)).digest()

    def test_R_SCRAM_04_tls_server_end_point(self):
        for name in ("SCRAM-SHA-1-PLUS", "SCRAM-SHA-256-PLUS"):
            client, binding = self.bound()
            self.scram(client, name, header="p=tls-server-end-point,,", binding=binding)

    def test_R_SCRAM_04_tls_exporter(self):
        server = self.serve_tls("implicit", "--auth", "all")
        tool = subprocess.Popen(["openssl", "s_client", "-connect", f"127.0.0.1:{server.port}", "-tls1_3", "-CAfile",
                                 self.ca, "-keymatexport", "EXPORTER-Channel-Binding", "-keymatexportlen", "32"],
                                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0)

        def end():
            tool.stdin.close()
            tool.wait(harness.SOON)
            tool.stdout.close()

        def line(pattern):
            return next(line for line in iter(tool.stdout.readline, b"") if re.search(pattern, line))

        def command(text):
            tool.stdin.write(text.encode() + b"\n")
            return line(rb"^(\+|-ERR)")

        self.addCleanup(end)
        binding = bytes.fromhex(line(b"Keying material: ").split(b":")[1].decode())
        line(rb"^\+OK")
        scram = Scram("SCRAM-SHA-256-PLUS", header="p=tls-exporter,,", binding=binding)
        final = scram.final(challenge(command("AUTH SCRAM-SHA-256-PLUS " + b64(scram.first))).decode())
        self.assertEqual(challenge(command(b64(final))).decode(), "v=" + b64(scram.signature))
        self.assertEqual(command(""), LOGGED_IN)

    def test_R_SCRAM_04_another_certificate(self):
        client, binding = self.bound()
        scram = Scram("SCRAM-SHA-1-PLUS", header="p=tls-server-end-point,,", binding=binding[::-1])
        first = self.scram_first(client, "SCRAM-SHA-1-PLUS", scram)
        self.assertEqual(client.command(b64(scram.final(first))), REFUSED)

    def test_R_SCRAM_04_another_exporter(self):
        client, _ = self.bound(ssl.TLSVersion.TLSv1_3)
        scram = Scram("SCRAM-SHA-256-PLUS", header="p=tls-exporter,,", binding=bytes(32))
        first = self.scram_first(client, "SCRAM-SHA-256-PLUS", scram)
        self.assertEqual(client.command(b64(scram.final(first))), REFUSED)

    def test_flags_that_do_not_fit(self):
        for version, name, header in ((ssl.TLSVersion.TLSv1_2, "SCRAM-SHA-1-PLUS", "n,,"),
                                      (ssl.TLSVersion.TLSv1_2, "SCRAM-SHA-1-PLUS", "p=tls-unique,,"),
                                      (ssl.TLSVersion.TLSv1_2, "SCRAM-SHA-1-PLUS", "p=tls-exporter,,"),
                                      (ssl.TLSVersion.TLSv1_3, "SCRAM-SHA-1-PLUS", "p=tls-server-end-point,,"),
                                      (ssl.TLSVersion.TLSv1_3, "SCRAM-SHA-1", "y,,")):
            client, _ = self.bound(version)
            self.assertEqual(client.command(f"AUTH {name} {b64(Scram(name, header=header).first)}"), REFUSED)

    def test_n_says_that_the_client_cannot_bind(self):
        client, _ = self.bound()
        self.scram(client, "SCRAM-SHA-256")


class Faults(Case):
    def exchange(self, *options):
        """The answer to a right client-final, and the signature as it should be."""
        client = self.greeted(*options, *CLEAR)
        scram = Scram("SCRAM-SHA-256")
        line = client.command(b64(scram.final(self.scram_first(client, "SCRAM-SHA-256", scram))))
        return client, line, "v=" + b64(scram.signature)

    def test_wrong_signature(self):
        client, line, right = self.exchange("--scram-fault", "signature")
        self.assertRegex(challenge(line).decode(), "^v=.{43}=$")
        self.assertNotEqual(challenge(line).decode(), right)
        self.assertEqual(client.command(""), LOGGED_IN)

    def test_no_signature(self):
        self.assertEqual(self.exchange("--scram-fault", "no-signature")[1], LOGGED_IN)

    def test_error(self):
        client, line, _ = self.exchange("--scram-fault", "error")
        self.assertEqual(challenge(line), b"e=other-error")
        self.assertEqual(client.command(""), REFUSED)

    def test_another_nonce(self):
        client = self.greeted("--scram-fault", "nonce", *CLEAR)
        scram = Scram("SCRAM-SHA-1")
        first = self.scram_first(client, "SCRAM-SHA-1", scram)
        self.assertRegex(first, "^r=xyko.d2lbbFgONRv9qkxdawL.{16},")

    def test_A_09_endless_challenge(self):
        client = self.greeted("--endless-challenge", *CLEAR)
        client.command("AUTH SCRAM-SHA-1")
        for _ in range(100):
            self.assertEqual(challenge(client.command("")), b"and what else?")
        self.assertEqual(client.command("*"), b"-ERR authentication cancelled\r\n")

    def test_rules_for_auth_hold_for_each_of_its_lines(self):
        client = self.greeted("--reply", "AUTH=+ !!!", *CLEAR)
        self.assertEqual(client.command("AUTH CRAM-MD5"), b"+ !!!\r\n")
        self.assertEqual(client.command("="), b"+ !!!\r\n")
        client = self.greeted("--err", "AUTH=[SYS/TEMP] later", *CLEAR)
        self.assertEqual(client.command("AUTH PLAIN"), b"-ERR [SYS/TEMP] later\r\n")
        self.assertEqual(client.command("CAPA"), b"+OK capability list follows\r\n")

    def test_A_02_forged_mechanisms(self):
        client = self.connect(self.serve_tls("stls", "--auth", "SCRAM-SHA-256", "--clear-capa", "SASL PLAIN"))
        client.line()
        self.assertEqual(self.capabilities(client), [b"SASL PLAIN"])


if __name__ == "__main__":
    harness.main()
