"""How old this gateway's knowledge is: nothing while the centre answers, and growing from the moment it stopped."""


class Freshness:
    """The age of knowledge. Times are Unix UTC seconds of the clock that is handed in."""

    def __init__(self, as_of_s: int | None):
        """`as_of_s`: what the store remembers of an earlier run; None: this gateway never knew all."""
        self._as_of_s = as_of_s
        self._connected = False

    @property
    def connected(self) -> bool:
        """Return True while the centre answers."""
        return self._connected

    @property
    def as_of_s(self) -> int | None:
        """Return when this gateway last knew all that the centre knew."""
        return self._as_of_s

    def caught_up(self, now_s: int) -> None:
        """Note that the centre has told all that it knows, and will tell what is new."""
        self._as_of_s = now_s
        self._connected = True

    def lost(self) -> None:
        """Note that the centre does not answer: from its last word on, knowledge ages."""
        self._connected = False

    def age_s(self, now_s: int) -> int | None:
        """Return the age in seconds, None before the centre has told all once."""
        if self._as_of_s is None:
            return None
        return 0 if self._connected else max(0, now_s - self._as_of_s)
