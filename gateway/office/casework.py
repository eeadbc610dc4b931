"""What the office's commands ask of the centre on applications and settlements."""

from pathlib import Path

from gateway.contract.applications import ApplicationView, DecisionBody, IntakeReply, Queue
from gateway.contract.programmes import Settlement
from gateway.office.client import LONG_S, Client


class CaseworkClient(Client):
    """One centre, one token."""

    def take_applications(self, file: Path) -> IntakeReply:
        """Hand in a CSV file of applications."""
        headers = {"content-type": "text/csv; charset=utf-8"}
        answer = self._ask("POST", "/v1/applications/csv", content=file.read_bytes(), headers=headers)
        return IntakeReply.model_validate_json(answer.content)

    def take_file(self, kind: str, file: Path) -> IntakeReply:
        """Hand in a CSV file of contracts, diplomas or costs."""
        headers = {"content-type": "text/csv; charset=utf-8"}
        answer = self._ask("POST", f"/v1/files/{kind}", content=file.read_bytes(), headers=headers, timeout=LONG_S)
        return IntakeReply.model_validate_json(answer.content)

    def give_file(self, kind: str, year: int) -> str:
        """Return a year's contracts, diplomas or costs as CSV."""
        return self._get(f"/v1/files/{kind}", {"year": year}).text

    def queue(self, limit: int) -> Queue:
        """Return the oldest applications that wait for a decision."""
        return Queue.model_validate_json(self._get("/v1/applications", {"limit": limit}).content)

    def decide(self, number: str, body: DecisionBody) -> ApplicationView:
        """Approve or refuse an application."""
        answer = self._ask("POST", f"/v1/applications/{number}/decision", json=body.model_dump())
        return ApplicationView.model_validate_json(answer.content)

    def settlement(self, year: int) -> Settlement:
        """Return a year's settlement."""
        return Settlement.model_validate_json(self._get(f"/v1/settlements/{year}", {}).content)
