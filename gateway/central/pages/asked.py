"""What a form says as the interface has it."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import TypeVar

from pydantic import BaseModel, ValidationError

from gateway.central.problems import Problem

NOON_S = 43_200
M = TypeVar("M", bound=BaseModel)


def form_of(form: Mapping[str, str], *names: str) -> dict[str, object]:
    """Return those fields of a form that were filled in."""
    return {name: form[name] for name in names if form.get(name)}


def asked(model: type[M], fields: Mapping[str, object], names: Mapping[str, str] | None = None) -> M:
    """Return what a form says; Problem that names the fields. `names`: those that the form calls otherwise."""
    try:
        return model.model_validate(fields, strict=False)  # a form has nothing but text
    except ValidationError as error:
        found = []
        for one in error.errors():
            name = str(one["loc"][0]) if one["loc"] else ""
            words = "this is needed" if one["type"] in ("missing", "string_too_short") else one["msg"]
            found.append({"pointer": f"#/{(names or {}).get(name, name)}", "detail": words})
        raise Problem(422, "not-valid", f"The form is not valid ({found[0]['detail']}).", errors=found) from error


def at_noon(day: str) -> int:
    """Return an instant of a day, Unix UTC s, for lists that are ordered by instants."""
    return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) + NOON_S
