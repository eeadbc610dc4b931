"""How long a LoRa packet is on the air: Semtech AN1200.13, revision 1, section 4 (SX1262: DS.SX1261-2, 6.1.4)."""

PREAMBLE_SYMBOLS = 8  # LoRaWAN's, RP002-1.0.4, each region's "Preamble Format"
CODING_RATE = 1  # 4/5
_SYNC_QUARTERS = 17  # the sync word and the turn to the header: 4.25 symbols
_FIXED_SYMBOLS = 8  # the header and what of the payload fits beside it
_LONG_SYMBOL_US = 16_000  # from here on the low data rate optimisation is on (DS 6.1.1.4): SF11 and SF12 at 125 kHz


def symbol_us(spreading_factor: int, bandwidth_hz: int) -> int:
    """Return the time of a symbol in whole microseconds; exact at 125, 250 and 500 kHz."""
    return (1 << spreading_factor) * 1_000_000 // bandwidth_hz


def low_rate(spreading_factor: int, bandwidth_hz: int) -> bool:
    """Return True if the low data rate optimisation is to be on."""
    return symbol_us(spreading_factor, bandwidth_hz) >= _LONG_SYMBOL_US


def time_on_air_us(payload_bytes: int, spreading_factor: int, bandwidth_hz: int = 125_000) -> int:
    """Return microseconds: explicit header, CRC on, coding rate 4/5, preamble of 8 symbols."""
    bits = 8 * payload_bytes - 4 * spreading_factor + 28 + 16
    each = 4 * (spreading_factor - 2 * low_rate(spreading_factor, bandwidth_hz))
    blocks = max(0, (bits + each - 1) // each)
    symbols = _FIXED_SYMBOLS + blocks * (CODING_RATE + 4)
    quarters = 4 * (PREAMBLE_SYMBOLS + symbols) + _SYNC_QUARTERS
    return quarters * (1 << spreading_factor) * 250_000 // bandwidth_hz
