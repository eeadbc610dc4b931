"""Cards and their keys at the centre: what a desk is given to issue one, and what gateways need to prove them."""

from checkpost import cardkeys
from gateway.central.access import Caller
from gateway.central.audit import KeyAudit
from gateway.central.knowledge import Registry
from gateway.central.masters import VALID_VERSIONS, Masters
from gateway.central.problems import Problem, not_valid
from gateway.central.store import Store
from gateway.central.store.knowledge import Body
from gateway.contract import EVERYWHERE, Application, Card, Import, zone_of
from gateway.contract.keys import CardKeySets, GuestKey, KeySet, ZoneKeys

BLOCKS = ("lost", "stolen", "revoked")  # what a desk may say of a card; `replaced` comes with the new one


class CardOffice:
    """Changes cards through the registry, so that gateways hear of it at once; makes keys from the masters."""

    def __init__(self, store: Store, registry: Registry, masters: Masters, audit: KeyAudit):
        self._store = store
        self._registry = registry
        self._masters = masters
        self._audit = audit

    def register(self, card_uid: str, application_id: str, zone: str | None, caller: Caller) -> Card:
        """Put a card to a permit; Problem when it is another's, or there is no such application."""
        held, _ = self._find(card_uid)
        if held is not None and held.application_id != application_id:
            detail = f"The card {card_uid} carries the permit {held.application_id}: take another card."
            raise Problem(409, "card-in-use", detail)
        if self._application(application_id) is None:
            raise Problem(404, "unknown-application", f"There is no application {application_id}.")
        if held is not None:
            return held
        card = Card(card_uid=card_uid, application_id=application_id, status="active", zone=zone)
        self._audit.note(caller.role, caller.name, "registered", card_uid, f"for {application_id}")
        return self._put(card)

    def keys(self, card_uid: str, reason: str, caller: Caller) -> CardKeySets:
        """Return the keys of a known card, of the version it has and of each newer one; the last is to be issued."""
        card, application = self._known(card_uid)
        uid = _seven(card_uid)
        zone = zone_of(card, application)
        masters = self._masters.zone(zone)
        newest = max(masters)
        self._audit.note(caller.role, caller.name, f"given keys {card.key_version} to {newest}", card_uid, reason)
        sets = [
            KeySet(version=version, keys=self._all_keys(uid, version, masters[version]))
            for version in range(min(card.key_version, newest), newest + 1)
            if version in masters  # else it was lost: such a card cannot be issued anew
        ]
        return CardKeySets(card_uid=card_uid, zone=zone, cards=sets)

    def issued(self, card_uid: str, version: int, caller: Caller) -> Card:
        """Note that a card has the keys of a version now; Problem for one that its zone does not have."""
        card, application = self._known(card_uid)
        if version not in self._masters.zone(zone_of(card, application)):
            raise not_valid("#/version", f"the zone of the card {card_uid} has no keys of this version")
        self._audit.note(caller.role, caller.name, f"issued with keys {version}", card_uid, "")
        return self._put(card.model_copy(update={"key_version": version}))

    def block(self, card_uid: str, status: str, blocked_from: int | None, caller: Caller) -> Card:
        """Block a card; Problem when it was replaced, which stays so."""
        card, _ = self._known(card_uid)
        if card.status == "replaced":
            raise Problem(409, "card-replaced", f"The card {card_uid} was replaced, and stays blocked by that.")
        self._audit.note(caller.role, caller.name, status, card_uid, "")
        return self._put(card.model_copy(update={"status": status, "blocked_from": blocked_from}))

    def replace(self, card_uid: str, by_uid: str, caller: Caller) -> Card:
        """Put another card to the permit of this one, which ends now; return it. Again, that changes nothing."""
        card, _ = self._known(card_uid)
        other, _ = self._find(by_uid)
        if card_uid == by_uid or (other is not None and other.application_id != card.application_id):
            raise Problem(409, "card-in-use", f"The card {by_uid} is given out already: take another card.")
        self._audit.note(caller.role, caller.name, f"replaced by {by_uid}", card_uid, "")
        ended = card.model_copy(update={"status": "replaced", "blocked_from": None})
        new = other or Card(card_uid=by_uid, application_id=card.application_id, status="active", zone=card.zone)
        self._registry.take_import(Import(cards=[_whole(ended), _whole(new)]))
        return new

    def rotate(self, zone: str, caller: Caller) -> int:
        """Make a zone's next master key; the newest two are valid. Return its version."""
        try:
            version = self._masters.rotate(zone)
        except ValueError as error:
            raise Problem(409, "no-version-left", str(error)) from error
        self._audit.note(caller.role, caller.name, f"zone {zone} rotated to {version}", "", "")
        return version

    def zone_keys(self, gateway: str) -> ZoneKeys:
        """Return the valid master keys of a gateway's zones, and the key of each guest: a card of another zone whose
        permit leads to one of the gateway's points."""
        with self._store.read() as transaction:
            boards = [body for body in transaction.knowledge.all("board") if body["gateway"] == gateway]
            codes = {body["crossing_point"] for body in boards}
            points = transaction.knowledge.get("crossing_point", codes)
            applications = {body["application_id"]: body for body in transaction.knowledge.all("application")}
            cards = transaction.knowledge.all("card")
        own = {body["zone"] for body in points.values()} | {EVERYWHERE}
        zones = {zone: _newest(self._masters.zone(zone)) for zone in sorted(own)}
        others: dict[str, dict[int, bytes]] = {}  # asked for once: there may be thousands of guests
        guests = {}
        for body in cards:
            application = applications.get(body["application_id"])
            if application and not (
                own.isdisjoint(application["zones"]) and codes.isdisjoint(application["crossing_points"])
            ):
                guests.update(self._guest(body, application, own, others))
        return ZoneKeys(
            zones={zone: {at: key.hex() for at, key in keys.items()} for zone, keys in zones.items()}, guests=guests
        )

    def _guest(
        self, body: Body, application: Body, own: set[str], others: dict[str, dict[int, bytes]]
    ) -> dict[str, GuestKey]:
        """Return the key of a card of a zone that is not the gateway's own, by its UID; `others`: masters so far."""
        card = Card.model_construct(**body)
        zone = zone_of(card, Application.model_construct(**application))
        uid = bytes.fromhex(card.card_uid)
        if zone in own or len(uid) != cardkeys.UID_SIZE:
            return {}
        if zone not in others:
            others[zone] = _newest(self._masters.zone(zone))
        master = others[zone].get(card.key_version)
        if master is None:
            return {}
        key = cardkeys.card_key(master, uid, cardkeys.LIVE, card.key_version)
        return {card.card_uid: GuestKey(version=card.key_version, key=key.hex())}

    def _all_keys(self, uid: bytes, version: int, zone_master: bytes) -> dict[int, str]:
        issuer = self._masters.issuer(version)
        masters = {at: zone_master if at in cardkeys.OF_THE_ZONE else issuer for at in cardkeys.NUMBERS}
        return {at: cardkeys.card_key(master, uid, at, version).hex() for at, master in masters.items()}

    def _find(self, card_uid: str) -> tuple[Card | None, Application | None]:
        with self._store.read() as transaction:
            body = transaction.knowledge.get("card", [card_uid]).get(card_uid)
        card = Card.model_validate(body) if body else None
        return card, self._application(card.application_id) if card else None

    def _known(self, card_uid: str) -> tuple[Card, Application | None]:
        card, application = self._find(card_uid)
        if card is None:
            raise Problem(404, "unknown-card", f"There is no card {card_uid}; register it with its application first.")
        return card, application

    def _application(self, application_id: str) -> Application | None:
        with self._store.read() as transaction:
            body = transaction.knowledge.get("application", [application_id]).get(application_id)
        return Application.model_validate(body) if body else None

    def _put(self, card: Card) -> Card:
        self._registry.take_import(Import(cards=[_whole(card)]))
        return card


def _whole(card: Card) -> Card:
    """Return a card all of whose fields were given: an import leaves those that were not as they are."""
    return Card(**card.model_dump())


def _newest(versions: dict[int, bytes]) -> dict[int, bytes]:
    return {version: versions[version] for version in sorted(versions)[-VALID_VERSIONS:]}


def _seven(card_uid: str) -> bytes:
    uid = bytes.fromhex(card_uid)
    if len(uid) != cardkeys.UID_SIZE:
        raise not_valid("path: uid", f"the card {card_uid} is no NTAG 424 DNA: those have UIDs of 7 bytes")
    return uid
