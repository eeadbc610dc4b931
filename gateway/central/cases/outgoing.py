"""The bytes of a file for the other side. Pure: the same rows are the same bytes."""

import csv
import io
import json
from collections.abc import Sequence

from gateway.contract.exchange import Form, Outgoing

LAYOUT = "checkpost exchange 1"
MEDIA_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


def written(form: Form, number: int, rows: Sequence[Outgoing]) -> bytes:
    """Return rows as CSV (RFC 4180) or JSON, in UTF-8."""
    bodies = [row.model_dump(mode="json") for row in rows]
    if form == "json":
        return json.dumps({"layout": LAYOUT, "batch": number, "rows": bodies}, ensure_ascii=False, indent=1).encode()
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(Outgoing.model_fields))
    writer.writeheader()
    writer.writerows(bodies)
    return text.getvalue().encode()
