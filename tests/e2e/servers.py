# SPDX-License-Identifier: MIT
"""POP3 servers of Debian packages, each started by a test with its own configuration in a private folder.

Nothing of the system's mail is touched: no service, spool or configuration under /etc. They run without privileges
(as nobody when the tests run as root) on ports of 127.0.0.1 and ::1 that the kernel chose.
"""
import grp
import os
import pwd
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

from corpus import LF_HEADER

USER = "mrose"
PASSWORD = "mvan99"
APOP_SECRET = "tanstaaf"


def listen(address):
    """A listening socket on a port that the kernel chose, or None where the host has no such address."""
    try:
        listener = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
        listener.bind((address, 0))
    except OSError:
        return None
    listener.listen(16)
    return listener


class Server:
    """What the servers share: folder, sockets, Maildir, the account that they run under."""

    programs = ()
    remedy = None
    uidl_changes_messages = False
    group = "nogroup"
    services = ("pop3",)  # "pop3s": TLS from the first octet on
    addresses = ("127.0.0.1", "::1")

    def __init__(self):
        for program in self.programs:
            if not os.access(program, os.X_OK):
                raise unittest.SkipTest(f"{program} is missing: {self.remedy}")
        self.account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
        self.gid = grp.getgrnam(self.group).gr_gid if os.geteuid() == 0 else os.getegid()
        self.check()
        self.folder = tempfile.mkdtemp(prefix="satchel-e2e-")
        os.chmod(self.folder, 0o755)
        self.listeners = {(service, address): listener for service in self.services for address in self.addresses
                          if (listener := listen(address))}
        self.start()
        try:
            self.wait_for_greeting()
        except OSError as error:
            with open(self.path("errors"), encoding="utf-8") as errors:
                complaint = errors.read()
            self.stop()
            raise RuntimeError(f"{self.programs[0]} does not greet: {complaint}") from error

    def check(self):
        """Skips where this server cannot run."""

    def start(self):
        """Writes the configuration and begins to serve."""
        raise NotImplementedError

    def wait_for_greeting(self):
        with socket.create_connection((self.addresses[0], self.port()), timeout=20) as connection:
            if not connection.recv(1):
                raise ConnectionError("closed")
            connection.sendall(b"QUIT\r\n")

    def port(self, address=None, service="pop3"):
        address = address or self.addresses[0]
        if (service, address) not in self.listeners:
            raise unittest.SkipTest(f"this host has no {address}")
        return self.listeners[service, address].getsockname()[1]

    def path(self, *names):
        return os.path.join(self.folder, *names)

    def write(self, name, text):
        with open(self.path(name), "w", encoding="ascii") as file:
            file.write(text)

    def unprivileged(self, command):
        """`command` without root's privileges, ended by the kernel when these tests are killed."""
        prefix = ["setpriv", "--pdeathsig=TERM"]
        if os.geteuid() == 0:
            prefix += [f"--reuid={self.account.pw_uid}", f"--regid={self.gid}", "--clear-groups"]
        return prefix + command

    def spawn(self, command, **options):
        with open(self.path("errors"), "ab") as errors:
            return subprocess.Popen(command, stderr=errors, cwd=self.folder, **options)

    def give_away(self, top):
        """Makes the account of the server the owner of everything under `top`."""
        if os.geteuid() == 0:
            for folder, _, files in os.walk(top):
                for name in [folder] + [os.path.join(folder, file) for file in files]:
                    os.chown(name, self.account.pw_uid, self.gid)

    def stock(self, octets):
        """Replaces the maildrop by these messages, in this order."""
        shutil.rmtree(self.maildir(), ignore_errors=True)
        for name in ("tmp", "new", "cur"):
            os.makedirs(os.path.join(self.maildir(), name))
        for number, message in enumerate(octets, 1):
            name = f"{1_500_000_000 + number}.M{number}P1.e2e"
            with open(os.path.join(self.maildir(), "new", name), "wb") as file:
                file.write(message)
        self.give_away(os.path.dirname(self.maildir()))

    def maildir(self):
        raise NotImplementedError

    def stop(self):
        for listener in self.listeners.values():
            listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)


DOVECOT_CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/run
log_path = {folder}/log
protocols = pop3
ssl = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
disable_plaintext_auth = no
auth_mechanisms = {password_mechanisms}
auth_failure_delay = 0
mail_max_userip_connections = 0
mail_location = maildir:{folder}/home/Maildir
mailbox_list_index = no
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
service pop3-login {{
  chroot =
  inet_listener pop3 {{
    port = 0
  }}
  inet_listener pop3s {{
    port = 0
  }}
{listeners}
}}
passdb {{
  driver = passwd-file
  args = scheme=PLAIN {folder}/users
  mechanisms = {password_mechanisms}
  default_fields = nodelay=y
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home
}}
"""

DOVECOT_LISTENER = """  inet_listener {service}_{number} {{
    address = {address}
    port = {port}
    ssl = {tls}
  }}"""


# Descriptors, program, arguments: becomes the program with the sockets from 3 on, as systemd hands them over.
EXEC_WITH_SOCKETS = """
import fcntl, os, sys
moved = [fcntl.fcntl(int(fd), fcntl.F_DUPFD, 100) for fd in sys.argv[1].split(",")]
for at, fd in enumerate(moved, 3):
    os.dup2(fd, at)
    os.close(fd)
os.environ.update(LISTEN_FDS=str(len(moved)), LISTEN_PID=str(os.getpid()))
os.execvp(sys.argv[2], sys.argv[2:])
"""


class Dovecot(Server):
    """Dovecot. It is given listening sockets instead of numbers of ports, which another program could take first."""

    programs = ("/usr/sbin/dovecot", "/usr/lib/dovecot/pop3")
    remedy = "apt-get install dovecot-pop3d"
    user = USER
    password = secret = PASSWORD
    password_mechanisms = "plain apop"

    def check(self):
        version = subprocess.check_output([self.programs[0], "--version"], text=True)
        if not version.startswith("2.3."):
            raise unittest.SkipTest(f"this configuration is for Dovecot 2.3, not {version.strip()}")

    def start(self):
        os.mkdir(self.path("run"))
        self.write("users", f"{USER}:{PASSWORD}\n")
        self.write("conf", self.configuration())
        self.stock([])
        self.give_away(self.folder)
        descriptors = [listener.fileno() for listener in self.listeners.values()]
        command = self.unprivileged([self.programs[0], "-F", "-c", self.path("conf")])
        self.process = self.spawn([sys.executable, "-c", EXEC_WITH_SOCKETS, ",".join(map(str, descriptors)), *command],
                                  pass_fds=descriptors)

    def configuration(self):
        listeners = "\n".join(
            DOVECOT_LISTENER.format(service=service, number=number, address=address, port=self.port(address, service),
                                    tls="yes" if service == "pop3s" else "no")
            for number, (service, address) in enumerate(self.listeners))
        return DOVECOT_CONFIG.format(
            folder=self.folder, user=self.account.pw_name, group=grp.getgrgid(self.gid).gr_name,
            uid=self.account.pw_uid, gid=self.gid, password_mechanisms=self.password_mechanisms, listeners=listeners)

    def maildir(self):
        return self.path("home", "Maildir")

    @staticmethod
    def stored(octets):
        """Anything but a first line of one dot: Dovecot does not stuff a dot at the very start of a message, and on the
        wire that line is the end (test_dovecot.py has that case apart)."""
        return LF_HEADER + octets if re.match(rb"\.(\r?\n|$)", octets) else octets

    @staticmethod
    def listed_size(octets):
        """Every line end counts as CRLF; the CRLF that Dovecot adds to an unended last line does not count."""
        return len(re.sub(rb"(?<!\r)\n", b"\r\n", octets))

    @staticmethod
    def canonical(octets):
        """Bare LF becomes CRLF; a last line without LF gets CRLF; bare CR, NUL and all else stay as they are.
        A dot at the very start is not stuffed, so that a decoder true to RFC 1939 drops it."""
        out = re.sub(rb"(?<!\r)\n", b"\r\n", octets).removeprefix(b".")
        return out if octets.endswith(b"\n") else out + b"\r\n"

    def stop(self):
        self.process.terminate()
        self.process.wait(20)
        super().stop()


MAILUTILS_CONFIG = """
mode inetd;
logging {{ syslog no; }};
auth {{ authorization virtdomain; authentication generic; }};
virtdomain {{ passwd-dir "{folder}/domains"; }};
mailbox {{ mailbox-type maildir; }};
mandatory-locking {{ enable no; }};
tcp-wrappers {{ enable no; }};
apop-database-file "{folder}/apop.db";
"""

MAILUTILS_DOMAIN = "e2e"
MAILUTILS_CRYPTED_PASSWORD = "$5$satchel$ukKOl2zwxmjHst4KL6m6XsCUbp0kNzMPLUI3xIGKFA5"


class Mailutils(Server):
    """GNU Mailutils, run for each connection as inetd would."""

    programs = ("/usr/sbin/pop3d", "/usr/bin/popauth")
    remedy = "apt-get install mailutils-pop3d"
    group = "mail"  # pop3d insists on this group
    user = f"{USER}@{MAILUTILS_DOMAIN}"
    password = PASSWORD
    secret = APOP_SECRET
    uidl_changes_messages = True  # it writes X-UIDL into their headers

    def check(self):
        if self.in_the_group([]) and subprocess.call(self.in_the_group(["true"]), stderr=subprocess.DEVNULL) != 0:
            raise unittest.SkipTest("pop3d wants the group mail, and this kernel lets no user map it")

    def in_the_group(self, command):
        """`command` where this process is in pop3d's group, if need be in a user namespace of its own."""
        mail = grp.getgrnam(self.group).gr_gid
        if mail == self.gid:
            return command
        return ["unshare", f"--map-user={self.account.pw_uid}", f"--map-group={mail}"] + command

    def start(self):
        os.mkdir(self.path("domains"))
        self.write(f"domains/{MAILUTILS_DOMAIN}", f"{USER}:{MAILUTILS_CRYPTED_PASSWORD}:{self.account.pw_uid}:"
                   f"{self.gid}::{self.path('home')}:/bin/false\n")
        for service in self.services:
            self.write(service, self.configuration(service))
        self.stock([])
        self.give_away(self.folder)
        add = [self.programs[1], "--add", "-f", self.path("apop.db"), "-u", self.user, "-p", self.secret]
        if self.spawn(self.unprivileged(add)).wait() != 0:
            raise RuntimeError("popauth failed")
        self.children = []
        self.threads = [threading.Thread(target=self.accept, args=(service, listener))
                        for (service, _), listener in self.listeners.items()]
        for thread in self.threads:
            thread.start()

    def configuration(self, service):
        """Of connections to this service."""
        return MAILUTILS_CONFIG.format(folder=self.folder)

    def accept(self, service, listener):
        pop3d = [self.programs[0], "--inetd", f"--config-file={self.path(service)}"]
        command = self.in_the_group(self.unprivileged(pop3d))
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # pop3d writes status and body apart
                self.children.append(self.spawn(command, stdin=connection, stdout=connection))

    def maildir(self):
        return self.path("home", "INBOX")

    @staticmethod
    def stored(octets):
        """Mailutils parses and rewrites what stands before the first blank line: every message has an ordinary header."""
        return b"Subject: corpus\n\n" + octets

    @staticmethod
    def listed_size(octets):
        """Every LF counts as two octets; the line end that is added to an unended last line does not count."""
        return len(octets) + octets.count(b"\n")

    @staticmethod
    def canonical(octets):
        """Each LF becomes CRLF, also behind a CR; a last line without LF gets CRLF; all else stays."""
        out = octets.replace(b"\n", b"\r\n")
        return out if octets.endswith(b"\n") else out + b"\r\n"

    def stop(self):
        for listener in self.listeners.values():
            listener.shutdown(socket.SHUT_RDWR)
        for thread in self.threads:
            thread.join()
        for child in self.children:
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()
        super().stop()
