"""Writes a journal into a bundle, entry by entry; a technician's tool calls it at the prompt. SPEC.md, "Bundle"."""

from checkpost import chain
from checkpost.bundle import Writer
from checkpost.limits import BATCH_RECORDS
from checkpost.messages import pack
from checkpost.record import SIZE
from checkpost.upward import Base, Batch, Sealed


class Unreadable(Exception):
    """A record of the journal cannot be read; what lies before it was handed over."""


def entries(journal, board, link_key, salt):
    """Yield the entries of a bundle of all records of the journal's epoch, oldest first; the manifest is the last.

    `salt`: 32 bytes from the system's randomness. Raises Unreadable where a record is rotten, before the manifest.
    """
    writer = Writer(board, journal.epoch, link_key, salt)
    first, last = journal.oldest_seq, journal.next_seq - 1
    head = journal.head_at(first - 1) if last >= first else chain.start(board, journal.epoch)
    yield writer.frame(pack(Base(journal.epoch, first, head)))
    seq = first
    while seq <= last:
        records = bytearray(SIZE * min(BATCH_RECORDS, last + 1 - seq))
        count = journal.read_into(seq, records)
        if not count:
            raise Unreadable("record %d cannot be read: fetch the image of the chip instead" % seq)
        taken = bytes(records[: count * SIZE])
        head = chain.extend(head, taken)
        payload = pack(Batch(journal.epoch, seq, taken, head[: chain.SHORT_SIZE]))
        seq += count
        if seq > last:
            generation, signature = journal.seal_of(last, head)
            if signature:
                payload += pack(Sealed(journal.epoch, last, generation, signature))
        yield writer.frame(payload)
    yield writer.manifest(first, last)
