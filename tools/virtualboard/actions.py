"""What a control client can do to the board: the requests of the control channel, one method each."""

import os
from collections.abc import Callable
from typing import Protocol

from .chips.cards import Card
from .chips.deck import Deck
from .chips.lookalikes import look_alike
from .circuit import Circuit
from .png import panel_png

PRESS_MS = 60  # a quick press; the firmware takes the first edge at once


class Power(Protocol):
    """The part of the host that requests may touch."""

    powered: bool

    def power(self, on: bool) -> None:
        """Switch the board's supply."""

    def facts(self) -> dict[str, object]:
        """Return what `state` adds about the process."""


class Actions:
    """Carries out requests {"do": name, ...} on a circuit; ValueError says what was wrong with one."""

    def __init__(self, circuit: Circuit, power: Power, deck: Deck | None = None) -> None:
        self._circuit = circuit
        self._deck = deck
        self._power = power
        self._names: dict[str, Callable[[dict[str, object]], dict[str, object]]] = {
            "tap": self._tap, "lift": self._lift, "press": self._press, "release": self._release,
            "panel": self._panel, "png": self._png, "link": self._link, "break": self._break, "mend": self._mend,
            "power": self._switch, "state": self._state, "cut": self._cut, "battery": self._battery,
            "clock": self._clock, "flash": self._flash, "talk": self._talk,
        }  # fmt: skip

    def do(self, request: dict[str, object]) -> dict[str, object]:
        """Carry out a request."""
        name = request.get("do")
        action = self._names.get(name) if isinstance(name, str) else None
        if action is None:
            raise ValueError(f"unknown request {name!r}: use one of {', '.join(sorted(self._names))}")
        return action(request)

    def _tap(self, request: dict[str, object]) -> dict[str, object]:
        """{"uid": hex, "ms": how long (0: until lift), "as": a look-alike's name}: a card comes into the field."""
        uid = bytes.fromhex(str(request["uid"]))
        if "as" in request:
            card = look_alike(str(request["as"]), uid, self._circuit.nfc.commands.talk, os.urandom)
        else:
            card = self._deck.take(uid) if self._deck else Card(uid)
        self._circuit.field.put(card)
        if request.get("ms"):
            self._circuit.later(_number(request, "ms", 0) / 1000, lambda: self._circuit.field.lift(uid))
        return {}

    def _lift(self, request: dict[str, object]) -> dict[str, object]:
        """{"uid": hex, or missing for all}: cards leave the field."""
        self._circuit.field.lift(bytes.fromhex(str(request["uid"])) if "uid" in request else None)
        return {}

    def _press(self, request: dict[str, object]) -> dict[str, object]:
        """{"button": name, "ms": how long (0: until release)}: a finger on a button."""
        button = self._circuit.buttons.get(str(request.get("button")))
        if button is None:
            raise ValueError(f"no button {request.get('button')!r}: use {', '.join(sorted(self._circuit.buttons))}")
        button.press()
        held = _number(request, "ms", PRESS_MS)
        if held:
            self._circuit.later(held / 1000, button.release)
        return {}

    def _release(self, request: dict[str, object]) -> dict[str, object]:
        """{"button": name, or missing for all}: fingers off."""
        for name, button in self._circuit.buttons.items():
            if request.get("button", name) == name:
                button.release()
        return {}

    def _panel(self, request: dict[str, object]) -> dict[str, object]:
        """What a guard sees and hears: leds, picture (1024 bytes in hex), sound (Hz), sounds, frames, on."""
        circuit = self._circuit
        return {
            "leds": circuit.leds.colours,
            "picture": circuit.oled.picture().hex(),
            "sound": circuit.sounder.tone_hz,
            "sounds": circuit.sounder.started,
            "frames": circuit.oled.frames,
            "on": circuit.oled.on,
        }

    def _png(self, request: dict[str, object]) -> dict[str, object]:
        """{"path": file, "scale": points per pixel}: the picture as a PNG file."""
        data = panel_png(self._circuit.oled.picture(), int(_number(request, "scale", 4)))
        with open(str(request["path"]), "wb") as handle:
            handle.write(data)
        return {"bytes": len(data)}

    def _link(self, request: dict[str, object]) -> dict[str, object]:
        """{"up": bool}: plug or unplug the line to the gateway, and the antenna."""
        self._circuit.uart.connected = self._circuit.radio.connected = bool(request["up"])
        return {}

    def _break(self, request: dict[str, object]) -> dict[str, object]:
        """{"what": part}: break a bus or a chip."""
        self._circuit.break_part(str(request["what"]))
        return {}

    def _mend(self, request: dict[str, object]) -> dict[str, object]:
        """{"what": part}: mend it."""
        self._circuit.mend_part(str(request["what"]))
        return {}

    def _switch(self, request: dict[str, object]) -> dict[str, object]:
        """{"on": bool}: switch the supply off (a power cut) or on."""
        self._power.power(bool(request["on"]))
        return {}

    def _cut(self, request: dict[str, object]) -> dict[str, object]:
        """{"operation": n, "byte": k}: cut power in the n-th flash operation from now, after k bytes of it."""
        self._circuit.array.plan_cut(int(_number(request, "operation", 1)), int(_number(request, "byte", 0)))
        return {}

    def _battery(self, request: dict[str, object]) -> dict[str, object]:
        """{"mv": n}: set the supply's voltage."""
        self._circuit.battery.millivolts = int(_number(request, "mv", 12600))
        return {}

    def _clock(self, request: dict[str, object]) -> dict[str, object]:
        """{"drift_s": n} moves the clock chip against true time; {"stopped": true} sets its oscillator-stop flag."""
        if "drift_s" in request:
            self._circuit.rtc.drift(_number(request, "drift_s", 0))
        if request.get("stopped"):
            self._circuit.rtc.stop_oscillator()
        return {"unix": self._circuit.rtc.unix()}

    def _flash(self, request: dict[str, object]) -> dict[str, object]:
        """{"bad_sector": n} wears a sector out; {"rot": address, "mask": bits} flips bits of the journal flash."""
        if "bad_sector" in request:
            self._circuit.array.wear_out(int(_number(request, "bad_sector", 0)))
        if "rot" in request:
            self._circuit.array.rot(int(_number(request, "rot", 0)), int(_number(request, "mask", 1)))
        return {"operations": self._circuit.array.operations}

    def _talk(self, request: dict[str, object]) -> dict[str, object]:
        """What reader and cards said since the last asking: [command, answer or null] in hex, oldest first."""
        talk = self._circuit.nfc.commands.talk
        said = [[command.hex(), None if answer is None else answer.hex()] for command, answer in talk]
        talk.clear()
        return {"talk": said}

    def _state(self, request: dict[str, object]) -> dict[str, object]:
        """How the board is: power, process, parts, counters."""
        circuit = self._circuit
        return {
            "power": self._power.powered,
            "cards": [card.uid.hex() for card in circuit.field.cards],
            "empty_searches": circuit.nfc.commands.empty_searches,
            "link": circuit.uart.connected,
            "broken": sorted(circuit.broken),
            "uart_lost": circuit.uart.lost,
            "flash_operations": circuit.array.operations,
            "rtc_unix": circuit.rtc.unix(),
            **self._power.facts(),
        }


def _number(request: dict[str, object], name: str, default: float) -> float:
    value = request.get(name, default)
    if not isinstance(value, int | float):
        raise ValueError(f"{name} is a number, not {value!r}")
    return value
