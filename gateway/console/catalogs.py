"""The page's languages: gettext catalogs, read from their .po files at the start. English is in the templates."""

import gettext
import io
import re
import struct
from pathlib import Path

LOCALE = Path(__file__).resolve().parent / "locale"
LANGUAGES = {"en": "English", "ko": "한국어", "zh": "中文"}
_LINE = re.compile(r'(msgctxt|msgid_plural|msgid|msgstr(?:\[\d\])?)?\s*"(.*)"')
_ESCAPES = {"n": "\n", "t": "\t", '"': '"', "\\": "\\"}
_MO_MAGIC = 0x950412DE


class CatalogError(Exception):
    """A catalog cannot be read; the message says where."""


def catalogs(folder: Path = LOCALE) -> dict[str, gettext.NullTranslations]:
    """Return the translations of every language."""
    found: dict[str, gettext.NullTranslations] = {"en": gettext.NullTranslations()}
    for language in LANGUAGES:
        if language != "en":
            messages = read_po((folder / f"{language}.po").read_text(encoding="utf-8"))
            found[language] = gettext.GNUTranslations(io.BytesIO(_mo(messages)))
    return found


def read_po(text: str) -> dict[str, str]:
    """Return msgid to msgstr of a .po file; plurals are joined by zero bytes, as in a .mo file. CatalogError if broken.

    The part of the format that is used here: no contexts, no fuzzy or obsolete entries.
    """
    found: dict[str, str] = {}
    for number, block in enumerate(text.split("\n\n"), 1):
        fields: dict[str, str] = {}
        field = ""
        for line in block.splitlines():
            if not line.strip() or line.startswith("#"):
                continue
            match = _LINE.fullmatch(line.strip())
            if not match or not (match[1] or field):
                raise CatalogError(f"Entry {number} has a line that means nothing: {line}")
            field = match[1] or field
            fields[field] = fields.get(field, "") + re.sub(r"\\(.)", _unescape, match[2])
        if fields:
            _take(found, fields, number)
    return found


def _unescape(match: re.Match[str]) -> str:
    return _ESCAPES[match[1]]


def _take(found: dict[str, str], fields: dict[str, str], number: int) -> None:
    if "msgid" not in fields:
        raise CatalogError(f"Entry {number} has no msgid.")
    key = "\0".join(fields[name] for name in ("msgid", "msgid_plural") if name in fields)
    if key in found:
        raise CatalogError(f"Entry {number} is there twice: {fields['msgid']}")
    forms = [fields[name] for name in sorted(fields) if name.startswith("msgstr")]
    if not all(forms):
        raise CatalogError(f"Entry {number} is not translated: {fields['msgid']}")
    found[key] = "\0".join(forms)


def _mo(messages: dict[str, str]) -> bytes:
    """Return messages in the binary form that the standard library reads (GNU gettext manual, 10.3)."""
    keys = sorted(key.encode() for key in messages)
    values = [messages[key.decode()].encode() for key in keys]
    head, table = 28, 8 * len(keys)
    at = head + 2 * table
    index, body = [], b""
    for text in keys + values:
        index.append(struct.pack("<II", len(text), at + len(body)))
        body += text + b"\0"
    header = struct.pack("<7I", _MO_MAGIC, 0, len(keys), head, head + table, 0, at)
    return header + b"".join(index) + body
