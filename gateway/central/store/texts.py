"""What the office wrote in its own words, where anybody may be named in passing: letters, reasons, notes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Column, Connection, Table, select, update

from gateway.central.store.tables_applications import APPLICATIONS, DECISIONS
from gateway.central.store.tables_exchange import EXCHANGE_BATCHES, EXCHANGE_CASES, EXCHANGE_MESSAGES
from gateway.central.store.tables_programmes import DIPLOMAS
from gateway.central.store.tables_reception import STAY_EVENTS, STAYS

AT_ONCE = 1000  # rows in memory at the same time
COLUMNS = (
    EXCHANGE_CASES.c.subject,
    EXCHANGE_MESSAGES.c.text,
    EXCHANGE_MESSAGES.c.ground,
    APPLICATIONS.c.reason,
    DECISIONS.c.reason,
    STAYS.c.reason,
    STAY_EVENTS.c.detail,
    DIPLOMAS.c.against,
)


@dataclass(frozen=True)
class Text:
    """A text, and the row in which it stands: its table, the column, the values of the key."""

    table: Table
    column: str
    key: tuple[object, ...]
    text: str

    @property
    def place(self) -> str:
        """Return where it stands, for people."""
        return f"{self.table.name.replace('_', ' ')} {' '.join(map(str, self.key))}"


class TextRows:
    """Read as a whole: nobody looks for words in them from day to day."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def all(self) -> Iterator[Text]:
        """Yield every text that is not empty."""
        for column in COLUMNS:
            table: Table = column.table
            query = select(*table.primary_key, column).where(column.is_not(None), column != "")
            with self._connection.execute(query, execution_options={"yield_per": AT_ONCE}) as rows:
                for *key, text in rows:
                    yield Text(table, column.name, tuple(key), text)

    def put(self, texts: Iterable[Text]) -> None:
        """Write texts anew; a file of the exchange that has one of them is exact or nothing, so that it goes."""
        for one in texts:
            row = [column == value for column, value in zip(one.table.primary_key, one.key, strict=True)]
            if one.table is EXCHANGE_MESSAGES:
                self._empty_file(select(EXCHANGE_MESSAGES.c.batch).where(*row))
            self._connection.execute(update(one.table).where(*row).values({one.column: one.text}))

    def _empty_file(self, batch: object) -> None:
        number: Column[int] = EXCHANGE_BATCHES.c.number
        order = update(EXCHANGE_BATCHES).where(number.in_(batch))  # type: ignore[arg-type]
        self._connection.execute(order.values(content=b"", size=0))
