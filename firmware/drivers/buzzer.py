"""Piezo buzzer on a PWM output."""

_HALF = 32768  # of 65536: a square wave is loudest


class Buzzer:
    """Plays patterns of tones without blocking; `pwm` is like `machine.PWM`."""

    def __init__(self, pwm):
        self._pwm = pwm
        self._pattern = ()
        self._at = 0
        self._begun_ms = 0
        self._started = False
        pwm.duty_u16(0)

    def play(self, pattern):
        """Play ((hertz, milliseconds), ...) from the next step on; 0 hertz is silence. Replaces what plays."""
        self._pattern = pattern
        self._at = 0
        self._started = False
        if not pattern:
            self._pwm.duty_u16(0)

    def playing(self):
        """Return True until the last tone has ended."""
        return self._at < len(self._pattern)

    def step(self, now_ms):
        """Begin or end the tones that are due."""
        if not self.playing():
            return
        if self._started:
            # A counter that wraps, once in twelve days, makes the age negative: that tone ends at once.
            if 0 <= now_ms - self._begun_ms < self._pattern[self._at][1]:
                return
            self._at += 1
        self._started = True
        self._begun_ms = now_ms  # not when it was due: a late step shortens no tone
        if self.playing():
            self._sound(self._pattern[self._at][0])
        else:
            self._sound(0)

    def _sound(self, hertz):
        if hertz:
            self._pwm.freq(hertz)
            self._pwm.duty_u16(_HALF)
        else:
            self._pwm.duty_u16(0)
