"""Supply voltage through a divider of 100k and 22k."""

from checkpost.const import const

_SAMPLES = const(4)  # evens out the converter's noise of a few counts
# 3300 mV x (100k + 22k) / 22k = 18300 mV at 65535, shortened so that it fits a 31-bit integer
_MILLIVOLTS = const(3660)
_COUNTS = const(13107)


class Battery:
    """`adc` is like `machine.ADC`."""

    def __init__(self, adc):
        self._adc = adc

    def millivolts(self):
        """Return the supply voltage, 0 to 18300 mV; within 5 %, as good as 1 % resistors and the 3.3 V rail are."""
        total = 0
        for _ in range(_SAMPLES):
            total += self._adc.read_u16()
        return total // _SAMPLES * _MILLIVOLTS // _COUNTS
