"""A gateway's end of a virtual board's line, in a thread of the test: roster, policy, and answers with card keys."""

import os
import secrets
import select
import threading
import time

from checkpost.downward import Acked, Answer, BoardPolicy, RosterPiece, Time
from checkpost.gateway_link import GatewayLink, Opened, Send, StatusUpdate, Turn
from checkpost.proofs import CardKey
from checkpost.record import LIVE, unpack, unpack_crossing
from checkpost.upward import Query
from tests.support.kiosk import LINK_KEY

ROSTER_ID = 7


class FarEnd:
    """Answers GO to every card; `keys(uid)` gives (number, version, key) to prove it with, or None."""

    def __init__(self, port, entries, keys):
        self.port, self.keys = port, keys
        self.piece = RosterPiece(ROSTER_ID, 0, 1, True, True, list(entries))
        self.status = None
        self._acked = Acked(1, 0)
        self._link = GatewayLink(lambda board: LINK_KEY, secrets.token_bytes)
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def settled(self):
        """Return True once the board says that it has the roster and the policy."""
        status = self.status
        return status is not None and (status.roster_id, status.roster_revision, status.policy_version) == (
            ROSTER_ID,
            1,
            1,
        )

    def stop(self):
        """Go silent."""
        self._end.set()
        self._thread.join()

    def _run(self):
        line = os.open(self.port, os.O_RDWR | os.O_NOCTTY)
        try:
            while not self._end.is_set():
                if select.select([line], [], [], 0.05)[0]:
                    for out in self._hear(os.read(line, 4096)):
                        os.write(line, out)
        finally:
            os.close(line)

    def _hear(self, data):
        """Return what to write."""
        out, said = [], []
        for event in self._link.receive(data, self._now_ms()):
            if isinstance(event, Send):
                out.append(event.data)
            elif isinstance(event, Opened | StatusUpdate):
                self.status = event.status
            elif isinstance(event, Query):
                uid = unpack_crossing(unpack(event.record).body).uid
                given = self.keys(uid)
                said += [CardKey(event.query_id, *given)] if given else []
                said.append(Answer(event.query_id, 0, 0, 0, 0, 1, 0))
            elif isinstance(event, Turn):
                utc_s, ms = divmod(int(time.time() * 1000), 1000)
                told = [self._acked, *said, Time(utc_s, ms, 36), *self._news()]
                said = []
                out.append(self._link.answer(told, self._now_ms()))
        return out

    def _news(self):
        if self.status is None or self.settled():
            return []
        return [BoardPolicy(1, LIVE, 604_800, 600, "ONS", "north-hamgyong", 0), self.piece]

    def _now_ms(self):
        return int(time.monotonic() * 1000)
