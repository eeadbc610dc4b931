"""At 100,000 people no list is slow: what the database does for a page is counted, and bounded; no clock is asked."""

import sqlite3
import time
from contextlib import contextmanager

import pytest
from sqlalchemy import event
from sqlalchemy.pool import Pool

from gateway.central.pages.areas import AREAS
from gateway.central.store import STORE_NAME
from tests.central.conftest import A1
from tests.central.support import Centre

pytestmark = pytest.mark.sqlite_only  # it counts what SQLite does
PEOPLE = 100_000
STEP = 100  # instructions of the database's machine between two looks at it
MAX_STATEMENTS = 150  # the report's; a list has some ten
NUMBERS = "WITH RECURSIVE n (at) AS (SELECT 0 UNION ALL SELECT at + 1 FROM n WHERE at + 1 < :people) "
FILLS = (
    """INSERT INTO persons SELECT printf('R-%06d', at), printf('Person %06d', at), '', 0, 'kim' FROM n""",
    """INSERT INTO applications SELECT printf('W-%06d', at), printf('R-%06d', at), 'work', 'work',
        printf('2025-%02d-%02d', at % 12 + 1, at % 28 + 1), CASE at % 4 WHEN 0 THEN 'pending' ELSE 'approved' END,
        CASE at % 4 WHEN 0 THEN '' ELSE '2026-01-05' END, '', NULL FROM n""",
    """INSERT INTO knowledge (kind, key, revision, body) SELECT 'application', application_id,
        1000 + CAST(substr(application_id, 3) AS INTEGER), json_set(one.body, '$.application_id', application_id,
        '$.applicant_ref', person, '$.decision', decision) FROM applications, knowledge AS one
        WHERE one.kind = 'application' AND one.key = 'A1' AND application_id <> 'A1' AND :people""",
    """INSERT INTO stays (stay_id, station, person, application_id, arrived_on, due_on, blankets, state, early, reason,
        decided_by) SELECT printf('S-%06d', at), 'S' || (at % 6), printf('R-%06d', at), 'A1',
        printf('20%d-01-01', at % 15 + 10), printf('20%d-01-16', at % 15 + 10), 1, 'here', 0, '', '' FROM n""",
    """INSERT INTO exchange_cases (case_id, subject, owner, person, application_id, answer_days, state, opened_on,
        sent_on, due_on, answered_on, closed_on, reminded) SELECT printf('X-%06d', at), 'Where', 'kim', '', '', 30,
        'sent', day, day, '2026-03-31', '', '', 0 FROM
        (SELECT at, printf('2026-%02d-%02d', at % 2 + 1, at % 28 + 1) AS day FROM n)""",
    """INSERT INTO contracts SELECT printf('C-%06d', at), 2027, 'mines', 'trainee', printf('R-%06d', at), 'Mill', 0,
        '2026-06-01', '2027-02-01', '2028-01-31', '2026-10-01', 'open', NULL, NULL FROM n""",
    """INSERT INTO diplomas SELECT printf('D-%06d', at), printf('R-%06d', at), 'Technician', 'School', NULL,
        '2026-06-01', NULL, NULL, NULL FROM n""",
    """INSERT INTO reviews SELECT at + 1, 'refer', printf('%014X', at), 1, 1, at + 1, 'ONS', '', 'no-permit',
        1790000000 + at, 1790600000 + at, '{}', '', 1, 'open', '', '', NULL FROM n""",
)
# Pages, by how many instructions they may cost: a list alone reads what it shows; its head may count what waits by an
# index (three to seven instructions a row); the first page counts in four areas, and the report in all, for two spans.
LIST, COUNT, SUM, REPORT = 20_000, 14 * PEOPLE, 35 * PEOPLE, 200 * PEOPLE
LIMITS = {
    LIST: (
        *("/", "/applications/W-000004", "/reviews/7", "/reviews/decided", "/crossings", "/crossings?query=W-000004"),
        *(
            "/programmes/contracts/C-000007",
            "/stations/stays",
            "/stations/stays?station=S3",
            "/stations/stays/S-000001",
        ),
        *("/exchange/cases/X-000000", "/exchange/closed", "/exchange/files", "/exchange/reminders"),
    ),
    COUNT: (
        *("/applications", "/applications?decision=approved", "/reviews", "/programmes/contracts?year=2027"),
        *("/exchange", "/exchange?owner=kim", "/statistics"),
    ),
    SUM: ("/today", "/stations", "/programmes?year=2027", "/applications/figures"),
    REPORT: ("/report",),
}


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """A centre of 100,000 persons, applications, stays, cases, contracts, diplomas and reviews."""
    made = Centre(tmp_path_factory.mktemp("full"))
    with made.http:
        made.good("admin", "POST", "/v1/imports", json={"applications": [A1]})
        made.good("admin", "PUT", "/v1/people/kim", json={"role": "clerk", "password": "the long sentence of kim"})
        for at in range(6):
            made.good("admin", "PUT", f"/v1/stations/S{at}", json={"name": f"Station {at}", "beds": 9, "blankets": 9})
        with sqlite3.connect(made.data / STORE_NAME) as held:
            held.execute("PRAGMA synchronous=OFF")
            for fill in FILLS:
                head, rest = fill.split("SELECT", 1)
                held.execute(f"{head} {NUMBERS if ' n' in rest else ''}SELECT{rest}", {"people": PEOPLE})
        held.close()
        made.http.cookies.set("checkpost-purpose", "the%20count")
        yield made
    made.store.close()


class Watched:
    """What the database did: statements, and instructions of its machine."""

    def __init__(self):
        self.statements, self.steps = 0, 0

    def lend(self, raw, _record, _fairy):
        """Watch a connection as it is lent: what the store tells SQLite itself passes by SQLAlchemy's events."""
        raw.set_trace_callback(self._note)
        raw.set_progress_handler(self._step, STEP)

    def take_back(self, raw, _record):
        raw.set_trace_callback(None)
        raw.set_progress_handler(None, STEP)

    def _note(self, _sql):
        self.statements += 1

    def _step(self):
        self.steps += STEP
        return 0


@contextmanager
def watched():
    found = Watched()
    event.listen(Pool, "checkout", found.lend)
    event.listen(Pool, "checkin", found.take_back)
    try:
        yield found
    finally:
        event.remove(Pool, "checkout", found.lend)
        event.remove(Pool, "checkin", found.take_back)


def test_no_list_reads_more_than_it_shows(full):
    slow, lines = [], []
    for limit, path in ((limit, path) for limit, paths in LIMITS.items() for path in paths):
        full.http.get(path)  # its template is read
        begun_s = time.process_time()
        with watched() as found:
            answer = full.http.get(path)
        used_ms = (time.process_time() - begun_s) * 1000
        assert answer.status_code == 200, (path, answer.text)
        lines.append(f"{path:34} {found.statements:4} statements {found.steps:12,} steps {used_ms:7.1f} ms")
        if found.steps > limit or found.statements > MAX_STATEMENTS:
            slow.append(lines[-1])
    print("\n".join(["", *lines]))  # with -s: the processor's time is the reader's to judge
    assert slow == []


def test_every_area_is_among_the_pages_that_are_looked_at():
    looked = {path.split("?")[0] for paths in LIMITS.values() for path in paths}
    assert {area.path for area in AREAS} <= looked
