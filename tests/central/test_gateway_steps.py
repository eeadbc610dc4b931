"""What guards did in reviews at gateways comes up once, stands beside the office's own word, and decides nothing."""

import asyncio
import shutil
from itertools import repeat

import httpx
import pytest

from gateway.forwarder.backoff import Backoff
from gateway.forwarder.client import Centre as Client
from gateway.forwarder.client import CentreAway
from gateway.forwarder.push import Push
from gateway.intake.records import Intake
from gateway.review.reviews import Reviews
from gateway.worker import SOON, Worker
from tests.central.test_access import problem
from tests.gateway.support import NOW_S, Journal, fresh_store, teach_small

MONDAY_S = 1_792_962_000
STEP = {"store": 7, "event": 2, "review": 1, "kind": "refer", "board": 1, "epoch": 1, "seq": 1, "at_s": MONDAY_S + 60}
TAKEN = STEP | {"person": "Kim", "step": "taken"}
SAID = STEP | {"event": 3, "person": "Kim", "step": "statement", "text": "The card is at home."}
DECIDED = STEP | {
    "event": 4,
    "person": "Kim",
    "step": "decided",
    "disposition": "permitted-after-all",
    "text": "The register has the permit.",
}
HERE = {"disposition": "our-error", "reason": "The permit was entered late.", "appeal": "In writing, 30 days."}


@pytest.fixture
def office(small):
    """A centre with a reviewer, ri, and one crossing without a card: review 1."""
    small.sign_in("ri", "reviewer")
    board = small.add_board("ONS")
    board.crossing(MONDAY_S)
    small.take(board.run())
    small.http.cookies.set("checkpost-purpose", "the%20day%27s%20reviews")
    return small


def bring(office, *steps):
    return office.good("gateway", "POST", "/v1/reviews/steps", json={"steps": list(steps)})


def line(office):
    [found] = office.good("office", "GET", "/v1/reviews")["reviews"]
    return found


def decide_here(office):
    for deed, body in (("take", {}), ("statements", {"text": "My mother is ill."}), ("disposition", HERE)):
        answer = office.call("ri", "POST", f"/v1/reviews/1/{deed}", json=body)
        assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.both_stores
def test_steps_are_held_once_and_the_office_sees_who_did_what_and_why(office):
    assert line(office)["at_gateways"] == ""
    assert bring(office, TAKEN, SAID) == {"new": 2, "known": 0}
    assert line(office)["at_gateways"] == "taken"
    assert bring(office, TAKEN, SAID, DECIDED) == {"new": 1, "known": 2}
    found = office.good("office", "GET", "/v1/reviews/1")
    assert (found["state"], found["at_gateways"]) == ("open", "decided")
    [there] = found["there"]
    assert (there["gateway"], there["review"], there["state"], there["reviewer"]) == ("gw", 1, "decided", "Kim")
    assert [(step["person"], step["kind"], step["body"]) for step in there["steps"]] == [
        ("Kim", "taken", {}),
        ("Kim", "statement", {"text": "The card is at home."}),
        ("Kim", "decided", {"disposition": "permitted-after-all", "reason": "The register has the permit."}),
    ]
    first, *_ = office.good("office", "GET", "/v1/reviews/steps", params={"limit": 1})["steps"]
    assert (first["gateway"], first["person"], first["step"]) == ("gw", "Kim", "decided")


def test_where_both_decided_otherwise_both_words_stand(office):
    decided = decide_here(office)
    assert decided["at_gateways"] == ""
    bring(office, TAKEN, DECIDED)
    found = office.good("office", "GET", "/v1/reviews/1")
    assert found["at_gateways"] == "differs"
    assert (found["disposition"], found["there"][0]["disposition"]) == ("our-error", "permitted-after-all")
    assert [event["kind"] for event in found["events"]] == ["taken", "statement", "decided"]
    page = office.http.get("/reviews/1").text
    assert "more than one way" in page and "The register has the permit." in page and "our error" in page


def test_an_appeal_at_a_gateway_opens_its_review_there_again(office):
    appeal = STEP | {"event": 5, "person": "Lee", "step": "appealed", "text": "It was approved in spring."}
    bring(office, TAKEN, DECIDED, appeal)
    [there] = office.good("office", "GET", "/v1/reviews/1")["there"]
    assert (there["state"], there["reviewer"], there["disposition"]) == ("open", "", "")
    assert there["steps"][-1]["body"] == {"ground": "It was approved in spring."}
    assert "at a gateway: waits" in office.http.get("/reviews").text


def test_another_store_with_the_same_numbers_is_another_gateways_word(office):
    bring(office, TAKEN)
    assert bring(office, TAKEN | {"store": 8, "person": "Lee"}) == {"new": 1, "known": 0}
    assert [there["reviewer"] for there in office.good("office", "GET", "/v1/reviews/1")["there"]] == ["Kim", "Lee"]


def test_a_step_about_what_the_office_does_not_ask_is_listed_all_the_same(office):
    bring(office, TAKEN | {"kind": "two-boards", "seq": 0})
    assert line(office)["at_gateways"] == ""
    assert [row["kind"] for row in office.good("office", "GET", "/v1/reviews/steps")["steps"]] == ["two-boards"]


def test_words_about_a_card_that_nobody_knows_do_not_stay(office):
    """It was erased here, and the gateway had not heard of it yet."""
    bring(office, SAID | {"kind": "impossible-travel", "card_uid": "04AAAAAAAAAAAA", "board": 0, "epoch": 0, "seq": 0})
    held = office.app.state.parts.reviews._store
    with held.read() as transaction:
        [row] = transaction.gateway_steps.newest(0, 10)
    assert (row.card_uid, row.body, row.person) == ("", "{}", "Kim")


@pytest.mark.parametrize(
    ("field", "value"),
    [("person", ""), ("step", "erased"), ("card_uid", "zz"), ("disposition", "shot"), ("kind", "A kind"), ("event", 0)],
)
def test_a_step_that_is_none_is_refused_by_its_field(office, field, value):
    answer = office.call("gateway", "POST", "/v1/reviews/steps", json={"steps": [TAKEN, TAKEN | {field: value}]})
    assert problem(answer) == "not-valid" and f"#/steps/1/{field}" in answer.text
    assert office.good("office", "GET", "/v1/reviews/steps")["steps"] == []


def test_what_a_gateway_decided_when_it_was_asked_before_is_no_contradiction_to_what_it_decides_now(office):
    bring(office, TAKEN, DECIDED)
    again = {"review": 2, "at_s": MONDAY_S + 3600}
    bring(office, TAKEN | again | {"event": 8}, DECIDED | again | {"event": 9, "disposition": "our-error"})
    assert line(office)["at_gateways"] == "decided"
    bring(office, DECIDED | again | {"event": 9, "store": 8, "at_s": MONDAY_S + 7200})
    assert line(office)["at_gateways"] == "decided"  # by its newest store


def test_another_step_under_a_number_that_is_held_is_refused_and_the_same_is_known(office):
    bring(office, TAKEN, SAID)
    assert bring(office, TAKEN, SAID | {"text": ""}) == {"new": 0, "known": 2}  # an erasure took the words there
    answer = office.call("gateway", "POST", "/v1/reviews/steps", json={"steps": [TAKEN, SAID | {"person": "Lee"}]})
    assert answer.status_code == 409 and problem(answer) == "step-differs"


def guard(folder, *, at_s=NOW_S, text="The card is at home.", decide=True):
    """A gateway's store in which Kim took the one review, and wrote down what the traveller says."""
    store = fresh_store(folder)
    teach_small(store)
    journal = Journal(1)
    journal.crossing(MONDAY_S, verdict=1)
    Intake(store).take([journal.run()], NOW_S)
    reviews = Reviews(store)
    reviews.take(1, "Kim", at_s)
    reviews.add_statement(1, text, "Kim", at_s + 1)
    if decide:
        reviews.decide(1, "permitted-after-all", "The register has the permit.", "Kim", at_s + 2)
    return store


def deliver(office, make, faults=()):
    """Send all steps of a store; return how often the centre was away, and what still waits. `faults`: by request."""
    faults = iter(faults)

    async def through(request):
        fault = next(faults, "") if request.url.path.endswith("/steps") else ""
        if fault == "away":
            raise httpx.ConnectError("no way there", request=request)
        if fault == "old":
            return httpx.Response(405, json={"detail": "Method Not Allowed"})
        answer = await asyncio.to_thread(
            office.call, "gateway", request.method, request.url.path, content=request.content, headers=_plain(request)
        )
        if fault == "lost":
            raise httpx.ReadTimeout("the reply was lost", request=request)
        return httpx.Response(answer.status_code, content=answer.content)

    async def run():
        worker = Worker("store", make)
        await worker.start()
        try:
            async with httpx.AsyncClient(base_url="http://centre", transport=httpx.MockTransport(through)) as http:
                push = Push(worker, Client(http), Backoff(lambda: 0.0), lambda *held: None)
                failures = 0
                while True:
                    try:
                        if not await push.once():
                            return failures, await worker.run(SOON, lambda store: store.outbox.counts())
                    except CentreAway:
                        failures += 1
        finally:
            await worker.stop()

    return asyncio.run(run())


def heard(office):
    """What the office reads of the question's reviews at gateways: the kinds and persons of each one's steps."""
    found = office.good("office", "GET", "/v1/reviews/1")["there"]
    return [[(step["kind"], step["at_s"]) for step in there["steps"]] for there in found]


def test_a_guards_review_reaches_the_office_though_the_centre_is_away_and_replies_are_lost(office, tmp_path):
    """From the gateway's own store, over its outbox, into the office's list."""
    failures, counts = deliver(office, lambda: guard(tmp_path), ["away", "lost", "", ""])
    assert (failures, counts) == (2, {"waiting": 0, "refused": 0})
    [there] = office.good("office", "GET", "/v1/reviews/1")["there"]
    assert [step["kind"] for step in there["steps"]] == ["taken", "statement", "decided"]
    assert (there["state"], there["disposition"]) == ("decided", "permitted-after-all")


def test_steps_wait_for_a_centre_that_does_not_know_them_yet(office, tmp_path):
    _, counts = deliver(office, lambda: guard(tmp_path), repeat("old"))
    assert counts == {"waiting": 3, "refused": 0}
    assert deliver(office, lambda: fresh_store(tmp_path)) == (0, {"waiting": 0, "refused": 0})
    assert [[kind for kind, _ in steps] for steps in heard(office)] == [["taken", "statement", "decided"]]


def test_a_store_that_was_laid_from_a_backup_loses_no_step_and_doubles_none(office, tmp_path):
    guard(tmp_path / "one", decide=False).close()
    shutil.copytree(tmp_path / "one", tmp_path / "backup")  # two steps wait in it, that go out before it is laid again
    deliver(office, lambda: fresh_store(tmp_path / "one"))
    lost = fresh_store(tmp_path / "one")
    Reviews(lost).decide(1, "our-error", "A mistake of ours.", "Kim", NOW_S + 50)
    lost.close()
    deliver(office, lambda: fresh_store(tmp_path / "one"))
    restored = fresh_store(tmp_path / "backup")
    Reviews(restored).add_statement(1, "Nobody heard me before.", "Kim", NOW_S + 900)
    Reviews(restored).decide(1, "permitted-after-all", "The register has it.", "Kim", NOW_S + 901)
    restored.close()
    assert deliver(office, lambda: fresh_store(tmp_path / "backup")) == (0, {"waiting": 0, "refused": 0})
    first = [("taken", NOW_S), ("statement", NOW_S + 1), ("decided", NOW_S + 50)]
    since = [("statement", NOW_S + 900), ("decided", NOW_S + 901)]
    assert sorted(heard(office)) == sorted([first, since])
    assert "Nobody heard me before." in office.http.get("/reviews/1").text


def _plain(request):
    names = ("content-type", "content-encoding")
    return {name: request.headers[name] for name in names if name in request.headers}
