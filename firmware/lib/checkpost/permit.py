"""What is held of a card and its permit, and what is known of the permit's use. Plain data, no rules."""

ACTIVE = 0
LOST = 1
STOLEN = 2
REVOKED = 3
REPLACED = 4
CARD_STATUSES = ("active", "lost", "stolen", "revoked", "replaced")

PENDING = 0
APPROVED = 1
REFUSED = 2
WITHDRAWN = 3
DECISIONS = ("pending", "approved", "refused", "withdrawn")

BORDER = 0
INTERNAL = 1
POINT_KINDS = ("border", "internal")

UNKNOWN_DAY = -1  # of an entry that a clock without a time recorded


class Card:
    """A card as issued. `blocked_from_s`: Unix UTC from which its block counts; None: always."""

    def __init__(self, status: int = ACTIVE, blocked_from_s: int | None = None):
        self.status = status
        self.blocked_from_s = blocked_from_s

    def blocked(self, utc_s: int) -> bool:
        """Return True if the card was blocked at an instant."""
        return self.status != ACTIVE and (self.blocked_from_s is None or utc_s >= self.blocked_from_s)


class Permit:
    """What an application grants. None, or an empty tuple, is no limit; days are day numbers, inclusive.

    `released_days`: local days on which a reception station released the holder, ascending.
    """

    def __init__(
        self,
        decision: int = APPROVED,
        withdrawn_from_s: int | None = None,
        valid_from_day: int | None = None,
        valid_until_day: int | None = None,
        points: tuple[str, ...] = (),
        entries: int | None = None,
        max_stay_days: int | None = None,
        zones: tuple[str, ...] = (),
        reception_days: int | None = None,
        companions: int | None = None,
        released_days: tuple[int, ...] = (),
    ):
        self.decision = decision
        self.withdrawn_from_s = withdrawn_from_s
        self.valid_from_day = valid_from_day
        self.valid_until_day = valid_until_day
        self.points = points
        self.entries = entries
        self.max_stay_days = max_stay_days
        self.zones = zones
        self.reception_days = reception_days
        self.companions = companions
        self.released_days = released_days

    def approved(self, utc_s: int) -> bool:
        """Return True if the application stood approved for an instant; a withdrawal counts from its own instant on."""
        if self.decision == WITHDRAWN:
            return self.withdrawn_from_s is not None and utc_s < self.withdrawn_from_s
        return self.decision == APPROVED


class Usage:
    """What is known of a permit's use before a tap: entries, the stay that runs, recent passages.

    `complete` is False where a crossing may be missing that began or ended the stay; `counted` where one may be that
    used an entry: then a number is a lower bound.
    """

    def __init__(self, complete: bool = True):
        self.complete = complete
        self.counted = complete
        self.lost = False  # a record that nobody can read may hide a crossing of the stay
        self.entries = 0
        self.inside = False
        self.entry_day: int | None = None  # None: no entry stands; UNKNOWN_DAY: one does, of a day that nobody knows
        self.left_day: int | None = None  # of the last passed exit; UNKNOWN_DAY: of a day that nobody knows
        self.released_day: int | None = None  # a station's release in the stay that stands; None: there was none
        self.recent: list[int] = []  # Unix UTC of passed border crossings, oldest first, bounded by the policy's count

    def copied(self) -> "Usage":
        """Return what is known now: this goes on, that stays."""
        found = Usage(self.complete)
        found.counted, found.lost, found.entries, found.inside = self.counted, self.lost, self.entries, self.inside
        found.entry_day, found.left_day, found.released_day = self.entry_day, self.left_day, self.released_day
        found.recent = self.recent
        return found
