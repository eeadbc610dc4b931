"""settings.json: what makes this board the one at its lane. Read once; wrong settings name the field and the remedy."""

import json

from kiosk.texts import LANGUAGES, filled, texts_of

ADVICE = "checkpost board provision"
MAX_SIZE = 4096  # bytes; a longer file is not ours
POINT_KINDS = ("border", "internal")
DIRECTIONS = ("entry", "exit", "switched")
ASSURANCES = ("uid", "sun", "live")
DISPLAYS = ("sh1106", "ssd1306")
CARRIERS = ("serial", "lora")
ROLES = ("kiosk", "modem")
MIN_BAUD = 9600
MAX_BAUD = 921600
MAX_HZ = 999_999_999


class SettingsError(Exception):
    """A field is wrong: `field` as in the file; `rule` and `numbers` say which of the texts `set-...` it breaks.

    `what` is that in English, in 16 letters; the message says more. `language` is what the display speaks.
    """

    def __init__(self, field, rule, more="", numbers=()):
        what = filled(texts_of("en")[0]("set-" + rule)[0], numbers)
        super().__init__(("" if field == "settings.json" else "settings.json: ") + field + ": " + what + more)
        self.field = field
        self.rule = rule
        self.numbers = numbers
        self.what = what
        self.language = "en"


class Settings:
    """All settings, checked. `values` is the decoded file."""

    def __init__(self, values):
        take = _Fields(values, "")
        self.board = take.whole("board", 1, 0xFFFF)
        self.epoch = take.whole("epoch", 1, 0xFFFF)
        point = _Fields(take.group("crossing_point"), "crossing_point.")
        self.point_code = point.text("code", 1, 16)
        self.point_name = point.text("name", 1, 64)
        self.kind = point.choice("kind", POINT_KINDS)
        self.zone = point.text("zone", 0, 64)
        self.lane = take.text("lane", 1, 8)
        self.direction = take.choice("direction", DIRECTIONS)
        self.offset_quarters = take.whole("offset_quarters", -56, 56)
        self.role = take.choice("role", ROLES, "kiosk")
        link = _Fields(take.group("link"), "link.")
        self.carrier = link.choice("carrier", CARRIERS)
        if self.carrier == "lora":
            _take_air(self, link)
        else:
            self.baud = link.whole("baud", MIN_BAUD, MAX_BAUD)
        self.link_key = take.key("link_key", 16)
        # Taken out again once the journal chip holds it: whoever reads it here can compute all later keys.
        self.seal_key = take.key("seal_key", 32) if "seal_key" in values else None
        self.assurance = take.choice("assurance", ASSURANCES)
        self.language = take.choice("language", LANGUAGES)
        self.oled = take.choice("oled", DISPLAYS)
        self.watchdog = take.flag("watchdog", False)
        self.debug = take.flag("debug", False)


class ModemSettings:
    """The settings of a board that is a gateway's radio: its channel, and nothing else."""

    language = "en"

    def __init__(self, values):
        self.role = "modem"
        link = _Fields(_Fields(values, "").group("link"), "link.")
        self.carrier = link.choice("carrier", CARRIERS[1:])
        _take_air(self, link)


def _take_air(chosen, link):
    """Take the site's one channel: region, frequency (the region's own unless given), spreading factor."""
    from checkpost.regions import NAMES, SPREADING_FACTORS, region  # a serial board never loads them

    chosen.region = link.choice("region", NAMES)
    rules = region(chosen.region)
    chosen.channel_hz = link.whole("channel_hz", 0, MAX_HZ, rules.channel_hz)
    if rules.band_of(chosen.channel_hz) < 0:
        raise link.wrong("channel_hz", "word", ": no sub-band of " + chosen.region + " holds it")
    chosen.spreading_factor = link.whole("spreading_factor", SPREADING_FACTORS[0], SPREADING_FACTORS[-1])


def load(path="/settings.json"):
    """Return the Settings in a file; SettingsError says what is wrong with it."""
    try:
        with open(path) as file:
            text = file.read(MAX_SIZE + 1)
    except (OSError, UnicodeError):
        raise SettingsError("settings.json", "missing", " or not readable")
    if len(text) > MAX_SIZE:
        raise SettingsError("settings.json", "long")
    try:
        values = json.loads(text)
    except ValueError:
        raise SettingsError("settings.json", "json")
    try:
        if isinstance(values, dict) and values.get("role") == "modem":
            return ModemSettings(values)
        return Settings(values)
    except SettingsError as error:
        if isinstance(values, dict) and values.get("language") in LANGUAGES:
            error.language = values["language"]
        raise


class _Fields:
    """Takes fields out of one decoded object, each checked."""

    def __init__(self, values, prefix):
        if not isinstance(values, dict):
            raise SettingsError(prefix[:-1] or "settings.json", "object")
        self._values = values
        self._prefix = prefix

    def whole(self, name, low, high, default=None):
        value = self._take(name) if default is None else self._values.get(name, default)
        if type(value) is not int or not low <= value <= high:
            raise self.wrong(name, "range", "", (low, high))
        return value

    def text(self, name, low, high):
        value = self._take(name)
        if not isinstance(value, str) or not low <= len(value) <= high:
            raise self.wrong(name, "length", " letters", (low, high))
        return value

    def choice(self, name, known, default=None):
        value = self._take(name) if default is None else self._values.get(name, default)
        if value not in known:
            raise self.wrong(name, "word", "; known: " + ", ".join(known))
        return value

    def flag(self, name, default):
        value = self._values.get(name, default)
        if not isinstance(value, bool):
            raise self.wrong(name, "flag")
        return value

    def key(self, name, size):
        value = self._take(name)
        try:
            raw = bytes.fromhex(value) if isinstance(value, str) else b""
        except ValueError:
            raw = b""
        if len(raw) != size or not any(raw):
            raise self.wrong(name, "hex", "", (2 * size,))
        return raw

    def group(self, name):
        return self._take(name)

    def _take(self, name):
        if name not in self._values:
            raise self.wrong(name, "missing")
        return self._values[name]

    def wrong(self, name, rule, more="", numbers=()):
        return SettingsError(self._prefix + name, rule, more, numbers)
