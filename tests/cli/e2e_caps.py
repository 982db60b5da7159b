# SPDX-License-Identifier: MIT
"""`satchel caps`: what the server announces, by name, with values and meanings."""
import command


class Caps(command.Case):
    def test_each_way_without_a_login(self):
        for mode in ("off", "stls", "implicit"):
            server = self.pop3(mode, "--auth", "PLAIN", "--allow-plaintext")
            outcome = self.run_satchel("caps", *server.target, login=False)
            self.assert_code(outcome, 0)
            self.assertIn("SASL            mechanisms for the login: PLAIN\n", outcome.text)
            self.assertIn("TOP             headers can be read without the message\n", outcome.text)
            self.assert_nothing_secret(server)

    def test_json(self):
        server = self.pop3("off", "--reply", r"CAPA=+OK\r\nexpire 5 USER\r\nX-NEW  a b\r\n.")
        outcome = self.run_satchel("caps", "--json", *server.target, login=False)
        self.assertEqual([(row["name"], row["values"], row["meaning"]) for row in outcome.objects],
                         [("EXPIRE", "5 USER", "days that messages stay on the server"), ("X-NEW", "a b", "")])

    def test_behind_a_login(self):
        server = self.pop3("off")
        outcome = self.run_satchel("caps", "--login", *server.target)
        self.assert_code(outcome, 0)
        self.assertIn("UIDL", outcome.text)
        self.assertTrue([line for line in self.heard(server) if line.startswith("APOP") or line.startswith("PASS")])

    def test_a_server_that_says_nothing(self):
        outcome = self.run_satchel("caps", *self.pop3("off", "--err", "CAPA").target, login=False)
        self.assert_code(outcome, 0)
        self.assertEqual(outcome.out, b"")
        self.assertIn("localhost does not tell what it can do", outcome.errors)

    def test_a_certificate_that_is_not_good(self):
        server = self.pop3("implicit", "--cert-fault", "expired")
        outcome = self.run_satchel("caps", *server.target, login=False)
        self.assert_code(outcome, 77)
        self.assertIn("expired on", outcome.errors)

    def test_R_OUT_01(self):
        text = "".join(f"\\x{octet:02X}" for octet in command.HOSTILE)
        long = "".join(f"\\x{octet:02X}" for octet in "é".encode() * 100)
        server = self.pop3("off", "--reply", f"CAPA=+OK\\r\\n{text}\\r\\nX{long}\\r\\nLANG {text}\\r\\n.")
        for run in (self.run_satchel, self.run_on_terminal):
            for more in ([], ["--json"]):
                outcome = run("caps", *more, *server.target, login=False)
                self.assert_safe(outcome.out, outcome.err)
                self.assertEqual(len(outcome.text.splitlines()), 3)


if __name__ == "__main__":
    command.main()
