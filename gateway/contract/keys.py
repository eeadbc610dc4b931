"""The JSON of cards' keys, version 1: what is wrong with one is said without it."""

from typing import Annotated

from pydantic import ConfigDict, Field

from gateway.contract import Hex16, Model, Name, Uid

Version = Annotated[int, Field(ge=1, le=255)]  # a card keeps it in one byte; 0 is a card as delivered


class KeyModel(Model):
    """Holds keys: what is wrong with one is said without it."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    def __repr__(self) -> str:
        """Show no key."""
        return f"{type(self).__name__}(...)"

    __str__ = __repr__


class KeySet(KeyModel):
    """The five keys of one card at one version, by their number on the card."""

    version: Version
    keys: dict[int, Hex16]


class CardKeySets(KeyModel):
    """POST /v1/cards/{uid}/keys: what a desk needs to issue a card; the last set is the one to issue."""

    card_uid: Uid
    zone: Name
    cards: list[KeySet]


class GuestKey(KeyModel):
    """The key with which a card of another zone is proven at this gateway's points."""

    version: Version
    key: Hex16


class ZoneKeys(KeyModel):
    """GET /v1/zone-keys: master keys of a gateway's zones, by zone and version; and of guests by UID, each its own."""

    zones: dict[Name, dict[Version, Hex16]]
    guests: dict[Uid, GuestKey] = Field(default={})
