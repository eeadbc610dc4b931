"""What the office's commands ask of the centre beyond its log: arrivals, files of the exchange, reminders."""

import hashlib
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from gateway.contract.exchange import AnswersTaken, Batch, Case, Form, Reminders
from gateway.contract.reception import ArrivalsTaken
from gateway.office.client import Client, OfficeError

Reply = TypeVar("Reply", bound=BaseModel)
FORMS: dict[str, Form] = {".csv": "csv", ".json": "json"}
NOTHING = 409  # the centre's word for: there is nothing to send


class Work(Client):
    """One centre, one token."""

    def take_arrivals(self, file: Path) -> ArrivalsTaken:
        """Hand in a CSV file of arrivals at reception stations."""
        return self._post(ArrivalsTaken, "/v1/arrivals", content=file.read_bytes(), headers=_as("text/csv"))

    def take_answers(self, file: Path) -> AnswersTaken:
        """Hand in a file of the other side's answers; its ending says its form."""
        form = FORMS.get(file.suffix.lower())
        if form is None:
            raise OfficeError(f"{file} ends neither with .csv nor with .json; answers come in one of these forms.")
        media = "text/csv" if form == "csv" else "application/json"
        path = f"/v1/exchange/answers/{form}"
        return self._post(AnswersTaken, path, content=file.read_bytes(), headers=_as(media))

    def send(self, form: Form) -> Batch | None:
        """Have a file made of all that may leave; None when nothing may."""
        try:
            return self._post(Batch, "/v1/exchange/batches", json={"form": form})
        except OfficeError as error:
            if error.status == NOTHING:
                return None
            raise

    def batch(self, number: int) -> Batch:
        """Return what the centre keeps of a file."""
        found = self._ask("GET", "/v1/exchange/batches", params={"before": number + 1, "limit": 1}).json()["batches"]
        if not found or found[0]["number"] != number:
            raise OfficeError(f"The centre has no file {number}.")
        return Batch.model_validate(found[0])

    def file(self, batch: Batch) -> bytes:
        """Return a file byte for byte; OfficeError when it is not what its SHA-256 says."""
        content = self._ask("GET", f"/v1/exchange/batches/{batch.number}/file").content
        if hashlib.sha256(content).hexdigest() != batch.sha256:
            raise OfficeError(f"File {batch.number} came otherwise than the centre keeps it; fetch it again.")
        return content

    def reminders(self) -> Reminders:
        """Return the reminders that are due and were not sent."""
        return Reminders.model_validate(self._ask("GET", "/v1/exchange/reminders").json())

    def reminded(self, case_id: str, step: int) -> None:
        """Note a reminder as sent."""
        self._post(Case, f"/v1/exchange/cases/{case_id}/reminders", json={"step": step})

    def _post(self, model: type[Reply], path: str, **more: object) -> Reply:
        return model.model_validate(self._ask("POST", path, **more).json())


def _as(media: str) -> dict[str, str]:
    return {"content-type": f"{media}; charset=utf-8"}
