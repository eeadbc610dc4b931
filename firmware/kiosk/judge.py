"""The board's own verdict: the shared rules over what its roster holds of a card."""

from checkpost import reasons as why
from checkpost.downward import parse_policy
from checkpost.fields import MessageError
from checkpost.record import UNSET, log2_code
from checkpost.roster import proof_key, unpack_entry
from checkpost.rules import Knowledge, Policy, Tap, judge

MAX_AGE_CODE = 31  # 5 bits in a crossing record
NEVER_S = (1 << 30) - 1  # age of a roster that nobody ever confirmed


class Place:
    """Where the board stands. `kind`: permit.BORDER or permit.INTERNAL; `code` and `zone` as the centre names them."""

    def __init__(self, code, zone, kind):
        self.code = code
        self.zone = zone
        self.kind = kind


class Judge:
    """`roster` as kiosk.roster.Roster; `assurance` is asked for until the gateway's policy is heard."""

    def __init__(self, roster, place, assurance, faults):
        self._roster = roster
        self._faults = faults
        self.place = place
        self.policy = Policy(assurance)
        self.policy_heard = 0  # version of the gateway's policy; 0: none since the start, so it is sent again

    def adopt(self, policy):
        """Take the gateway's policy for this board (an event of the link)."""
        self.place = Place(policy.point, policy.zone, policy.kind)
        self.policy_heard = policy.version
        self.policy.version = policy.version
        self.policy.assurance = policy.assurance
        self.policy.roster_max_age_s = policy.roster_max_age_s
        self.policy.clock_max_uncertainty_s = policy.clock_max_uncertainty_s

    def recall(self, packed):
        """Take the policy that was kept (a packed BoardPolicy, or nothing) until the gateway is heard, which sends its
        own again: its version says nothing to another gateway."""
        if packed and not self.policy_heard:
            try:
                self.adopt(parse_policy(packed))
            except MessageError as error:  # another firmware kept it
                self._faults.note("state", error)
            self.policy_heard = 0

    def lookup(self, uid):
        """Return the roster's entry of a card as it is packed, or None."""
        return self._faults.attempt("roster", None, self._roster.lookup, uid) if uid else None

    def key_in(self, raw):
        """Return (key, version) that an entry of the roster brings for its card, or None."""
        return None if raw is None else proof_key(raw)

    def weigh(self, found, crossing, genuine):
        """Return what the gateway said of a card as if it were proven, as what can be said of it as it was proven."""
        if not genuine:
            found.verdict, found.reasons, found.causes, found.notes = why.REFER, why.CARD_NOT_GENUINE, 0, 0
        elif found.verdict != why.REFER and crossing.uid and crossing.assurance < self.policy.assurance:
            found.verdict = why.UNVERIFIABLE
            found.causes |= why.CARD_UNPROVEN
        return found

    def verdict(self, crossing, stamp, genuine=True, raw=None):
        """Return (verdict of a crossing by what is known here, age of that knowledge as a code).

        `genuine`: the card did not fail its proof; `raw`: the card's entry, where it was looked up already.
        """
        tap = Tap(stamp.seconds, stamp.offset, self.place.kind, self.place.code, self.place.zone, crossing.direction)
        tap.has_card = bool(crossing.uid)
        tap.genuine = genuine
        tap.party = crossing.party
        tap.assurance = crossing.assurance
        tap.trust = stamp.trust
        tap.uncertainty_s = stamp.uncertainty_s()
        entry = self._read(raw or self.lookup(crossing.uid))
        age_s = self._age_s(stamp)
        known = Knowledge(False, age_s)
        if entry is None:
            found = judge(tap, None, None, None, self.policy, known)
        else:
            found = judge(tap, entry.card, entry.permit, entry.usage, self.policy, known)
        return found, log2_code(age_s, MAX_AGE_CODE)

    def party_too_large(self, uid, party):
        """Return True if the roster says that the card's holder brings more persons than were granted."""
        entry = self._read(self.lookup(uid))
        return entry is not None and entry.permit.companions is not None and party > 1 + entry.permit.companions

    def _read(self, raw):
        return None if raw is None else unpack_entry(raw, self.place.code, self.place.zone)

    def _age_s(self, stamp):
        """Return how old the roster is, seconds; without a clock nobody knows."""
        if stamp.trust == UNSET or not self._roster.as_of_s:
            return NEVER_S
        return min(NEVER_S, max(0, stamp.seconds - self._roster.as_of_s))
