"""Sign-in by name and password or by a machine's token, sign-out, the purpose of reading, and preferences."""

from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.concurrency import run_in_threadpool

from gateway.central.access import PAGE_ROLES, SESSION_S, Caller
from gateway.central.api.parts import Parts, ThePart, slowed
from gateway.central.pages.frame import OF_A_SESSION, Frame
from gateway.central.pages.gate import COOKIE, Gate, mark_of, posted
from gateway.central.pages.visit import PURPOSE_COOKIE, THEMES, Visit, local_path, preferences, purpose_of
from gateway.central.problems import Problem
from gateway.central.reads import MAX_PURPOSE

YEAR_S = 365 * 86_400
PURPOSE_S = 3600  # a piece of work; then it is asked anew
MIN_PURPOSE = 3  # letters: a word
CHOICES = {"theme": THEMES, "keys": ("on", "off")}
NO_TOKEN = "This is not an office token. It stands in tokens.json in the centre's data folder."


def build(frame: Frame) -> APIRouter:
    """Return the router of what comes before every area."""
    router = frame.router(of_area=False)
    anyone = Gate(*PAGE_ROLES)

    @router.get("/sign-in")
    def ask(request: Request, back: str = "/") -> Response:
        return frame.sign_in_form(request, local_path(back), "")

    @router.post("/sign-in")
    async def sign_in(request: Request, the: ThePart) -> Response:
        fields = await posted(request)
        slowed(request, the, None)
        back, name, unsent = local_path(fields["back"]), fields["name"], frame.forms.given_back(fields)
        try:
            session = await run_in_threadpool(_let_in, the, name, fields["password"], fields["token"])
        except Problem as problem:
            return frame.sign_in_form(request, back, name, problem, unsent)
        answer = frame.to(back)
        caller = await run_in_threadpool(the.access.visitor, session) if unsent else None
        if unsent and caller:
            visit = Visit(request, the, caller, True, mark_of(session), purpose_of(request), preferences(request))
            answer = frame.not_sent(visit, unsent, OF_A_SESSION)
        return _with_cookie(request, answer, COOKIE, session, SESSION_S)

    @router.post("/sign-out")
    async def sign_out(request: Request, the: ThePart) -> Response:
        await posted(request)  # whoever is signed out by another page signs in again: no mark is asked for
        await run_in_threadpool(the.access.sign_out, request.cookies.get(COOKIE, ""))
        answer = frame.to("/sign-in")
        answer.delete_cookie(COOKIE)
        answer.delete_cookie(PURPOSE_COOKIE)
        return answer

    @router.get("/purpose")
    async def why(request: Request, the: ThePart, back: str = "/") -> Response:
        visit = await anyone(request, the)
        return frame.page(
            visit, "sign_in/purpose.html", back=local_path(back), typed=visit.purpose, wrong={}, unsent=None
        )

    @router.post("/purpose")
    async def because(request: Request, the: ThePart) -> Response:
        visit = await anyone(request, the)
        back, said, unsent = local_path(visit.form["back"]), visit.form["purpose"], frame.forms.given_back(visit.form)
        if not MIN_PURPOSE <= len(said) <= MAX_PURPOSE:
            wrong = {"purpose": f"Say in {MIN_PURPOSE} to {MAX_PURPOSE} letters what you need the data for."}
            return frame.page(visit, "sign_in/purpose.html", 422, back=back, typed=said, wrong=wrong, unsent=unsent)
        answer = frame.not_sent(visit, unsent, "its purpose was said") if unsent else frame.to(back)
        return _with_cookie(request, answer, PURPOSE_COOKIE, quote(said), PURPOSE_S)

    @router.post("/preferences")
    async def prefer(request: Request) -> Response:
        fields = await posted(request)
        answer = frame.to(local_path(fields["back"]))
        for name, allowed in CHOICES.items():
            if fields[name] in allowed:
                answer = _with_cookie(request, answer, name, fields[name], YEAR_S)
        return answer

    return router


def _let_in(the: Parts, name: str, password: str, token: str) -> str:
    """Return a session of somebody who may see the pages; Problem for anybody else."""
    if name:
        role, hashed = the.people.known(name, password)
        if role not in PAGE_ROLES:
            raise Problem(
                403, "wrong-role", f"The pages have nothing for the role {role}; it works with the interface."
            )
        return the.people.held(name, role, the.access.open_page(Caller(role, name)), hashed)
    caller = the.access.caller(token)
    if caller is None or caller.role not in PAGE_ROLES or caller.scopes is not None:
        raise Problem(403, "no-token", NO_TOKEN)
    return the.access.open_page(caller)


def _with_cookie(request: Request, answer: Response, name: str, value: str, seconds: int) -> Response:
    secure = request.url.scheme == "https"
    answer.set_cookie(name, value, max_age=seconds, httponly=True, samesite="strict", secure=secure)
    return answer
