"""What the gateway's tests share: the scenario as records of boards, and stores that know it."""

import csv
from datetime import datetime
from pathlib import Path

from checkpost import chain, reasons, record
from gateway.contract import Application, Board, Card, CrossingPoint, Elsewhere, Policy
from gateway.intake.imports import Parsed, parse_paths
from gateway.intake.judging import AS_OF
from gateway.intake.learning import Learning
from gateway.intake.records import Run
from gateway.store.store import Store, open_store

SCENARIO = Path(__file__).resolve().parents[2] / "tools" / "scenarios" / "hamgyong-1961"
NOW_S = 1_793_000_000  # some moment after the scenario's last tap
OUTCOME = {name: code for code, name in enumerate(record.OUTCOMES)}


class Journal:
    """A board's journal in memory: records in sequence and the chain over them."""

    def __init__(self, board: int, epoch: int = 1):
        self.board = board
        self.epoch = epoch
        self.records: list[bytes] = []
        self.heads = [chain.start(board, epoch)]

    def append(self, kind: int, utc_s: int, body: bytes, trust: int = record.SYNCED, rotten: bool = False) -> int:
        """Write a record and return its sequence; `rotten`: one that nobody can read."""
        seq = len(self.records) + 1
        raw = record.Record(kind, seq, utc_s, 36, trust, 2, body).pack()
        self.add(raw[:-1] + bytes([raw[-1] ^ 1]) if rotten else raw)
        return seq

    def add(self, raw: bytes) -> None:
        """Write a record as it is."""
        self.records.append(raw)
        self.heads.append(chain.link(self.heads[-1], raw))

    def crossing(
        self,
        utc_s: int,
        card_uid: str = "",
        direction: int = 0,
        party: int = 1,
        verdict: int = 0,
        trust: int = record.SYNCED,
    ) -> int:
        """Write a crossing and return its sequence."""
        assurance = record.UID if card_uid else record.NONE
        crossing = record.Crossing(bytes.fromhex(card_uid), direction, party, assurance)
        crossing.verdict = verdict
        return self.append(record.CROSSING, utc_s, crossing.pack(), trust)

    def outcome(self, utc_s: int, crossing_seq: int, outcome: int, party: int = 1, trust: int = record.SYNCED) -> int:
        """Write an outcome and return its sequence."""
        return self.append(record.OUTCOME, utc_s, record.pack_outcome(crossing_seq, outcome, party), trust)

    def boot(self) -> int:
        """Write the record of a start at which the clock had no time."""
        return self.append(record.BOOT, 0, b"", record.UNSET)

    def clock_set(self, utc_s: int, before_s: int) -> int:
        """Write what a gateway's time does to a clock that showed `before_s`."""
        return self.append(record.CLOCK_SET, utc_s, record.pack_clock_set(before_s, 1))

    def run(self, first_seq: int = 1, last_seq: int | None = None) -> Run:
        """Return records as a board sends them."""
        last_seq = len(self.records) if last_seq is None else last_seq
        records = b"".join(self.records[first_seq - 1 : last_seq])
        return Run(self.board, self.epoch, first_seq, records, self.heads[last_seq][:4])


class Scenario:
    """The scenario's rows, and its taps as runs of records: a crossing and, where the guard said so, its outcome."""

    def __init__(self) -> None:
        self.known: Parsed = parse_paths([SCENARIO])
        self.taps = _rows("taps.csv")
        self.expected = {row["tap"]: row for row in _rows("expected_verdicts.csv")}
        codes = [row["code"] for row in _rows("crossing_points.csv")]
        self.boards = {code: number for number, code in enumerate(codes, 1)}
        self.journals = {code: Journal(number) for code, number in self.boards.items()}
        self.key_of_tap: dict[str, tuple[int, int, int]] = {}
        self.runs = [self._write(tap) for tap in self.taps]

    def _write(self, tap: dict[str, str]) -> Run:
        journal = self.journals[tap["crossing_point"]]
        utc_s = int(datetime.fromisoformat(tap["local_time"]).timestamp())
        direction = record.DIRECTIONS.index(tap["direction"])
        party = int(tap["party"])
        seq = journal.crossing(utc_s, tap["card_uid"], direction, party if not tap["outcome"] else 1)
        if tap["outcome"]:
            journal.outcome(utc_s + 5, seq, OUTCOME[tap["outcome"]], party)
        self.key_of_tap[tap["tap"]] = (journal.board, 1, seq)
        return journal.run(seq)

    def teach_boards(self, store: Store) -> None:
        """Tell a store which boards it has, and nothing more."""
        boards = [
            Board(board=number, epoch=1, crossing_point=code, gateway="g", link_key=f"{number:032x}")
            for code, number in self.boards.items()
        ]
        Learning(store).take_imported(boards, NOW_S)

    def teach(self, store: Store) -> None:
        """Tell a store all that the centre would."""
        self.teach_boards(store)
        Learning(store).take_imported(self.known.rows, NOW_S)
        with store.transaction():
            store.knowledge.set_policy(Policy(assurance="uid"))
            store.knowledge.set(AS_OF, NOW_S)


def _rows(name: str) -> list[dict[str, str]]:
    with (SCENARIO / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def fresh_store(folder: Path) -> Store:
    """Return a new, empty store in a folder."""
    return open_store(folder, roster_id=0xC0FFEE)


CARD = "04000000000001"
STRANGER = "04000000000099"
DAY_S = 86_400
MORNING_S = 1_792_800_000


def teach_small(store: Store, **permit: object) -> None:
    """Tell a store of two border points with a board each, and of one permit with one card."""
    points = [CrossingPoint(code=code, name=code, kind="border", zone="north") for code in ("ONS", "HRY")]
    boards = [
        Board(board=number, epoch=1, crossing_point=point.code, gateway="g", link_key=f"{number:032x}")
        for number, point in enumerate(points, 1)
    ]
    granted = {"entries": 1, "max_stay_days": 10} | permit
    application = Application(application_id="A1", decision="approved", **granted)
    card = Card(card_uid=CARD, application_id="A1", status="active")
    Learning(store).take_imported([*points, *boards, application, card], NOW_S)
    with store.transaction():
        store.knowledge.set_policy(Policy(assurance="uid"))
        store.knowledge.set(AS_OF, NOW_S)


def elsewhere(seq: int = 1, utc_s: int = MORNING_S, **more: object) -> Elsewhere:
    """Return an admitted entry at another point, as the centre tells of it."""
    said = {
        "board": 2,
        "epoch": 1,
        "seq": seq,
        "crossing_point": "HRY",
        "card_uid": CARD,
        "order_s": utc_s,
        "utc_s": utc_s,
        "offset": 36,
        "clock": "synced",
        "uncertainty": 2,
        "direction": "entry",
        "party": 1,
        "assurance": "uid",
        "genuine": True,
        "outcome": "admitted",
    }
    return Elsewhere.model_validate(said | more)


def verdict_of(store: Store, board: int, seq: int) -> tuple[str, list[str], list[str]]:
    """Return (verdict, reasons or causes, notes) of a crossing as it stands."""
    row = store.records.crossing(board, 1, seq)
    why = reasons.names(row.reasons, reasons.REASONS) + reasons.names(row.causes, reasons.CAUSES)
    return reasons.VERDICTS[row.verdict], why, reasons.names(row.notes, reasons.NOTES)


def dump(store: Store) -> dict[str, list[tuple[object, ...]]]:
    """Return every row of every table that an intake writes, without the numbers that only count insertions."""
    tables = {
        "chains": "*",
        "records": "*",
        "crossings": "*",
        "outcomes": "*",
        "flags": "kind, board, epoch, seq, state, detail",
        "verdicts": "board, epoch, seq, verdict, reasons, causes, notes, waived",
    }
    order = "ORDER BY board, epoch, 3"
    return {
        name: sorted(store._conn.execute(f"SELECT {columns} FROM {name} {order}").fetchall(), key=repr)
        for name, columns in tables.items()
    }
