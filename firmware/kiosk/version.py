"""The firmware's version, alone in a file: an update compares it without loading the kiosk."""

VERSION = (0, 1, 0)
