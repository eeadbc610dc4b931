"""The office's pages: server-rendered, a little script, nothing from outside. Each area of work is a module of its own.

To add an area `exchange`:

1. `pages/exchange.py` with `build(frame) -> APIRouter` and an `AREA`:

       AREA = Area("exchange", "Exchange", "x", (CLERK, REVIEWER, AUDITOR, ADMIN, OFFICE), build, waiting)
       Reader = Annotated[Visit, Depends(Gate(*AREA.roles, reads=True))]
       Clerk = Annotated[Visit, Depends(Gate(CLERK, reads=True))]

       def build(frame: Frame) -> APIRouter:
           router = frame.router()

           @router.get("/exchange")
           def cases(visit: Reader, after: str = "") -> Response:
               rows = visit.the.exchange.open(after, SHOWN + 1)  # after a key, never after a count
               visit.note("exchange cases", len(rows))  # before they are shown
               return frame.page(visit, "exchange/cases.html", cases=cut(rows, SHOWN, key_of))

           @router.post("/exchange/{case}/answer")
           def answer(visit: Clerk, case: int) -> Response:
               try:
                   visit.the.exchange.answer(case, visit.form["text"], visit.caller.name)
               except Problem as problem:  # words beside the field; what was typed stays
                   return _shown(visit, case, 422, wrong=beside(problem), typed=visit.form)
               return frame.to(f"/exchange/{case}")

2. One line in `areas.py`: the order there is that of the navigation. The letter is the key of this area alone.
3. Templates in `templates/exchange/`: they extend `frame.html`, take fields from `forms.html`, and the link to the next
   part of a list from `lists.html`. Styles are in `static/frame.css`, over those
   that a console has, too (`gateway/ui`); an area's own script is `static/exchange.js`.
4. `waiting(the, now_s) -> list[Waiting]` says what waits here: a count, and the oldest few from an index. Leave it out
   when nothing ever waits.

Above every page stands the answer of the other side that is overdue for longest, until it comes: the frame asks for it.

`Gate` finds out who comes, asks for the sign-in and, with `reads=True`, for a purpose. On every POST it reads the form
(`visit.form`, uploads in `visit.form.files`) and refuses one that lacks the session's mark (`mark` of `forms.html`), so
that no area can forget it. What was typed in a session, or for a purpose, that is over comes back after the sign-in and
is sent by hand: an area does nothing for it. A Problem that nobody catches is a page. Keys: `data-stop` makes something
a stop of j and k; `data-key="1"` gives a link, button or field of a page a digit, as letters are for areas; block
`keys` tells of it.
"""
