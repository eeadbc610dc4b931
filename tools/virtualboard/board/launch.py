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


def start():
    """Load the board's modules while their files can be seen, trade the host's file system for the board's, and return
    the wire to the host. Only when that hears READY does it let a terminal interrupt."""
    import time

    import machine  # noqa: F401
    import vfs
    from board_wire import wire

    time._clock.wire = wire
    flash = FlashFile(os.getenv("CHECKPOST_BOARD_FS"))
    vfs.umount("/")
    vfs.mount(vfs.VfsLfs2(flash), "/")
    os.chdir("/")
    sys.path[:] = ["", "/lib"]
    return wire


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
    wire = start()
    from board_wire import READY

    wire.send(READY, 0, b"")
    wire.flush()
    if run("boot.py", wire) and os.getenv("CHECKPOST_BOARD_BARE") != "1":
        run("main.py", wire)


main()
