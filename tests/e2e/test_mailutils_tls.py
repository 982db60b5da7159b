# SPDX-License-Identifier: MIT
"""The client library against GNU Mailutils' pop3d over TLS, which is GnuTLS there. Of AUTH it announces nothing."""
import client
import client_cases
from tls_servers import MailutilsTls


class Logins(client_cases.LoginCases, client_cases.SessionCases, client_cases.TrustCases, client_cases.ClientCase):
    server_class = MailutilsTls
    mechanisms = ("USER", "APOP")
    refusals = (client.WRONG_CREDENTIALS, client.UNCLEAR)
