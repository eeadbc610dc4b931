"""Explains verdicts from a store, and says what another policy would change; writes nothing."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from checkpost import reasons as why
from gateway.contract import Policy
from gateway.errors import OperatorError
from gateway.intake.judging import Judging
from gateway.review.evidence import crossing
from gateway.review.reviews import Reviews
from gateway.store.store import Store
from gateway.store.verdicts import VerdictRow
from gateway.verdict.explain import explain
from gateway.verdict.judge import Ruling, differs


class Changed(NamedTuple):
    """A crossing, by its key, that another policy would judge otherwise."""

    board: int
    epoch: int
    seq: int
    now: str
    then: str


def explain_crossing(store: Store, key: tuple[int, int, int], now_s: int) -> dict[str, Any]:
    """Return why a crossing (board, epoch, seq) is judged as it is; OperatorError when none of that key is held."""
    row = store.records.crossing(*key)
    if row is None:
        raise OperatorError(f"No crossing {'/'.join(map(str, key))} is held here; look for its board/epoch/seq.")
    judging = Judging(store, now_s)
    card = store.knowledge.card(row.card_uid) if row.card_uid else None
    facts = judging.facts(card.application_id) if card else judging.facts("")
    history = judging.history(card.application_id) if card and facts.permit else []
    others = [other for other in history if other[:3] != key]
    found = explain(row, others, facts)
    verdict = found.verdict
    return {
        "crossing": crossing(row),
        "permit": card.application_id if card else "",
        "verdict": why.VERDICTS[verdict.verdict],
        "reasons": verdict.reason_names(),
        "notes": verdict.note_names(),
        "unchecked": why.names(verdict.unchecked, why.CAUSES),
        "rule_version": verdict.rule_version,
        "policy_version": facts.policy.version,
        "rules": [rule._asdict() for rule in found.rules],
        "rests_on": found.rests_on,
        "history": [_judged(one) for one in store.verdicts.history(*key)],
        "reviews": [{"id": one.id, "kind": one.kind, "state": one.state} for one in Reviews(store).of_record(*key)],
    }


def read_policy(path: Path) -> Policy:
    """Return the policy of a TOML file; OperatorError names the line or the field that is wrong."""
    try:
        with path.open("rb") as file:
            policy = Policy.model_validate(tomllib.load(file))
        why.mask(policy.lenient, why.REASONS)
        return policy
    except OSError as error:
        raise OperatorError(f"The policy {path} cannot be read ({error.strerror}).") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise OperatorError(f"The policy {path} is no TOML: {error}.") from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"])
        raise OperatorError(f"{field} in {path}: {first['msg']}.") from error
    except ValueError as error:
        raise OperatorError(f"lenient in {path}: {error}; choose of {', '.join(why.REASONS)}.") from error


def would_change(store: Store, policy: Policy, now_s: int) -> Iterator[Changed]:
    """Yield every crossing that a policy would judge otherwise than it stands; the whole log is read for it."""
    judging = Judging(store, now_s, policy)
    for rulings in judging.judged(store.knowledge.permit_ids()):
        yield from _changed(rulings)
    for row in store.records.of_nobody():
        yield from _changed([judging.alone(row)])


def _changed(rulings: list[Ruling]) -> Iterator[Changed]:
    for row, verdict in rulings:
        if row.verdict is not None and differs(row, verdict):
            then = _words(verdict.verdict, verdict.reason_names() + verdict.note_names())
            stood = why.names(row.reasons or 0, why.REASONS) + why.names(row.causes or 0, why.CAUSES)
            stood += why.names(row.notes or 0, why.NOTES) + why.names(row.waived or 0, why.REASONS)
            yield Changed(row.board, row.epoch, row.seq, _words(row.verdict, stood), then)


def _words(verdict: int, names: list[str]) -> str:
    return f"{why.VERDICTS[verdict]} {', '.join(names)}".rstrip()


def _judged(row: VerdictRow) -> dict[str, Any]:
    return {
        "verdict": why.VERDICTS[row.verdict],
        "reasons": why.names(row.reasons, why.REASONS) + why.names(row.causes, why.CAUSES),
        "judged_s": row.judged_s,
        "rule_version": row.rule_version,
        "policy_version": row.policy_version,
    }
