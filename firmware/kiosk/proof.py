"""What the proof of a card comes to: a step is one or two exchanges with the card, so that the loop goes on between.

| seen | result |
| --- | --- |
| the closing shows that the card has the key | LIVE |
| it is of another kind; it has no such application; it fails with a key of the version that it names itself | FALSE |
| it names another key version than the one at hand; its key is delayed or locked; its memory fails | UNPROVEN |
| it gives no answer | GONE: let it be found again; when it lies still and stays silent, FALSE |

A forger who names another version or an error gains only that the card is not proven, which never admits anybody.
"""

LIVE = "live"
FALSE = "false"
UNPROVEN = "unproven"
GONE = "gone"

LIVE_KEY = 1  # checkpost.cardkeys.LIVE: a board makes no keys, and does not load what does
_ISO14443_4 = 0x20  # bit of SAK: the card speaks APDUs
_SILENCES = 4  # times that one card is found and says nothing: a hand shakes once or twice, a replay stays dumb
_IDLE, _SELECT, _AUTHENTICATE, _ASK_VERSION = range(4)


class Proof:
    """Proves one card after the other; `errors` is the card driver's module of errors."""

    def __init__(self, errors):
        self._errors = errors
        self._state = _IDLE
        self._card = None
        self._key = None
        self._uid = b""
        self._version = 0
        self._silent_uid = b""
        self._silences = 0

    def begin(self, card, uid, sak, key, version):
        """Start with the driver of a card that was just found, and its LIVE key of a version."""
        self._card = card
        self._key = key
        self._uid = uid
        self._version = version
        self._state = _SELECT if sak & _ISO14443_4 else _IDLE

    def step(self):
        """Go one step; return None while more is to come, else the result. The key is forgotten with the result."""
        state = self._state
        if state == _IDLE:
            return self._end(FALSE)
        try:
            return self._go(state)
        except self._errors.CardGone:
            return self._end(self._silence())
        except self._errors.CardRefused as refused:
            return self._refused(state, refused.status)
        except self._errors.CardForged:
            return self._doubt(state)

    def _go(self, state):
        if state == _SELECT:
            self._card.select()
            self._state = _AUTHENTICATE
            return None
        if state == _AUTHENTICATE:
            self._card.authenticate(LIVE_KEY, self._key)
            return self._end(LIVE)
        named = self._card.key_version(LIVE_KEY)
        return self._end(FALSE if named == self._version else UNPROVEN)

    def _refused(self, state, status):
        errors = self._errors
        spent = status == errors.AUTHENTICATION_DELAY or status == errors.PERMISSION_DENIED
        if status == errors.MEMORY_ERROR or (spent and state == _AUTHENTICATE):
            return self._end(UNPROVEN)
        return self._doubt(state)

    def _doubt(self, state):
        """After a failed authentication ask for the key's version; any other failure is no permit card's."""
        if state != _AUTHENTICATE:
            return self._end(FALSE)
        self._state = _ASK_VERSION
        return None

    def _silence(self):
        if self._uid != self._silent_uid:
            self._silences = 0
        self._silent_uid = self._uid
        self._silences += 1
        return FALSE if self._silences >= _SILENCES else GONE

    def _end(self, result):
        if result != GONE:
            self._silences = 0
        if self._card is not None:
            self._card.forget()
        self._card = self._key = None
        self._state = _IDLE
        return result
