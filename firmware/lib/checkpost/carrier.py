"""What the engine has to know of the carrier below it: sizes, waits, polls. SPEC.md, "Carriers"."""

from checkpost import limits
from checkpost.limits import HEADER_SIZE, MAX_FRAME, ROSTER_ENTRY_SIZE, TAG_SIZE

_BITS_A_BYTE = 10  # start, eight, stop
_ROSTER_HEAD = 17  # of a roster piece in a payload: the counter's byte, type, length, head


class Carrier:
    """The profile of one carrier. `airtime_ms(size)`: how long a frame of that many bytes takes on it."""

    def __init__(self, packets: bool, max_frame: int, airtime_ms: object):
        """`packets`: a frame travels as it is, in a radio packet; else coded, in a stream of bytes."""
        self.packets = packets
        self.max_payload = max_frame - HEADER_SIZE - TAG_SIZE
        self.airtime_ms = airtime_ms
        self.poll_ms = limits.POLL_MS  # policy may change it on a radio
        self.status_every_ms = limits.STATUS_EVERY_MS
        self.query_ms = limits.QUERY_MS
        self.backoff_ms = limits.REPLY_MS  # doubles with each try that nobody answered, less itself: none at first
        self.backoff_max_ms = limits.BACKOFF_MAX_MS
        self.stall_ms = 2 * limits.POLL_MS
        self.stall_max_ms = limits.STALL_MAX_MS
        self.jitter_ms = 0  # of a retry, a step: boards on one channel must not collide again and again
        self.burst_bytes = 1 << 30  # the board's turn: it ends at whichever comes first
        self.burst_frames = 1 << 16
        self.short_burst_bytes = 1 << 30
        self.down_frames = 1 << 16  # the gateway's turn
        self.down_bytes = limits.DOWN_TURN_BYTES

    @property
    def roster_entries(self) -> int:
        """How many roster entries a piece holds: what fits a frame; a single larger one is cut into parts."""
        return max(1, min(limits.ROSTER_PIECE_ENTRIES, (self.max_payload - _ROSTER_HEAD) // ROSTER_ENTRY_SIZE))

    def reply_ms(self, said_bytes: int) -> int:
        """Return how long a reply may be under way after a turn of `said_bytes` was handed to the carrier."""
        if self.packets:
            longest = self.max_payload + HEADER_SIZE + TAG_SIZE
            return limits.LORA_REPLY_MS + 2 * self.airtime_ms(longest)  # type: ignore[operator,no-any-return]
        on_line_ms = self.airtime_ms(said_bytes + limits.DOWN_TURN_BYTES)  # type: ignore[operator]
        return limits.REPLY_MS + on_line_ms  # type: ignore[no-any-return]


def serial(baud: int = 921_600) -> Carrier:
    """Return the profile of a serial line."""
    carrier = Carrier(False, MAX_FRAME, lambda size: size * _BITS_A_BYTE * 1000 // baud)
    carrier.burst_bytes = baud * limits.BURST_MS // (_BITS_A_BYTE * 1000)
    carrier.short_burst_bytes = baud * limits.SHORT_BURST_MS // (_BITS_A_BYTE * 1000)
    return carrier
