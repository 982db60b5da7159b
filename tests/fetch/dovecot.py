# SPDX-License-Identifier: MIT
"""A world whose server is Dovecot, as tests/e2e/servers.py starts it."""
import pathlib
import sys

import world

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "e2e"))
import servers  # noqa: E402


class World(world.World):
    user = servers.USER

    def start(self, *options):
        assert not options
        self.password.write_text(servers.PASSWORD + "\n")
        self.server = servers.Dovecot()
        self.stock()

    def stock(self):
        self.server.stock(self.messages)
        self.served = pathlib.Path(self.server.maildir())

    def port(self):
        return self.server.port()

    def __exit__(self, *_):
        self.server.stop()
        world.shutil.rmtree(self.folder)
