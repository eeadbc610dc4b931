"""What every page stands in: the templates, the navigation, headers, and words for each thing that can go wrong."""

from collections.abc import Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import structlog
from fastapi import APIRouter, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.routing import APIRoute
from jinja2 import Environment, FileSystemLoader, StrictUndefined, pass_context, select_autoescape
from jinja2.runtime import Context
from starlette.exceptions import HTTPException

from gateway.central.pages.area import Area
from gateway.central.pages.unsent import Forms
from gateway.central.pages.visit import NotSignedIn, PurposeMissing, StaleForm, Visit, local_path, preferences
from gateway.central.problems import Problem
from gateway.central.store import StoreError
from gateway.central.words import phrases, question, word
from gateway.ui.unsent import Unsent

TEMPLATES = Path(__file__).resolve().parent / "templates"
# Nothing from outside, no inline script or style: what a record or a person's words say can never run here.
HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
MAX_NAME = 200  # letters of a name that is shown again
OF_A_SESSION = "this session began"
STALE = Problem(
    403, "stale-form", "This form belongs to a session that is over; go back, load the page again, and send it anew."
)
NO_STORE = Problem(503, "store", "The store does not answer; try again.")
Handler = Callable[[Request], Coroutine[Any, Any, Response]]


class Frame:
    """Renders the pages of all areas, of whichever centre in this process is asked for one."""

    def __init__(self, areas: Sequence[Area]):
        self.areas = areas
        self.forms = Forms()
        self._environment = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=select_autoescape(),
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        self._environment.filters |= {
            "word": word,
            "question": question,
            "phrases": phrases,
            "moment": moment,
            "day": day,
            "age": age,
        }

    def router(self, of_area: bool = True) -> APIRouter:
        """Return a router whose pages are outside the interface's description, and whose errors are pages.

        `of_area`: what is typed into its forms is not lost.
        """
        frame = self

        class Route(APIRoute):
            def __init__(self, *given: Any, **named: Any) -> None:
                super().__init__(*given, **named)
                if of_area:
                    frame.forms.learn(self)

            def get_route_handler(self) -> Handler:
                serve = super().get_route_handler()

                async def handle(request: Request) -> Response:
                    return await frame.said(request, serve)

                return handle

        return APIRouter(include_in_schema=False, route_class=Route)

    def page(self, visit: Visit, template: str, status: int = 200, **values: object) -> Response:
        """Return a page for a visit."""
        return self._page(visit.request, visit, template, status, values)

    def bare(self, request: Request, template: str, status: int = 200, **values: object) -> Response:
        """Return a page for somebody of whom nothing is known."""
        return self._page(request, None, template, status, values)

    def to(self, path: str) -> Response:
        """Return the answer to a form that was taken: go on there."""
        return RedirectResponse(path, 303, HEADERS)

    async def said(self, request: Request, serve: Handler) -> Response:
        """Serve a page; whatever goes wrong is said in words on a page of its own."""
        try:
            return await serve(request)
        except PurposeMissing as missing:
            return await self._purpose_first(missing)
        except NotSignedIn as nobody:
            return await self._sign_in_first(request, nobody.back)
        except StaleForm as stale:
            unsent = await self.forms.unsent(request)
            return self.not_sent(stale.visit, unsent, OF_A_SESSION, 403) if unsent else self._trouble(request, STALE)
        except Problem as problem:
            answer = self._trouble(request, problem)
            answer.headers.update(problem.headers)
            return answer
        except RequestValidationError:
            return self._trouble(request, Problem(404, "not-found", "There is no page at this address."))
        except HTTPException as error:
            return self._trouble(request, Problem(error.status_code, "http", str(error.detail)))
        except StoreError as error:
            structlog.get_logger("checkpost.pages").error("store", error=str(error))
            return self._trouble(request, NO_STORE, await self.forms.unsent(request))

    def not_sent(self, visit: Visit, unsent: Unsent, since: str, status: int = 200) -> Response:
        """Return the page that shows what was typed: who came since may be somebody else, so it goes by their hand."""
        back = self.forms.page_of(unsent.path)
        return self.page(visit, "sign_in/unsent.html", status, unsent=unsent, since=since, back=back)

    def sign_in_form(
        self, request: Request, back: str, name: str, wrong: Problem | None = None, unsent: Unsent | None = None
    ) -> Response:
        """Return the sign-in, with why the last one was refused and what was typed before it was needed."""
        status = wrong.status if wrong else 401 if unsent else 200
        words = {"password" if name else "token": wrong.detail} if wrong else {}
        values: dict[str, object] = {"back": back, "name": name[:MAX_NAME], "wrong": words, "unsent": unsent}
        answer = self.bare(request, "sign_in/sign_in.html", status, **values)
        answer.headers.update(wrong.headers if wrong else {})
        return answer

    async def _sign_in_first(self, request: Request, back: str) -> Response:
        unsent = await self.forms.unsent(request)
        if unsent:
            return self.sign_in_form(request, self.forms.page_of(unsent.path), "", unsent=unsent)
        return self.to("/sign-in" + (f"?back={quote(back)}" if back != "/" else ""))

    async def _purpose_first(self, missing: PurposeMissing) -> Response:
        unsent = await self.forms.unsent(missing.visit.request)
        if unsent is None:
            return self.to(f"/purpose?back={quote(missing.back)}")
        values: dict[str, object] = {"typed": "", "wrong": {}, "unsent": unsent}
        back = self.forms.page_of(unsent.path)
        return self.page(missing.visit, "sign_in/purpose.html", 403, back=back, **values)

    def _trouble(self, request: Request, problem: Problem, unsent: Unsent | None = None) -> Response:
        return self.bare(request, "trouble.html", problem.status, detail=problem.detail, unsent=unsent)

    def _page(
        self, request: Request, visit: Visit | None, template: str, status: int, values: dict[str, object]
    ) -> Response:
        query = f"?{request.url.query}" if request.url.query else ""
        frame = {
            "visit": visit,
            "wants": preferences(request),
            "now_s": request.app.state.parts.now_s(),
            "areas": [area for area in self.areas if visit and visit.caller.role in area.roles],
            "longest_overdue": visit.the.exchange.oldest() if visit else None,
            "path": request.url.path,
            "unsent": None,
            "again": local_path(request.url.path + query) if request.method == "GET" else "/",
        }
        text = self._environment.get_template(template).render(frame | values)
        return Response(text, status, HEADERS, "text/html")


@pass_context
def age(context: Context, since_s: int) -> str:
    """Return how long before the page an instant was, in the largest unit that says enough."""
    return lasting(context["now_s"] - since_s)


def lasting(seconds: int) -> str:
    """Return a time span for people: minutes below two hours, hours below two days, else days."""
    seconds = max(0, seconds)
    if seconds < 2 * 3600:
        return f"{seconds // 60} min"
    return f"{seconds // 3600} h" if seconds < 2 * 86_400 else f"{seconds // 86_400:,} days"


def moment(at_s: int) -> str:
    """Return an instant as date and time in UTC."""
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d %H:%M}"


def day(at_s: int) -> str:
    """Return the UTC day of an instant."""
    return f"{datetime.fromtimestamp(at_s, UTC):%Y-%m-%d}"
