"""Draws every page of the panel in every language, in MicroPython; golden.py runs it in the root folder.

It prints `name hex` lines: English pages by their names, the others as `ko/name`; last what messages they ask for.
"""

import sys

sys.path[:] = ["", "firmware", "firmware/lib", ".frozen"]

import framebuf  # noqa: E402
from settings import SettingsError  # noqa: E402

from checkpost import reasons as why  # noqa: E402
from checkpost.record import ADMITTED, REFERRED, SYNCED, TURNED_BACK, UNSET  # noqa: E402
from kiosk.faults import PARTS  # noqa: E402
from kiosk.lettering import Lettering  # noqa: E402
from kiosk.pages import Pages, View  # noqa: E402
from kiosk.texts import LANGUAGES, Texts, Words  # noqa: E402

ASKED = "asked"
NOON = 1792638120  # 2026-10-22T03:02:00Z, 12:02 at +09:00


def view(**fields):
    """Return an ordinary view with some fields changed."""
    found = View()
    found.seconds = NOON
    found.offset = 36
    found.trust = SYNCED
    found.link = True
    found.place = "Onsong 1"
    found.online = True
    for name in fields:
        setattr(found, name, fields[name])
    return found


def refer(reasons, **fields):
    """Return the view of an ASK."""
    return view(verdict=why.REFER, reasons=reasons, **fields)


def cannot(causes, **fields):
    """Return the view of a CANNOT VERIFY."""
    return view(verdict=why.UNVERIFIABLE, causes=causes, link=False, online=False, queue=3, **fields)


class Count:
    """What kiosk.shift.Shift says to its page."""

    def __init__(self, verdicts=(211, 14, 3), outcomes=(215, 6, 2), persons=431, counted=True, ended=False):
        self.verdicts = list(verdicts)
        self.outcomes = list(outcomes)
        self.persons = persons
        self.counted = counted
        self.ended = ended


def pages():
    """Yield (name, page, arguments)."""
    yield "idle", "idle", (view(),)
    yield "idle-exit-no-link", "idle", (view(direction=1, link=False, queue=1234),)
    yield "idle-clock-unset", "idle", (view(trust=UNSET, fault="clock"),)
    yield "idle-log-80", "idle", (view(fill_percent=80),)
    yield "idle-log-95", "idle", (view(fill_percent=97, link=False, queue=40_000),)
    for part in PARTS:
        yield "idle-fault-" + part, "idle", (view(fault=part),)
    yield "one-card", "one_card", (view(),)
    yield "reading", "reading", (view(),)
    yield "go", "answer", (view(),)
    yield "go-alone", "answer", (view(link=False, online=False, queue=12),)
    yield "go-party", "answer", (view(party=3),)
    for bit, name in enumerate(why.NOTES):
        yield "go-" + name, "answer", (view(notes=1 << bit),)
    for bit, name in enumerate(why.REASONS):
        yield "ask-" + name, "answer", (refer(1 << bit),)
    yield "ask-two", "answer", (refer(why.EXPIRED | why.ENTRIES_EXHAUSTED),)
    yield "ask-many", "answer", (refer(why.CARD_BLOCKED | why.EXPIRED | why.OVERSTAY | why.PARTY_TOO_LARGE, party=15),)
    yield "ask-long-many", "answer", (refer(why.APPLICATION_NOT_APPROVED | why.PARTY_TOO_LARGE, party=4),)
    for bit, name in enumerate(why.CAUSES):
        yield "cannot-" + name, "answer", (cannot(1 << bit),)
    yield "cannot-two", "answer", (cannot(why.CLOCK_UNTRUSTED | why.STALE_ROSTER, trust=UNSET),)
    yield "recorded-admitted", "recorded", (view(outcome=ADMITTED),)
    yield "recorded-referred", "recorded", (view(outcome=REFERRED, party=2),)
    yield "recorded-turned-back", "recorded", (view(outcome=TURNED_BACK, link=False, queue=999),)
    yield "log-broken", "fault", (view(), "log-broken", "use-paper")
    yield "log-full", "fault", (view(link=False), "log-full", "use-paper")
    yield "idle-battery-full", "idle", (view(battery=4),)
    yield "idle-battery-half", "idle", (view(battery=2, link=False, queue=12),)
    yield "idle-battery-empty", "idle", (view(battery=0, fault="battery"),)
    yield "go-after-restart", "answer", (view(again=True),)
    yield "shift-counting", "shift", (view(), Count(counted=False))
    yield "shift", "shift", (view(battery=3), Count())
    yield (
        "shift-large",
        "shift",
        (view(direction=1, link=False, queue=999), Count([9999, 12345, 0], [65535, 10, 1], 98765)),
    )
    yield "shift-ended", "shift", (view(battery=3), Count(ended=True))
    yield "settings-group", "settings", (SettingsError("crossing_point.code", "length", "", (1, 16)),)
    yield "settings-field", "settings", (SettingsError("board", "range", "", (1, 65535)),)
    for rule in ("missing", "json", "long", "object"):
        yield "settings-" + rule, "settings", (SettingsError("settings.json", rule),)
    yield "settings-word", "settings", (SettingsError("language", "word"),)
    yield "settings-flag", "settings", (SettingsError("watchdog", "flag"),)
    yield "settings-hex", "settings", (SettingsError("link_key", "hex", "", (32,)),)
    yield "program-error", "fault", (None, "stopped", "restart")


def noted(asked):
    """Have the ids of all messages noted that are asked for."""
    find = Words.find

    def note(words, name):
        asked.add(name)
        return find(words, name)

    Words.find = note


def main():
    """Print every page."""
    asked = set()
    noted(asked)
    buffer = bytearray(1024)
    pen = Lettering(framebuf.FrameBuffer(buffer, 128, 64, framebuf.MONO_VLSB), buffer)
    for language in LANGUAGES:
        drawn = Pages(pen, Texts(language, "firmware/lettering/"))
        for name, page, arguments in pages():
            drawn.draw(page, *arguments)
            print(name if language == "en" else language + "/" + name, buffer.hex())
    print(ASKED, " ".join(asked).encode().hex())


main()
