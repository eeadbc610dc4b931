"""Provisioning where no line leads to the centre: numbers from a voucher, and an enrolment file for the gateway.

A voucher is fetched while the centre can be reached. Its file holds no secret: only the technician's key signs for its
numbers. Layouts: firmware/lib/checkpost/SPEC.md, "Enrolment".
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from gateway.contract import Board as Registered
from gateway.contract import CrossingPoint, sealing, statements
from gateway.contract.enrolment import Enrolment, Signed, Voucher
from gateway.errors import OperatorError
from workbench.board.bundle import Signer

MARK_DIGITS = 16  # of a link key's hash: enough to know a provisioning that broke off


class VoucherTrouble(OperatorError):
    """A voucher cannot be used: the text says why and what to do."""


class VoucherFile:
    """A voucher, and which of its numbers were used here."""

    def __init__(self, path: Path):
        """Read the file. VoucherTrouble."""
        self._path = path
        try:
            held = json.loads(path.read_text())
            self.signed = Signed.model_validate(held["voucher"])
            self._used: dict[str, str] = dict(held["used"])
            self.voucher = statements.read(Voucher, self.signed)
        except OSError as error:
            raise VoucherTrouble(
                f"{path} cannot be read ({error.strerror}): fetch a voucher with checkpost board voucher"
            ) from error
        except (ValueError, KeyError, TypeError, statements.StatementTrouble) as error:
            raise VoucherTrouble(f"{path} is no voucher: fetch one with checkpost board voucher") from error

    def number_for(self, link_key: bytes) -> int:
        """Return the number of a link key: the one that it was given before, or the next; it counts as used."""
        mark = hashlib.sha256(link_key).hexdigest()[:MARK_DIGITS]
        with _alone(self._path):
            self._used = VoucherFile(self._path)._used  # what another process used since
            return self._next(mark)

    def _next(self, mark: str) -> int:
        for number in self.voucher.numbers:
            if self._used.setdefault(str(number), mark) == mark:
                write(self._path, self.signed, self._used)
                return number
        raise VoucherTrouble(
            f"all numbers of {self._path} are used: fetch another voucher with checkpost board voucher"
        )

    def left(self) -> int:
        """Return how many numbers are not used yet."""
        return len(self.voucher.numbers) - len(self._used)


def write(path: Path, voucher: Signed, used: dict[str, str]) -> None:
    """Write a voucher's file, whole or not at all: a number that is forgotten here would be given twice."""
    fresh = path.with_name(path.name + ".new")
    with fresh.open("w") as file:
        json.dump({"voucher": voucher.model_dump(), "used": used}, file)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(path)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Hold other processes off a voucher: its file is put in place of the one before, so that a lock lies beside it."""
    with path.with_name(path.name + ".lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # for some milliseconds; it ends with its process
        yield


class VoucherRegistry:
    """Stands for the centre while a board is provisioned: points and numbers from a voucher, the rest into a file."""

    def __init__(self, file: VoucherFile, signer: Signer, chip: str, place: tuple[str, str], out: Path, now_s: int):
        """`place`: crossing point and lane. VoucherTrouble where the voucher is not this technician's, or is over."""
        self._file = file
        self._signer = signer
        self._chip = chip
        self._place = place
        self._out = out
        self._now_s = now_s
        if file.voucher.technician != signer.public.hex():
            raise VoucherTrouble("the voucher is for another technician's key: fetch one for this --sign-key")
        if now_s > file.voucher.until_s:
            raise VoucherTrouble("the voucher's time is over: fetch another one with checkpost board voucher")

    def knowledge(self) -> tuple[dict[str, CrossingPoint], str]:
        """Return the voucher's crossing points by code, and the policy's assurance."""
        voucher = self._file.voucher
        return {point.code: point for point in voucher.points}, voucher.assurance

    def register(self, point: str, lane: str, gateway: str, link_key: bytes, seal_key: bytes) -> Registered:
        """Return a board with a number of the voucher, once its enrolment is in its file; again, the same one."""
        if gateway != self._file.voucher.gateway:
            raise VoucherTrouble(f"the voucher is for boards of gateway {self._file.voucher.gateway}, not {gateway}")
        number = self._file.number_for(link_key)
        board = Registered(
            board=number, epoch=1, crossing_point=point, lane=lane, gateway=gateway, link_key=link_key.hex()
        )
        given = enrol(self._file, board, self._chip, (link_key, seal_key), self._signer.private.sign, self._now_s)
        self._out.mkdir(parents=True, exist_ok=True)
        enrolment_path(self._out, number).write_text(given.model_dump_json() + "\n")
        return board

    def open_epoch(self, number: int, link_key: bytes, seal_key: bytes) -> Registered:
        """Return the board with a new number: which epoch comes next, only the centre knows."""
        return self.register(*self._place, self._file.voucher.gateway, link_key, seal_key)


def enrolment_path(out: Path, number: int) -> Path:
    """Return where a board's enrolment is kept."""
    return out / f"board-{number}-1.enrolment"


def enrol(
    file: VoucherFile,
    board: Registered,
    chip: str,
    keys: tuple[bytes, bytes],
    sign: Callable[[bytes], bytes],
    now_s: int,
) -> Signed:
    """Return a board's enrolment: the link key sealed to its gateway, link key and seal key to the centre."""
    voucher, (link_key, seal_key) = file.voucher, keys
    plain = Enrolment(
        layout=1,
        voucher=file.signed,
        board=board.board,
        crossing_point=board.crossing_point,
        lane=board.lane,
        gateway=board.gateway,
        chip=chip,
        made_s=now_s,
        for_gateway="0" * 128,
        for_centre="0" * 192,
    )
    to_gateway = sealing.context(sealing.TO_GATEWAY, plain, voucher.technician)
    to_centre = sealing.context(sealing.TO_CENTRE, plain, voucher.technician)
    sealed = {
        "for_gateway": sealing.seal(link_key, voucher.gateway_key, to_gateway),
        "for_centre": sealing.seal(link_key + seal_key, voucher.centre_key, to_centre),
    }
    return statements.signed(plain.model_copy(update=sealed), sign)
