"""Start the virtual board as a real port does: mount the flash file system at /, run boot.py, then main.py.

The image is a file (768 blocks of 4096 bytes by default) behind a block device; the host's own files vanish from view.
"""

import os
import sys


class FlashFile:
    """A block device in a file. A write reaches the file at once, so that a killed process is a power cut.

    Its methods neither branch nor loop: only there does MicroPython look for a Ctrl-C, and on a board none ever breaks
    into the file system at work, which would lose its place.
    """

    BLOCK = 4096

    def __init__(self, path):
        self._file = open(path, "r+b")
        self._answers = {4: self._file.seek(0, 2) // self.BLOCK, 5: self.BLOCK, 6: 0}

    def readblocks(self, block, into, offset=0):
        """Read from a block."""
        self._file.seek(block * self.BLOCK + offset)
        self._file.readinto(into)

    def writeblocks(self, block, data, offset=0):
        """Write into an erased block."""
        self._file.seek(block * self.BLOCK + offset)
        self._file.write(data)

    def ioctl(self, op, arg):
        """Answer the file system's questions: block count 4, block size 5, erase 6."""
        return self._answers.get(op)


class Start:
    """The steps of a start, each of which may be taken again: what a terminal interrupts goes on where it was."""

    def load(self):
        """Load the board's modules and open its flash, now, while their files can be seen."""
        import time

        import machine  # noqa: F401
        from board_wire import wire

        self.wire = time._clock.wire = wire
        self.flash = FlashFile(os.getenv("CHECKPOST_BOARD_FS"))

    def change(self):
        """Trade the host's file system for the board's."""
        import vfs

        board_fs = vfs.VfsLfs2(self.flash)
        try:
            vfs.umount("/")
        except OSError:
            pass  # done before the interruption
        try:
            vfs.mount(board_fs, "/")
        except OSError:
            os.stat("/")  # mounted before the interruption, or this says what is wrong
        os.chdir("/")
        sys.path[:] = ["", "/lib"]


def start():
    """Start whole, whatever a terminal says meanwhile: on the host's own files no prompt may ever come.

    Return the wire to the host, and True if a terminal asked for the prompt.
    """
    asked = False
    steps = Start()
    for step in (steps.load, steps.change):
        while True:
            try:
                step()
                break
            except KeyboardInterrupt:
                asked = True
    return steps.wire, asked


def run(name, wire):
    """Run a file if it is there; a failure is printed and told to the host."""
    try:
        os.stat(name)
    except OSError:
        return True
    try:
        execfile(name, globals())  # noqa: F821
    except Exception as error:
        from board_wire import CRASH

        sys.print_exception(error)
        text = (type(error).__name__ + ": " + str(error))[:200]
        wire.send(CRASH, 0, text.encode())
        wire.flush()
        return False
    return True


def main():
    """Run boot.py, and main.py unless a client asked for a bare REPL."""
    wire, asked = start()
    from board_wire import READY

    wire.send(READY, 0, b"")
    wire.flush()
    if asked:
        raise KeyboardInterrupt
    if run("boot.py", wire) and os.getenv("CHECKPOST_BOARD_BARE") != "1":
        run("main.py", wire)


main()
