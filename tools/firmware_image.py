# SPDX-License-Identifier: MIT
"""Builds the images of firmware/, tells what they weigh, and runs them in QEMU. Knows no mail server."""
import array
import fcntl
import os
import pathlib
import re
import shutil
import subprocess
import termios
import threading
import time

import size

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = ROOT / "build" / "firmware"

F_SETPIPE_SZ = 1031  # Linux; Python knows the name from 3.10 on
CONSOLE_PIPE = 4096
HEAP = r"_?(malloc|calloc|realloc|free|sbrk|heap_?\w*|__heap\w*)(_r)?"
ASKED = b"user? password? seconds to wait for a reply (60)? \r\n"
STACK = rb"stack: (\d+) of (\d+) octets\r\n\Z"


class Board:
    def __init__(self, name, title, mcu, tools, machine, exception, console_waits):
        self.name, self.title, self.mcu, self.tools, self.machine = name, title, mcu, tools, machine
        self.exception = exception  # octets that the core pushes when it takes an interrupt
        self.console_waits = console_waits  # QEMU keeps what the console does not take at once; otherwise it is lost

    def missing(self):
        """The programs that are not there, of those that it takes to build and run."""
        return [program for program in (self.tools + "gcc", self.machine[0]) if not shutil.which(program)]


BOARDS = {board.name: board for board in (
    Board("mps2-an385", "Cortex-M3 (mps2-an385)", "cortex-m3", "arm-none-eabi-",
          ("qemu-system-arm", "-M", "mps2-an385"), 36, True),
    Board("sifive-e", "RV32IMAC (sifive_e)", "rv32", "riscv64-unknown-elf-",
          ("qemu-system-riscv32", "-M", "sifive_e,revb=true", "-bios", "none"), 0, False),
)}


class Run:
    """What one run printed on its console, and the status it ended with."""

    def __init__(self, status, console):
        self.status, self.console = status, console
        told = re.search(STACK, console)
        if not console.startswith(ASKED) or not told:
            raise RuntimeError(f"not a whole run: status {status}, {console[:200]!r} ... {console[-200:]!r}")
        self.shown = console[len(ASKED):told.start()]
        self.stack_used, self.stack_size = int(told[1]), int(told[2])


def read_console(pipe, slow):
    """What the image printed since; empty at the end. Slow: not before 30 ms went by without anything new."""
    before, waiting = None, array.array("i", [0])
    while slow and waiting[0] != before:
        before = waiting[0]
        time.sleep(0.03)
        fcntl.ioctl(pipe, termios.FIONREAD, waiting)
    return pipe.read1(CONSOLE_PIPE)


class Image:
    def __init__(self, board, build=BUILD):
        self.board, self.build = board, build / board.name
        self.elf = self.build / "firmware" / "mail.elf"

    def make(self):
        size.run("cmake", "--preset", "firmware", "-B", str(self.build), f"-DSATCHEL_MCU={self.board.mcu}",
                 f"-DSATCHEL_BOARD={self.board.name}")
        size.run("cmake", "--build", str(self.build), "--target", "mail", "--parallel", str(os.cpu_count() or 1))

    def run(self, port, user, password, patience=20, slow_console=False):
        """Fetches the mail of that account from the server on that port of 127.0.0.1. A slow console takes nothing
        until the image is stuck with printing, and then with receiving."""
        command = ["setpriv", "--pdeathsig=KILL", *self.board.machine, "-display", "none", "-monitor", "none",
                   "-kernel", str(self.elf), "-semihosting-config", "enable=on,target=native",
                   "-chardev", f"socket,id=server,host=127.0.0.1,port={port},nodelay=on",
                   "-chardev", "stdio,id=console,signal=off",
                   "-serial", "chardev:server", "-serial", "chardev:console"]
        console = b""
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as qemu:
            watchdog = threading.Timer(30 + 2 * patience, qemu.kill)
            watchdog.start()
            if slow_console:
                fcntl.fcntl(qemu.stdout, F_SETPIPE_SZ, CONSOLE_PIPE)
            qemu.stdin.write(f"{user}\n{password}\n{patience}\n".encode())
            qemu.stdin.flush()
            while octets := read_console(qemu.stdout, slow_console):
                console += octets
            watchdog.cancel()
        return Run(qemu.returncode, console)

    def sections(self):
        """Octets of each section."""
        listing = size.run(self.board.tools + "size", "-A", str(self.elf))
        return {name: int(octets) for name, octets in re.findall(r"^(\.\w+)\s+(\d+)", listing, re.M)}

    def heap(self):
        """Whatever there is of a heap: nothing."""
        symbols = size.run(self.board.tools + "nm", str(self.elf)).split()
        return [name for name in (*symbols, *self.sections()) if re.fullmatch(HEAP, name.lstrip("."))]

    def flash_of(self, *rooms):
        return self._linked("text|rodata|srodata", rooms)

    def variables_of(self, *rooms):
        return self._linked("data|sdata|bss|sbss", rooms)

    def _linked(self, sections, rooms):
        """Octets of these sections from the archives of these rooms, as the linker's map tells."""
        linked = re.findall(rf"^ \.(?:{sections})\S*\s+0x(\w+)\s+0x(\w+) \S*libsatchel_(\w+)\.a",
                            (self.elf.parent / "mail.map").read_text(), re.M)
        return sum(int(octets, 16) for address, octets, room in linked if int(address, 16) and room in rooms)

    def stack_bound(self):
        """The deepest chain from reset, and an interrupt at the worst moment."""
        graph = ImageGraph(self)
        interrupts = [graph.depth(f)[0] for f in graph.frame if f.endswith("_interrupt")]
        depth, chain = graph.depth("board_reset")
        return depth + (self.board.exception + max(interrupts) if interrupts else 0), chain


class ImageGraph(size.CallGraph):
    """Every frame of the image; those of the C library from what its functions push."""

    def __init__(self, image):  # pylint: disable=super-init-not-called
        self.frame, self.calls = {}, {}
        for path in image.build.rglob("*.ci"):
            self._read(path.read_text())
        self._resolve_pointers()
        code = size.run(image.board.tools + "objdump", "-d", "-j", ".text", str(image.elf))
        for name, body in re.findall(r"^\w+ <(\w+)>:\n(.*?)(?:\n\n|\Z)", code, re.M | re.S):
            self.frame.setdefault(name, self._pushed(body))

    @staticmethod
    def _pushed(body):
        registers = re.findall(r"(?:push|stmdb)\s+(?:sp!, )?\{(.*?)\}", body)
        moved = re.findall(r"\b(?:sub\s+sp, (?:sp, )?#|addi?\s+sp,\s*sp,\s*-)(\d+)", body)
        return sum(4 * (listed.count(",") + 1) for listed in registers) + sum(map(int, moved))
