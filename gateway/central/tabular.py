"""Crossings as NDJSON, CSV and Parquet: one schema, one order of columns, whoever writes them."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROWS = 10_000  # a row group of Parquet, and a piece of the other forms: some megabytes
LISTS = ("reasons", "notes", "unchecked")
_TEXT = ("crossing_point", "direction", "local_time", "utc", "clock", "card_uid", "permit")
SCHEMA = pa.schema(
    [
        ("position", pa.int64()),
        ("board", pa.int32()),
        ("epoch", pa.int32()),
        ("seq", pa.int64()),
        *((name, pa.timestamp("s", tz="UTC") if name == "utc" else pa.string()) for name in _TEXT),
        ("party", pa.int32()),
        *((name, pa.string()) for name in ("assurance", "board_verdict", "verdict")),
        *((name, pa.list_(pa.string())) for name in ("reasons", "notes")),
        *((name, pa.string()) for name in ("outcome", "source")),
        ("unchecked", pa.list_(pa.string())),
        ("rule_version", pa.int32()),
    ]
)

Row = dict[str, Any]
Pieces = Iterator[bytes]


def as_ndjson(lines: Iterable[str]) -> Pieces:
    """Yield JSON texts, one a line."""
    for some in _groups(lines):
        yield "".join(f"{line}\n" for line in some).encode()


def as_csv(lines: Iterable[str]) -> Pieces:
    """Yield a header and a row a crossing (RFC 4180); lists are separated by blanks."""
    yield (",".join(SCHEMA.names) + "\r\n").encode()
    for some in _groups(lines):
        text = io.StringIO()
        rows = csv.writer(text)
        for line in some:
            crossing = json.loads(line)
            rows.writerow([_cell(crossing[name]) for name in SCHEMA.names])
        yield text.getvalue().encode()


def as_parquet(lines: Iterable[str]) -> Pieces:
    """Yield a Parquet file, a row group at a time."""
    sink = _Sink()
    file = pq.ParquetWriter(sink, SCHEMA, compression="zstd")
    for some in _groups(lines):
        file.write_table(_table([json.loads(line) for line in some]))
        yield sink.taken()
    file.close()
    yield sink.taken()


FORMS: dict[str, Callable[[Iterable[str]], Pieces]] = {"ndjson": as_ndjson, "csv": as_csv, "parquet": as_parquet}


class _Sink(io.RawIOBase):
    """What a Parquet writer writes to: holds what was not taken yet."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def write(self, piece: Any) -> int:
        raw = bytes(piece)
        self._waiting.append(raw)
        self._at += len(raw)
        return len(raw)

    def taken(self) -> bytes:
        """Return what was written since the last time."""
        found, self._waiting = b"".join(self._waiting), []
        return found


def _table(rows: list[Row]) -> pa.Table:
    columns = []
    for field in SCHEMA:
        values = [row[field.name] for row in rows]
        array = pa.array(values, pa.string() if field.name == "utc" else field.type)
        columns.append(array.cast(field.type) if field.name == "utc" else array)
    return pa.Table.from_arrays(columns, schema=SCHEMA)


def _cell(value: object) -> object:
    return " ".join(value) if isinstance(value, list) else value


def _groups(lines: Iterable[str]) -> Iterator[list[str]]:
    source = iter(lines)
    while some := list(islice(source, ROWS)):
        yield some
