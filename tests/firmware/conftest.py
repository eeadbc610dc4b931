"""Lets the firmware's modules run in CPython: framebuf is C code on a board."""

import sys

from tests.support import framebuf

sys.modules.setdefault("framebuf", framebuf)
