"""The profile of a LoRa channel. SPEC.md, "Carriers". Boards on a line do not load it."""

from checkpost import limits
from checkpost.carrier import Carrier
from checkpost.limits import LORA_MAX_FRAME, LORA_MIN_FRAME


def lora(max_frame: int, airtime_ms: object) -> Carrier:
    """Return the profile of a LoRa channel. `max_frame`: 51 to 222 bytes, as the region allows at the data rate;
    `airtime_ms(size)`: of a packet at the site's spreading factor. ValueError for a frame that cannot carry a query."""
    if not LORA_MIN_FRAME <= max_frame <= LORA_MAX_FRAME:
        raise ValueError("a LoRa frame has 51 to 222 bytes")
    carrier = Carrier(True, max_frame, airtime_ms)
    longest_ms = airtime_ms(max_frame)  # type: ignore[operator]
    carrier.poll_ms = limits.LORA_POLL_MS
    carrier.status_every_ms = limits.LORA_POLL_MS
    carrier.query_ms = limits.QUERY_MS + 4 * longest_ms
    carrier.backoff_ms = longest_ms
    carrier.backoff_max_ms = limits.LORA_BACKOFF_AIRTIMES * longest_ms
    carrier.stall_ms = 4 * longest_ms
    carrier.stall_max_ms = limits.LORA_BACKOFF_AIRTIMES * longest_ms
    carrier.jitter_ms = longest_ms
    carrier.burst_frames = limits.LORA_BURST_FRAMES
    carrier.down_frames = limits.LORA_DOWN_FRAMES
    return carrier
