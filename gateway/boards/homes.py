"""On which port each board or radio lives: two of one identity are not both served."""

BOARD_MS = 10_000  # a board that was plugged into another port is at home there after this
RADIO_MS = 30_000  # a radio, which reports each ten seconds


class Homes:
    """The port that heard each of them last, while that is not long ago (`stay_ms`)."""

    def __init__(self, stay_ms: int) -> None:
        self._stay_ms = stay_ms
        self._homes: dict[object, tuple[str, int]] = {}

    def claim(self, who: object, port: str, now_ms: int) -> str:
        """Return "" if `who` may speak on this port, else the port on which another one of its name does."""
        home = self._homes.get(who)
        if home is not None and home[0] != port and 0 <= now_ms - home[1] < self._stay_ms:
            return home[0]
        self._homes[who] = (port, now_ms)
        return ""
