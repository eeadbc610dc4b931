"""Names that are not the firmware's own, though it may define the same: Python's, and those of a board's MicroPython.

Whoever asks a pin, a bus or a file for something means these. A test compares them with what MicroPython says of
itself.
"""

import array
import builtins
import collections
import gc
import hashlib
import io
import json
import os
import random
import select
import struct
import sys
import time
from types import ModuleType

_MODULES: tuple[ModuleType, ...] = (
    array, builtins, collections, gc, hashlib, io, json, os, random, select, struct, sys, time,
)  # fmt: skip
_TYPES = (
    BaseException, OSError, bytearray, bytes, dict, float, frozenset, int, io.BytesIO, io.FileIO, io.StringIO,
    io.TextIOWrapper, list, memoryview, range, set, str, tuple, type, array.array, collections.deque,
    collections.OrderedDict, hashlib.sha256, struct.Struct,
)  # fmt: skip
# machine, framebuf, cryptolib, vfs, micropython and what MicroPython adds to Python's modules (its documentation 1.25).
_ON_A_BOARD = """
    ADC I2C IN OUT PULL_UP PULL_DOWN OPEN_DRAIN Pin PWM RTC SPI Signal SoftI2C SoftSPI Timer UART WDT
    IRQ_RISING IRQ_FALLING PWRON_RESET HARD_RESET WDT_RESET DEEPSLEEP_RESET SOFT_RESET ONE_SHOT PERIODIC LSB MSB
    any bitstream datetime deepsleep deinit disable_irq drive duty_ns duty_u16 enable_irq feed flags flush freq high
    idle init irq lightsleep low mem8 mem16 mem32 mode off on pull read_u16 read_uv readfrom readfrom_into readfrom_mem
    readfrom_mem_into readinto readline reset reset_cause scan sendbreak sleep soft_reset start stop time_pulse_us
    toggle trigger txdone unique_id value write write_readinto writeto writeto_mem writevto
    FrameBuffer MONO_HLSB MONO_HMSB MONO_VLSB blit ellipse fill fill_rect hline line pixel poly rect scroll text vline
    AbstractBlockDev VfsFat VfsLfs1 VfsLfs2 ilistdir ioctl mkfs mount readblocks statvfs sync umount writeblocks
    a2b_base64 b2a_base64 hexlify unhexlify crc32 aes decrypt encrypt digest hexdigest update DeflateIO
    alloc_emergency_exception_buf const heap_lock heap_unlock kbd_intr mem_alloc mem_free mem_info native opt_level
    qstr_info schedule stack_use threshold viper dupterm print_exception implementation
    sleep_ms sleep_us ticks_add ticks_cpu ticks_diff ticks_ms ticks_us gmtime localtime mktime poll ipoll register
    unregister modify addressof bytearray_at bytes_at sizeof gettimeofday utf_8
"""


def foreign_names() -> set[str]:
    """Return all of them."""
    found = set(_ON_A_BOARD.split())
    for place in (*_MODULES, *_TYPES):
        found |= set(dir(place))
    return found
