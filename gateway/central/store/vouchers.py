"""Rows of vouchers: gateways' public keys, and board numbers that were given away before their boards are known."""

from dataclasses import dataclass, replace

from sqlalchemy import Connection, func, select, update

from gateway.central.store.put import Put
from gateway.central.store.tables_enrolment import BOARD_NUMBERS, GATEWAY_KEYS

FREE, TAKEN, ENDED = "free", "taken", "ended"
_PUT_KEY = Put(GATEWAY_KEYS, newest=["sealing_key"])
_PUT_NUMBER = Put(BOARD_NUMBERS, newest=["state", "chip", "statement", "trouble"])


@dataclass(frozen=True)
class NumberRow:
    """A reserved number; `technician`: the public key that signs its enrolment. Times: Unix UTC s."""

    number: int
    technician: str
    gateway: str
    made_s: int
    until_s: int
    state: str = FREE
    chip: str = ""
    statement: str = ""
    trouble: str = ""

    def taken(self, chip: str, statement: str) -> "NumberRow":
        """Return the row once a board has the number."""
        return replace(self, state=TAKEN, chip=chip, statement=statement, trouble="")


class VoucherRows:
    """A number is reserved once, and never given away again."""

    def __init__(self, connection: Connection):
        self._connection = connection

    def gateway_key(self, gateway: str) -> str | None:
        """Return the public key to which a gateway's link keys are sealed."""
        query = select(GATEWAY_KEYS.c.sealing_key).where(GATEWAY_KEYS.c.gateway == gateway)
        return self._connection.execute(query).scalar()

    def put_gateway_key(self, gateway: str, key: str) -> None:
        """Keep a gateway's public key."""
        _PUT_KEY.run(self._connection, [{"gateway": gateway, "sealing_key": key}])

    def highest(self) -> int:
        """Return the highest number that was reserved, 0 for none."""
        return self._connection.execute(select(func.max(BOARD_NUMBERS.c.number))).scalar() or 0

    def put(self, rows: list[NumberRow]) -> None:
        """Reserve numbers, or write down what became of them."""
        _PUT_NUMBER.run(self._connection, [row.__dict__ for row in rows])

    def get(self, number: int) -> NumberRow | None:
        """Return a number that was reserved."""
        row = self._connection.execute(select(BOARD_NUMBERS).where(BOARD_NUMBERS.c.number == number)).first()
        return NumberRow(*row) if row else None

    def all(self) -> list[NumberRow]:
        """Return every number that was reserved, the oldest first."""
        return [NumberRow(*row) for row in self._connection.execute(select(BOARD_NUMBERS).order_by("number"))]

    def end(self, technician: str) -> int:
        """Let no board have the numbers of a technician's key that none has yet; return how many."""
        mine = (BOARD_NUMBERS.c.technician == technician, BOARD_NUMBERS.c.state == FREE)
        return self._connection.execute(update(BOARD_NUMBERS).where(*mine).values(state=ENDED)).rowcount
