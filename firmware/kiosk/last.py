"""The newest crossing, which a guard may still answer for."""

OPEN_S = 20  # an answer stands this long without an outcome


class Last:
    """The newest crossing: its record's `seq`, `crossing` and `stamp`, and the `outcome` and `party` that followed."""

    def __init__(self, seq, crossing, stamp):
        self.seq = seq
        self.crossing = crossing
        self.stamp = stamp
        self.outcome = 0
        self.party = crossing.party
        self.party_written = crossing.party
        self.query_id = 0
        self.notes = 0
        self.since_ms = 0
        self.again = False  # a restart interrupted the answer: persons who were added then are not known

    def judged(self, found, age_code):
        """Take a verdict, and the age of what it was made from as a code."""
        crossing = self.crossing
        crossing.verdict = found.verdict
        crossing.reasons = found.reasons
        crossing.causes = found.causes
        crossing.rule_version = found.rule_version
        crossing.roster_age = age_code
        self.notes = found.notes
