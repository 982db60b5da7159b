# SPDX-License-Identifier: MIT
"""An authority for tests, and what it vouches for, made with the program openssl. Knows nothing of mail."""
import os
import subprocess


class Authority:
    """A root in a folder of its own; `certificate` is the file to trust."""

    def __init__(self, folder, name):
        os.makedirs(folder, exist_ok=True)
        self.folder = folder
        self.certificate = self.path("root.pem")
        self.key = self.path("root.key")
        self.request("root", f"/CN={name}", ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"])

    def path(self, name):
        return os.path.join(self.folder, name)

    def request(self, file, subject, extensions, *options):
        command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days",
                   "2", "-subj", subject, "-out", self.path(f"{file}.pem"), "-keyout", self.path(f"{file}.key"),
                   "-config", os.devnull, *options]
        for extension in extensions:
            command += ["-addext", extension]
        subprocess.run(command, check=True, capture_output=True)

    def issue(self, file, subject, extensions):
        """Paths of a certificate that the authority vouches for, and of its key."""
        self.request(file, subject, extensions, "-CA", self.certificate, "-CAkey", self.key)
        return self.path(f"{file}.pem"), self.path(f"{file}.key")

    def server(self, address):
        """Paths of certificate and key of a server at this address."""
        return self.issue("server", f"/CN={address}", [f"subjectAltName=IP:{address}"])

    def client(self, user):
        """One file with certificate and key of this user."""
        certificate, key = self.issue(user, f"/CN={user}", ["extendedKeyUsage=clientAuth"])
        with open(certificate, "a", encoding="ascii") as file, open(key, encoding="ascii") as rest:
            file.write(rest.read())
        return certificate
