"""A backlog drained over the serial line: the firmware's link, journal and RS-485 driver, in time made of two parts.

Processor time as this process used it, times `slower` (the chip beside the VM), and the line's time for each byte.
`given`: records, baud, slower, turn_round_ms (of the gateway), and the chip's file and the line.
"""

import gc
import json
import os
import sys

gc.threshold(32_768)  # as boot.py
sys.path += [sys.argv[1], sys.argv[1] + "/lib"]

from checkpost import record
from checkpost.carrier import serial
from checkpost.downward import Acked
from checkpost.sync import UP, BoardLink
from cpu import CpuClock
from drivers.rs485 import RS485
from drivers.w25q import W25Q
from flashfile import FlashFile, Meter, Select
from kiosk.journal import Journal
from parts import Line, Pin

UTC_S = 1_793_000_000
BITS_A_BYTE = 10
FLASH_BYTE_US = 0.4  # at 20 MHz
TX_BUFFER, RX_BUFFER = 1024, 1536  # as wiring.py asks for
LIMIT_TURNS = 1_000_000


class Time:
    """Ticks of the board: processor time and waits. `look` brings in what was computed since the last look."""

    def __init__(self, slower, meter):
        self._cpu = CpuClock()
        self._slower = slower
        self._meter = meter
        self._seen_us = self._cpu.now_us()
        self._meter_us = meter.us
        self.us = 0.0
        self.cpu_us = 0

    def look(self):
        """Count the processor time since the last look, without that of the models."""
        seen_us = self._cpu.now_us()
        used = max(0, seen_us - self._seen_us - self._cpu.look_us - self._meter.us + self._meter_us)
        self._seen_us, self._meter_us = seen_us, self._meter.us
        self.cpu_us += used
        self.us += used * self._slower

    def ticks_ms(self):
        """Return milliseconds."""
        return int(self.us) // 1000

    def ticks_diff(self, later, earlier):
        """Return a difference."""
        return later - earlier

    def ticks_add(self, ticks, delta):
        """Return ticks moved."""
        return ticks + delta

    def sleep_us(self, us):
        """Wait."""
        self.us += us


class PacedLine(Line):
    """The UART at its rate: a send is over when its last bit left, an answer is here when its first bytes are."""

    def __init__(self, fd, meter, time, baud, turn_round_ms):
        super().__init__(fd, lambda: UTC_S)
        self._meter = meter
        self._time = time
        self._byte_us = BITS_A_BYTE * 1_000_000 / baud
        self._turn_us = turn_round_ms * 1000
        self._sent_us = 0.0
        self._due_us = 0.0
        self.carried = 0

    def write(self, data):
        """Send, as much as the buffer holds."""
        self._time.look()
        waiting = int((self._sent_us - self._time.us) / self._byte_us) + 1 if self._sent_us > self._time.us else 0
        size = min(len(data), TX_BUFFER - waiting)
        if size <= 0:
            return 0
        self._sent_us = max(self._sent_us, self._time.us) + size * self._byte_us
        had = len(self._waiting)
        super().write(data[:size])
        self.carried += size + len(self._waiting) - had
        if not had and self._waiting:
            self._due_us = self._sent_us + self._turn_us
        self._forget()
        return size

    def txdone(self):
        """Wait for the last bit: what the driver does in a loop is one step here."""
        self._time.us = max(self._time.us, self._sent_us)
        return True

    def any(self):
        """Return how many bytes have arrived, at most what the buffer holds."""
        arrived = int((self._time.us - self._due_us) / self._byte_us)
        return max(0, min(arrived, len(self._waiting), RX_BUFFER))

    def read(self, count):
        """Take what has arrived."""
        found, self._waiting = self._waiting[:count], self._waiting[count:]
        self._due_us += count * self._byte_us
        return found

    def wait(self):
        """Let time pass until the next byte, a millisecond at most."""
        self._time.us += 1000 if not self._waiting else max(1, min(1000, self._due_us + self._byte_us - self._time.us))

    def wait_for_room(self):
        """Let the time of a hundred bytes pass: the board turns its loop meanwhile."""
        self._time.us += 100 * self._byte_us

    def _forget(self):
        """The gateway's own work in the host is not the board's."""
        before = self._time.us, self._time.cpu_us
        self._time.look()
        self._time.us, self._time.cpu_us = before


def drain(link, line, uart, time, chip, journal):
    """Turn the loop until all is acknowledged."""
    read = chip.read_bytes
    out = b""
    for _ in range(LIMIT_TURNS):
        data = line.read()
        time.look()
        for event in link.receive(data, time.ticks_ms()) if data else ():
            if isinstance(event, Acked):
                journal.release(event.gateway_seq, event.centre_seq)
        out = out or link.step(time.ticks_ms())
        time.look()
        time.us += (chip.read_bytes - read) * FLASH_BYTE_US
        read = chip.read_bytes
        if out:
            out = out[line.write(out, link.busy) :]
            if out:
                uart.wait_for_room()
        elif journal.gateway_seq == journal.next_seq - 1 and link.state == UP:
            return
        elif not link.busy:
            uart.wait()
    raise AssertionError("not drained: " + repr(link.counters))


def main(given):
    """Fill the journal, drain it, print what it took."""
    meter = Meter()
    chip = FlashFile(given["flash"], meter)
    time = Time(given["slower"], meter)
    flash = W25Q(chip, Select(chip), time, time.sleep_us)
    flash.identify()
    journal = Journal(flash, 1, 1, bytes(32))
    journal.open()
    uart = PacedLine(given["line"], meter, time, given["baud"], given["turn_round_ms"])
    line = RS485(uart, time, given["baud"], Pin(0))
    link = BoardLink(1, bytes(range(16)), journal, os.urandom, serial(given["baud"]))
    drain(link, line, uart, time, chip, journal)
    for number in range(given["records"]):
        journal.append(record.Record(record.CROSSING, 0, UTC_S + number, 36, 2, 0, b"somebody"))
    link.wake(time.ticks_ms())
    gc.collect()
    time.look()
    begun_us, begun_cpu, carried = time.us, time.cpu_us, uart.carried
    drain(link, line, uart, time, chip, journal)
    found = {"seconds": (time.us - begun_us) / 1_000_000, "cpu_us": time.cpu_us - begun_cpu}
    found["bytes"] = uart.carried - carried
    print(json.dumps(found))


with open(sys.argv[2]) as settings:
    main(json.load(settings))
