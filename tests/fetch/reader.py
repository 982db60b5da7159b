# SPDX-License-Identifier: MIT
"""A mail reader that is at work while mail comes: it moves, flags and removes, as its user likes."""
import collections
import os
import random
import threading


class Reader(threading.Thread):
    """Some of what comes to new/ it removes there, some it leaves, the others go to cur/, where it flags or removes them."""

    def __init__(self, mail, seed=0):
        super().__init__(daemon=True)
        self.mail = mail
        self.random = random.Random(seed)
        self.seen = set()
        self.removed = collections.Counter()
        self.ending = threading.Event()

    def run(self):
        while not self.ending.wait(0.0005):
            try:
                names = os.listdir(self.mail / "new")
            except FileNotFoundError:
                continue
            for name in names:
                if name not in self.seen:
                    self.seen.add(name)
                    self.take(name)

    def take(self, name):
        fresh, old = self.mail / "new" / name, self.mail / "cur" / (name + ":2,")
        wish = self.random.randrange(5)
        if wish == 0:
            return
        if wish == 1:
            self.remove(fresh)
            return
        os.rename(fresh, old)
        if wish == 2:
            self.remove(old)
        elif wish == 3:
            os.rename(old, self.mail / "cur" / (name + ":2,S"))

    def remove(self, path):
        self.removed[path.read_bytes()] += 1
        path.unlink()

    def end(self):
        """What it removed."""
        self.ending.set()
        self.join()
        return self.removed
