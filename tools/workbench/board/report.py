"""The label of a board and its signed commissioning report, each one HTML page that needs nothing else."""

import html
import io
import json
import re
from typing import Any

import segno
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from gateway.errors import OperatorError
from workbench.board.bundle import Signer
from workbench.board.checking import Finding

DOMAIN = b"checkpost commissioning report 1\n"
_STYLE = """body{font:15px/1.5 system-ui,sans-serif;max-width:46rem;margin:2rem auto;padding:0 1rem;color:#111}
table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .8rem .3rem 0;vertical-align:top;
border-bottom:1px solid #ccc}code{overflow-wrap:anywhere}.label{display:flex;gap:1rem;align-items:center;
border:1px solid #111;padding:.6rem;width:max-content}@media print{body{margin:0}}"""
_FACTS = re.compile(r'<script type="application/json" id="facts">(.*?)</script>', re.S)
_SIGNATURE = re.compile(r'<code id="signature">([0-9a-f]{128})</code>')
_KEY = re.compile(r'<code id="key">([0-9a-f]{64})</code>')


class ReportTrouble(OperatorError):
    """A report is not as it was signed: the text says what does not fit."""


def label(facts: dict[str, Any]) -> str:
    """Return the label's page: what a person reads, and the same as a QR code."""
    return _page(f"Label of board {facts['board']}", _label(facts))


def report(facts: dict[str, Any], findings: list[Finding], signer: Signer) -> str:
    """Return the page of a commissioning report. The signature covers the facts as JSON, which the page carries."""
    whole = facts | {"self_test": [[one.part, one.right, one.seen, one.do] for one in findings]}
    text = json.dumps(whole, sort_keys=True, separators=(",", ":")).replace("<", "\\u003c")
    signature = signer.private.sign(DOMAIN + text.encode()).hex()
    words = {True: "right", False: "WRONG", None: "not looked at"}
    rows = "".join(_row(name.replace("_", " "), str(value)) for name, value in facts.items())
    tests = "".join(
        _row(one.part, f"{words[one.right]}: {one.seen}{'; ' + one.do if one.do else ''}") for one in findings
    )
    body = (
        f"{_label(facts)}<h2>Facts</h2><table>{rows}</table><h2>Self-test</h2><table>{tests}</table>"
        f'<h2>Signature</h2><p>Ed25519 by <code id="key">{signer.public.hex()}</code>:<br>'
        f'<code id="signature">{signature}</code><br>Check it: checkpost board report FILE</p>'
        f'<script type="application/json" id="facts">{text}</script>'
    )
    return _page(f"Commissioning of board {facts['board']}", body)


def verify(page: str, key: str | None = None) -> tuple[dict[str, Any], str]:
    """Return the facts of a report and the key that signed it; `key` (hex) is the one expected."""
    found = [pattern.search(page) for pattern in (_FACTS, _SIGNATURE, _KEY)]
    if not all(found):
        raise ReportTrouble("this is no commissioning report, or a part of it is missing")
    text, signature, signed_by = (match.group(1) for match in found if match)
    if key is not None and key != signed_by:
        raise ReportTrouble(f"another key signed the report: {signed_by}")
    try:
        public = Ed25519PublicKey.from_public_bytes(bytes.fromhex(signed_by))
        public.verify(bytes.fromhex(signature), DOMAIN + text.encode())
    except (InvalidSignature, ValueError) as error:
        raise ReportTrouble("the signature does not fit: the report was altered after it was signed") from error
    facts: dict[str, Any] = json.loads(text)
    return facts, signed_by


def _label(facts: dict[str, Any]) -> str:
    code = (
        f"CHECKPOST board={facts['board']} epoch={facts['epoch']} point={facts['crossing_point']} chip={facts['chip']}"
    )
    picture = io.BytesIO()
    segno.make(code, error="m").save(picture, kind="svg", scale=3, xmldecl=False, svgns=True)
    place = html.escape(f"{facts['crossing_point']} lane {facts['lane']}")
    return (
        f'<div class="label">{picture.getvalue().decode()}<div><strong>Board {facts["board"]}</strong><br>{place}<br>'
        f"epoch {facts['epoch']}<br><code>{html.escape(str(facts['chip']))}</code></div></div>"
    )


def _row(name: str, value: str) -> str:
    return f"<tr><th>{html.escape(name)}</th><td>{html.escape(value)}</td></tr>"


def _page(title: str, body: str) -> str:
    head = f'<meta charset="utf-8"><title>{html.escape(title)}</title><style>{_STYLE}</style>'
    return (
        f'<!doctype html><html lang="en"><head>{head}</head><body><h1>{html.escape(title)}</h1>{body}</body></html>\n'
    )
