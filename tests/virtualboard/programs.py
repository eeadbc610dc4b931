"""Pieces of board programs: a tone tells the test where the program is."""

TELL = """
import machine, time
def tell(hz):
    tone = machine.PWM(machine.Pin(3), freq=hz, duty_u16=32768)
    tone.duty_u16(0)
"""
FLASH = """
spi = machine.SPI(1, baudrate=5000000, polarity=0, phase=0)
cs = machine.Pin(6, machine.Pin.OUT, value=1)
def flash(out, n=0):
    cs(0)
    spi.write(out)
    data = spi.read(n) if n else b""
    cs(1)
    return data
"""
IDLE = """
while True:
    machine.idle()
"""
