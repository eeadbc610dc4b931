"""`checkpost card`: issue a permit card at a desk, read one, block or replace one."""

import json
import stat
import sys
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from checkpost import cardkeys, sun, sun_form
from gateway.contract.moments import utc_of_text
from gateway.errors import OperatorError
from workbench.cards import CardKeys, Issue, NotThisCard, document, identify
from workbench.centre import Centre
from workbench.driver import advice, card_driver, card_errors
from workbench.originality import is_original
from workbench.readers import Reader, open_board, open_pcsc

app = typer.Typer(help="Permit cards: issue, read, block and replace them.", no_args_is_help=True)

TRIES = 3  # times that a card may leave before the desk is asked to begin anew
_UNIX_DAY_ZERO = date(1970, 1, 1)

Board = Annotated[str | None, typer.Option(help="a board as the reader: its serial port")]
Pcsc = Annotated[str | None, typer.Option(help="a PC/SC reader: a part of its name, or '' for the only one")]
Keys = Annotated[Path | None, typer.Option(help="the card's keys as the centre gave them, a file of mode 600")]
Url = Annotated[str | None, typer.Option(help="address of the centre", envvar="CHECKPOST_CENTRAL_URL")]
Token = Annotated[
    Path | None,
    typer.Option(help="file with the desk's token, or the centre's tokens.json", envvar="CHECKPOST_TOKEN_FILE"),
]
AnyMaker = Annotated[bool, typer.Option(help="take a card without the maker's signature (test cards)")]


class Status(StrEnum):
    """Why a card is blocked."""

    LOST = "lost"
    STOLEN = "stolen"
    REVOKED = "revoked"


class CardTrouble(OperatorError):
    """The card, or what was given for it, cannot be used: the text says why and what to do."""


@app.command()
def issue(
    board: Board = None,
    pcsc: Pcsc = None,
    url: Url = None,
    token_file: Token = None,
    application: Annotated[str | None, typer.Option(help="the permit that the card is to carry")] = None,
    keys: Keys = None,
    zone: Annotated[str | None, typer.Option(help="with --keys: code of the zone that the card is for")] = None,
    any_maker: AnyMaker = False,
) -> None:
    """Write a card's keys, files and message, and prove it; run it again if the card left too early.

    The keys come from the centre, or from a file.
    """
    centre = _centre(url, token_file) if keys is None else None
    if keys is not None and zone is None:
        raise CardTrouble("with --keys the card's zone has to be given: --zone CODE")
    with _Desk(board, pcsc) as reader:
        uid = reader.find()
        if centre is None:
            assert keys is not None and zone is not None  # asked for above
            _issue(reader, uid, zone, read_keys(keys, uid), any_maker)
            return
        if application is not None:
            _look_first(reader, uid, any_maker)
            centre.register(uid, application)
        _issue_online(reader, uid, centre, "issue", any_maker)


@app.command()
def replace(
    card: Annotated[str, typer.Argument(help="UID of the card that ends, hex")],
    board: Board = None,
    pcsc: Pcsc = None,
    url: Url = None,
    token_file: Token = None,
    any_maker: AnyMaker = False,
) -> None:
    """Issue the card on the reader in place of another, which is blocked from now on."""
    old, centre = _uid(card), _centre(url, token_file)
    with _Desk(board, pcsc) as reader:
        uid = reader.find()
        _look_first(reader, uid, any_maker)
        permit = centre.replace(old, uid).application_id
        print(f"card {old.hex().upper()} is replaced, and blocked; its permit {permit} is on {uid.hex().upper()}")
        _issue_online(reader, uid, centre, f"in place of {old.hex().upper()}", any_maker)


@app.command()
def block(
    card: Annotated[str, typer.Argument(help="UID of the card, hex")],
    status: Annotated[Status, typer.Option(help="what became of it")],
    since: Annotated[
        str | None, typer.Option(help="moment from which it counts, such as 2026-11-04T12:00+09:00")
    ] = None,
    url: Url = None,
    token_file: Token = None,
) -> None:
    """Block a card: gateways hear of it at once, boards with their next turn; without a moment it counts always."""
    done = _centre(url, token_file).block(_uid(card), status.value, _moment(since))
    from_when = "" if done.blocked_from is None else f" from {datetime.fromtimestamp(done.blocked_from, UTC)}"
    print(f"card {done.card_uid} is {done.status}{from_when}; gateways are told")


def _look_first(reader: Reader, uid: bytes, any_maker: bool) -> None:
    """Refuse a card that can never be issued, before the centre hears of it."""
    errors = card_errors()
    try:
        identify(card_driver(reader.exchange), uid, None if any_maker else is_original)
    except NotThisCard as error:
        raise CardTrouble(str(error)) from error
    except errors.CardError as error:
        raise CardTrouble(
            f"{error}: it is no NTAG 424 DNA, or left; nothing is changed, lay a card down again"
        ) from error


def _issue_online(reader: Reader, uid: bytes, centre: Centre, reason: str, any_maker: bool) -> None:
    """Issue a registered card with the centre's keys, and tell the centre."""
    zone, sets = centre.keys(uid, reason)
    _issue(reader, uid, zone, sets, any_maker)
    status = centre.issued(uid, sets[-1].version).status
    if status != "active":
        print(
            f"the card is {status}, and stays blocked: give out another with `checkpost card replace`", file=sys.stderr
        )


def _issue(reader: Reader, uid: bytes, zone: str, sets: list[CardKeys], any_maker: bool) -> None:
    """Run the plan until it is through; the same card is waited for when it leaves in between."""
    text = document(zone, (datetime.now(UTC).date() - _UNIX_DAY_ZERO).days, sets[-1].version)
    for left in range(TRIES - 1, -1, -1):
        card = card_driver(reader.exchange)
        if _carried_out(Issue(card, sets[-1], text, tuple(sets[:-1]), None if any_maker else is_original)):
            return
        if left and reader.find() != uid:
            raise CardTrouble("another card lies there now: lay the first one down, and issue it again")
    raise CardTrouble("the card left too often: lay it flat, do not move it, and issue it again")


def _carried_out(plan: Issue) -> bool:
    """Run a plan and print its receipt; return False if the card left before the end."""
    errors = card_errors()
    try:
        print("\n".join(plan.run().lines()))
    except errors.CardGone:
        print(f"the card left after: {', '.join(plan.done) or 'nothing'}; lay it down again", file=sys.stderr)
        return False
    except NotThisCard as error:
        raise CardTrouble(str(error)) from error
    except errors.CardError as error:
        raise CardTrouble(f"{error}: {advice(error)}") from error
    return True


@app.command()
def read(
    board: Board = None,
    pcsc: Pcsc = None,
    keys: Keys = None,
    as_json: Annotated[bool, typer.Option("--json", help="for a program")] = False,
) -> None:
    """Show what a card says of itself; with its keys, whether it is the card that was issued."""
    with _Desk(board, pcsc) as reader:
        uid = reader.find()
        try:
            facts = look(card_driver(reader.exchange), uid, read_keys(keys, uid)[-1] if keys else None)
        except card_errors().CardError as error:
            raise CardTrouble(f"{error}: the card on the reader is no permit card, or left") from error
    if as_json:
        print(json.dumps(facts))
        return
    for name, value in facts.items():
        print(f"{name.replace('_', ' ')}: {value}")


def look(card: Any, uid: bytes, keys: CardKeys | None) -> dict[str, object]:
    """Return what a card tells: chip, maker's signature, key versions, message; raises the driver's errors."""
    card.select()
    facts: dict[str, object] = {"uid": uid.hex().upper(), "chip": card.version()[:7].hex()}
    facts["maker"] = "signature fits" if is_original(uid, card.signature()) else "signature does not fit"
    facts["key_versions"] = [card.key_version(number) for number in cardkeys.NUMBERS]
    message = card.read_ndef(sun_form.MESSAGE_SIZE)
    facts["message"] = "there" if sun_form.split_message(message) else "none of ours"
    if keys is not None:
        counter = sun.read_message(message, uid, keys[cardkeys.SUN_META], keys[cardkeys.SUN_MAC])
        facts["message"] = "does not verify" if counter is None else f"verifies, read {counter} times"
        facts["live"] = _proven(card, uid, keys[cardkeys.LIVE])
    return facts


def _proven(card: Any, uid: bytes, key: bytes) -> str:
    """Return what the proof of a card with its LIVE key came to."""
    errors = card_errors()
    try:
        card.authenticate(cardkeys.LIVE, key)
        return "proven" if card.uid() == uid else "another card answers"
    except errors.CardRefused as refused:
        return f"not proven: {refused.what}"
    except errors.CardForged as forged:
        return f"not genuine: {forged.what}"


def read_keys(path: Path, uid: bytes) -> list[CardKeys]:
    """Return the key sets of a card in the order of their versions, from the centre's answer kept in a file."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise CardTrouble(f"{path} can be read by others: chmod 600 it, and ask for new keys")
        held = json.loads(path.read_text())
        sets = [
            CardKeys(uid, one["version"], {int(number): bytes.fromhex(key) for number, key in one["keys"].items()})
            for one in held["cards"]
            if one.get("uid", held.get("card_uid", "")).upper() == uid.hex().upper()
        ]
    except OSError as error:
        raise CardTrouble(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError):
        # Without the cause: a parser's message may quote the file.
        raise CardTrouble(f"{path} holds no card keys: ask the centre for them again") from None
    if not sets:
        raise CardTrouble(f"{path} has no keys of card {uid.hex().upper()}: ask the centre for them")
    return sorted(sets, key=lambda one: one.version)


def _centre(url: str | None, token_file: Path | None) -> Centre:
    if url is None or token_file is None:
        raise CardTrouble("name the centre: --url and --token-file (or the card's keys with --keys, for issue)")
    return Centre(url, token_file)


def _uid(text: str) -> bytes:
    try:
        uid = bytes.fromhex(text)
    except ValueError:
        uid = b""
    if len(uid) not in (4, 7, 10):
        raise CardTrouble(f"{text!r} is no UID: 8, 14 or 20 hex digits")
    return uid


def _moment(text: str | None) -> int | None:
    """Return Unix UTC seconds."""
    try:
        return None if text is None else utc_of_text(text)
    except ValueError as error:
        raise CardTrouble(f"--since: {error}") from None


class _Desk:
    """The reader that was named, for the length of a command."""

    def __init__(self, board: str | None, pcsc: str | None) -> None:
        if (board is None) == (pcsc is None):
            raise CardTrouble("name one reader: --board PORT, or --pcsc NAME")
        self._board, self._pcsc = board, pcsc

    def __enter__(self) -> Reader:
        self._reader: Reader = open_board(self._board) if self._board else open_pcsc(self._pcsc or "")
        return self._reader

    def __exit__(self, *_: object) -> None:
        self._reader.close()
