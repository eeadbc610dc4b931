"""Issues a scenario's cards, so that people can carry them from board to board and each can prove itself."""

from collections.abc import Mapping
from pathlib import Path

from checkpost import cardkeys
from gateway.central.masters import Masters
from gateway.contract import Application, Card, zone_of
from gateway.intake.imports import parse_paths
from virtualboard.chips.deck import Deck
from virtualboard.chips.ntag424 import Ntag424
from workbench.cards import Issue, derive, document
from workbench.driver import card_driver

ISSUED_DAY = 20_000  # written on every card: some day before the scenario; nobody asks for it


class _Unwatched:
    """Stands for the fingerprints of a centre that does not run yet: it takes over what it finds."""

    def all(self) -> dict[str, str]:
        return {}

    def put(self, fingerprints: Mapping[str, str]) -> None:
        """Nothing is kept."""


def issue_cards(scenario: Path, central: Path, deck: Deck, random: object) -> int:
    """Issue every card of a scenario folder with the keys of the centre whose data folder is given; return how many.

    It is the desk's own plan, over the card models instead of a reader. `random(n)` gives n bytes.
    """
    rows = parse_paths([scenario / "applications.csv", scenario / "cards.csv"]).rows
    applications = {row.application_id: row for row in rows if isinstance(row, Application)}
    masters = Masters(central, random, _Unwatched())  # type: ignore[arg-type]
    cards = [row for row in rows if isinstance(row, Card) and len(row.card_uid) == 2 * cardkeys.UID_SIZE]
    zones: dict[str, dict[int, bytes]] = {}
    issuer = masters.issuer(1)
    for card in cards:
        zone = zone_of(card, applications.get(card.application_id))
        if zone not in zones:
            zones[zone] = masters.zone(zone)
        deck.keep(_issued(bytes.fromhex(card.card_uid), zone, issuer, zones[zone][1], random))
    return len(cards)


def _issued(uid: bytes, zone: str, issuer: bytes, master: bytes, random: object) -> Ntag424:
    """Return a card as it leaves the desk."""
    card = Ntag424(uid, random)  # type: ignore[arg-type]
    card.activated()

    def exchange(apdu: bytes) -> bytes | None:
        answer = card.exchange(apdu)
        return answer[0] if answer else None

    Issue(card_driver(exchange), derive(uid, 1, issuer, master), document(zone, ISSUED_DAY, 1)).run()
    card.removed()
    return card
