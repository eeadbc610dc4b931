"""A bundle whose list does not fit what it holds, and ports and words that nobody can read."""

import struct
from concurrent.futures import Future
from types import SimpleNamespace

import pytest

from gateway.boards.firmware import HEAD, LAYOUT, MARK, SIGNATURE, Bundle, FirmwareTrouble
from workbench.board import commands, update_commands
from workbench.board.bundle import BundleTrouble, Signer, check, make_signer, pack
from workbench.board.flash import Done
from workbench.board.tree import Tree
from workbench.board.wire import Board, BoardTrouble, connect


def entry(path, size):
    return bytes([len(path)]) + path + struct.pack("<I", size) + bytes(32)


def made(listed, count, content=b"abc"):
    head = struct.pack(HEAD, MARK, LAYOUT, 0, 2, 0, 6, 0, count, len(listed), len(content))
    return head + listed + bytes(SIGNATURE) + content


@pytest.mark.parametrize(
    ("listed", "count"),
    [
        (entry(b"main.mpy", 3), 2),  # more files than the list has
        (entry(b"main.mpy", 3)[:-1], 1),  # the list ends within an entry
        (entry(b"main.mpy", 2), 1),  # bytes that belong to no file
        (entry(b"main.mpy", 4), 1),  # a file longer than what is there
        (entry(b"main.mpy", 3) + b"x", 1),  # bytes behind the list
        (entry(b"main.mpy", 3) + entry(b"main.mpy", 0), 2),  # a file twice
        (entry(b"../boot.py", 3), 1),
        (entry(b"/boot.py", 3), 1),
        (entry(b"lib/../../boot.py", 3), 1),
        (b"", 60_000),
    ],
)
def test_a_list_that_does_not_fit_is_refused_in_one_sentence(listed, count):
    assert list(Bundle(made(entry(b"lib/a.mpy", 3), 1), proven=False).files) == ["lib/a.mpy"]
    with pytest.raises(FirmwareTrouble, match="altered: the bundle's list of files does not fit"):
        Bundle(made(listed, count), proven=False)


def test_a_byte_more_or_less_is_no_whole_bundle(tmp_path):
    signer: Signer = make_signer(tmp_path / "key")
    data = pack(Tree((0, 10, 0), 6, {"main.mpy": b"M", "lib/a.mpy": b"A"}), signer)
    assert check(data, signer.public) == (0, 10, 0) > (0, 9, 0)
    for half in (data + b"x", data[:-1], data[:10], b""):
        with pytest.raises(FirmwareTrouble):
            check(half, signer.public)
    with pytest.raises(BundleTrouble):
        check(data, bytes(32))


def test_a_port_of_an_unknown_kind_is_one_sentence():
    with pytest.raises(BoardTrouble, match="no board answers at carrier-pigeon://loft"):
        connect("carrier-pigeon://loft")


def test_words_that_no_one_can_read_are_an_answer_that_cannot_be_read():
    garbled = SimpleNamespace(exec_raw=lambda source, timeout, data_consumer: (b"\xff\xfe{", b""))
    with pytest.raises(BoardTrouble, match="an answer that cannot be read"):
        Board("paper", garbled).ask("_facts()")
    failed = SimpleNamespace(exec_raw=lambda source, timeout, data_consumer: (b"", b"\xffOSError"))
    with pytest.raises(BoardTrouble, match="OSError"):
        Board("paper", failed).run("_facts()")


def test_a_bundle_is_not_sent_to_a_board_without_slots(monkeypatch, tmp_path):
    file = tmp_path / "new.ckb"
    file.write_bytes(made(entry(b"main.mpy", 3), 1))
    monkeypatch.setattr(update_commands, "connect", lambda port: SimpleNamespace(close=lambda: None))
    monkeypatch.setattr(update_commands, "look", lambda board: SimpleNamespace(running_version=""))
    with pytest.raises(update_commands.OperatorError, match="paper: the board has no firmware in a slot"):
        update_commands.update(file, port="paper")


def test_of_several_boards_the_one_that_failed_is_named_and_the_others_are_told(capsys):
    failed, done = Future(), Future()
    failed.set_exception(FileNotFoundError(2, "No such file or directory", "firmware/boot.py"))
    facts = SimpleNamespace(chip_id="c1")
    done.set_result(Done(facts, "a", "0.1.0", sent=["main.mpy"]))
    assert [commands._told("one", failed), commands._told("two", done)] == [False, True]
    said = capsys.readouterr()
    assert said.err.startswith("checkpost: one: ") and "firmware/boot.py" in said.err
    assert "two: board c1 now runs 0.1.0" in said.out
