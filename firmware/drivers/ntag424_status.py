"""What an NTAG 424 DNA card can answer besides data. "DS" is NXP NT4H2421Gx rev. 3.0."""

OK = 0x9100
MORE = 0x91AF
SIGNATURE_FOLLOWS = 0x9190  # what Read_Sig says, whatever its table says (AN12196)
ISO_OK = 0x9000
AUTHENTICATION_ERROR = 0x91AE
AUTHENTICATION_DELAY = 0x91AD
PERMISSION_DENIED = 0x919D
MEMORY_ERROR = 0x91EE
ISO_MEMORY_ERROR = 0x6581

# DS Tables 23, 24 and 95, and the return codes of the commands (MEMORY_ERROR, memory failure). One text: a dictionary
# takes four times its memory.
_NAMES = """
9100 done
910B command not found
910C command format wrong
911C command unknown
911E integrity error
9140 no such key
917E length wrong
9190 done
919D permission denied
919E parameter wrong
91AD authentication delayed
91AE authentication error
91AF more to come
91BE beyond the end of the file
91CA command aborted
91EE memory error
91F0 no such file
9000 done
6581 memory error
6700 length wrong
6982 security status not satisfied
6985 conditions of use not satisfied
6A80 data wrong
6A82 no such file or application
6A86 parameter wrong
6A87 length does not fit the parameters
6D00 command unknown
6E00 class unknown
"""


def name_of(status):
    """Return the name of a status word; a word that the data sheet does not have is named by its digits."""
    if status >> 8 == 0x6C:
        return "expected length wrong"
    at = _NAMES.find("\n%04X " % status)
    if at < 0:
        return "status %04X, not in the data sheet" % status
    return _NAMES[at + 6 : _NAMES.index("\n", at + 1)]


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
