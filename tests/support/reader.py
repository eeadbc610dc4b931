"""A card reader on a bench, with its driver."""

from drivers.pn532 import PN532
from tests.support.wires import SpiTap
from virtualboard.bench import Bench

NFC_CS, NFC_RESET, NFC_IRQ = 17, 7, 20


class Rig:
    """A reader on a bench; `spi` and `irq` can be replaced by broken ones."""

    def __init__(self, spi=None, irq=None, change=None):
        self.bench = Bench()
        self.spi = spi or SpiTap(self.bench.spi(0), change)
        self.irq = irq or self.bench.pin(NFC_IRQ)
        select, reset = self.bench.pin(NFC_CS, 1, 1), self.bench.pin(NFC_RESET, 1, 1)
        self.reader = PN532(self.spi, select, self.irq, reset, self.bench)
        self.field = self.bench.circuit.field
        self.chip = self.bench.circuit.nfc

    def poll(self, limit_ms=5000):
        """Poll every 2 ms until there is an answer; return it and the time that took."""
        for waited in range(0, limit_ms, 2):
            found = self.reader.poll_targets(self.bench.ticks_ms())
            if found is not None:
                return found, waited
            self.bench.step_ms(2)
        raise AssertionError("no answer from poll_targets")

    def poll_until(self, wanted, limit=20):
        """Poll until the answer is `wanted`."""
        for _ in range(limit):
            if self.poll()[0] == wanted:
                return
        raise AssertionError("the answer never came")
