"""What may leave the office, and who says so. Pure.

Whatever says something of a person leaves only with a written ground, and after somebody else than its author approved
it by name. A machine's token is nobody, and so is a program's with a person's name: they neither write nor approve such
a message.
"""

from typing import Literal

from gateway.central.access import Caller
from gateway.central.cases.wrong import not_valid
from gateway.central.people import same_person, signed_in
from gateway.central.problems import Problem
from gateway.central.store.exchange import OUT, CaseRow, MessageRow
from gateway.contract.exchange import MessageBody

WaitsFor = Literal["", "approval", "batch"]


def is_personal(case: CaseRow, marked: bool) -> bool:
    """Return True if a message says something of a person: a row of a case about one names them."""
    return marked or bool(case.person or case.application_id)


def waits_for(case: CaseRow, message: MessageRow) -> WaitsFor:
    """Return what keeps a message in the office; asked anew whenever a file is made."""
    if message.kind != OUT or not message.waiting:
        return ""
    return "approval" if is_personal(case, bool(message.personal)) and not message.approved_by else "batch"


def check_draft(case: CaseRow, body: MessageBody, caller: Caller, named: bool) -> None:
    """Return if a message may be written so; Problem when its ground is missing, or nobody stands behind it.

    `named`: somebody who is known here stands in its text, whatever the message says of itself.
    """
    if body.kind != OUT or not is_personal(case, body.personal or named):
        return
    if not signed_in(caller):
        raise _needs_person("written")
    if not body.ground.strip():
        why = "the text names somebody who is known here, and " if named else ""
        raise not_valid("ground", f"{why}personal data leave only with a ground, in writing")


def check_approval(case: CaseRow, message: MessageRow, caller: Caller) -> None:
    """Return if this caller may say whether a message leaves; Problem when it is not theirs to say."""
    if not signed_in(caller):
        raise _needs_person("approved")
    if same_person(message.by, caller.name):
        detail = f"{caller.name} wrote message {message.number}; somebody else has to approve it."
        raise Problem(409, "second-person-needed", detail)
    if not message.ground:
        raise Problem(409, "ground-missing", f"Message {message.number} has no ground; write it again with one.")
    if waits_for(case, message) != "approval":
        raise Problem(409, "nothing-to-approve", f"Message {message.number} does not wait for approval.")


def _needs_person(done: str) -> Problem:
    return Problem(403, "person-needed", f"What says something of a person is {done} by a person who signed in.")
