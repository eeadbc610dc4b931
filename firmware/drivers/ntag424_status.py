"""What an NTAG 424 DNA card can answer besides data. "DS" is NXP NT4H2421Gx rev. 3.0."""

OK = 0x9100
MORE = 0x91AF
SIGNATURE_FOLLOWS = 0x9190  # what Read_Sig says, whatever its table says (AN12196)
ISO_OK = 0x9000
AUTHENTICATION_ERROR = 0x91AE
AUTHENTICATION_DELAY = 0x91AD
PERMISSION_DENIED = 0x919D

# DS Tables 23, 24 and 95, and the return codes of the commands (MEMORY_ERROR, memory failure)
_NAMES = {
    0x9100: "done",
    0x910B: "command not found",
    0x910C: "command format wrong",
    0x911C: "command unknown",
    0x911E: "integrity error",
    0x9140: "no such key",
    0x917E: "length wrong",
    0x9190: "done",
    0x919D: "permission denied",
    0x919E: "parameter wrong",
    0x91AD: "authentication delayed",
    0x91AE: "authentication error",
    0x91AF: "more to come",
    0x91BE: "beyond the end of the file",
    0x91CA: "command aborted",
    0x91EE: "memory error",
    0x91F0: "no such file",
    0x9000: "done",
    0x6581: "memory error",
    0x6700: "length wrong",
    0x6982: "security status not satisfied",
    0x6985: "conditions of use not satisfied",
    0x6A80: "data wrong",
    0x6A82: "no such file or application",
    0x6A86: "parameter wrong",
    0x6A87: "length does not fit the parameters",
    0x6D00: "command unknown",
    0x6E00: "class unknown",
}


def name_of(status):
    """Return the name of a status word; a word that the data sheet does not have is named by its digits."""
    if status >> 8 == 0x6C:
        return "expected length wrong"
    return _NAMES.get(status) or "status %04X, not in the data sheet" % status


class CardError(Exception):
    """A card did not do what was asked: `what` says why, without any key or data of the card."""

    def __init__(self, what):
        super().__init__("card: " + what)
        self.what = what


class CardGone(CardError):
    """The card gives no answer: it left the field, or is of another kind."""

    def __init__(self):
        super().__init__("no answer")


class CardRefused(CardError):
    """The card answered with an error: `status` is its word."""

    def __init__(self, status):
        super().__init__(name_of(status))
        self.status = status


class CardForged(CardError):
    """The answer cannot be from a card that has the key: its proof, its MAC or its form is wrong."""
