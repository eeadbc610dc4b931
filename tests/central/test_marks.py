"""What the centre knows has marks of its key: who writes past it is found, and nothing that follows hides it."""

import pytest

from gateway.central import backup
from gateway.central.app import build
from gateway.central.backup import BackupError
from gateway.central.marks import FILE_NAME, MISSING, SET_BACK, held_marks
from gateway.central.signing import SigningError
from gateway.central.store import STORE_NAME, Store
from tests.central.conftest import A1, CARD

BLOCKED = CARD | {"status": "lost"}


def wrong(centre):
    """What does not fit, by name."""
    with centre.store.read() as transaction:
        return {one.name(): one.wrong for one in held_marks(centre.data).look(transaction) if one.wrong}


def run(centre, statement):
    with centre.store.write() as transaction:
        transaction.tree._connection.exec_driver_sql(statement)


def edit(centre):
    """Grant nine entries by hand."""
    run(centre, """UPDATE knowledge SET body = replace(body, '"entries": 1', '"entries": 9') WHERE key = 'A1'""")


@pytest.mark.both_stores
def test_what_the_interface_writes_fits_and_a_later_change_does_not_hide_a_hand(small):
    for card in (CARD, BLOCKED, CARD):
        small.good("office", "POST", "/v1/imports", json={"cards": [card]})
    assert wrong(small) == {}
    edit(small)
    assert list(wrong(small)) == ["application A1"]
    small.good("office", "POST", "/v1/imports", json={"applications": [A1 | {"entries": 9, "companions": 1}]})
    assert list(wrong(small)) == ["application A1"]  # what a change was made from is not the centre's


@pytest.mark.both_stores
def test_an_earlier_form_that_is_put_back_with_its_mark_is_found(small):
    with small.store.read() as transaction:
        [before] = [row for row in transaction.knowledge.marked() if row[0] == "card"]
    small.good("office", "POST", "/v1/imports", json={"cards": [BLOCKED]})
    small.good("office", "POST", "/v1/imports", json={"applications": [A1 | {"entries": 2}]})
    body, mark = before[3].replace("'", "''"), before[4].hex()
    bytes_of = f"'\\x{mark}'::bytea" if str(small.where).startswith("postgresql:") else f"x'{mark}'"
    run(
        small,
        f"UPDATE knowledge SET revision = {before[2]}, body = '{body}', mark = {bytes_of} WHERE kind = 'card'",
    )
    lost = f"revision {before[2] + 1}"
    assert wrong(small) == {f"card {CARD['card_uid']}": SET_BACK, lost: MISSING}
    run(small, "DELETE FROM knowledge_past WHERE kind = 'card'")
    assert wrong(small) == {lost: MISSING}


@pytest.mark.sqlite_only
def test_what_stood_before_there_were_marks_is_taken_as_it_is_found(small):
    (small.data / FILE_NAME).unlink()
    run(small, "UPDATE knowledge SET mark = NULL")
    run(small, "DELETE FROM knowledge WHERE kind = 'policy'")  # long ago: nobody can tell
    build(small.data, lambda: 0, True)
    assert wrong(small) == {} and (small.data / FILE_NAME).stat().st_mode & 0o077 == 0
    key = (small.data / FILE_NAME).read_bytes()
    build(small.data, lambda: 0, True)
    assert (small.data / FILE_NAME).read_bytes() == key
    edit(small)
    build(small.data, lambda: 0, True)
    assert list(wrong(small)) == ["application A1"]  # a start marks nothing again
    (small.data / FILE_NAME).write_text("{")
    with pytest.raises(SigningError, match="bring it back from a backup"):
        build(small.data, lambda: 0, True)


@pytest.mark.sqlite_only
def test_the_drill_names_a_permit_that_was_edited(small, tmp_path):
    made = backup.make(small.data, tmp_path / "b1", 1)
    assert backup.drill(tmp_path / "b1", None) == made
    edit(small)
    run(small, "UPDATE knowledge SET mark = NULL WHERE kind = 'policy'")
    backup.make(small.data, tmp_path / "b2", 2)
    with pytest.raises(BackupError, match=r"policy: it is not as the centre wrote it \(and 1 more\)"):
        backup.drill(tmp_path / "b2", None)
    backup.restore(tmp_path / "b1", tmp_path / "again", None, False)
    restored = Store(tmp_path / "again" / STORE_NAME)
    with restored.read() as transaction:
        assert not any(one.wrong for one in held_marks(tmp_path / "again").look(transaction))
    restored.close()
