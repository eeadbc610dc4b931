"""The panel models against SSD1306 revision 1.1 and SH1106 version 2.3."""

import struct
import zlib

import pytest

from virtualboard.chips.oled import Oled
from virtualboard.png import panel_png

UPRIGHT = b"\x00\xa1\xc8\xaf"


def page(number, data, column=2):
    return [bytes([0x00, 0xB0 | number, column & 15, 0x10 | column >> 4]), b"\x40" + data]


def shown(controller, *writes):
    oled = Oled(controller)
    for data in (UPRIGHT, *writes):
        assert oled.write(data)
    return oled


def test_the_ram_is_the_picture():
    oled = shown("sh1106", *page(0, b"\x01\x80"), *page(7, b"\xff", 2 + 127))
    picture = oled.picture()
    assert picture[0] == 0x01 and picture[1] == 0x80 and picture[1023] == 0xFF
    assert sum(map(bool, picture)) == 3


def test_the_sh1106_shows_columns_2_to_129_and_stops_at_its_end():
    oled = shown("sh1106", *page(0, b"\xff\xff", 0), *page(1, bytes([1, 2, 3, 4]), 130))
    assert oled.picture() == bytes(1024)


def test_the_ssd1306_wraps_within_the_page():
    oled = shown("ssd1306", *page(3, b"\x11\x22", 127))
    assert oled.picture()[3 * 128 + 127] == 0x11
    assert oled.picture()[3 * 128] == 0x22


def test_horizontal_addressing_fills_the_panel():
    oled = shown("ssd1306", b"\x00\x20\x00\x21\x00\x7f\x22\x00\x07", b"\x40" + bytes(range(256)) * 4)
    assert oled.picture() == bytes(range(256)) * 4


def test_single_control_bytes():
    oled = shown("ssd1306", b"\x80\xb1\x80\x00\x80\x10\xc0\x55\x40\xaa")
    assert oled.picture()[128:130] == b"\x55\xaa"


def test_off_inverted_and_all_on():
    oled = shown("sh1106", *page(0, b"\x0f"))
    oled.write(b"\x00\xa7")
    assert oled.picture()[:2] == b"\xf0\xff"
    oled.write(b"\x00\xa6\xa5")
    assert oled.picture() == b"\xff" * 1024
    oled.write(b"\x00\xa4\xae")
    assert oled.picture() == bytes(1024)


def test_a_panel_mounted_the_other_way_is_upside_down():
    oled = shown("sh1106", *page(0, b"\x01"), b"\x00\xa0\xc0")
    picture = oled.picture()
    assert picture[1023] == 0x80 and sum(map(bool, picture)) == 1


def test_start_line_moves_the_picture():
    oled = shown("ssd1306", *page(1, b"\x01", 0), b"\x00\x48")
    assert oled.picture()[0] == 0x01


def test_contrast_and_unknown_commands():
    oled = shown("sh1106", b"\x00\x81\x33\xad\x8b\x9f")
    assert oled.contrast == 0x33
    assert oled.unknown == [0x9F]


def test_a_broken_panel_does_not_acknowledge(bench):
    bench.circuit.break_part("oled")
    with pytest.raises(OSError):
        bench.i2c().writeto(0x3C, b"\x00\xaf")
    assert bench.i2c().scan() == [0x68]


def test_the_png_holds_every_point():
    picture = bytearray(1024)
    picture[5] = 0x04
    data = panel_png(bytes(picture), scale=1)
    assert data.startswith(b"\x89PNG") and struct.unpack(">II", data[16:24]) == (128, 64)
    start = data.index(b"IDAT") + 4
    length = struct.unpack(">I", data[start - 8 : start - 4])[0]
    lines = zlib.decompress(data[start : start + length])
    assert lines[2 * 129 + 1 + 5] == 0xFF and lines.count(0xFF) == 1
