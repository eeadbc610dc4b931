"""Signed statements: JSON text, and an Ed25519 signature over a domain's name and the text. SPEC.md, "Enrolment"."""

from collections.abc import Callable
from typing import TypeVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pydantic import ValidationError

from gateway.contract import Model
from gateway.contract.enrolment import Enrolment, Signed, Voucher

DOMAINS: dict[type[Model], str] = {Voucher: "checkpost voucher 1", Enrolment: "checkpost enrolment 1"}
Body = TypeVar("Body", bound=Model)


class StatementTrouble(Exception):
    """A statement is not in its form, or its signature does not fit; the text says which."""


def signed(body: Model, sign: Callable[[bytes], bytes]) -> Signed:
    """Return a statement of a body. `sign`: an Ed25519 key's."""
    text = body.model_dump_json()
    return Signed(statement=text, signature=sign(covered(type(body), text)).hex())


def read(kind: type[Body], given: Signed) -> Body:
    """Return what a statement says, whoever signed it; StatementTrouble."""
    try:
        return kind.model_validate_json(given.statement)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise StatementTrouble(f"it is not in its form ({where}: {first['msg']})") from error


def check(kind: type[Model], given: Signed, key: str) -> None:
    """Return if this public key (hex) signed a statement; StatementTrouble."""
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(key))
        public.verify(bytes.fromhex(given.signature), covered(kind, given.statement))
    except (InvalidSignature, ValueError) as error:
        raise StatementTrouble("its signature does not fit: it was altered since, or another key signed it") from error


def covered(kind: type[Model], text: str) -> bytes:
    """Return the bytes that a signature covers: no statement passes for one of another kind, nor for a checkpoint."""
    return f"{DOMAINS[kind]}\n{text}".encode()
