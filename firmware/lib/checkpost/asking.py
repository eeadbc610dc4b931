"""The one question that may be open at a board's reader, and what the gateway knows of the board's status."""

import struct

from checkpost.carrier import Carrier
from checkpost.messages import pack
from checkpost.ticks import elapsed_ms
from checkpost.upward import Query, Status

_KEY = "<HBIIIIHI"  # epoch, trust, roster id, revision and count, policy version, faults, and how far it went back


class Question:
    """The newest query; an older one is nobody's any more."""

    def __init__(self, carrier: Carrier) -> None:
        self._carrier = carrier
        self._id = 0
        self._packed = b""
        self._since_ms = 0
        self.unsent = False  # waits to be sent, for the first time or after a lost turn

    def ask(self, record: bytes, now_ms: int, sun: tuple[bytes, bytes] | None = None) -> int:
        """Open a question, with the card's own message (PICCData, MAC) if it gave one; return its id, 1 to 65535."""
        self._id = self._id % 0xFFFF + 1
        self._packed = pack(Query(self._id, record))
        if sun is not None:
            from checkpost.proofs import Sun

            both = pack(Sun(self._id, *sun)) + self._packed
            if len(both) <= self._carrier.max_payload:  # the question is not to wait for a second frame
                self._packed = both
        self._since_ms = now_ms
        self.unsent = True
        return self._id

    def take(self) -> bytes:
        """Return the packed query to send, or b"" when there is none to send."""
        packed = self._packed if self.unsent else b""
        self.unsent = False
        return packed

    def answered(self, query_id: int) -> bool:
        """Close the question; False when it is not the open one."""
        if not self._packed or query_id != self._id:
            return False
        self._close()
        return True

    def lost(self) -> None:
        """Send it again: the turn that carried it was not answered, or without a verdict."""
        self.unsent = bool(self._packed)

    def expire(self, now_ms: int) -> None:
        """Close a question that nobody waits for any longer."""
        if self._packed and elapsed_ms(now_ms, self._since_ms) >= self._carrier.query_ms:
            self._close()

    def _close(self) -> None:
        self._packed = b""
        self.unsent = False


class Telling:
    """When the board's status is due: in a new session, when something that matters changed, and each ten seconds."""

    def __init__(self, source: object, carrier: Carrier):
        """`source`: the journal, whose epoch and sequences go into every status."""
        self._carrier = carrier
        self._source = source
        self.status = Status()
        self.back_to = 0  # as backlog.Backlog
        self._told = b""
        self._sent = b""
        self._since_ms = 0
        self.more = b""  # a packed message to be told once, with the next turn
        self._more_sent = b""

    def reset(self) -> None:
        """A new session: the gateway knows nothing."""
        self._told = b""
        self._sent = b""

    def unsaid(self) -> None:
        """What was taken did not go out in whole: it is told again."""
        self._sent = b""
        self._more_sent = b"?"

    def changed(self) -> bool:
        """Return True if the gateway is to hear of a change at once."""
        return bool(self.more) or self._key() != self._told

    def take(self, now_ms: int, again: bool = False) -> bytes:
        """Return what is told as a turn begins: the packed status where it is due or wanted `again`, and what waits."""
        self._sent = b""
        self._more_sent = more = self.more
        key = self._key()
        if not again and key == self._told and elapsed_ms(now_ms, self._since_ms) < self._carrier.status_every_ms:
            return more
        self._sent = key
        status = self.status
        status.epoch = self._source.epoch  # type: ignore[attr-defined]
        status.next_seq = self.back_to or self._source.next_seq  # type: ignore[attr-defined]
        status.oldest_seq = self._source.oldest_seq  # type: ignore[attr-defined]
        return pack(status) + more

    def heard(self, now_ms: int) -> None:
        """The turn was answered: the gateway has what was sent in it."""
        if self._sent:
            self._told = self._sent
            self._since_ms = now_ms
        if self._more_sent == self.more:
            self.more = b""

    def _key(self) -> bytes:
        """Return what matters of the status, as bytes."""
        status = self.status
        return struct.pack(
            _KEY,
            self._source.epoch,  # type: ignore[attr-defined]
            status.trust,
            status.roster_id,
            status.roster_revision,
            status.roster_count,
            status.policy_version,
            status.faults,
            self.back_to,
        )
