"""Persons who apply, and the cases that are pending about them. A name is read for a purpose only."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from gateway.central.api.parts import AsClerk, AsIntake, AsOffice, Purpose, ThePart
from gateway.contract import Model, Name
from gateway.contract.applications import Line, OfCase, Person, PersonBody

ROUTER = APIRouter(prefix="/v1", tags=["persons"])


class Persons(Model):
    """Persons whose name begins as asked; at most twenty."""

    persons: list[Person]


@ROUTER.put("/persons/{reference}")
def put_person(reference: Name, body: PersonBody, the: ThePart, caller: AsIntake) -> Person:
    """Enter a person, or correct name and contact."""
    found = the.casework.persons.put(reference, body, caller)
    return the.reads.acted(caller, "entered", f"person {reference}", found, reference)


@ROUTER.get("/persons/{reference}")
def person(reference: Name, the: ThePart, caller: AsOffice, response: Response, purpose: Purpose = "") -> Person:
    """Return a person's name and contact; who asked and why is written down first."""
    response.headers["cache-control"] = "no-store"
    return the.casework.persons.read(reference, caller, purpose)


@ROUTER.get("/persons")
def persons(
    the: ThePart, caller: AsOffice, response: Response, name: Annotated[Line, Query()], purpose: Purpose = ""
) -> Persons:
    """Return at most twenty persons whose name begins so; who asked and why is written down first."""
    response.headers["cache-control"] = "no-store"
    return Persons(persons=the.casework.persons.find(name, caller, purpose))


@ROUTER.put("/persons/{reference}/cases/{case}", status_code=204)
def open_case(reference: Name, case: Name, body: OfCase, the: ThePart, _: AsClerk) -> None:
    """Note that a case is pending about a person: while it is, nothing is proposed for them."""
    the.casework.persons.open_case(reference, case, body.opened_on)


@ROUTER.delete("/persons/{reference}/cases/{case}", status_code=204)
def close_case(reference: Name, case: Name, the: ThePart, _: AsClerk) -> None:
    """Note that a case is pending no longer."""
    the.casework.persons.close_case(reference, case)
