# SPDX-License-Identifier: MIT
"""Python's TLS for the tests' clients: a second opinion on the server's. Trusts the CA that the server wrote."""
import os
import ssl
import tempfile
import warnings

import harness


class Case(harness.Case):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="satchel-tls-")
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.ca = os.path.join(self.folder, "ca.pem")

    def serve_tls(self, mode, *options):
        return self.serve("--tls", mode, "--ca-out", self.ca, *options)

    def trust(self, version=None, ca=None):
        context = ssl.create_default_context(cafile=ca or self.ca)
        if version is not None:
            context.set_ciphers("DEFAULT:@SECLEVEL=0")
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DeprecationWarning)  # TLS 1.0 and 1.1 are asked for on purpose
                context.minimum_version = context.maximum_version = version
        return context

    def secure(self, client, context=None, name="localhost"):
        """The handshake, on a connection on which nothing may wait."""
        self.assertEqual(client.waiting, b"")
        client.socket = (context or self.trust()).wrap_socket(client.socket, server_hostname=name,
                                                              suppress_ragged_eofs=False)
        return client

    def connect_tls(self, server, **how):
        """Implicit TLS."""
        return self.secure(self.connect(server), **how)

    def connect_stls(self, server, **how):
        """The greeting, STLS and TLS."""
        client = self.connect(server)
        client.line()
        self.assertEqual(client.command("STLS"), b"+OK begin TLS negotiation\r\n")
        return self.secure(client, **how)

    def capabilities(self, client):
        client.send("CAPA\r\n")
        self.assertTrue(client.line().startswith(b"+OK"))
        return [line.rstrip(b"\r\n") for line in iter(client.line, b".\r\n")]
