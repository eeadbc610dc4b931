"""Runs on a board: what lies in its file system. Each `_name` is called from the host and prints one line of JSON."""

import json
import os
from binascii import b2a_base64, hexlify
from hashlib import sha256


def _digest(path):
    total = sha256()
    piece = bytearray(512)
    with open(path, "rb") as file:
        while True:
            count = file.readinto(piece)
            if not count:
                return hexlify(total.digest()).decode()
            total.update(memoryview(piece)[:count])


def _walk(top, found):
    for entry in os.ilistdir(top):
        path = top.rstrip("/") + "/" + entry[0]
        if entry[1] & 0x4000:
            _walk(path, found)
        else:
            found.append(path)


def _sums(top):
    found = []
    try:
        _walk(top, found)
    except OSError:
        pass
    for path in found:
        print(_digest(path), path)


def _read(path):
    try:
        with open(path, "rb") as file:
            print(json.dumps(b2a_base64(file.read()).decode().strip()))
    except OSError:
        print("null")


def _folders(path):
    at = path.find("/", 1)
    while at > 0:
        try:
            os.mkdir(path[:at])
        except OSError:
            pass
        at = path.find("/", at + 1)


def _copy(source, target):
    _folders(target)
    with open(source, "rb") as old, open(target, "wb") as new:
        piece = old.read(512)
        while piece:
            new.write(piece)
            piece = old.read(512)


def _remove(path):
    try:
        if os.stat(path)[0] & 0x4000:
            for entry in list(os.ilistdir(path)):
                _remove(path + "/" + entry[0])
            os.rmdir(path)
        else:
            os.remove(path)
    except OSError:
        pass
