"""The board's USB port as MicroPython's console: lines in, lines out. Ctrl-C stays the technician's."""

import select

MAX_LINE = 512  # a packet of 255 bytes is 350 letters
_READ_AT_ONCE = 512  # then the rest of the loop has its turn


class Console:
    """`stdin` and `stdout` as in `sys`. A line that is too long is dropped whole."""

    def __init__(self, stdin, stdout):
        self._in = stdin.buffer
        self._out = stdout.buffer
        self._poll = select.poll()
        self._poll.register(stdin, select.POLLIN)
        self._line = bytearray()
        self._long = False

    def lines(self):
        """Return the whole lines that arrived, at once."""
        found = []
        for _ in range(_READ_AT_ONCE):
            if not self._poll.poll(0):
                break
            byte = self._in.read(1)
            if not byte:
                break
            if byte == b"\n" or byte == b"\r":
                if self._line and not self._long:
                    found.append(bytes(self._line))
                self._line = bytearray()
                self._long = False
            elif len(self._line) < MAX_LINE:
                self._line.extend(byte)
            else:
                self._long = True
        return found

    def write(self, line):
        """Write a line."""
        self._out.write(line + b"\n")
