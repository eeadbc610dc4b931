"""What the board's own parts raise; each message says what to do next."""


class JournalFull(Exception):
    """Every sector holds records that nobody acknowledged: connect the gateway, or read the log out and format."""


class JournalFault(Exception):
    """The journal cannot be used as it was set up; the message says what to do."""


class LetteringError(Exception):
    """A language's file of letters is missing or damaged: said in the 17 letters that a fault record has."""
