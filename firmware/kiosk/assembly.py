"""How the parts of a kiosk are put together from hardware and settings. Loaded for that alone (checkpost.once)."""

from checkpost.carrier import serial
from checkpost.permit import POINT_KINDS
from checkpost.record import ASSURANCES, DIRECTIONS
from checkpost.sync import BoardLink
from kiosk.cards import Cards
from kiosk.care import Care
from kiosk.clock import Clock
from kiosk.errors import JournalFault, JournalFull
from kiosk.face import Face
from kiosk.faults import Faults
from kiosk.flashmap import JOURNAL_FIRST, JOURNAL_SECTORS, ROSTER_FIRST, ROSTER_SECTORS, SEAL_KEY_FIRST
from kiosk.journal import Journal
from kiosk.judge import Judge, Place
from kiosk.kept import Kept
from kiosk.kiosk import Kiosk
from kiosk.log import Log
from kiosk.panel import Panel
from kiosk.roster import Roster
from kiosk.texts import texts_of
from kiosk.uplink import Uplink
from kiosk.version import VERSION
from kiosk.waiting import Waiting


def assemble(app, hardware, settings, ticks, random):
    """Give a kiosk.app.App its parts; the arguments are its own."""
    app.faults = Faults(hardware.errors + (JournalFault,))
    app.journal = Journal(
        hardware.flash,
        settings.board,
        settings.epoch,
        settings.seal_key,
        SEAL_KEY_FIRST,
        JOURNAL_FIRST,
        JOURNAL_SECTORS,
    )
    app.roster = Roster(hardware.flash, ROSTER_FIRST, ROSTER_SECTORS)
    app.clock = Clock(hardware.rtc, ticks, settings.offset_quarters, app.faults)
    app.log = Log(app.journal, app.clock, app.faults, JournalFull)
    place = Place(settings.point_code, settings.zone, POINT_KINDS.index(settings.kind))
    judge = app.judge = Judge(app.roster, place, ASSURANCES.index(settings.assurance), app.faults)
    app.kept = Kept(hardware.flash, settings.board, settings.epoch)
    app.uplink = _uplink(app, hardware, settings, ticks, random)
    app.uplink.kept = app.kept
    texts, wrong = texts_of(settings.language)
    if wrong:
        app.faults.begin("screen", wrong)  # ends when the display starts; the log keeps it
    app.panel = Panel(hardware.oled, hardware.bar, hardware.buzzer, texts, app.faults)
    switched = settings.direction == "switched"
    direction = 0 if switched else DIRECTIONS.index(settings.direction)
    title = texts.title(settings.point_name, settings.point_code, settings.lane)
    face = Face(app.panel, app.clock, app.uplink, app.faults, direction, title)
    app.view = face.view
    app.waiting = Waiting(app.log, judge, app.uplink, app.prover)
    app.kiosk = Kiosk(app.log, app.clock, judge, app.waiting, app.uplink, face, switched)
    app.cards = Cards(hardware.reader, app.faults)
    app.care = Care(hardware.watchdog, hardware.battery, hardware.buttons, hardware.memory, app.faults)


def _uplink(app, hardware, settings, ticks, random):
    parts = app.log, app.roster, app.clock, app.judge, app.faults, VERSION
    if settings.carrier == "lora":
        from kiosk.wireless import make_uplink  # nothing of it is loaded on a board with a line

        return make_uplink(settings, hardware, app.kept, random, ticks.ticks_ms(), parts)
    link = BoardLink(settings.board, settings.link_key, app.journal, random, serial(settings.baud))
    return Uplink(link, hardware.line, *parts)
