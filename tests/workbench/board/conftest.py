"""Virtual boards that a test makes are taken down at its end."""

import importlib.util

import pytest

from tests.support.boards import CHIP_IDS, Socket, VirtualBoard, checkpost, firmware_copy, flashed_files
from tests.support.centre import CentreProcess
from workbench.board import tree
from workbench.board.bundle import make_signer, read_signer


@pytest.fixture(scope="session", autouse=True)
def each_source_is_read_once():
    """Keep what the passes before the compiler made of a firmware, and the compiler of each module: most of each build,
    some forty of them."""
    kept = pytest.MonkeyPatch()
    for name in ("leave_out", "put_in_place", "shorten"):
        kept.setattr(tree, name, _remembering(getattr(tree, name)))
    kept.setattr(tree, "_compile", _compiling(tree._compile))
    yield
    kept.undo()


def _remembering(work):
    made = {}

    def remembered(sources, *more):
        key = (tuple(sorted(sources.items())), *map(tuple, more))
        if key not in made:
            made[key] = work(sources, *more)
        return dict(made[key])

    return remembered


def _compiling(work):
    made = {}

    def compiled(source, name, arch, scratch):
        key = (source, name, arch)
        if key not in made:
            made[key] = work(source, name, arch, scratch)
        return made[key]

    return compiled


@pytest.fixture
def new_board(tmp_path):
    """Return a function that makes a running board; each has a chip of its own."""
    if importlib.util.find_spec("micropython_run") is None:
        pytest.skip("MicroPython's Unix port is not installed on this platform")
    boards = []

    def make(**how):
        number = len(boards)
        boards.append(VirtualBoard(tmp_path / f"board{number}", chip_id=CHIP_IDS[number], **how))
        return boards[-1]

    yield make
    for board in boards:
        board.stop()


@pytest.fixture(scope="session")
def flashed_folder(tmp_path_factory):
    """Return a folder with the files of a flashed board, compiled once for all tests."""
    return flashed_files(tmp_path_factory.mktemp("flashed"))


@pytest.fixture
def flashed_board(new_board, flashed_folder):
    """Return a function that makes a running board which was flashed before."""
    return lambda **how: new_board(firmware=flashed_folder, **how)


@pytest.fixture
def bridge():
    """Return a function that makes a board's port a `socket://` address."""
    bridges = []

    def make(board):
        bridges.append(Socket(board.port))
        return bridges[-1].url

    yield make
    for one in bridges:
        one.close()


@pytest.fixture
def centre(tmp_path):
    """Return a running centre with the crossing point ONS and the gateway north."""
    found = CentreProcess(tmp_path)
    yield found
    found.stop()


@pytest.fixture
def desk(tmp_path):
    """Return a function that makes bundles of a version, and the key that signs them."""
    make_signer(tmp_path / "release.key")

    def make(version, **how):
        name = "-".join(map(str, version))
        folder = firmware_copy(tmp_path / name, version, **how)
        code, said = checkpost(
            "bundle", tmp_path / f"{name}.ckb", "--sign-key", tmp_path / "release.key", "--firmware", folder
        )
        assert code == 0, said
        return tmp_path / f"{name}.ckb"

    make.key = read_signer(tmp_path / "release.key").public
    return make
