"""A pulled file of JSON lines as CSV or Parquet, whole or not at all."""

import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from gateway.office.client import OfficeError
from gateway.office.files import put_in_place

ROWS = 10_000  # of a row group of Parquet: some megabytes


def lines_of(file: Path) -> Path:
    """Return where the JSON lines of a CSV or Parquet file are kept: from them the next pull goes on."""
    return file.with_name(file.name + ".ndjson")


def convert(lines: Path, file: Path, form: str, count: int) -> None:
    """Write pulled JSON lines in another form; OfficeError when not every one of `count` lines is in it."""
    from gateway.central.tabular import FORMS  # pyarrow takes half a second to load: only where it is used

    fresh = file.with_name(file.name + ".new")
    read = 0

    def counted() -> Iterator[bytes]:
        nonlocal read
        with lines.open("rb") as source:
            while some := list(islice(source, ROWS)):
                read += len(some)
                yield b"".join(some)

    with fresh.open("wb") as out:
        for piece in FORMS[form](counted()):
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    if read != count:
        fresh.unlink()
        raise OfficeError(f"{lines} holds {read} lines, not the {count} that were pulled; pull again.")
    put_in_place(fresh, file)
