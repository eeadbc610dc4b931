"""Intake under faults: interrupted at any moment, killed, or on a full disk, it holds all of a run or nothing."""

import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys

import pytest

from checkpost import record
from gateway.intake.records import Intake
from tests.gateway.support import CARD, DAY_S, MORNING_S, NOW_S, Journal, dump, fresh_store, teach_small

CHILD = "tests.gateway.killed_intake"


def busy_journal(entries=12):
    """Entries and exits of one permit, each with its outcome."""
    journal = Journal(1)
    for number in range(entries):
        direction = number % 2
        seq = journal.crossing(MORNING_S + number * DAY_S, CARD, direction)
        journal.outcome(MORNING_S + number * DAY_S + 5, seq, record.ADMITTED)
    return journal


def test_interrupted_anywhere_a_run_is_all_or_nothing(tmp_path):
    journal = busy_journal()
    calm, store = fresh_store(tmp_path / "calm"), fresh_store(tmp_path / "store")
    teach_small(calm)
    teach_small(store)
    dice = random.Random(6)
    interrupted = 0
    for first in range(1, len(journal.records), 4):
        cut, before = 0, dump(calm)
        Intake(calm).take([journal.run(first, first + 3)], NOW_S)
        whole = dump(calm)
        while True:
            cut += dice.randrange(1, 50)
            fuse = iter([0] * cut + [1])
            store._conn.set_progress_handler(lambda fuse=fuse: next(fuse, 0), 5)  # 1 interrupts, once
            try:
                Intake(store).take([journal.run(first, first + 3)], NOW_S)
                break
            except sqlite3.OperationalError:
                interrupted += 1
                # SQLite asks once more when a COMMIT is done: then the run is held, and nobody was told.
                assert dump(store) in (before, whole)
        store._conn.set_progress_handler(None, 0)
    assert interrupted > 50
    assert dump(store) == dump(calm)
    calm.close()
    store.close()


def test_a_full_disk_acknowledges_nothing_and_heals(tmp_path):
    journal = busy_journal(400)
    store = fresh_store(tmp_path)
    teach_small(store)
    pages = store._conn.execute("PRAGMA page_count").fetchone()[0]
    store._conn.execute(f"PRAGMA max_page_count = {pages + 1}")
    with pytest.raises(sqlite3.OperationalError, match="full"):
        Intake(store).take([journal.run()], NOW_S)
    assert Intake(store).held(1, 1).seq == 0
    store._conn.execute("PRAGMA max_page_count = 1000000")
    assert Intake(store).take([journal.run()], NOW_S)[0].seq == len(journal.records)
    store.close()


def fed(folder, journal):
    """Return what a store holds that took the journal run by run without a fault."""
    store = fresh_store(folder)
    teach_small(store)
    for first in range(1, len(journal.records), 4):
        Intake(store).take([journal.run(first, first + 3)], NOW_S)
    found = dump(store)
    store.close()
    return found


def test_killed_at_any_moment_what_was_acknowledged_is_there(tmp_path):
    journal = busy_journal()
    wanted = fed(tmp_path / "calm", journal)
    dice = random.Random(9)
    folder = tmp_path / "killed"
    store = fresh_store(folder)
    teach_small(store)
    store.close()
    acknowledged = 0
    for _ in range(5):
        child = subprocess.Popen([sys.executable, "-m", CHILD, str(folder)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(dice.randrange(1, 3)):
            acknowledged = int(child.stdout.readline() or acknowledged)
        child.send_signal(signal.SIGKILL)
        rest = child.stdout.read().split()
        child.wait()
        acknowledged = int(rest[-1]) if rest else acknowledged
        store = fresh_store(folder)
        assert Intake(store).held(1, 1).seq >= acknowledged
        assert store._conn.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        store.close()
    subprocess.run([sys.executable, "-m", CHILD, str(folder)], check=True, stdout=subprocess.DEVNULL)
    store = fresh_store(folder)
    assert dump(store) == wanted
    store.close()


def statements(folder, journal, first):
    """Return how many statements one intake runs."""
    store = fresh_store(folder)
    counted = []
    store._conn.set_trace_callback(counted.append)
    Intake(store).take([journal.run(first, first + 3)], NOW_S)
    store.close()
    return len(counted)


def killed_at(folder, journal, first, number):
    """Take a run in a process of its own that dies, without a word, when it begins statement `number`."""
    child = os.fork()
    if child:
        assert os.waitpid(child, 0)[1] == signal.SIGKILL
        return
    store = fresh_store(folder)
    left = iter(range(number))
    store._conn.set_trace_callback(lambda _: os.kill(os.getpid(), signal.SIGKILL) if next(left, None) is None else None)
    Intake(store).take([journal.run(first, first + 3)], NOW_S)
    os._exit(1)


def test_killed_at_each_statement_a_run_is_all_or_nothing(tmp_path):
    journal = busy_journal(4)
    folder = tmp_path / "store"
    store = fresh_store(folder)
    teach_small(store)
    Intake(store).take([journal.run(1, 4)], NOW_S)
    before = dump(store)
    store.close()
    shutil.copytree(folder, tmp_path / "calm")
    count = statements(tmp_path / "calm", journal, 5)
    assert count > 20
    for number in range(count):
        killed_at(folder, journal, 5, number)
        store = fresh_store(folder)
        assert dump(store) == before, f"statement {number}"
        store.close()
    store = fresh_store(folder)
    Intake(store).take([journal.run(5, 8)], NOW_S)
    calm = fresh_store(tmp_path / "calm")
    assert dump(store) == dump(calm)
    store.close()
    calm.close()
