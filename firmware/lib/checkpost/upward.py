"""What a board says to its gateway: status, batches, queries, and where its journal begins. SPEC.md, "Messages"."""

from checkpost.fields import MessageError, exact, put
from checkpost.record import SIZE as RECORD_SIZE

STATUS = 0x01
BATCH = 0x02
QUERY = 0x03
BASE = 0x04
SEALED = 0x06  # 0x05 is a compact batch: checkpost.compact


class Status:
    """How a board is: sent when a session opens, when it changes, and each ten seconds. Board to gateway."""

    TYPE = STATUS
    LAYOUT = "<HIIIBIIHBHH3sI"

    def __init__(self) -> None:
        """All fields zero; the link itself fills in `epoch`, `next_seq` and `oldest_seq` from the journal."""
        self.epoch = 0
        self.next_seq = 1
        self.oldest_seq = 1
        self.utc_s = 0
        self.trust = 0  # as in a record: 0 unset, 1 holdover, 2 synced
        self.uncertainty = 0  # log2 code of quarter seconds, as in a record
        self.roster_id = 0
        self.roster_revision = 0
        self.roster_count = 0
        self.fill_percent = 0
        self.battery_mv = 0
        self.faults = 0  # 16 bits, SPEC.md "Faults"
        self.firmware = b"\0\0\0"  # major, minor, patch
        self.policy_version = 0

    def pack(self) -> bytes:
        """Return the body; MessageError when a field does not fit."""
        if not (0 <= self.trust < 4 and 0 <= self.uncertainty < 64 and len(self.firmware) == 3):
            raise MessageError("status out of range")
        out = bytearray()
        put(out, self.epoch, 2)
        put(out, self.next_seq, 4)
        put(out, self.oldest_seq, 4)
        put(out, self.utc_s, 4)
        out.append(self.trust << 6 | self.uncertainty)
        put(out, self.roster_id, 4)
        put(out, self.roster_revision, 4)
        put(out, self.roster_count, 2)
        put(out, self.fill_percent, 1)
        put(out, self.battery_mv, 2)
        put(out, self.faults, 2)
        out.extend(self.firmware)
        put(out, self.policy_version, 4)
        return bytes(out)


class Batch:
    """Consecutive whole records and 4 bytes of the chain head after the last. Board to gateway."""

    TYPE = BATCH

    def __init__(self, epoch: int, first_seq: int, records: bytes, head4: bytes, rebuilt: bool = False):
        """`records`: 32-byte records end to end; `head4`: first 4 bytes of the chain head after the last; `rebuilt`:
        they came in a compact batch."""
        self.rebuilt = rebuilt
        self.epoch = epoch
        self.first_seq = first_seq
        self.records = records
        self.head4 = head4

    def pack(self) -> bytes:
        """Return the body; MessageError when a field does not fit."""
        if not self.records or len(self.records) % RECORD_SIZE or len(self.head4) != 4:
            raise MessageError("a batch holds whole records")
        out = bytearray()
        put(out, self.epoch, 2)
        put(out, self.first_seq, 4)
        out.extend(self.head4)
        out.extend(self.records)
        return bytes(out)


class Query:
    """A card at the reader, as the record that would be written now. Board to gateway."""

    TYPE = QUERY

    def __init__(self, query_id: int, record: bytes, board: int = 0):
        """`record`: 32 bytes; `board` is filled in at the gateway."""
        self.query_id = query_id
        self.record = record
        self.board = board

    def pack(self) -> bytes:
        """Return the body; MessageError when a field does not fit."""
        exact(self.record, RECORD_SIZE)
        out = bytearray()
        put(out, self.query_id, 2)
        out.extend(self.record)
        return bytes(out)


class Base:
    """The journal begins after what the gateway holds: the chain head before its oldest record. Board to gateway."""

    TYPE = BASE

    def __init__(self, epoch: int, first_seq: int, head: bytes, board: int = 0):
        """`head`: 32 bytes, the chain head after `first_seq` - 1; `board` is filled in at the gateway."""
        self.epoch = epoch
        self.first_seq = first_seq
        self.head = head
        self.board = board

    def pack(self) -> bytes:
        """Return the body; MessageError when a field does not fit."""
        exact(self.head, 32)
        out = bytearray()
        put(out, self.epoch, 2)
        put(out, self.first_seq, 4)
        out.extend(self.head)
        return bytes(out)


class Sealed:
    """A seal over the chain up to a record, which the centre can check. Board to gateway."""

    TYPE = SEALED

    def __init__(self, epoch: int, seq: int, generation: int, seal: bytes, board: int = 0):
        """`generation`: of the seal key; `seal`: 8 bytes; `board` is filled in at the gateway."""
        self.epoch = epoch
        self.seq = seq
        self.generation = generation
        self.seal = seal
        self.board = board

    def pack(self) -> bytes:
        """Return the body; MessageError when a field does not fit."""
        exact(self.seal, 8)
        out = bytearray()
        put(out, self.epoch, 2)
        put(out, self.seq, 4)
        put(out, self.generation, 3)
        out.extend(self.seal)
        return bytes(out)
