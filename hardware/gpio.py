"""Which function each GPIO of RP2040 and RP2350 has, as formulas, and on which pad of a Pico it is.

RP2040 datasheet 1.4.3 and RP2350 datasheet 1.2.3, function table, GP0 to GP29. Compared with KiCad's own Pico symbol
by the tests where KiCad is installed.
"""

# GP number -> pad of the Pico's edge (Pico 2 datasheet, pinout). GP23, 24, 25 and 29 stay on the Pico.
PADS = {
    0: 1, 1: 2, 2: 4, 3: 5, 4: 6, 5: 7, 6: 9, 7: 10, 8: 11, 9: 12, 10: 14, 11: 15, 12: 16, 13: 17, 14: 19, 15: 20,
    16: 21, 17: 22, 18: 24, 19: 25, 20: 26, 21: 27, 22: 29, 26: 31, 27: 32, 28: 34,
}  # fmt: skip
GROUND_PADS = (3, 8, 13, 18, 23, 28, 33, 38)

_SPI = ("RX", "CSN", "SCK", "TX")
_UART = ("TX", "RX", "CTS", "RTS")
_I2C = ("SDA", "SCL")


def functions(gp: int) -> set[str]:
    """Return the names of what a GPIO can be, as board.toml writes them."""
    found = {"SIO"}
    found.add(f"SPI{gp // 8 % 2}_{_SPI[gp % 4]}")
    found.add(f"UART{(gp + 4) // 8 % 2}_{_UART[gp % 4]}")
    found.add(f"I2C{gp // 2 % 2}_{_I2C[gp % 2]}")
    found.add(f"PWM{gp // 2 % 8}_{'AB'[gp % 2]}")
    if 26 <= gp <= 29:
        found.add(f"ADC{gp - 26}")
    return found
