"""The JSON of erasures, for gateways and the office: a part of `gateway.contract`, which hands it out."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

MAX_FORGET = 500  # places or revisions of an erasure that one change names: some kilobytes


class Erasure(BaseModel):
    """What a gateway must forget, named by nothing that says who: its centre's revisions, and places of records."""

    model_config = ConfigDict(extra="forbid")
    number: int
    revisions: list[int] = Field(default=[], max_length=MAX_FORGET)
    places: list[tuple[int, int, int]] = Field(default=[], max_length=MAX_FORGET)


class Erased(BaseModel):
    """What takes the place of a crossing whose data were erased: forget what you have of it."""

    model_config = ConfigDict(extra="forbid")
    position: int
    board: int
    epoch: int
    seq: int
    erased: Literal[True]
