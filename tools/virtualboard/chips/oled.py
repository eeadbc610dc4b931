"""OLED panels of 128 x 64: SSD1306 (Solomon, revision 1.1), SH1106 (Sino Wealth, version 2.3). RAM is the picture."""

ADDRESS = 0x3C
WIDTH, HEIGHT, PAGES = 128, 64, 8

# Instructions that take parameters, and how many (SSD1306 table 9-1; SH1106 pages 20 to 30).
_PARAMETERS = {
    "ssd1306": {0x20: 1, 0x21: 2, 0x22: 2, 0x26: 6, 0x27: 6, 0x29: 5, 0x2A: 5, 0x81: 1, 0x8D: 1, 0xA3: 2,
                0xA8: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1},
    "sh1106": {0x81: 1, 0xA8: 1, 0xAD: 1, 0xD3: 1, 0xD5: 1, 0xD9: 1, 0xDA: 1, 0xDB: 1},
}  # fmt: skip
_RAM_COLUMNS = {"ssd1306": 128, "sh1106": 132}
_FIRST_COLUMN = {"ssd1306": 0, "sh1106": 2}  # the 1.3 inch SH1106 panels show RAM columns 2 to 129


class Oled:
    """A panel on an I2C bus; `frames` counts transfers that changed what is seen."""

    def __init__(self, controller: str = "sh1106") -> None:
        if controller not in _RAM_COLUMNS:
            raise ValueError(f"unknown OLED controller {controller!r}: use sh1106 or ssd1306")
        self.controller = controller
        self.fault = ""  # "" | "dead" (no acknowledge)
        self.power_cycle()

    def power_cycle(self) -> None:
        """Power comes back: registers as after a reset; the RAM, noise on the chip, is zero here."""
        self.ram = [bytearray(_RAM_COLUMNS[self.controller]) for _ in range(PAGES)]
        self.on = False
        self.contrast = 0x7F if self.controller == "ssd1306" else 0x80
        self.frames = 0
        self.unknown: list[int] = []
        self._inverted = self._all_on = self._mirrored = self._flipped = False
        self._start_line = self._offset = 0
        self._mode = 2  # page addressing
        self._page = self._column = 0
        self._columns, self._page_range = [0, WIDTH - 1], [0, PAGES - 1]
        self._pending: list[int] = []
        self._modify_column: int | None = None

    def write(self, data: bytes) -> bool:
        """Take one I2C write (control bytes, commands, data); return True if acknowledged."""
        if self.fault:
            return False
        at = 0
        while at < len(data):
            control = data[at]
            at += 1
            if control & 0x80:  # Co: one byte follows, then another control byte
                chunk, at = data[at : at + 1], at + 1
            else:
                chunk, at = data[at:], len(data)
            if control & 0x40:
                self._put(chunk)
            else:
                for byte in chunk:
                    self._command(byte)
        return True

    def read(self, length: int) -> bytes:
        """Return the status byte: bit 6 set while the display is off."""
        return bytes([0x00 if self.on else 0x40]) * length

    def picture(self) -> bytes:
        """Return what the eye sees: 1024 bytes, vertical bits with the least significant at the top (MONO_VLSB)."""
        if not self.on:
            return bytes(WIDTH * PAGES)
        if self._all_on:
            return b"\xff" * (WIDTH * PAGES)
        first = _FIRST_COLUMN[self.controller]
        rows = [bytes(page[first : first + WIDTH]) for page in self.ram]
        if not self._mirrored:
            # Segment remap (A1h) is how the usual modules stand upright; without it the picture is mirrored.
            rows = [row[::-1] for row in rows]
        shift = (self._start_line + self._offset) % HEIGHT
        if shift or not self._flipped:
            rows = _move_lines(rows, shift, upside_down=not self._flipped)
        picture = b"".join(rows)
        return bytes(byte ^ 0xFF for byte in picture) if self._inverted else picture

    def _put(self, chunk: bytes) -> None:
        if not chunk:
            return
        if self.controller == "sh1106" or self._mode == 2:
            self._put_in_page(chunk)
        else:
            for byte in chunk:
                self.ram[self._page][self._column] = byte
                self._advance()
        self.frames += 1

    def _put_in_page(self, chunk: bytes) -> None:
        row = self.ram[self._page]
        last = len(row)
        for byte in chunk:
            if self._column < last:
                row[self._column] = byte
            self._column += 1
            if self._column >= last and self.controller == "ssd1306":
                self._column = 0  # SSD1306 10.1.3: the pointer wraps within the page
        self._column = min(self._column, last)

    def _advance(self) -> None:
        """Move on in horizontal (0) or vertical (1) addressing mode (SSD1306 10.1.3)."""
        first, second = (self._columns, self._page_range) if self._mode == 0 else (self._page_range, self._columns)
        here, there = (self._column, self._page) if self._mode == 0 else (self._page, self._column)
        here += 1
        if here > first[1]:
            here = first[0]
            there = there + 1 if there < second[1] else second[0]
        self._column, self._page = (here, there) if self._mode == 0 else (there, here)

    def _command(self, byte: int) -> None:
        self._pending.append(byte)
        op = self._pending[0]
        needed = _PARAMETERS[self.controller].get(op, 0)
        if len(self._pending) <= needed:
            return
        parameters, self._pending = self._pending[1:], []
        if parameters:
            self._set(op, parameters)
        elif self.controller == "sh1106" and op in (0xE0, 0xEE):
            self._read_modify_write(op)
        else:
            self._single(op)

    def _set(self, op: int, parameters: list[int]) -> None:
        if op == 0x81:
            self.contrast = parameters[0]
        elif op == 0xD3:
            self._offset = parameters[0] & 0x3F
        elif op == 0x20:
            self._mode = parameters[0] & 3
        elif op == 0x21:
            self._columns = [p & 0x7F for p in parameters]
            self._column = self._columns[0]
        elif op == 0x22:
            self._page_range = [p & 7 for p in parameters]
            self._page = self._page_range[0]

    def _single(self, op: int) -> None:
        if op <= 0x0F:
            self._column = self._column & 0xF0 | op
        elif op <= 0x1F:
            self._column = self._column & 0x0F | (op & 0x0F) << 4
        elif 0x40 <= op <= 0x7F:
            self._start_line = op & 0x3F
        elif 0xB0 <= op <= 0xB7:
            self._page = op & 7
        elif op in (0xA0, 0xA1):
            self._mirrored = op == 0xA1
        elif op in (0xA4, 0xA5):
            self._all_on = op == 0xA5
        elif op in (0xA6, 0xA7):
            self._inverted = op == 0xA7
        elif op in (0xAE, 0xAF):
            self.on = op == 0xAF
        elif 0xC0 <= op <= 0xCF:
            self._flipped = bool(op & 0x08)
        elif op not in (0xE3, 0x2E, 0x2F, 0x30, 0x31, 0x32, 0x33):
            self.unknown.append(op)
        if op >= 0x40 and not 0xB0 <= op <= 0xB7:
            self.frames += 1

    def _read_modify_write(self, op: int) -> None:
        if op == 0xE0:
            self._modify_column = self._column
        elif self._modify_column is not None:
            self._column, self._modify_column = self._modify_column, None


def _move_lines(rows: list[bytes], shift: int, upside_down: bool) -> list[bytes]:
    """Return the pages with line `shift` of the RAM at the top, or the whole upside down."""
    out = [bytearray(WIDTH) for _ in range(PAGES)]
    for y in range(HEIGHT):
        source = (y + shift) % HEIGHT
        target = HEIGHT - 1 - y if upside_down else y
        row, bit = rows[source // 8], source % 8
        page, mask = out[target // 8], 1 << target % 8
        for x in range(WIDTH):
            if row[x] >> bit & 1:
                page[x] |= mask
    return [bytes(row) for row in out]
