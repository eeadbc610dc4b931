"""OLED display, 128 x 64 points. "SH" is Sino Wealth SH1106 version 2.3, "SSD" Solomon Systech SSD1306 revision 1.1."""

import binascii

import framebuf

from checkpost.const import const
from drivers.errors import ChipError

WIDTH = 128
HEIGHT = 64
_PAGES = const(8)  # of eight rows each; a byte is a column of eight points, top point least (SH 8, SSD 8.7)

_COMMANDS = const(0x00)  # control byte: commands follow (SSD 8.1.5.2)
_DATA = const(0x40)  # control byte: picture follows

_PAGE = const(0xB0)
_COLUMN_LOW = const(0x00)
_COLUMN_HIGH = const(0x10)
_CONTRAST = const(0x81)
_ON = b"\xaf"

# Off; clock; 64 rows; no offset; start line 0; mirrored to suit the module's glass; row wiring; contrast.
_COMMON = b"\xae\xd5\x80\xa8\x3f\xd3\x00\x40\xa1\xc8\xda\x12\x81\x80"
# Pre-charge, deselect level, show memory, not inverted, then what feeds the glass.
_SH1106 = b"\xd9\x22\xdb\x40\xa4\xa6\x33\xad\x8b"  # pump 9.0 V, DC-DC on (SH command table, 33h, ADh 8Bh)
_SSD1306 = b"\xd9\xf1\xdb\x40\xa4\xa6\x20\x02\x8d\x14"  # page addressing (SSD 10.1.3), charge pump on (SSD appendix)


class OLED:
    """Picture memory `buffer` (1024 bytes, MONO_VLSB), drawn on through `fb`; the caller owns the bus."""

    def __init__(self, i2c, address=0x3C, controller="sh1106"):
        if controller not in ("sh1106", "ssd1306"):
            raise ValueError("the display controller is sh1106 or ssd1306")
        self._i2c = i2c
        self._address = address
        self._setup = _COMMON + (_SH1106 if controller == "sh1106" else _SSD1306)
        # The SH1106 holds 132 columns and the glass shows the middle 128 (SH 1).
        self._column = 2 if controller == "sh1106" else 0
        self.buffer = bytearray(WIDTH * _PAGES)
        self.fb = framebuf.FrameBuffer(self.buffer, WIDTH, HEIGHT, framebuf.MONO_VLSB)
        whole = memoryview(self.buffer)
        self._pages = [whole[page * WIDTH : (page + 1) * WIDTH] for page in range(_PAGES)]
        # CRC-32 of what the glass has, None where that is not known: of a changed page, one in four thousand million
        # passes for unchanged, until the next one is drawn.
        self._shown = [None] * _PAGES
        self._line = bytearray(1 + WIDTH)
        self._line[0] = _DATA
        self._line_body = memoryview(self._line)[1:]
        self._where = bytearray(4)

    def begin(self):
        """Configure and clear the display, then switch it on; `show` sends every page next. Raises ChipError."""
        self._command(self._setup)
        for i in range(1, len(self._line)):
            self._line[i] = 0
        for page in range(_PAGES):
            self._shown[page] = None
            self._send_line(page)
        self._command(_ON)

    def show(self):
        """Send the pages that changed since they were last sent; return how many. Raises ChipError.

        A page takes about 3 ms at 400 kHz. After an error the pages not sent stay to be sent.
        """
        sent = 0
        for page in range(_PAGES):
            digest = binascii.crc32(self._pages[page])
            if digest == self._shown[page]:
                continue
            self._shown[page] = None
            self._line_body[:] = self._pages[page]
            self._send_line(page)
            self._shown[page] = digest
            sent += 1
        return sent

    def contrast(self, level):
        """Set the brightness, 0 to 255. Raises ChipError."""
        self._command(bytes((_CONTRAST, level)))

    def _send_line(self, page):
        self._where[0] = _COMMANDS
        self._where[1] = _PAGE | page
        self._where[2] = _COLUMN_LOW | self._column
        self._where[3] = _COLUMN_HIGH
        self._write(self._where)
        self._write(self._line)

    def _command(self, commands):
        self._write(bytes((_COMMANDS,)) + commands)

    def _write(self, data):
        try:
            self._i2c.writeto(self._address, data)
        except OSError as error:
            raise ChipError("oled", "no answer on I2C (" + str(error) + ")")
