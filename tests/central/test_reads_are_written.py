"""Whatever tells of a traveller writes that down: every call of the interface and every page, walked one by one."""

import json
from dataclasses import dataclass

import pytest

from gateway.central.openapi import EXAMPLES
from gateway.central.pace import Pace
from gateway.central.pages.router import build_pages
from gateway.central.pages.visit import PURPOSE_COOKIE
from tests.central.support import Centre
from tests.central.test_openapi import CARD, NAMES, send

PURPOSE = "a walk through everything"
DAY_S = 86_400
# By these one is found in an answer: references, applications, cards, a name, where they live, what a case is about.
WORDS = ("P-311", "R-311", "R-312", "A-1961-0007", CARD, CARD[:-1] + "7", "Han Sol", "12 Station Road", "a family of")
PDF = b"%PDF-1.7\n"
# They answer with numbers of records, and with names and keys of devices and of those who work here.
OF_DEVICES = {
    ("post", "/v1/batches"),
    ("post", "/v1/tokens"),
    ("post", "/v1/enrolments"),
    ("post", "/v1/vouchers"),
    ("post", "/v1/board-enrolments"),
    ("delete", "/v1/vouchers/{technician}"),
    ("put", "/v1/log/cosigners/{name}"),
    ("post", "/v1/log/cosignatures"),
    ("post", "/v1/zones/{zone}/key-versions"),
    ("post", "/v1/gateways/{name}/codes"),
}
# They end something and answer without a body.
SILENT = {
    ("delete", "/v1/sessions"),
    ("delete", "/v1/people/{name}"),
    ("delete", "/v1/persons/{reference}/cases/{case}"),
}
# Written down elsewhere, or a log of reads itself: who reads it would write a row with every page of it.
KEPT_ELSEWHERE = {("post", "/v1/cards/{uid}/keys"): "card-keys.log", ("get", "/v1/reads"): "it is that log"}
LAST = ("/v1/contracts/{contract_id}/cancellation", "/v1/exchange/cases/{case_id}/closing")
QUERIES = {
    "/v1/persons": {"name": "Han"},
    "/v1/files/{kind}": {"year": 2027},
    "/v1/log/inclusion": {"leaf": 1},
    "/v1/log/consistency": {"first": 1, "second": 2},
}
DAYS = {"first": "2026-10-26", "last": "2026-11-01"}
DAILY = ("/v1/statistics", "/v1/report", "/v1/figures/applications", "/v1/figures/programmes")
QUERIES |= dict.fromkeys((*DAILY, "/v1/reception/figures", "/v1/exchange/figures"), DAYS)


def paths(routes):
    """The address of every page that is asked for with GET."""
    for route in routes:
        inner = getattr(route, "original_router", None)
        if inner:
            yield from paths(inner.routes)
        elif "GET" in route.methods and not route.path.startswith(("/static", "/v1/events")):
            yield route.path


PAGES = sorted(set(paths(build_pages().routes)))
OF_PAGES = {"number": "1", "year": "2027", "board": "1", "epoch": "1", "seq": "1", "case_id": "EX-7", "stay_id": "S-1"}
NUMBERS = dict.fromkeys(("/applications/{number}", "/applications/{number}/letter"), "A-1")
NUMBERS |= dict.fromkeys(("/programmes/contracts/{number}", "/programmes/contracts/{number}/certificate"), "C-1")
SHOWING = {"/programmes/contracts": {"year": 2027}, "/stations/stays": {"state": "left"}}
TELLING = {"/applications/{number}", "/crossings/{board}/{epoch}/{seq}", "/exchange/cases/{case_id}", "/exchange"}
TELLING |= {"/programmes/contracts/{number}", "/reviews/{number}", "/stations/stays", "/stations/stays/{stay_id}"}


@dataclass(frozen=True)
class Answer:
    """An answer, what it had been given, and the reads that were written down with it."""

    status: int
    text: str
    given: str
    reads: tuple[tuple[str, str, str], ...]  # what, why, about

    def tells(self):
        """The words in it that nobody had given."""
        return [word for word in WORDS if word in self.text and word not in self.given]


class Walk:
    """A centre with a traveller in every table, and every answer by (method, path)."""

    def __init__(self, folder, database):
        self.centre = Centre(folder, database=database)
        object.__setattr__(self.centre.app.state.parts, "pace", Pace(lambda: 0.0, burst=10**9))
        self.answers = {}
        self.pages = {}

    def begin(self):
        centre = self.centre
        centre.know_points()
        centre.good("gateway", "POST", "/v1/imports", json=EXAMPLES["/v1/imports", "post"])
        board = centre.add_board("ONS")
        for at in range(5):
            board.crossing(1_792_962_000 + at, CARD)
        centre.take(board.run())
        for name in ("ri", "pak"):
            centre.sign_in(name, "reviewer")

    def step(self, method, path, call, given):
        """Make a call, and keep the answer with the reads that it wrote down."""
        before = len(self.reads())
        found = call()
        noted = tuple((row.what, row.why, row.about) for row in self.reads()[before:])
        self.answers[method, path] = Answer(found.status_code, found.text, given, noted)
        assert found.is_success, (method, path, found.text)

    def reads(self):
        with self.centre.store.read() as transaction:
            return transaction.people.reads(0, 10_000)

    def example(self, path, method):
        body = EXAMPLES[path, method]
        given = f"{json.dumps(body)} {list(NAMES.values())}"
        self.step(method, path, lambda: send(self.centre, path, method, body), given)

    def other(self, name, method, path, given="", template="", **more):
        headers = {"Checkpost-Purpose": PURPOSE} | more.pop("headers", {})
        self.step(
            method, template or path, lambda: self.centre.call(name, method, path, headers=headers, **more), given
        )

    def acts(self):
        """What the examples do, what needs two people, and what ends things last."""
        left_out = {path for _, path in OF_DEVICES} | {"/v1/exchange/batches"}
        for path, method in EXAMPLES:
            if path not in (*left_out, *LAST) and not path.endswith(("{message}/approval", "/reminders")):
                self.example(path, method)
        self.certificate()
        case = "/v1/exchange/cases/EX-7"
        asks = {"text": "Where does Han Sol live?", "ground": "agreement of 1953"}
        self.centre.good("ri", "POST", f"{case}/messages", json=asks)
        template = "/v1/exchange/cases/{case_id}/messages/{message}/approval"
        number = self.centre.good("ri", "GET", case, headers={"Checkpost-Purpose": PURPOSE})["thread"][-1]["number"]
        self.other("pak", "post", f"{case}/messages/{number}/approval", template=template, json={"approve": True})
        self.other("pak", "post", "/v1/exchange/batches", json={"form": "csv"})

    def certificate(self):
        """An approved contract, with what is attached to it."""
        asked = {"person": "P-311", "grounds": ["training"], "submitted_on": "2026-10-20", "contract": "C-1"}
        self.centre.good("admin", "PUT", "/v1/applications/T-1", json=asked)
        self.centre.good("admin", "POST", "/v1/applications/T-1/decision", json={"decision": "approved"})
        self.centre.now_s += DAY_S
        path = "/v1/contracts/{contract_id}/certificate"
        self.other("admin", "put", "/v1/contracts/C-1/certificate", template=path, content=PDF)

    def looks(self):
        """Every GET of the interface."""
        filled = NAMES | {"form": "ndjson", "number": "1"}
        for path, calls in self.centre.http.get("/openapi.json").json()["paths"].items():
            if "get" in calls:
                at = path.format_map(filled) if path != "/v1/files/{kind}" else "/v1/files/contracts"
                name = "gateway" if path == "/v1/zone-keys" else "admin"
                self.other(name, "get", at, template=path, params=QUERIES.get(path, {}))

    def see(self):
        """Every page, in development's session: its text without the words of a hint, and how many reads it wrote."""
        self.centre.http.cookies.set(PURPOSE_COOKIE, "the day")
        for path in PAGES:
            at = path.format_map(OF_PAGES | ({"number": NUMBERS[path]} if path in NUMBERS else {}))
            before = len(self.reads())
            page = self.centre.http.get(at, params=SHOWING.get(path, {}))
            assert page.status_code == 200, (path, page.text)
            self.pages[path] = page.text.replace("such as P-311", ""), len(self.reads()) - before

    def ends(self):
        """A reminder that is due sixty days later; a person's erasure that is refused; what ends a case or contract."""
        self.centre.now_s += 60 * DAY_S
        self.other("admin", "get", "/v1/exchange/reminders")
        path = "/v1/exchange/cases/{case_id}/reminders"
        self.other("ri", "post", "/v1/exchange/cases/EX-7/reminders", template=path, json={"step": 1})
        self.see()
        self.other("pak", "post", "/v1/erasures/1/refusal", template="/v1/erasures/{number}/refusal")
        for path in LAST:
            self.example(path, "post")


@pytest.fixture(scope="module")
def walk(tmp_path_factory, shared_database):
    made = Walk(tmp_path_factory.mktemp("walk"), shared_database)
    with made.centre.http:
        made.begin()
        made.acts()
        made.looks()
        made.ends()
        yield made
    made.centre.store.close()


def test_every_call_is_walked_but_those_that_are_named_here(walk):
    described = walk.centre.http.get("/openapi.json").json()["paths"]
    every = {(method, path) for path, methods in described.items() for method in methods}
    assert every - set(walk.answers) == OF_DEVICES | SILENT | UNWALKED


# One erases the traveller; the others end a year or the time of many, and answer with counts.
UNWALKED = {
    ("post", "/v1/erasures/{number}/approval"),
    ("post", "/v1/retention"),
    ("post", "/v1/settlements/{year}/closure"),
}


def test_whatever_tells_of_a_traveller_is_written_down_with_its_reason(walk):
    silent = {at for at, answer in walk.answers.items() if answer.tells() and not answer.reads}
    assert silent <= set(KEPT_ELSEWHERE)
    assert all(why for answer in walk.answers.values() for _, why, _ in answer.reads)
    telling = [at for at, answer in walk.answers.items() if answer.tells()]
    assert len(telling) > 25  # or the words are no longer those of the examples


def test_who_asks_after_one_person_hears_of_every_read_of_that_person_alone(walk):
    found = walk.centre.good("admin", "GET", "/v1/reads", params={"person": "P-311"})["reads"]
    wanted = {"application A-1", "letter of A-1", "person P-311", "contract C-1", "certificate of contract C-1"}
    assert wanted | {"exchange case EX-7", "diploma D-1"} <= {one["what"] for one in found}
    of_card = walk.centre.good("admin", "GET", "/v1/reads", params={"person": CARD})["reads"]
    assert {"crossing 1/1/1", "review 1", f"card {CARD}"} <= {one["what"] for one in of_card}


def test_what_a_gateway_hears_all_day_is_written_down_once_an_hour(walk):
    def told():
        walk.centre.good("gateway", "GET", "/v1/changes")
        return sum((row.role, row.what) == ("gateway", "changes") for row in walk.reads())

    walk.centre.app.state.parts.reads._now_s = clock = Clock()
    first = told()
    assert told() == first
    clock.now_s += 3600
    assert told() == first + 1


class Clock:
    """Seconds that a test moves."""

    def __init__(self):
        self.now_s = 4_000_000_000

    def __call__(self):
        return self.now_s


def test_every_page_that_tells_of_a_traveller_writes_it_down_too(walk):
    telling = {path for path, (text, _) in walk.pages.items() if any(word in text for word in WORDS)}
    assert {path for path in telling if not walk.pages[path][1]} == set()
    assert telling >= TELLING
