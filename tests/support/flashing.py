"""A flash that loses its cable, and what the board runs afterwards."""

import json
import shutil

from tests.support.boards import pull_after
from workbench import journal_image
from workbench.board import flash as flashing
from workbench.board.facts import look
from workbench.board.tree import Builder, find_firmware
from workbench.board.wire import CableLost

RUNNING = (
    "import json, sys\n"
    "try:\n    import slots; slots.choose()\nexcept ImportError:\n    pass\n"
    "from kiosk.version import VERSION\nprint(json.dumps([sys.path[0], VERSION]))"
)


class Bench:
    """A board in a known state, again and again: its file system is put back between cuts."""

    def __init__(self, board, folder):
        self.board = board
        self.folder = folder
        self.build = Builder()
        self.fs = folder / "fs.img"
        self.before = folder / "before.img"
        self.board.control.do("power", on=False)
        shutil.copy(self.fs, self.before)
        self.records = journal_image.read_records(folder / "journal.bin")

    def cut(self, firmware, after):
        """Flash from the known state with the cable pulled after so many bytes; return True if it was pulled."""
        self.board.control.do("power", on=False)
        shutil.copy(self.before, self.fs)
        self.board.power_cycle()
        connection = self.board.connect()
        pull_after(connection, after)
        try:
            flashing.flash(connection, firmware, build=self.build)
        except CableLost:
            return True
        connection.close(restart=False)
        return False

    def starts(self):
        """Cut the power; return (place in sys.path, version) of what starts: it draws, and its journal is whole."""
        self.board.power_cycle()
        self.board.until(self.board.drawn)
        connection = self.board.connect()
        place, version = json.loads(connection.run(RUNNING).splitlines()[-1])
        facts = look(connection)
        if facts.run:
            connection.load("files")
            tree = self.build(find_firmware(), facts.mpy)
            assert set(flashing.sums(connection, facts.run)) == set(tree.files)
        connection.close(restart=False)
        now = journal_image.read_records(self.folder / "journal.bin")
        assert now[: len(self.records)] == self.records
        return place, tuple(version)
