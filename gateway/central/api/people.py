"""Who comes in: people, sessions, tokens, gateways that enrol with a code; and who read what."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from gateway.central.api.knowledge import Enrolled
from gateway.central.api.parts import AsAdmin, AsAnyone, AsAuditor, AsTechnician, ThePart, slowed
from gateway.central.people import ROLES
from gateway.central.problems import Problem
from gateway.contract import MAX_PAGE, Model, Name

ROUTER = APIRouter(prefix="/v1", tags=["access"])
Role = Literal["clerk", "reviewer", "auditor", "technician"]
Password = Annotated[str, Field(min_length=12, max_length=200)]
MAX_DAYS = 366  # of a token: then it is made anew, or forgotten


class Person(Model):
    """Somebody who may sign in."""

    name: Name
    role: Role


class NewPerson(Model):
    """A role and a password: at least twelve characters."""

    role: Role
    password: Password


class People(Model):
    """Everyone who may sign in."""

    people: list[Person]


class Credentials(Model):
    """Who signs in."""

    name: Name
    password: Annotated[str, Field(min_length=1, max_length=200)]


class Session(Model):
    """A token that ends by itself, after twelve hours."""

    name: Name
    role: str
    token: str


class NewToken(Model):
    """A token for a program: what it may do of what its owner may, and for how many days."""

    scopes: Annotated[list[Literal["read", "count", "write", "provision", "audit"]], Field(min_length=1, max_length=5)]
    days: Annotated[int, Field(ge=1, le=MAX_DAYS)] = 30


class Code(Model):
    """A code that enrols one gateway, once, within a quarter of an hour."""

    code: Annotated[str, Field(min_length=1, max_length=64, examples=["K7QF-2M3X-9TBD"])]


class Read(Model):
    """A read of personal data: who, what, why, how many rows, when (Unix UTC s); `about`: whose, if one person's."""

    number: int
    utc_s: int
    role: str
    name: str
    what: str
    why: str
    rows: int
    about: str


class ReadPage(Model):
    """Reads after a number, oldest first."""

    reads: list[Read]


@ROUTER.post("/sessions")
def sign_in(who: Credentials, request: Request, the: ThePart) -> Session:
    """Sign in with name and password."""
    slowed(request, the, None)
    role, token = the.people.sign_in(who.name, who.password)
    return Session(name=who.name, role=role, token=token)


@ROUTER.delete("/sessions", status_code=204)
def sign_out(the: ThePart, caller: AsAnyone) -> None:
    """End the session of this token, and every other one of the same person."""
    if caller.role not in ROLES:
        raise Problem(409, "no-session", "This token belongs to no person; it is replaced, not ended.")
    the.access.end_all(ROLES, caller.name)


@ROUTER.post("/tokens")
def make_token(wanted: NewToken, the: ThePart, caller: AsAnyone) -> Session:
    """Make a token for a program of one's own; it can do no more than its owner."""
    if caller.role not in ROLES or caller.scopes is not None:
        raise Problem(403, "not-a-session", "A person makes tokens, signed in; a token makes none.")
    token = the.access.open(caller.role, caller.name, wanted.days * 86400, frozenset(wanted.scopes))
    the.people.held(caller.name, caller.role, token)
    return Session(name=caller.name, role=caller.role, token=token)


@ROUTER.get("/people")
def people(the: ThePart, _: AsAuditor) -> People:
    """Return everyone who may sign in."""
    return People(people=[Person(name=name, role=role) for name, role in the.people.all()])  # type: ignore[arg-type]


@ROUTER.put("/people/{name}")
def put_person(name: Name, person: NewPerson, the: ThePart, _: AsAdmin) -> Person:
    """Let a person in, or change role and password."""
    the.people.put(name, person.role, person.password)
    return Person(name=name, role=person.role)


@ROUTER.delete("/people/{name}", status_code=204)
def remove_person(name: Name, the: ThePart, _: AsAdmin) -> None:
    """Let a person in no longer."""
    the.people.remove(name)


@ROUTER.post("/gateways/{name}/codes")
def enrolment_code(name: Name, the: ThePart, _: AsTechnician) -> Code:
    """Make a code with which a gateway enrols, once, within a quarter of an hour."""
    return Code(code=the.access.code_for(name))


@ROUTER.post("/enrolments")
def enrol(code: Code, request: Request, the: ThePart) -> Enrolled:
    """Give a gateway its own token for its code; a token that it had before ends, and so does the code."""
    slowed(request, the, None)
    found = the.access.enrol(code.code)
    if found is None:
        raise Problem(401, "wrong-code", "This code is not known, was used, or its time is over; ask for a new one.")
    return Enrolled(name=found[0], token=found[1])


@ROUTER.get("/reads")
def reads(
    the: ThePart,
    _: AsAuditor,
    after: Annotated[int, Query(ge=0, le=2**53)] = 0,
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE)] = MAX_PAGE,
    person: Annotated[str, Query(max_length=64, description="Whose data; by reference, application or card.")] = "",
    reader: Annotated[str, Query(max_length=64, description="Who read.")] = "",
) -> ReadPage:
    """Return who read personal data, and why: of everyone, of one person's data alone, or by one reader."""
    found = the.reads.after(after, limit, person.strip(), reader.strip())
    return ReadPage(reads=[Read(**row.__dict__) for row in found])
