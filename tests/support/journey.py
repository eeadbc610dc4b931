"""A technician's journey without a line: keys, a voucher, and enrolments of boards that exist on paper only."""

import time

from gateway.contract import Board, sealing, statements
from gateway.contract.enrolment import Voucher
from workbench.board.bundle import make_signer
from workbench.board.pending import Keys
from workbench.board.voucher import VoucherFile, enrol, write

CHIP = "e66058388300e001"


class Journey:
    """One technician with a key in a folder; `voucher` is the file that was fetched last."""

    def __init__(self, folder, name="technician"):
        self.key_file = folder / f"{name}.key"
        self.signer = make_signer(self.key_file)
        self.public = self.signer.public.hex()
        self.path = folder / f"{name}.voucher"
        self.voucher = None

    def keep(self, signed):
        """Keep a voucher that the centre signed."""
        write(self.path, signed, {})
        self.voucher = VoucherFile(self.path)
        return self.voucher.voucher

    def receive(self, centre, gateway_key, points, sign=None, made_s=1_793_000_000, name="north"):
        """Keep a voucher of a centre on paper: its public keys, and what signs for it (else the technician does)."""
        said = Voucher(
            layout=1, gateway=name, gateway_key=gateway_key, centre_key=centre.sealing_key, technician=self.public,
            numbers=[1, 2, 3, 4, 5], points=points, assurance="live", made_s=made_s, until_s=made_s + 60 * 86400,
        )  # fmt: skip
        return self.keep(statements.signed(said, sign or self.signer.private.sign))

    def enrolment(self, keys, number=None, point="ONS", made_s=None, **place):
        """Return the signed enrolment of a board; its number is the voucher's next."""
        number = number or self.voucher.number_for(keys.link)
        place = {"lane": "1", "gateway": self.voucher.voucher.gateway} | place
        board = Board(board=number, epoch=1, crossing_point=point, link_key=keys.link.hex(), **place)
        both = (keys.link, keys.seal)
        return enrol(self.voucher, board, CHIP, both, self.signer.private.sign, made_s or int(time.time()))


def public_of(folder):
    """Return the public half of a data folder's sealing key."""
    return sealing.public_half(sealing.open_key(folder))


__all__ = ["CHIP", "Journey", "Keys", "public_of"]
