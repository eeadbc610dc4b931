"""Seals go to the centre as they came, with their records; slots name a card for ever."""

from checkpost import roster
from gateway.boards.slots import SlotBook, new_slots
from gateway.contract import Application, Batch, BatchReply, Card, Held, RecordRun
from gateway.forwarder.batches import next_batch, take_reply
from gateway.intake.records import CHAIN_MISMATCH, REBUILT_OTHERWISE, Intake
from tests.gateway.support import CARD, MORNING_S, NOW_S, Journal
from tests.gateway.test_roster import learn, refresh

OTHER = "04000000000002"
SEAL = b"\x01" * 8


def journal():
    found = Journal(1)
    for at in range(4):
        found.crossing(MORNING_S + at, CARD)
    return found


def told(seals):
    return [(one.seq, one.generation, one.seal) for one in seals]


def held(seq):
    return BatchReply(held=[Held(board=1, epoch=1, seq=seq)], new=seq, known=0)


def test_a_seal_goes_with_its_records_once(small):
    run = journal().run(1, 2)._replace(seals=((2, 7, SEAL),))
    Intake(small).take([run, run], NOW_S)
    batch = next_batch(small)
    assert told(batch.seals) == [(2, 7, SEAL.hex())]
    take_reply(small, batch, held(2))
    Intake(small).take([journal().run(3, 4)], NOW_S)
    assert next_batch(small).seals == []


def test_a_seal_waits_for_the_record_that_it_speaks_of(small):
    written = journal()
    Intake(small).take([written.run(1, 4)._replace(seals=((2, 0, SEAL), (4, 0, SEAL)))], NOW_S)
    batch = next_batch(small)
    take_reply(small, batch, held(2))
    assert told(next_batch(small).seals) == [(4, 0, SEAL.hex())]


def test_a_centre_that_lost_records_gets_their_seals_again(small):
    Intake(small).take([journal().run(1, 4)._replace(seals=((4, 0, SEAL),))], NOW_S)
    take_reply(small, next_batch(small), held(4))
    take_reply(small, next_batch(small) or _batch(small), held(1))
    assert told(next_batch(small).seals) == [(4, 0, SEAL.hex())]


def _batch(small):
    """A batch as it was when the centre still had it all: nothing is behind now."""
    raw = small.records.raw(1, 1, 4, 1)[0]
    return Batch(runs=[RecordRun(board=1, epoch=1, first_seq=4, records=[raw.hex()], head="00" * 32)])


def test_records_of_another_chain_bring_no_seal(small):
    run = journal().run(1, 2)._replace(head4=b"\0\0\0\0", seals=((2, 0, SEAL),))
    (taken,) = Intake(small).take([run], NOW_S)
    assert taken.refused == CHAIN_MISMATCH
    assert next_batch(small) is None
    assert small.seals.waiting(1, 1, 9, 9) == []


def test_a_compact_batch_that_was_rebuilt_otherwise_accuses_nobody(small):
    (taken,) = Intake(small).take([journal().run(1, 2)._replace(head4=b"\0\0\0\0", rebuilt=True)], NOW_S)
    assert (taken.refused, taken.seq) == (REBUILT_OTHERWISE, 0)
    assert small.reviews.open_flags() == {}


def test_a_slot_is_given_once_and_stays(small):
    refresh(small)
    entry = small.rosters.entry(1, CARD)
    assert (roster.valid(entry), roster.slot_of(entry)) == (True, 1)
    learn(
        small,
        Application(application_id="A2", decision="approved"),
        Card(card_uid=OTHER, application_id="A2", status="active"),
    )
    assert roster.slot_of(small.rosters.entry(1, OTHER)) == 2
    learn(small, Application(application_id="A1", decision="approved", crossing_points=["HRY"]))
    assert roster.removed(small.rosters.entry(1, CARD))
    learn(small, Application(application_id="A1", decision="approved"))
    assert roster.slot_of(small.rosters.entry(1, CARD)) == 1


def test_the_book_knows_the_slots_of_one_roster_only(small):
    refresh(small)
    book = SlotBook()
    learned = {1: small.rosters.revision(1)}
    book.learn(5, learned, new_slots(small, book.behind(5, learned)))
    assert book.card_of(1, 5, 1) == bytes.fromhex(CARD)
    assert (book.card_of(1, 6, 1), book.card_of(2, 5, 1), book.card_of(1, 5, 2)) == (b"", b"", b"")
    assert book.behind(5, learned) == {} and book.behind(6, learned) == dict.fromkeys(learned, 0)


def test_the_book_asks_for_the_slots_of_rosters_that_moved_and_learns_them(small):
    refresh(small)
    book = SlotBook()
    learned = {1: small.rosters.revision(1)}
    book.learn(5, learned, new_slots(small, book.behind(5, learned)))
    learn(
        small,
        Application(application_id="A2", decision="approved"),
        Card(card_uid=OTHER, application_id="A2", status="active"),
    )
    assert book.behind(5, small.rosters.revisions())[1] == 1
    book.learn(5, small.rosters.revisions(), new_slots(small, {1: 1}))
    assert book.card_of(1, 5, 2) == bytes.fromhex(OTHER) and book.card_of(1, 5, 1) == bytes.fromhex(CARD)
