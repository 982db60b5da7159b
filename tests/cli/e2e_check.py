# SPDX-License-Identifier: MIT
"""`satchel check`: plain words about the connection, the certificate, what the server offers, and how a login would go;
and nothing secret sent to find out (R-TLS-06, R-TLS-09)."""
import re

import command

FAULTS = {
    "expired": "expired on 20",
    "early": "is not valid before 20",
    "name": "is for other.invalid, not for localhost",
    "self-signed": "is self-signed: nobody vouches for it",
}
CAPA = r"CAPA=+OK\r\n{}\r\n."


class Check(command.Case):
    def check(self, server, *options, code=0):
        """A report as (label, text) pairs; texts without a label belong to the one before."""
        outcome = self.run_satchel("check", *options, *server.target, login=False)
        self.assert_code(outcome, code)
        self.assertEqual(outcome.err, b"")
        return [(line[:13].strip(), line[13:]) for line in outcome.text.splitlines()]

    def texts(self, report, label):
        return [text for name, text in report if name == label]

    def test_a_good_server_each_way(self):
        words = {"off": "without TLS", "stls": "TLS by STLS, before anything else", "implicit": "TLS from the start"}
        for mode, how in words.items():
            with self.subTest(mode):
                server = self.pop3(mode, "--auth", "SCRAM-SHA-256,PLAIN")
                report = self.check(server)
                self.assertEqual(report[0], ("Server", f"localhost port {server.port}, {how}"))
                self.assertIn(report[1], [("Connected", "to 127.0.0.1"), ("Connected", "to ::1")])
                self.assertEqual(self.texts(report, "Offers"),
                                 ["USER, TOP, UIDL, RESP-CODES, AUTH-RESP-CODE, PIPELINING"])
                self.assertEqual(self.texts(report, "Login"), ["would be by SCRAM-SHA-256, the best that both sides have"])
                self.assertIn(("", "the password itself is not sent, and the server has to prove that it knows it"), report)
                self.assertEqual(self.texts(report, "Warning") + self.texts(report, "Problem"), [])
                self.assert_nothing_secret(server)

    def test_what_is_told_of_tls(self):
        report = dict(self.check(self.pop3("implicit", "--tls-version", "1.2")))
        self.assertRegex(report["TLS"], r"^TLSv1\.2, [A-Z0-9-]+$")
        self.assertTrue(report["Certificate"].startswith("good: "))
        self.assertIn("localhost", report["names"])
        self.assertIn("Satchel trial CA", report["issuer"])
        self.assertRegex(report["valid"], r"^from 20\d\d-\d\d-\d\d to 20\d\d-\d\d-\d\d, (29|30) days left$")
        self.assertEqual(report["key"], "EC prime256v1")
        self.assertRegex(report["pin"], r"^sha256//[A-Za-z0-9+/]{43}=$")

    def test_each_fault_of_a_certificate(self):
        for mode in ("stls", "implicit"):
            for fault, words in FAULTS.items():
                with self.subTest(mode, fault=fault):
                    server = self.pop3(mode, "--cert-fault", fault)
                    report = self.check(server, code=77)
                    self.assertEqual(self.texts(report, "Certificate"), ["NOT GOOD, see the problem below"])
                    self.assertIn(words, self.texts(report, "Problem")[0])
                    self.assertNotEqual(self.texts(report, "What to do"), [])
                    self.assertEqual(self.texts(report, "Sent"), ["no name, no password, no token"])
                    self.assertNotEqual(self.texts(report, "pin"), [])
                    self.assertEqual(self.texts(report, "Offers") + self.texts(report, "Login"), [])
                    self.assertEqual(self.heard(server), ["STLS"] if mode == "stls" else [])

    def test_an_authority_that_nobody_trusts(self):
        server = self.pop3("implicit")
        server.target = server.target[:1]
        report = self.check(server, code=77)
        self.assertIn("comes from CN=Satchel trial CA,O=Satchel trial, which is not trusted here",
                      self.texts(report, "Problem")[0])

    def test_a_pin(self):
        server = self.pop3("implicit", "--cert-fault", "self-signed")
        pin = self.texts(self.check(server, code=77), "pin")[0]
        report = self.check(server, "--pin", pin, "--verify", "pin")
        self.assertTrue(self.texts(report, "Certificate")[0].startswith("accepted because of its pin, although "))
        report = self.check(server, "--pin", "sha256//" + "A" * 43 + "=", "--verify", "pin", code=77)
        self.assertEqual(self.texts(report, "Certificate"), ["REFUSED: its key is not the pinned one"])
        self.assertIn(f"the key of localhost is not the pinned one: it is {pin}", self.texts(report, "Problem"))

    def test_other_faults_of_tls(self):
        for options, words in ((["--tls-version", "1.1"], "speaks no TLS newer than 1.1"),
                               (["--alpn", "imap"], "speaks 'imap' and not POP3")):
            server = self.pop3("implicit", *options)
            report = self.check(server, code=76)
            self.assertIn(words, self.texts(report, "Problem")[0])
            self.assertEqual(self.heard(server), [])

    def test_A_02_stls_refused(self):
        server = self.pop3("stls", "--err", "STLS=no TLS today")
        report = self.check(server, code=76)
        self.assertEqual(self.texts(report, "Problem"), ["localhost refuses STLS"])
        self.assertIn(("", "the server said: no TLS today"), report)
        self.assertEqual(self.heard(server), ["STLS"])

    def test_implicit_tls_at_a_port_without(self):
        server = self.pop3("off")
        server.target = [f"pops://mrose@localhost:{server.port}"]
        self.assertIn("speaks POP3 without TLS", self.texts(self.check(server, code=76), "Problem")[0])

    def test_how_a_login_would_go(self):
        rows = (("off", "CRAM-MD5", [], "CRAM-MD5", "try out passwords later"),
                ("implicit", "PLAIN,LOGIN", [], "PLAIN", "the password is sent, inside TLS"),
                ("implicit", "all", ["--token", "t"], "SCRAM-SHA-256-PLUS", "the password itself is not sent"),
                ("implicit", "PLAIN,XOAUTH2", ["--token", "t"], "PLAIN", "inside TLS"))
        for mode, offered, options, mechanism, words in rows:
            report = self.check(self.pop3(mode, "--auth", offered, *options))
            self.assertTrue(self.texts(report, "Login")[0].startswith(f"would be by {mechanism}, "), report)
            self.assertIn(words, self.texts(report, "")[0])

    def test_where_the_secret_would_come_from(self):
        server = self.pop3("implicit", "--auth", "XOAUTH2,PLAIN", "--token", "t")
        for options, words in ((["--token-command", "false"], "the token that token-command prints"),
                               (["--password-command", "false"], "the password that password-command prints"),
                               (["--password-file", self.password_file], "the password in password-file"),
                               ([], "a password that you are asked for")):
            report = self.check(server, *options)
            self.assertIn(("", f"with {words}"), report)
        self.assertEqual(self.texts(self.check(server, "--token-command", "false"), "Login"),
                         ["would be by XOAUTH2, the best that both sides have"])

    def test_a_mechanism_that_auth_names(self):
        server = self.pop3("implicit", "--auth", "PLAIN,LOGIN")
        self.assertEqual(self.texts(self.check(server, "--auth", "LOGIN PLAIN"), "Login"),
                         ["would be by LOGIN, which auth names"])
        report = self.check(server, "--auth", "CRAM-MD5")
        self.assertEqual(self.texts(report, "Warning"),
                         ["the server does not announce CRAM-MD5: it is tried because auth names it"])

    def test_no_way_in(self):
        server = self.pop3("implicit", "--reply", CAPA.format("SASL GSSAPI"))
        report = self.check(server, code=77)
        self.assertEqual(self.texts(report, "Problem"), ["localhost offers no way to log in that is allowed here"])
        self.assertEqual(self.texts(report, "Mechanisms"), ["GSSAPI"])
        self.assert_nothing_secret(server)

    def test_R_ENV_01_variables(self):
        self.environment.update(SSL_CERT_FILE=self.ca, OPENSSL_CONF="/dev/null")
        server = self.pop3("implicit")
        warnings = self.texts(self.check(server), "Warning")
        self.assertEqual([text.split()[0] for text in warnings], ["SSL_CERT_FILE", "OPENSSL_CONF"])
        server.target = server.target[:1]
        self.check(server)  # it does change whom TLS trusts
        self.assertEqual(self.texts(self.check(server, "--quiet"), "Warning"), [])

    def test_warnings(self):
        rows = (("TOP\\r\\nUIDL\\r\\nPIPELINING", []),
                ("TOP\\r\\nPIPELINING", ["no UIDL"]),
                ("UIDL\\r\\nPIPELINING", ["no TOP"]),
                ("UIDL\\r\\nTOP", ["no PIPELINING"]),
                ("TOP\\r\\nUIDL\\r\\nPIPELINING\\r\\nEXPIRE 0\\r\\nLOGIN-DELAY 900", ["EXPIRE 0", "LOGIN-DELAY"]),
                ("TOP\\r\\nUIDL\\r\\nPIPELINING\\r\\nEXPIRE 30", ["EXPIRE 30"]),
                ("TOP\\r\\nUIDL\\r\\nPIPELINING\\r\\nEXPIRE NEVER", []))
        for lines, begins in rows:
            warnings = self.texts(self.check(self.pop3("implicit", "--reply", CAPA.format(lines))), "Warning")
            self.assertEqual(len(warnings), len(begins), warnings)
            for warning, begin in zip(warnings, begins):
                self.assertTrue(warning.startswith(begin), warning)
        warnings = self.texts(self.check(self.pop3("implicit", "--err", "CAPA")), "Warning")
        self.assertIn("does not tell what it can do", warnings[0])

    def test_tls_that_is_not_used(self):
        server = self.pop3("stls")
        server.target = [f"pop://mrose@localhost:{server.port}", "--tls", "off"]
        self.assertIn("the server has TLS (STLS)", self.texts(self.check(server), "Warning")[0])

    def test_no_user_is_needed(self):
        server = self.pop3("implicit")
        server.target[0] = server.target[0].replace("mrose@", "")
        self.assertIn("no user is named", self.texts(self.check(server), "Warning")[0])
        self.assert_nothing_secret(server)

    def test_login(self):
        server = self.pop3("implicit", "--auth", "PLAIN")
        report = self.check(server, "--login", "--password-file", self.password_file)
        self.assertEqual(report[-1], ("Logged in", "by PLAIN: 2 messages, 320 octets"))
        wrong = self.write("wrong", "not this one")
        report = self.check(server, "--login", "--password-file", wrong, code=77)
        self.assertEqual(self.texts(report, "Problem"), ["localhost says that the credentials are wrong"])

    def test_the_password_is_asked_for_behind_the_report(self):
        server = self.pop3("implicit")
        outcome = self.run_on_terminal("check", "--login", *server.target, login=False,
                                       say=command.PASSWORD.encode() + b"\n")
        self.assert_code(outcome, 0)
        self.assertLess(outcome.text.index("Certificate"), re.search("[Pp]assword of", outcome.text).start())
        self.assertIn("Logged in", outcome.text)

    def test_json(self):
        server = self.pop3("implicit", "--auth", "PLAIN")
        outcome = self.run_satchel("check", "--json", "--login", *server.target)
        report, = outcome.objects
        self.assertEqual((report["host"], report["port"], report["tls"]), ("localhost", server.port, "implicit"))
        self.assertTrue(report["certificate"]["trusted"])
        self.assertIn("SASL PLAIN", report["capabilities"])
        self.assertEqual((report["mechanism"], report["problem"], report["warnings"]), ("PLAIN", None, []))
        self.assertEqual(report["login"], {"works": True, "mechanism": "PLAIN", "messages": 2, "octets": 320})

    def test_json_of_a_problem(self):
        server = self.pop3("implicit", "--cert-fault", "name")
        outcome = self.run_satchel("check", "--json", *server.target, login=False)
        self.assert_code(outcome, 77)
        report, = outcome.objects
        self.assertFalse(report["certificate"]["trusted"])
        self.assertIn(FAULTS["name"], report["problem"]["what"])
        self.assertEqual((report["capabilities"], report["mechanism"]), ([], None))
        wrong = self.write("wrong", "not this one")
        server = self.pop3("implicit")
        outcome = self.run_satchel("check", "--json", "--login", "--password-file", wrong, *server.target, login=False)
        self.assert_code(outcome, 77)
        self.assertEqual(outcome.objects[0]["login"]["works"], False)

    def test_R_OUT_01(self):
        text = "".join(f"\\x{octet:02X}" for octet in command.HOSTILE)
        rows = [["--reply", CAPA.format(f"IMPLEMENTATION {text}\\r\\nSASL {text}\\r\\n{text}")],
                ["--err", f"GREETING={text}"]]
        for options in rows:
            server = self.pop3("off", *options)
            for run in (self.run_satchel, self.run_on_terminal):
                for more in ([], ["--json"], ["-v"]):
                    outcome = run("check", *more, *server.target, login=False)
                    self.assert_safe(outcome.out, outcome.err)
                    self.assertIn(rb"\x1B]0;owned\x07", outcome.out.replace(rb"\\", b"\\"))


if __name__ == "__main__":
    command.main()
