"""What a site's channel carries: crossings an hour within the law, by the core's own times and regions."""

from checkpost.airtime import time_on_air_us
from checkpost.regions import max_frame_bytes, region

CROSSING_BYTES = 14  # of an unknown card with its outcome, ten a frame; one on the roster takes 8
FRAME_BYTES = 16  # header, tag and acknowledgement of a frame
HOUR_US = 3_600_000_000
WHOLE_PPM = 1_000_000


def budget(name: str, channel_hz: int, spreading_factor: int) -> str:
    """Return a sentence: what a board may send, and how many crossings an hour that carries."""
    rules = region(name)
    band = rules.band_of(channel_hz)
    share_ppm = rules.duty_ppm(band)
    frame = max_frame_bytes(spreading_factor)
    crossings = (frame - FRAME_BYTES) // CROSSING_BYTES
    frames = HOUR_US * share_ppm // WHOLE_PPM // time_on_air_us(frame, spreading_factor)
    law = f"{share_ppm / 10_000:g} % of an hour" if share_ppm < WHOLE_PPM else "no share by law, listens first"
    return (
        f"{name}, {channel_hz / 1e6:.3f} MHz, SF{spreading_factor}, {law}: "
        f"{frames * crossings} crossings an hour in full frames of {crossings}"
    )
