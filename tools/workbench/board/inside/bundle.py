"""Runs on a board, after `parts`: prints its log as a bundle, one entry a line in base64."""

import os
from binascii import b2a_base64


def _bundle(open_journal):
    import settings

    from kiosk.bundle import entries

    chosen = settings.load()
    journal = open_journal(chosen.board, chosen.epoch)
    for entry in entries(journal, chosen.board, chosen.link_key, os.urandom(32)):
        print(str(b2a_base64(entry).strip(), "ascii"))
