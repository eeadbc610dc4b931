"""Whether the law was kept on the air, by the log of every transmission: nobody's own count is asked."""

from checkpost.regions import DUTY_WINDOW_MS, Region
from virtualboard.ether import Logged, most_in_a_window


def offences(log: list[Logged], rules: Region) -> list[str]:
    """Return a sentence for each sender and sub-band with too much in any hour, or outside every sub-band."""
    found = []
    for name in sorted({one.radio for one in log}):
        outside = [one for one in log if one.radio == name and rules.band_of(one.hz) < 0]
        if outside:
            found.append(f"{name} sent at {outside[0].hz} Hz, where {rules.name} has no sub-band")
        for band in range(len(rules.bands)):
            sent = [one for one in log if one.radio == name and rules.band_of(one.hz) == band]
            most_ms = most_in_a_window(sent, DUTY_WINDOW_MS * 1000) // 1000
            limit_ms = DUTY_WINDOW_MS * rules.duty_ppm(band) // 1_000_000
            if most_ms > limit_ms:
                found.append(f"{name} was on the air for {most_ms} ms of an hour, {limit_ms} ms are allowed")
    return found
