"""Whatever is no fact of a rule may be swapped and changes no verdict; who somebody is, is written down nowhere."""

import random
import re
import sqlite3

import pytest
from hypothesis import HealthCheck, given, settings
from sqlite_utils import Database

from checkpost import record
from checkpost.source import marked, source_of
from gateway import contract
from gateway.central.store.tables import METADATA
from gateway.contract import Application, Board, Card, CrossingPoint
from gateway.store.schema import migrations
from tests.gateway.converging import Site, Template, World, worlds

FACTS = {
    Application: {
        *("application_id", "decision", "withdrawn_from", "valid_from", "valid_until", "crossing_points", "entries"),
        *("max_stay_days", "zones", "reception_days", "companions", "released_on"),
    },
    Card: {"card_uid", "application_id", "status", "blocked_from"},
    CrossingPoint: {"code", "kind", "zone"},
    Board: {"board", "epoch", "crossing_point"},
}
NO_FACTS = {
    Application: {"applicant_ref", "purpose", "submitted_on", "decided_on"},
    Card: {"key_version", "zone"},  # for its proof at a reader
    CrossingPoint: {"name", "time_zone"},  # the offset of a crossing is in its record
    Board: {"lane", "gateway", "link_key"},
}
WHO = re.compile(
    r"nation|ethni|race|racial|religi|trib|caste|citizen|birth|origin|skin|language|gender|sex", re.IGNORECASE
)


@pytest.fixture(scope="module")
def template():
    return Template()


@pytest.mark.parametrize("model", FACTS)
def test_each_field_is_a_fact_of_a_rule_or_is_swapped_below(model):
    assert set(model.model_fields) == FACTS[model] | NO_FACTS[model]
    assert not FACTS[model] & NO_FACTS[model]


def swapped_row(row, dice):
    """Return an application, card, point or board with every field that is no fact made another."""
    values = {
        "applicant_ref": f"R{dice.randrange(99)}",
        "purpose": dice.choice(["trade", "family", "study"]),
        "submitted_on": f"20{dice.randrange(10, 30)}-01-02",
        "decided_on": f"20{dice.randrange(10, 30)}-03-04",
        "name": f"place {dice.randrange(99)}",
        "time_zone": dice.choice(["UTC", "Europe/Berlin", "+05:45"]),
        "key_version": dice.randrange(9),
        "zone": dice.choice(["north", "south"]),
        "lane": str(dice.randrange(9)),
        "gateway": f"g{dice.randrange(9)}",
        "link_key": f"{dice.getrandbits(128):032x}",
    }
    return row.model_copy(update={name: values[name] for name in NO_FACTS[type(row)]})


def swapped_record(raw, dice):
    """Return a record whose crossing has other bits wherever they are no fact: answer shown, counters, ages."""
    if not record.valid(raw):
        return raw
    head = record.unpack(raw)
    if head.kind != record.CROSSING:
        return raw
    source = source_of(head.body)
    crossing = record.unpack_crossing(head.body)
    crossing.counter = dice.getrandbits(24)
    crossing.online = bool(dice.getrandbits(1))
    crossing.verdict = dice.randrange(3)
    crossing.reasons = crossing.reasons & 2 | dice.getrandbits(13) & ~2  # only the reader sees a proof fail: bit 1
    crossing.causes = dice.getrandbits(5)
    crossing.roster_age = dice.getrandbits(5)
    crossing.rule_version = dice.getrandbits(8)
    head.body = marked(crossing.pack(), source)
    return head.pack()


def judged(template, world, dice=None):
    """Return the verdicts of a world; with `dice`, after swapping everything that is no fact."""
    site = Site(template, world.journals, world)
    store = site.store
    if dice:
        rows = [*store.knowledge.points(), *store.knowledge.boards()]
        with store.transaction():
            for row in rows:
                store.knowledge.put(swapped_row(row, dice), None)
        for at, change in enumerate(world.changes):
            kind = "application" if change.application else "card"
            world.changes[at] = change.model_copy(update={kind: swapped_row(getattr(change, kind), dice)})
        for journal in world.journals.values():
            fresh = type(journal)(journal.board)
            for raw in journal.records:
                fresh.add(swapped_record(raw, dice))
            world.journals[journal.board] = fresh
    site.learn(len(world.changes))
    site.caught_up()
    for number in world.journals:
        site.take_run(number, 1000)
    found = site.verdicts()
    store.close()
    return found


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(worlds)
def test_swapping_what_is_no_fact_changes_no_verdict(template, drawn):
    assert judged(template, World(drawn), random.Random(drawn[3])) == judged(template, World(drawn))


def test_no_model_table_or_record_says_who_somebody_is():
    names = {
        f"{name}.{field}"
        for name, model in vars(contract).items()
        if hasattr(model, "model_fields")
        for field in model.model_fields
    }
    names |= {f"{table.name}.{column.name}" for table in METADATA.tables.values() for column in table.columns}
    conn = sqlite3.connect(":memory:")
    migrations().apply(Database(conn))
    tables = [row[0] for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    names |= {f"{table}.{row[1]}" for table in tables for row in conn.execute(f"PRAGMA table_info({table})")}
    conn.close()
    names |= {f"record.{name}" for name in (*vars(record.Record(1, 1, 0, 0, 0, 0)), *vars(record.Crossing()))}
    assert len(names) > 150
    assert {name for name in names if WHO.search(name.lower())} == set()


def test_an_import_that_brings_such_a_field_is_refused():
    for field in ("nationality", "ethnicity"):
        with pytest.raises(ValueError, match="Extra inputs"):
            Application(application_id="A1", decision="approved", **{field: "x"})
