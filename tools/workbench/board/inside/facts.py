"""Runs on a board: what it is. Prints one line of JSON."""

import json
import os
import sys
from binascii import hexlify

import machine


def _text(path):
    try:
        with open(path) as file:
            return file.read().strip()
    except OSError:
        return ""


def _there(path):
    try:
        os.stat(path)
        return True
    except OSError:
        return False


def _facts():
    about = sys.implementation
    room = os.statvfs("/")
    print(
        json.dumps(
            {
                "id": hexlify(machine.unique_id()).decode(),
                "version": list(about.version[:3]),
                "machine": getattr(about, "_machine", "unknown"),
                "mpy": getattr(about, "_mpy", 0),
                "platform": sys.platform,
                "slots": _text("/slots.txt"),
                "a": _text("/a/slot.txt"),
                "b": _text("/b/slot.txt"),
                "free": room[0] * room[3],
                "provisioned": _there("/settings.json"),
                "plain": _there("/kiosk"),
            }
        )
    )
