# SPDX-License-Identifier: MIT
"""The servers of servers.py with TLS, by STLS and from the first octet on, and with every mechanism that they offer."""
import base64
import hashlib
import hmac
import json
import os
import time

from certificates import Authority
from servers import Dovecot, Mailutils, USER

NAMED, UNNAMED = "127.0.0.1", "127.0.0.2"  # in the servers' certificates, and not

TOKEN_KEY = b"the key by which the server checks the tokens"

# Later lines win. A passdb is asked only for the mechanisms that it can judge.
DOVECOT_TLS_CONFIG = """
ssl = yes
ssl_min_protocol = TLSv1.2
ssl_cert = <{certificate}
ssl_key = <{key}
ssl_ca = <{authority}
ssl_require_crl = no
ssl_verify_client_cert = yes
auth_ssl_username_from_cert = yes
ssl_cert_username_field = commonName
auth_mechanisms = $auth_mechanisms external oauthbearer xoauth2
passdb {{
  driver = passwd-file
  args = {folder}/certified
  mechanisms = external
}}
passdb {{
  driver = oauth2
  args = {folder}/oauth2
  mechanisms = oauthbearer xoauth2
}}
"""

DOVECOT_OAUTH2_CONFIG = """
introspection_mode = local
local_validation_key_dict = fs:posix:prefix={folder}/keys/
username_attribute = sub
"""


def base64url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


def token(user, key=TOKEN_KEY, lifetime=3600):
    """A signed token (RFC 7519) that says who the user is."""
    now = int(time.time())
    claims = {"sub": user, "iat": now - 7200, "exp": now + lifetime}
    said = ".".join(base64url(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    return f"{said}.{base64url(hmac.digest(key, said.encode(), hashlib.sha256))}"


class DovecotTls(Dovecot):
    """Dovecot with TLS. It checks tokens by itself, with the key in keys/."""

    services = ("pop3", "pop3s")
    addresses = (NAMED, UNNAMED)
    password_mechanisms = "plain login cram-md5 scram-sha-1 scram-sha-256 apop"

    def configuration(self):
        self.authority = Authority(self.path("authority"), "authority")
        self.stranger = Authority(self.path("stranger"), "stranger")
        certificate, key = self.authority.server(NAMED)
        self.write("certified", f"{USER}:::::::nopassword=y\n")
        self.write("oauth2", DOVECOT_OAUTH2_CONFIG.format(folder=self.folder))
        os.makedirs(self.path("keys", "default", "HS256"))
        self.write("keys/default/HS256/default", base64.b64encode(TOKEN_KEY).decode())
        return super().configuration() + DOVECOT_TLS_CONFIG.format(
            folder=self.folder, certificate=certificate, key=key, authority=self.authority.certificate)


# pop3d wants no key that others may read; the folder is a private one of the test.
MAILUTILS_TLS_CONFIG = """
tls-mode {mode};
tls {{
  ssl-certificate-file "{certificate}";
  ssl-key-file "{key}";
}};
tls-file-checks {{ key-file none; cert-file none; }};
"""


class MailutilsTls(Mailutils):
    """GNU Mailutils with TLS, which is GnuTLS."""

    services = ("pop3", "pop3s")
    addresses = (NAMED, UNNAMED)
    modes = {"pop3": "ondemand", "pop3s": "connection"}

    def start(self):
        self.authority = Authority(self.path("authority"), "authority")
        self.stranger = Authority(self.path("stranger"), "stranger")
        self.certificate, self.key = self.authority.server(NAMED)
        super().start()

    def configuration(self, service):
        return super().configuration(service) + MAILUTILS_TLS_CONFIG.format(
            mode=self.modes[service], certificate=self.certificate, key=self.key)
