"""`checkpost office report`: the situation from one day to another, as a page and a PDF."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.commands.asking import Url, one_sentence
from gateway.office.client import Client, read_token
from gateway.office.files import write_whole
from gateway.office.printing import print_page

Token = Annotated[
    Path,
    typer.Option(help="File with a token that may count, or the centre's tokens.json.", envvar="CHECKPOST_TOKEN_FILE"),
]


def report(
    url: Url,
    token_file: Token,
    first: Annotated[str, typer.Option("--from", help="First local day, YYYY-MM-DD.")],
    last: Annotated[str, typer.Option("--to", help="Last local day, YYYY-MM-DD.")],
    out: Annotated[
        Path | None, typer.Option(help="File for the page; the PDF lies beside it. By default report-FROM-TO.html.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print it for programs, and write no file.")] = False,
) -> None:
    """Write the situation report: crossings, applications, stays, programmes, what is overdue, what changed."""
    client = Client(url, read_token(token_file))
    if as_json:
        typer.echo(client.report(first, last, "json"))
        return
    page = (out or Path(f"report-{first}-{last}.html")).with_suffix(".html")
    text = client.report(first, last, "html")
    with one_sentence():
        write_whole(page, [text])
    pdf = page.with_suffix(".pdf")
    trouble = print_page(page, pdf)
    typer.echo(f"The report is in {page}, only there: {trouble}." if trouble else f"The report is in {page} and {pdf}.")
