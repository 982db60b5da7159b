# SPDX-License-Identifier: MIT
"""Cyrus' pop3d with TLS and SASL of its own lineage (libsasl2), from packages that tools/deps.sh unpacked without
installing them: Debian allows one POP3 server a machine, but for two that get along.

What Cyrus' master does is done here: one pop3d for each listening socket, and another one when it ends.
"""
import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import threading

import reference
from certificates import Authority
from servers import EXEC_WITH_SOCKETS, PASSWORD, USER, Server
from tls_servers import NAMED, UNNAMED

UNPACKED = str(pathlib.Path(__file__).resolve().parents[2] / "build" / "servers" / "cyrus")
PROGRAMS = ("usr/lib/cyrus/bin/pop3d", "usr/lib/cyrus/bin/ctl_cyrusdb", "usr/lib/cyrus/bin/reconstruct",
            "usr/sbin/saslpasswd2")

CONFIG = """
servername: e2e
configdirectory: {folder}/conf
defaultpartition: default
partition-default: {folder}/spool
cyrus_user: {user}
allowplaintext: yes
allowapop: yes
failedloginpause: 0
autocreate_quota: 0
autocreate_users: {owner}
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: {folder}/sasldb
sasl_mech_list: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-1 SCRAM-SHA-256 EXTERNAL
tls_server_cert: {certificate}
tls_server_key: {key}
tls_client_ca_file: {authority}
tls_client_certs: optional
"""


class Cyrus(Server):
    """Cyrus IMAP's pop3d."""

    programs = [f"{UNPACKED}/{program}" for program in PROGRAMS]
    remedy = "tools/deps.sh test"
    services = ("pop3", "pop3s")
    addresses = (NAMED, UNNAMED)
    user = USER
    password = secret = PASSWORD

    def start(self):
        for name in ("conf", "conf/db", "conf/lock", "conf/log", "conf/msg", "conf/proc", "conf/socket", "spool"):
            os.mkdir(self.path(name))
        self.authority = Authority(self.path("authority"), "authority")
        self.stranger = Authority(self.path("stranger"), "stranger")
        certificate, key = self.authority.server(NAMED)
        self.write("imapd.conf", CONFIG.format(
            folder=self.folder, user=self.account.pw_name, owner=self.user, certificate=certificate, key=key,
            authority=self.authority.certificate))
        self.give_away(self.folder)
        self.install()
        self.run(self.saslpasswd, "-f", self.path("sasldb"), "-c", "-p", "-u", "e2e", self.user,
                 input=self.password.encode())
        self.run(self.ctl_cyrusdb, "-C", self.path("imapd.conf"), "-r")
        self.uids = 0
        self.stopping = False
        self.processes = {}
        self.threads = {listener: threading.Thread(target=self.keep_running, args=(service, listener))
                        for (service, _), listener in self.listeners.items()}
        for thread in self.threads.values():
            thread.start()

    def install(self):
        """A copy in the folder of this server, for the account that it runs under may not reach the checkout."""
        shutil.copytree(f"{UNPACKED}/usr", self.path("cyrus", "usr"), symlinks=True)
        self.pop3d, self.ctl_cyrusdb, self.reconstruct, self.saslpasswd = (
            self.path("cyrus", program) for program in PROGRAMS)
        libraries = glob.glob(self.path("cyrus", "usr/lib/*-linux-gnu*"))
        plugins = [f"{folder}/sasl2" for library in libraries
                   for folder in (library, library.removeprefix(self.path("cyrus")))]
        self.environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries), "SASL_PATH": ":".join(plugins)}

    def run(self, *command, **options):
        """A program of Cyrus, to its end."""
        with open(self.path("errors"), "ab") as errors:
            subprocess.run(self.unprivileged(list(command)), check=True, env=self.environment, stdout=errors,
                           stderr=errors, **options)

    def keep_running(self, service, listener):
        command = self.unprivileged([self.pop3d, "-C", self.path("imapd.conf"), "-T", "3600", "-U", "100000"])
        command += ["-s"] if service == "pop3s" else []
        environment = {**self.environment, "CYRUS_SERVICE": service, "CYRUS_ID": str(listener.fileno())}
        with open(os.devnull, "wb") as status:  # where pop3d tells master what it does
            descriptors = (status.fileno(), listener.fileno())
            while not self.stopping:
                process = self.spawn(
                    [sys.executable, "-c", EXEC_WITH_SOCKETS, ",".join(map(str, descriptors)), *command],
                    pass_fds=descriptors, env=environment)
                self.processes[listener] = process
                process.wait()

    def maildir(self):
        """The folder of the mailbox; the first login makes it."""
        while not (found := glob.glob(self.path("spool", "uuid", "*", "*", "*"))):
            with reference.Session(NAMED, self.port()) as session:
                session.login(self.user, self.password)
                session.command("QUIT")
        return found[0]

    def stock(self, octets):
        folder = self.maildir()
        for name in glob.glob(os.path.join(folder, "[0-9]*.")):
            os.unlink(name)
        for message in octets:
            self.uids += 1
            with open(os.path.join(folder, f"{self.uids}."), "wb") as file:
                file.write(message)
        self.give_away(folder)
        self.run(self.reconstruct, "-C", self.path("imapd.conf"), f"user/{self.user}")

    @staticmethod
    def stored(octets):
        """What Cyrus takes by LMTP and IMAP: lines end with CRLF, and there are no NULs."""
        return b"Subject: corpus\r\n\r\n" + re.sub(rb"(?<!\r)\n", b"\r\n", octets.replace(b"\0", b""))

    @staticmethod
    def listed_size(octets):
        return len(octets)

    @staticmethod
    def canonical(octets):
        """As it is; a last line without LF gets CRLF."""
        return octets if octets.endswith(b"\n") else octets + b"\r\n"

    def stop(self):
        self.stopping = True
        for listener, thread in self.threads.items():
            while thread.is_alive():
                if listener in self.processes:
                    self.processes[listener].terminate()
                thread.join(0.1)
        super().stop()
