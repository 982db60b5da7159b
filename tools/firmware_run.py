#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`firmware_run.py check SATCHEL`: the images of firmware/ fetch the sample maildrop of `satchel serve` in QEMU.

For each board: the mail on the console is octet for octet what another reader gets; there is no heap; the stack stays
within the bound that the call graph gives; each fault of the server ends in a message and a status. `update SATCHEL`
also writes the figures into docs/proof.md.
"""
import argparse
import pathlib
import sys

import docblock
import size
from firmware_image import BOARDS, ROOT, Image

sys.path[:0] = [str(ROOT / "tests" / "serve"), str(ROOT / "tests" / "e2e")]
import harness  # noqa: E402
import reference  # noqa: E402

USER, PASSWORD = "mrose", "mvan99"

# Options of `satchel serve`, password, status, what the console says.
FAULTS = (
    ((), "wrong", 77, b"mail: login: refused: [AUTH] "),
    ((), "pass\x01word", 64, b"mail: login: the name or the password cannot be sent"),
    (("--err", "PASS=[IN-USE] locked"), PASSWORD, 75, b"mail: login: refused: [IN-USE] locked"),
    (("--silent", "GREETING"), PASSWORD, 75, b"mail: login: the server fell silent"),
    (("--silent", "STAT"), PASSWORD, 75, b"mail: STAT: the server fell silent"),
    (("--drop", "RETR=60"), PASSWORD, 75, b"mail: this mail is incomplete; all mails stay on the server"),
    (("--drop", "QUIT=0"), PASSWORD, 75, b"mail: the mails shown may be gone from the server, or not"),
    (("--err", "DELE=no"), PASSWORD, 75, b"mail: DELE: refused: no"),
    (("--reply", "STAT=+OKAY 1 2"), PASSWORD, 76, b"mail: STAT: the server broke the rules: +OKAY 1 2"),
    (("--endless", "RETR"), PASSWORD, 76, b"mail: RETR: a line of the server is too long"),
)


def transcript(messages, listed):
    """What the console must show of a maildrop with these messages, `listed` octets by the server's count."""
    shown = [b"%d mails, %d octets\r\n" % (len(messages), listed)]
    for number, message in enumerate(messages, 1):
        shown += [b"--- mail %d\r\n" % number, message, b"--- %d octets\r\n" % len(message)]
    return b"".join(shown)


def read_all(port):
    """The messages as tests/e2e's reader gets them, which changes nothing."""
    with reference.Session("127.0.0.1", port) as session:
        session.login(USER, PASSWORD)
        messages = [session.retrieve(number) for number in range(1, session.count() + 1)]
        session.command("QUIT")
    return messages


class Complaints(list):
    def unless(self, good, what):
        if not good:
            self.append(what)


def fetch(image, complaints, *options):
    """The sample maildrop, which must be empty afterwards."""
    with harness.Server(*options) as server:
        messages = read_all(server.port)
        run = image.run(server.port, USER, PASSWORD)
        left = read_all(server.port)
    what = f"{image.board.name} {' '.join(options)}"
    complaints.unless(run.status == 0, f"{what}: status {run.status}")
    wanted = transcript(messages, sum(map(len, messages)))
    complaints.unless(run.shown == wanted, f"{what}: not the mail: {run.shown!r}")
    complaints.unless(messages and not left, f"{what}: {len(messages)} mails before, {len(left)} behind")
    return run


def suffer(image, complaints, options, password, status, message):
    silence = options[:1] in (("--silent",), ("--drop",))  # which is all that a UART tells of a connection's end
    with harness.Server(*options) as server:
        run = image.run(server.port, USER, password, patience=2 if silence else 20)
    what = f"{image.board.name} {' '.join(options)}"
    complaints.unless(run.status == status, f"{what}: status {run.status} instead of {status}")
    complaints.unless(message in run.shown, f"{what}: {message!r} is not in {run.shown!r}")
    return run


def measure(image, complaints):
    """Everything about one image; prints the dialogue and the figures."""
    run = fetch(image, complaints)
    sys.stdout.write(run.console.decode().replace("\r\n", "\n"))
    fetch(image, complaints, "--split", "1")
    used = run.stack_used
    for fault in FAULTS:
        broken = suffer(image, complaints, *fault)
        used = max(used, broken.stack_used)
        print(f"{' '.join(fault[0]) or 'password ' + ascii(fault[1])}: status {broken.status}, {fault[3].decode()}")
    bound, chain = image.stack_bound()
    sections = image.sections()
    complaints.unless(used <= bound <= run.stack_size, f"{image.board.name}: stack {used}, at most {bound}")
    heap = image.heap()
    complaints.unless(not heap, f"{image.board.name}: there is a heap: {heap}")
    figures = {
        "flash": sum(sections.get(name, 0) for name in (".text", ".rodata", ".data")),
        "protocol": image.flash_of("core", "auth", "login"),
        "ram": sum(sections.get(name, 0) for name in (".data", ".bss")),
        "heap": len(heap),
        "stack": used,
        "bound": bound,
    }
    print(f"{image.board.name}: flash {figures['flash']} (engine and login {figures['protocol']}), variables "
          f"{figures['ram']}, symbols of a heap {len(heap)}, stack {used} of at most {bound}")
    print("  stack: " + " > ".join(map(size.bare, chain)) + "\n")
    return figures


def write_block(results):
    head = ("octets, `-Os`", "flash", "of it engine and login", "variables", "symbols of a heap", "stack used",
            "stack at most")
    docblock.write("docs/proof.md", "firmware", docblock.table(head, [
        (BOARDS[name].title, f["flash"], f["protocol"], f["ram"], f["heap"], f["stack"], f["bound"])
        for name, f in results.items()]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("action", choices=("check", "update"))
    parser.add_argument("satchel", help="the command")
    arguments = parser.parse_args()
    harness.SATCHEL = str(pathlib.Path(arguments.satchel).resolve())
    results, complaints = {}, Complaints()
    for name, board in BOARDS.items():
        if board.missing():
            complaints.append(f"{name}: missing: {' '.join(board.missing())} (make deps)")
            continue
        image = Image(board)
        image.make()
        results[name] = measure(image, complaints)
    if arguments.action == "update" and not complaints:
        write_block(results)
    for complaint in complaints:
        print("FAIL " + complaint, file=sys.stderr)
    return 1 if complaints else 0


if __name__ == "__main__":
    sys.exit(main())
