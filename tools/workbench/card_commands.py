"""`checkpost card`: issue a permit card at a desk, and read one."""

import json
import secrets
import stat
import sys
from datetime import UTC, date, datetime
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any

import typer

from checkpost import cardkeys, sun
from gateway.errors import OperatorError
from workbench.cards import CardKeys, Issue, NotThisCard, document
from workbench.originality import is_original
from workbench.readers import Reader, open_board, open_pcsc

app = typer.Typer(help="Permit cards: issue them at a desk, and read them.", no_args_is_help=True)

TRIES = 3  # times that a card may leave before the desk is asked to begin anew
_UNIX_DAY_ZERO = date(1970, 1, 1)

Board = Annotated[str | None, typer.Option(help="a board as the reader: its serial port")]
Pcsc = Annotated[str | None, typer.Option(help="a PC/SC reader: a part of its name, or '' for the only one")]
Keys = Annotated[Path | None, typer.Option(help="the card's keys as the centre gave them, a file of mode 600")]


class CardTrouble(OperatorError):
    """The card, or what was given for it, cannot be used: the text says why and what to do."""


@app.command()
def issue(
    keys: Annotated[Path, typer.Option(help="the card's keys as the centre gave them, a file of mode 600")],
    zone: Annotated[str, typer.Option(help="code of the zone that the card is for")],
    board: Board = None,
    pcsc: Pcsc = None,
    any_maker: Annotated[bool, typer.Option(help="take a card without the maker's signature (test cards)")] = False,
) -> None:
    """Write a card's keys, files and message, and prove it; run it again if the card left too early."""
    with _Desk(board, pcsc) as reader:
        for _ in range(TRIES):
            uid = reader.find()
            sets = read_keys(keys, uid)
            text = document(zone, (datetime.now(UTC).date() - _UNIX_DAY_ZERO).days, sets[-1].version)
            plan = Issue(_card(reader), sets[-1], text, tuple(sets[:-1]), None if any_maker else is_original)
            if _carried_out(plan):
                return
    raise CardTrouble("the card left too often: lay it flat, do not move it, and issue it again")


def _carried_out(plan: Issue) -> bool:
    """Run a plan and print its receipt; return False if the card left before the end."""
    errors = _firmware("drivers.ntag424_status")
    try:
        print("\n".join(plan.run().lines()))
    except errors.CardGone:
        print(f"the card left after: {', '.join(plan.done) or 'nothing'}; lay it down again", file=sys.stderr)
        return False
    except NotThisCard as error:
        raise CardTrouble(str(error)) from error
    except errors.CardError as error:
        raise CardTrouble(f"{error}: the card is not as the centre knows it, put it aside") from error
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
            facts = look(_card(reader), uid, read_keys(keys, uid)[-1] if keys else None)
        except _firmware("drivers.ntag424_status").CardError as error:
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
    message = card.read_ndef(sun.MESSAGE_SIZE)
    facts["message"] = "there" if sun.split_message(message) else "none of ours"
    if keys is not None:
        counter = sun.read_message(message, uid, keys[cardkeys.SUN_META], keys[cardkeys.SUN_MAC])
        facts["message"] = "does not verify" if counter is None else f"verifies, read {counter} times"
        card.authenticate(cardkeys.LIVE, keys[cardkeys.LIVE])
        facts["live"] = "proven" if card.uid() == uid else "another card answers"
    return facts


def read_keys(path: Path, uid: bytes) -> list[CardKeys]:
    """Return the key sets of a card in the order of their versions, from the centre's answer kept in a file."""
    try:
        if stat.S_IMODE(path.stat().st_mode) & 0o077:
            raise CardTrouble(f"{path} can be read by others: chmod 600 it, and ask for new keys")
        held = json.loads(path.read_text())
        sets = [
            CardKeys(uid, one["version"], {int(number): bytes.fromhex(key) for number, key in one["keys"].items()})
            for one in held["cards"]
            if one["uid"].upper() == uid.hex().upper()
        ]
    except OSError as error:
        raise CardTrouble(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, AttributeError):
        # Without the cause: a parser's message may quote the file.
        raise CardTrouble(f"{path} holds no card keys: ask the centre for them again") from None
    if not sets:
        raise CardTrouble(f"{path} has no keys of card {uid.hex().upper()}: ask the centre for them")
    return sorted(sets, key=lambda one: one.version)


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


def _card(reader: Reader) -> Any:
    """Return the driver of the card on a reader."""
    return _firmware("drivers.ntag424").NTAG424(reader.exchange, secrets.token_bytes)


def _firmware(name: str) -> ModuleType:
    """Return a module of the firmware: its tree is beside the tools in a checkout, among their data in a wheel."""
    here = Path(__file__).resolve()
    for folder in (here.parents[2] / "firmware", here.parent / "firmware"):
        if (folder / "drivers").is_dir() and str(folder) not in sys.path:
            sys.path.append(str(folder))
    return import_module(name)
