"""All pages as one router: what comes before every area, the areas, and the files that they use."""

from collections.abc import Sequence
from pathlib import Path

from fastapi import APIRouter, Response
from fastapi.responses import FileResponse

from gateway.central.pages import sign_in
from gateway.central.pages.area import Area
from gateway.central.pages.areas import AREAS
from gateway.central.pages.frame import HEADERS, Frame
from gateway.central.problems import Problem
from gateway.ui import served

STATIC = Path(__file__).resolve().parent / "static"


def build_pages(areas: Sequence[Area] = AREAS) -> APIRouter:
    """Return the router of the pages."""
    frame = Frame(areas)
    files = served(STATIC)
    router = APIRouter(include_in_schema=False)
    router.include_router(sign_in.build(frame))
    for area in areas:
        router.include_router(area.build(frame))

    @router.get("/static/{name}")
    def static(name: str) -> Response:
        if name not in files:
            raise Problem(404, "not-found", f"There is no file {name}.")
        path, kind = files[name]
        return FileResponse(path, headers=HEADERS, media_type=kind)

    return router
