"""Defects that a single fault shows: `mutations.py` tries each with that fault alone, and sees nothing without it."""

from unittest import mock

from checkpost import chain


def tag_is_not_checked():
    """A frame is opened whatever its tag says."""
    from checkpost import session
    from checkpost.aes import TAG_SIZE, ccm_seal

    def ccm_open(key, nonce, header, sealed):
        if len(sealed) < TAG_SIZE:
            return None
        return ccm_seal(key, nonce, header, sealed[:-TAG_SIZE])[:-TAG_SIZE]  # counter mode: sealing opens

    return mock.patch.object(session, "ccm_open", ccm_open)


def what_comes_is_appended():
    """A gateway takes a frame that came before, and its records as the next ones."""
    from checkpost.reorder import Reorder
    from checkpost.session import Session

    return _all(
        mock.patch.object(Session, "accept", lambda *_: True),
        mock.patch.object(Reorder, "take", lambda self, batch: [batch] if self.expected else []),
        _appended(),
    )


def what_overtook_is_appended():
    """A gateway takes the records of a frame that overtook another as the next ones."""
    from checkpost.record import SIZE
    from checkpost.reorder import Reorder

    def take(self, batch):
        return [batch] if self.expected and batch.first_seq + len(batch.records) // SIZE > self.expected else []

    return _all(mock.patch.object(Reorder, "take", take), _appended())


def _appended():
    from gateway.intake.records import Intake

    real = Intake._take

    def take(self, run, now_s, layouts):
        held = self.held(run.board, run.epoch)
        head = self._store.records.chain(run.board, run.epoch)
        before = head.head if head else chain.start(run.board, run.epoch)
        short = chain.extend(before, run.records)[: chain.SHORT_SIZE]
        return real(self, run._replace(first_seq=held.seq + 1, head4=short), now_s, layouts)

    return mock.patch.object(Intake, "_take", take)


def full_disk_acknowledges():
    """A gateway whose disk takes nothing says that it holds what came."""
    from gateway.intake import desk
    from gateway.intake.records import Taken
    from gateway.store.database import StoreFailure

    real = desk._take

    def take(store, runs, now_s):
        try:
            return real(store, runs, now_s)
        except StoreFailure:
            return [Taken(run.board, run.epoch, run.first_seq + len(run.records) // 32 - 1, 0, new=1) for run in runs]

    return mock.patch.object(desk, "_take", take)


def unanswered_counts_as_taken():
    """A gateway believes that the centre took a batch to which it had no answer, whatever it hears later."""
    from gateway.contract import BatchReply, Held
    from gateway.forwarder.client import Centre, CentreAway
    from gateway.store.records import Records

    real, write = Centre.send_batch, Records.set_centre

    async def send_batch(self, batch):
        try:
            return await real(self, batch)
        except CentreAway:
            ends = [(run.board, run.epoch, run.first_seq + len(run.records) - 1) for run in batch.runs]
            held = [Held(board=board, epoch=epoch, seq=seq) for board, epoch, seq in ends]
            return BatchReply(held=held, new=0, known=0)

    def set_centre(self, board, epoch, seq, head):
        return seq > self.chain(board, epoch).centre_seq and write(self, board, epoch, seq, head)

    return _all(
        mock.patch.object(Centre, "send_batch", send_batch), mock.patch.object(Records, "set_centre", set_centre)
    )


def what_is_known_is_refused():
    """The centre takes no batch that begins with records that it holds."""
    from gateway.central import ledger

    def check_known(self, transaction, run, raws):
        if raws:
            raise ledger._refused(409, "known", run, "These records are held.")

    return mock.patch.object(ledger.Ledger, "_check_known", check_known)


def clock_is_not_watched():
    """A board believes its clock chip, whatever its own count says."""
    from kiosk.clock import Clock

    return mock.patch.object(Clock, "_jumped", lambda *_: False)


def start_confirms_the_clock():
    """A board says after a start that its clock is confirmed, since it was before."""
    from checkpost.record import SYNCED, UNSET
    from kiosk import resume

    real = resume.clock_worth

    def clock_worth(*known):
        trust, error_ms, since_s = real(*known)
        return SYNCED if trust != UNSET else UNSET, error_ms, since_s

    return mock.patch.object(resume, "clock_worth", clock_worth)


def gaps_are_not_told():
    """A board that cannot read a record does not say so."""
    from checkpost import gap

    return mock.patch.object(gap, "find", lambda *_: None)


def _all(*patches):
    from contextlib import ExitStack

    together = ExitStack()
    for patch in patches:
        together.enter_context(patch)
    return together
