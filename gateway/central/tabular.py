"""Crossings as NDJSON, CSV and Parquet: one schema, one order of columns, whoever writes them."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pyarrow as pa
import pyarrow.json as pj
import pyarrow.parquet as pq

LISTS = ("reasons", "notes", "unchecked", "corrected")
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
        ("corrected", pa.list_(pa.string())),
    ]
)

# A newer centre may say more of a crossing.
_AS_TOLD = pj.ParseOptions(explicit_schema=SCHEMA, unexpected_field_behavior="ignore")

Pieces = Iterator[bytes]


def as_ndjson(pieces: Iterable[bytes]) -> Pieces:
    """Yield the lines as they are; each piece holds whole lines, here and in the other forms."""
    yield from pieces


def as_csv(pieces: Iterable[bytes]) -> Pieces:
    """Yield a header and a row a crossing (RFC 4180); lists are separated by blanks."""
    yield (",".join(SCHEMA.names) + "\r\n").encode()
    for lines in pieces:
        text = io.StringIO()
        rows = csv.writer(text)
        for line in lines.splitlines():
            crossing = json.loads(line)
            rows.writerow([_cell(_value(crossing, name)) for name in SCHEMA.names])
        yield text.getvalue().encode()


def as_parquet(pieces: Iterable[bytes]) -> Pieces:
    """Yield a Parquet file, a row group for each piece."""
    sink = _Sink()
    file = pq.ParquetWriter(sink, SCHEMA, compression="zstd")
    for lines in pieces:
        file.write_table(pj.read_json(io.BytesIO(lines), parse_options=_AS_TOLD).select(SCHEMA.names))
        yield sink.taken()
    file.close()
    yield sink.taken()


FORMS: dict[str, Callable[[Iterable[bytes]], Pieces]] = {"ndjson": as_ndjson, "csv": as_csv, "parquet": as_parquet}


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


def _value(row: dict[str, Any], name: str) -> Any:
    """Return a cell; what a row does not say (a field that came later, a crossing that was erased) is empty."""
    return row.get(name, [] if name in LISTS else None)


def _cell(value: object) -> object:
    return " ".join(value) if isinstance(value, list) else value
