"""Cards that are not what they seem: what a forger can lay on the reader without knowing a key."""

from collections.abc import Callable, Iterable

from .cards import Card
from .ntag424 import ATQA, ATS, SAK, Ntag424

_ISO_OK, _FILE_NOT_FOUND, _UNKNOWN = b"\x90\x00", b"\x6a\x82", b"\x91\x1c"
_T_ANSWER = 0.004


class MifareClassic(Card):
    """The card that most readers clone: a 4-byte identifier, no ISO 14443-4, silent to APDUs."""

    def __init__(self, uid: bytes) -> None:
        super().__init__(uid, 0x0004, 0x08)


class UidClone(Card):
    """A programmable card with the identifier, ATQA, SAK and ATS of an NTAG 424 DNA, and no application behind them."""

    ats = ATS

    def __init__(self, uid: bytes) -> None:
        super().__init__(uid, ATQA, SAK)

    def exchange(self, command: bytes) -> tuple[bytes, float] | None:
        """Know no command."""
        return _FILE_NOT_FOUND if command[:1] == b"\x00" else _UNKNOWN, _T_ANSWER


def chip_clone(uid: bytes, random: Callable[[int], bytes]) -> Ntag424:
    """Return a real chip with another card's identifier and keys of the forger's choice."""
    clone = Ntag424(uid, random)
    for slot in clone.keys.slots:
        slot.value = random(16)
        slot.version = 1
    return clone


class SunReplay(UidClone):
    """An emulator that plays one recorded SUN message for ever."""

    def __init__(self, uid: bytes, message: bytes) -> None:
        super().__init__(uid)
        self.message = message

    def exchange(self, command: bytes) -> tuple[bytes, float] | None:
        """Let the application be selected and the NDEF file be read."""
        if command[:2] == b"\x00\xa4":
            return _ISO_OK, _T_ANSWER
        if command[:2] == b"\x00\xb0" and len(command) == 5:
            return self.message[command[3] : command[3] + (command[4] or 256)] + _ISO_OK, _T_ANSWER
        return super().exchange(command)


class SessionReplay(UidClone):
    """An emulator that answers with what a genuine card answered in a recorded session, in its order."""

    def __init__(self, uid: bytes, log: Iterable[tuple[bytes, bytes | None]]) -> None:
        super().__init__(uid)
        self._log = [answer for _, answer in log if answer is not None]
        self._next = 0

    def activated(self) -> None:
        """Begin the recording anew."""
        self._next = 0

    def exchange(self, command: bytes) -> tuple[bytes, float] | None:
        """Play the next answer, whatever was asked; silence when the recording ends."""
        if self._next >= len(self._log):
            return None
        self._next += 1
        return self._log[self._next - 1], _T_ANSWER


LOOK_ALIKES = ("identifier", "classic", "programmable", "chip", "message", "session")


def look_alike(
    name: str, uid: bytes, talk: Iterable[tuple[bytes, bytes | None]], random: Callable[[int], bytes]
) -> Card:
    """Return a card with another's UID, by its name in LOOK_ALIKES; ValueError for another name.

    `talk`: what the genuine card said at a reader (commands and answers), for those that play it again.
    """
    said = list(talk)
    message = next((answer[:-2] for command, answer in said if command[:2] == b"\x00\xb0" and answer), b"")
    made: dict[str, Callable[[], Card]] = {
        "identifier": lambda: Card(uid),
        "classic": lambda: MifareClassic(uid),
        "programmable": lambda: UidClone(uid),
        "chip": lambda: chip_clone(uid, random),
        "message": lambda: SunReplay(uid, message),
        "session": lambda: SessionReplay(uid, said),
    }
    if name not in made:
        raise ValueError(f"no look-alike {name!r}: use one of {', '.join(LOOK_ALIKES)}")
    return made[name]()
