"""What a driver raises when its part is broken."""


class ChipError(Exception):
    """A chip is absent, silent or answers wrongly: `chip` names it, `what` says what was seen."""

    def __init__(self, chip, what):
        super().__init__(chip + ": " + what)
        self.chip = chip
        self.what = what
