"""`checkpost board provision`, `check`, `report` and `key`: from a flashed board to one that stands at its lane."""

import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from checkpost.regions import region as region_of
from gateway.contract import sealing
from gateway.errors import OperatorError
from workbench.board import airtime, report, settings
from workbench.board.bundle import Signer, make_signer, read_signer
from workbench.board.centre import CentreAway, open_centre
from workbench.board.checking import Finding
from workbench.board.checking import check as check_board
from workbench.board.commissioning import commission, radio_range
from workbench.board.facts import look
from workbench.board.finding import choose_port
from workbench.board.pending import Pending
from workbench.board.provision import Provisioned, Wanted
from workbench.board.voucher import VoucherFile, VoucherRegistry, enrolment_path
from workbench.board.wire import Board, connect
from workbench.readers import BoardReader, ReaderTrouble

Port = Annotated[str | None, typer.Option(help="serial port, pty or socket://HOST:PORT (default: the one on USB)")]
Url = Annotated[str, typer.Option("--centre", envvar="CHECKPOST_CENTRAL_URL", help="address of the centre")]
MaybeUrl = Annotated[str | None, typer.Option("--centre", envvar="CHECKPOST_CENTRAL_URL", help="address of the centre")]
MaybeTokenFile = Annotated[
    Path | None, typer.Option(envvar="CHECKPOST_TOKEN_FILE", help="the admin's token, a file of its own")
]
TokenFile = Annotated[Path, typer.Option(envvar="CHECKPOST_TOKEN_FILE", help="the admin's token, a file of its own")]
Out = Annotated[Path, typer.Option(help="folder for label and report")]
SignKey = Annotated[Path, typer.Option(help="the technician's key, made by checkpost board key")]
UpdateKey = Annotated[str, typer.Option(help="public key (64 hex digits) of whoever signs firmware for this board")]
WORDS = {True: "right", False: "WRONG", None: "-"}


def provision(
    point: Annotated[str, typer.Option(help="code of the crossing point")],
    sign_key: SignKey,
    centre: MaybeUrl = None,
    token_file: MaybeTokenFile = None,
    gateway: Annotated[str | None, typer.Option(help="name of the gateway that the board talks to")] = None,
    voucher: Annotated[Path | None, typer.Option(help="a voucher, where no line leads to the centre")] = None,
    lane: Annotated[str, typer.Option(help="1 to 8 letters")] = "1",
    direction: Annotated[str, typer.Option(help="entry, exit or switched")] = "switched",
    carrier: Annotated[str, typer.Option(help="serial or lora")] = "serial",
    baud: Annotated[int, typer.Option(help="of a serial link")] = 921_600,
    region: Annotated[str, typer.Option(help="of a radio link: EU868 or KR920")] = "KR920",
    channel_hz: Annotated[int, typer.Option(help="of a radio link (0: the region's own)")] = 0,
    spreading_factor: Annotated[int, typer.Option(help="of a radio link, 7 to 12: the site's")] = 9,
    language: Annotated[str, typer.Option(help="en, ko or zh")] = "en",
    oled: Annotated[str, typer.Option(help="sh1106 or ssd1306")] = "sh1106",
    update_key: UpdateKey = "",
    out: Out = Path("commissioning"),
    port: Port = None,
    yes: Annotated[bool, typer.Option("--yes", help="provision a provisioned board again without asking")] = False,
) -> None:
    """Make a flashed board the one at its lane: keys, centre, settings, label and signed report."""
    signer = read_signer(sign_key)
    link = link_of(carrier, baud, region, channel_hz, spreading_factor)
    taken = VoucherFile(voucher) if voucher else None
    if taken is None and (centre is None or token_file is None or gateway is None):
        raise OperatorError("give --centre, --token-file and --gateway, or --voucher where no line leads to the centre")
    served_by = gateway or (taken.voucher.gateway if taken else "")
    wanted = Wanted(point, lane, served_by, link, direction, language, oled, True, update_key)
    board = connect(choose_port(port))
    try:
        _ask_before(board, wanted, yes, out)
        registry = _registry(board, wanted, taken, signer, out) if taken else open_centre(centre or "", token_file)
        done, findings = commission(board, registry, wanted, signer, out, _registered(taken))
    except CentreAway as error:
        raise OperatorError(f"{error}. Where no line leads there, provision with a --voucher") from error
    finally:
        board.close()
    _tell_done(done, out, taken)
    _tell(findings)


def _registry(board: Board, wanted: Wanted, taken: VoucherFile, signer: Signer, out: Path) -> VoucherRegistry:
    place = (wanted.point, wanted.lane)
    return VoucherRegistry(taken, signer, look(board).chip_id, place, out, int(time.time()))


def _tell_done(done: Provisioned, out: Path, taken: VoucherFile | None) -> None:
    here = done.registered
    by = "enrolled" if taken else "registered"
    place = f"at {here.crossing_point} lane {here.lane}"
    print(f"board {here.board}, epoch {here.epoch}, {place}: {by}, settings and keys in place")
    print(f"label and report: {out}/board-{here.board}-{here.epoch}-*.html")
    if taken:
        file = enrolment_path(out, here.board)
        print(f"take {file} to gateway {here.gateway}, which takes the board in: checkpost gateway admit {file.name}")
        print(f"{taken.left()} numbers of the voucher are left")


def _registered(taken: VoucherFile | None) -> str:
    """Return how the centre comes to know a board, for the report."""
    if taken is None:
        return "at the centre"
    return f"by enrolment, sealed to the centre's key {sealing.fingerprint(taken.voucher.centre_key)}"


def link_of(carrier: str, baud: int, region: str, channel_hz: int, spreading_factor: int) -> dict[str, Any]:
    """Return `link` of settings.json. Raises OperatorError for a channel that the region does not have."""
    if carrier == "serial":
        return {"carrier": "serial", "baud": baud}
    if carrier != "lora":
        raise OperatorError(f"--carrier is serial or lora, not {carrier}")
    try:
        rules = region_of(region)
    except ValueError as error:
        raise OperatorError(f"{error}: --region is EU868 or KR920") from error
    channel = channel_hz or rules.channel_hz
    if rules.band_of(channel) < 0:
        raise OperatorError(f"no sub-band of {region} holds {channel} Hz: leave --channel-hz out, or ask the office")
    return {"carrier": "lora", "region": region, "channel_hz": channel, "spreading_factor": spreading_factor}


def check(
    port: Port = None,
    card: Annotated[bool, typer.Option("--card", help="ask for a card on the reader, too")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="for a program")] = False,
) -> None:
    """Look at every part of a board; say what is wrong and what to do. Ends with 1 if something is."""
    board = connect(choose_port(port))
    try:
        facts = look(board)
        held = settings.read(board)
        findings = check_board(board, held)
        if held and held.values["link"]["carrier"] == "lora":
            link = held.values["link"]
            findings += radio_range(board, link)
            channel = link.get("channel_hz") or region_of(link["region"]).channel_hz
            words = airtime.budget(link["region"], channel, link["spreading_factor"])
            findings.append(Finding("airtime", None, words))
        if card:
            findings.append(_card(board))
    finally:
        board.close()
    if as_json:
        firmware = {
            "slot": facts.run,
            "version": facts.running_version,
            "on_trial": bool(facts.back),
            "note": facts.note,
        }
        print(json.dumps({"chip": facts.chip_id, "firmware": firmware, "parts": [asdict(one) for one in findings]}))
    else:
        trial = ", on trial" if facts.back else ""
        note = f", {facts.note}" if facts.note else ""
        print(f"chip {facts.chip_id}, firmware {facts.running_version or 'plain'}{trial}{note}")
        _tell(findings)
    if any(one.right is False for one in findings):
        raise typer.Exit(1)


def check_report(
    file: Annotated[Path, typer.Argument(help="a commissioning report")],
    key: Annotated[str | None, typer.Option(help="the public key that must have signed it")] = None,
) -> None:
    """Check the signature of a commissioning report."""
    try:
        page = file.read_text()
    except OSError as error:
        raise OperatorError(f"{file} cannot be read: {error.strerror}") from error
    facts, signed_by = report.verify(page, key)
    print(f"the report of board {facts['board']}, epoch {facts['epoch']}, is as it was signed, by {signed_by}")


def key(file: Annotated[Path, typer.Argument(help="where the private key goes; its mode is 600")]) -> None:
    """Make a key that signs reports or firmware; prints its public half."""
    print(make_signer(file).public.hex())


def _ask_before(board: Board, wanted: Wanted, yes: bool, out: Path) -> None:
    held = settings.read(board)
    if held is None or yes:
        return
    if Pending(out, look(board).chip_id).begun(wanted.place, held):
        print("its provisioning broke off: it goes on")
        return
    question = (
        f"This is board {held.board}, epoch {held.epoch}, at {held.point} lane {held.lane}. Provision it again? "
        "A new epoch begins; what its log still holds has to be read out first (checkpost board log read)."
    )
    if not typer.confirm(question):
        raise OperatorError("left as it is")


def _card(board: Board) -> Finding:
    print("Lay a card on the reader.", file=sys.stderr, flush=True)
    try:
        uid = BoardReader(board.transport).find()
    except ReaderTrouble as error:
        return Finding("card", False, str(error), "try another card; look at the reader above")
    return Finding("card", True, f"{uid.hex().upper()} was read")


def _tell(findings: list[Finding]) -> None:
    for one in findings:
        print(f"{one.part:14} {WORDS[one.right]:6} {one.seen}")
        if one.right is False:
            print(f"{'':14} {'':6} -> {one.do}")
