"""Tables of boards that are provisioned without a line: what may be sealed to whom, and which numbers are reserved."""

from sqlalchemy import Column, Index, Table

from gateway.central.store.columns import Whole, Words
from gateway.central.store.tables import METADATA

# The public key, hex, to which link keys for a gateway are sealed.
GATEWAY_KEYS = Table(
    "gateway_keys",
    METADATA,
    Column("gateway", Words, primary_key=True),
    Column("sealing_key", Words, nullable=False),
)

# Numbers that vouchers gave away. `statement`: SHA-256 (hex) of the enrolment that took one.
BOARD_NUMBERS = Table(
    "board_numbers",
    METADATA,
    Column("number", Whole, primary_key=True, autoincrement=False),
    Column("technician", Words, nullable=False),  # the public key that signs its enrolment, hex
    Column("gateway", Words, nullable=False),
    Column("made_s", Whole, nullable=False),
    Column("until_s", Whole, nullable=False),
    Column("state", Words, nullable=False),  # free, taken, ended
    Column("chip", Words, nullable=False),
    Column("statement", Words, nullable=False),
    Column("trouble", Words, nullable=False),  # why an enrolment that came for it was refused
    Index("board_numbers_by_technician", "technician"),
)
