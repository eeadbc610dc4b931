"""Runs before main.py, also when a technician's tool restarts the board: chooses the firmware's slot."""

import gc
import os
import sys

import micropython

# Compiling the modules leaves garbage between what stays. Collecting early keeps the free memory in one piece:
# without this the largest free block after start is 6 KB, with it more than 100 KB.
GARBAGE_BYTES = 32_768

gc.threshold(GARBAGE_BYTES)

# A traceback then names files and functions but no lines; the lines would take 5 KB of what a board has to think with.
NO_LINES = 3

micropython.opt_level(NO_LINES)

try:
    os.stat("/slots.txt")  # a board without slots runs what lies in its root
    import slots

    slots.choose()
    del slots, sys.modules["slots"]
except OSError:
    pass
except Exception as error:  # whatever it is, the prompt comes, and mpremote with it
    print("boot.py:", error)
