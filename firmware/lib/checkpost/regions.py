"""What the law allows on the air, as data: a region is a row. Integers: Hz, dBm, ppm, ms.

Sources: ETSI EN 300 220-2 V3.2.1 (2018-06), table B.1 with EN 300 220-1 V3.1.1, 5.4 (duty cycle: of any hour);
LoRaWAN Regional Parameters RP002-1.0.4, sections "EU863-870" and "KR920-923": channels, power, payload, carrier sense.
Read as quoted by others, not in the standards themselves: look there before a network is put up.
"""

DUTY_WINDOW_MS = 3_600_000  # EN 300 220-1, 5.4.1.2: the share of one hour, wherever the hour begins
BANDWIDTH_HZ = 125_000  # of every channel here: RP002, DR0 to DR5
ALWAYS = 1_000_000  # ppm: no limit on the duty cycle

# (low Hz, high Hz, duty cycle in ppm, most power). ETSI EN 300 220-2, table B.1, its letters behind.
_EU868_BANDS = (
    (863_000_000, 865_000_000, 1_000, 14),  # K: 25 mW e.r.p., 0.1 %
    (865_000_000, 868_000_000, 10_000, 14),  # L: 25 mW, 1 %
    (868_000_000, 868_600_000, 10_000, 14),  # M: 25 mW, 1 %
    (868_700_000, 869_200_000, 1_000, 14),  # N: 25 mW, 0.1 %
    (869_400_000, 869_650_000, 100_000, 27),  # P: 500 mW, 10 %
    (869_700_000, 870_000_000, 10_000, 14),  # Q: 25 mW, 1 %
)
# RP002, KR920-923: 10 dBm below 922 MHz, 14 dBm above; no duty cycle, but the channel is listened to first.
_KR920_BANDS = ((920_800_000, 922_000_000, ALWAYS, 10), (922_000_000, 923_400_000, ALWAYS, 14))


class Region:
    """The rules of one region. `sense_ms` 0: nothing is asked of the channel before sending."""

    def __init__(
        self, name: str, bands: tuple[tuple[int, int, int, int], ...], channel_hz: int, sense_ms: int, sense_dbm: int
    ):
        self.name = name
        self.bands = bands
        self.channel_hz = channel_hz  # where a site is that asks for none
        self.sense_ms = sense_ms  # the energy on the channel is looked at for this long
        self.sense_dbm = sense_dbm  # and the channel is taken if it is above this

    def band_of(self, channel_hz: int) -> int:
        """Return the number of the sub-band that holds a whole channel, -1 when none does."""
        half = BANDWIDTH_HZ // 2
        for number in range(len(self.bands)):
            low, high = self.bands[number][:2]
            if low <= channel_hz - half and channel_hz + half <= high:
                return number
        return -1

    def duty_ppm(self, band: int) -> int:
        """Return the share of any hour that a sender may be on the air, in ppm."""
        return self.bands[band][2]

    def power_dbm(self, band: int) -> int:
        """Return the most power: e.r.p. in EU868, e.i.r.p. in KR920."""
        return self.bands[band][3]


# A new region is a new row here.
_REGIONS = (
    # 869.525 MHz is RP002's second receive window, and the one sub-band with ten per cent.
    ("EU868", _EU868_BANDS, 869_525_000, 0, 0),
    # Carrier sense of 5 ms at -65 dBm: RP002, KR920-923 ("LBT"), after the notice of Korea's radio agency.
    ("KR920", _KR920_BANDS, 922_100_000, 5, -65),
)
NAMES = tuple(row[0] for row in _REGIONS)

SPREADING_FACTORS = (7, 8, 9, 10, 11, 12)
# Bytes of a frame: RP002, "Maximum payload size" without repeaters, N, of DR5 (SF7) to DR0 (SF12), the same in both.
_FRAME_BYTES = (222, 222, 115, 51, 51, 51)


def region(name: str) -> Region:
    """Return the rules of a region by its name; ValueError for one that is not known."""
    for row in _REGIONS:
        if row[0] == name:
            return Region(*row)
    raise ValueError("no region " + name)


def max_frame_bytes(spreading_factor: int) -> int:
    """Return the longest frame at a spreading factor: longer ones are on the air too long."""
    return _FRAME_BYTES[spreading_factor - SPREADING_FACTORS[0]]
