"""A board provisioned while nothing leads to the centre: by a file to its gateway, by the gateway to the centre."""

import json
from pathlib import Path

import pytest

from checkpost import seal
from gateway.central.store import STORE_NAME, Store
from gateway.commands.admit import admit
from gateway.contract import CrossingPoint
from gateway.contract.enrolment import CentreKeys
from gateway.contract.sealing import fingerprint
from gateway.errors import OperatorError
from gateway.status import status
from tests.support.boards import checkpost
from tests.support.journey import Journey, Keys, public_of
from tests.support.line import LineGateway
from tests.support.paper_board import PaperBoard
from virtualboard.image import read_file
from workbench.board import report
from workbench.board.provision import Wanted, provision
from workbench.board.voucher import VoucherFile, VoucherRegistry, VoucherTrouble

pytestmark = pytest.mark.timeout(400)  # real processes, on a machine that may be busy
LINK = {"carrier": "serial", "baud": 921_600}


def memory_of(process):
    """Yield what a process has in its memory, region by region."""
    with open(f"/proc/{process.pid}/mem", "rb") as memory:
        for line in Path(f"/proc/{process.pid}/maps").read_text().splitlines():
            span, rights = line.split()[:2]
            first, last = (int(place, 16) for place in span.split("-"))
            if rights.startswith("rw") and "[v" not in line:
                memory.seek(first)
                yield memory.read(last - first)


def files_of(folder):
    """Return the content of every file below a folder."""
    return [path.read_bytes() for path in folder.rglob("*") if path.is_file()]


def forms(key):
    """Return a key as it might stand somewhere."""
    return key, key.hex().encode(), key.hex().upper().encode()


def test_a_board_goes_on_duty_without_a_line_and_the_centre_hears_of_it_later(centre, flashed_board, tmp_path):
    board = flashed_board(settings=None)
    gateway = LineGateway(tmp_path, centre, board)
    signer, voucher = tmp_path / "technician.key", tmp_path / "north.voucher"
    assert checkpost("key", signer)[0] == 0
    online = ["--centre", centre.url, "--token-file", centre.token_file, "--gateway", "north", "--sign-key", signer]
    fetched = board.until(lambda: found if (found := checkpost("voucher", voucher, *online))[0] == 0 else None)[1]
    assert "board numbers 1, 2, 3, 4, 5 for gateway north" in fetched
    print_of_key = fingerprint(public_of(centre.data))
    assert print_of_key in fetched and print_of_key in centre.said  # what two people compare
    centre.kill()

    words = ["provision", "--port", board.port, "--point", "ONS", "--sign-key", signer, "--out", tmp_path / "out"]
    code, said = checkpost(*words, *online[:6])
    assert code == 1 and "cannot be reached" in said and "provision with a --voucher" in said
    code, said = checkpost(*words, "--voucher", voucher)
    assert code == 0, said
    assert "board 1, epoch 1, at ONS lane 1: enrolled" in said and "4 numbers of the voucher are left" in said
    facts, _ = report.verify((tmp_path / "out" / "board-1-1-report.html").read_text())
    assert print_of_key in facts["registered"]
    file = tmp_path / "out" / "board-1-1.enrolment"
    link_key = json.loads(read_file(board.folder / "fs.img", "/settings.json"))["link_key"]
    assert all(link_key.encode() not in content for content in files_of(tmp_path / "out"))

    said = gateway.say("admit", str(file))
    assert "board 1, epoch 1, at ONS lane 1, is served from now on" in said, said
    board.until(lambda: gateway.board()["link"] == "up" and gateway.board()["held_here"] > 0)
    assert status(gateway.data, "north")["enrolments"] == [{"board": 1, "detail": ""}]

    centre.start()
    board.until(lambda: not status(gateway.data, "north")["enrolments"])
    board.until(lambda: gateway.board()["held_at_centre"] > 0)
    assert centre.boards()[1]["link_key"] == link_key
    store = Store(centre.data / STORE_NAME)
    with store.read() as transaction:
        seal_key = transaction.seals.key(1, 1)
        proof = transaction.seals.before(1, 1, 1 << 31)
    store.close()
    key = seal.key_at(seal_key, proof.generation)
    assert seal.seal(key, 1, 1, proof.seq, proof.head) == proof.seal  # the board and the centre have the same key

    sought = forms(seal_key)
    regions = list(memory_of(gateway.process))
    assert any(link_key.encode() in one for one in regions)  # the search would find it
    assert not any(form in one for form in sought for one in regions)
    assert not any(form in one for form in sought for one in files_of(gateway.data))
    gateway.stop()


class Paper:
    """A voucher for boards on paper."""

    def __init__(self, folder):
        self.folder = folder
        self.journey = Journey(folder)
        for name in ("centre", "gateway"):
            (folder / name).mkdir()
        self.keys = CentreKeys(sealing_key=public_of(folder / "centre"), signing_key=self.journey.public)
        point = CrossingPoint(code="ONS", name="Onsong", kind="border", zone="north", time_zone="Asia/Pyongyang")
        self.journey.receive(self.keys, public_of(folder / "gateway"), [point])

    def registry(self, chip="01", signer=None, now_s=1_793_000_000):
        file = VoucherFile(self.journey.path)
        return VoucherRegistry(file, signer or self.journey.signer, chip, ("ONS", "1"), self.folder / "out", now_s)

    def provision(self, board):
        wanted = Wanted("ONS", "1", "north", LINK)
        done = provision(board, self.registry(), wanted, self.folder / "out", 1_793_000_000)
        done.pending.end()
        return done


@pytest.fixture
def paper(tmp_path):
    return Paper(tmp_path)


def test_no_number_is_given_twice_and_a_broken_off_provisioning_keeps_its_own(paper):
    first, second = PaperBoard(1), PaperBoard(2)
    assert paper.provision(first).registered.board == 1
    second.replace = lambda path, data: 1 / 0  # the cable is pulled before the settings are there
    with pytest.raises(ZeroDivisionError):
        paper.provision(second)
    del second.replace
    assert paper.provision(second).registered.board == 2
    assert len(set(second.seal_keys)) == 1 and first.seal_keys[0] not in second.seal_keys
    again = paper.provision(first)  # on purpose: which epoch comes next, only the centre knows
    assert (again.registered.board, again.registered.epoch) == (3, 1)
    files = sorted(path.name for path in (paper.folder / "out").iterdir())
    assert files == ["board-1-1.enrolment", "board-2-1.enrolment", "board-3-1.enrolment"]
    for number in (4, 5):
        assert paper.provision(PaperBoard(number)).registered.board == number
    with pytest.raises(VoucherTrouble, match=r"all numbers of .* are used"):
        paper.provision(PaperBoard(6))


def test_two_who_use_one_voucher_at_once_get_two_numbers(paper):
    one, other = VoucherFile(paper.journey.path), VoucherFile(paper.journey.path)
    assert [file.number_for(bytes([at]) * 16) for at, file in enumerate((one, other, one, other))] == [1, 2, 3, 4]
    assert other.number_for(bytes(16)) == 1 and VoucherFile(paper.journey.path).left() == 1
    assert other.left() == 1


def test_a_voucher_that_does_not_fit_is_named(paper, tmp_path):
    with pytest.raises(VoucherTrouble, match="another technician's key"):
        paper.registry(signer=Journey(tmp_path, "other").signer)
    with pytest.raises(VoucherTrouble, match="time is over"):
        paper.registry(now_s=1_900_000_000)
    with pytest.raises(VoucherTrouble, match="of gateway north, not south"):
        paper.registry().register("ONS", "1", "south", *vars(Keys.make()).values())
    (tmp_path / "half").write_text('{"voucher": {')
    for name, why in (("half", "is no voucher"), ("nothing", "cannot be read")):
        with pytest.raises(VoucherTrouble, match=why):
            VoucherFile(tmp_path / name)
    code, said = checkpost("provision", "--point", "ONS", "--sign-key", paper.journey.key_file)
    assert code == 1 and "or --voucher where no line leads to the centre" in said
    (tmp_path / "g.toml").write_text(f'data = "{tmp_path / "gateway"}"\n')
    with pytest.raises(OperatorError, match="is no enrolment, or a part of it is missing"):
        admit(tmp_path / "half", tmp_path / "g.toml")
