"""What an area of the pages is: a name, a place in the navigation, who may open it, and what waits there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapi import APIRouter

from gateway.central.api.parts import Parts

if TYPE_CHECKING:
    from gateway.central.pages.frame import Frame


@dataclass(frozen=True)
class Item:
    """One thing that waits: in words, where it is worked on, since when, and when it is due (Unix UTC s)."""

    text: str
    path: str
    since_s: int
    due_s: int | None = None
    where: str = ""  # a crossing point, a station, a department


@dataclass(frozen=True)
class Waiting:
    """What waits of one kind: how many, how many of them are overdue, and the oldest few. No personal data in words."""

    text: str  # "Reviews", "Applications to decide"
    path: str  # where the whole list is
    count: int
    overdue: int
    oldest: tuple[Item, ...] = ()


def nothing(_the: Parts, _now_s: int) -> list[Waiting]:
    """Return what waits in an area where nothing ever waits."""
    return []


@dataclass(frozen=True)
class Area:
    """An area at `/<name>`. `key`: its letter. `roles`: who may open it, and sees it in the navigation."""

    name: str
    title: str
    key: str
    roles: tuple[str, ...]
    build: Callable[["Frame"], APIRouter]
    waiting: Callable[[Parts, int], list[Waiting]] = nothing

    @property
    def path(self) -> str:
        """Where it begins; the overview is the first page of all."""
        return f"/{self.name}" if self.name else "/"
