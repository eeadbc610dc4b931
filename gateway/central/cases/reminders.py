"""When somebody is reminded of an answer that is overdue. Pure: days in, reminders out."""

from collections.abc import Iterable
from datetime import date

from gateway.central.store.exchange import CaseRow
from gateway.contract.exchange import Reminder

STEPS_DAYS = (7, 30, 45)  # past the due day: then the owner of the case is reminded
WEEK_DAYS = 7  # after the last of these the head of office is, each week until the case ends
HEAD_OF_OFFICE = "head of office"


def overdue_days(due_on: str, today: str) -> int:
    """Return for how many days an answer is overdue; 0 on the due day and before."""
    return max(0, (date.fromisoformat(today) - date.fromisoformat(due_on)).days)


def step_of(days_overdue: int) -> int:
    """Return the newest step that has come after so many days; 0: none."""
    if days_overdue < STEPS_DAYS[-1]:
        return sum(days_overdue >= days for days in STEPS_DAYS)
    return len(STEPS_DAYS) + (days_overdue - STEPS_DAYS[-1]) // WEEK_DAYS


def addressee(step: int, owner: str) -> str:
    """Return who is reminded at a step."""
    return owner if step <= len(STEPS_DAYS) else HEAD_OF_OFFICE


def due(cases: Iterable[CaseRow], today: str) -> list[Reminder]:
    """Return the reminders that have come and were not sent: of each case the newest alone."""
    found = []
    for case in cases:
        days = overdue_days(case.due_on, today)
        step = step_of(days)
        if step > case.reminded:
            found.append(
                Reminder(
                    case_id=case.case_id,
                    step=step,
                    to=addressee(step, case.owner),
                    owner=case.owner,
                    subject=case.subject,
                    due_on=case.due_on,
                    days_overdue=days,
                )
            )
    return found
