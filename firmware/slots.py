"""Which of two firmware trees, /a and /b, a board runs. It lies beside boot.py and is no part of either tree.

A tree counts as whole while it has its mark (`slot.txt`: version, and a digest of its files), which is written last
and taken away before anything in the tree is changed. `/slots.txt` says which one runs, and is only ever replaced in
one piece (littlefs renames in one step), so that a power cut leaves the old word or the new one:

    a            the tree a runs
    b a 3 0.2.0  the tree b is on trial, with 3 starts left before the board goes back to a
    a - 0 WHY    the tree a runs again, and why the other one was left

A board without trees runs what lies in its root, as `mpremote cp` or `mip` put it there.
"""

import os
import sys

TREES = ("a", "b")
STATE = "/slots.txt"
MARK = "/slot.txt"
STARTS = 3  # of a tree on trial: one may fall to a power cut, and a second one
PAUSE_MS = 5000  # after a start that failed: time to read why, and for Ctrl-C to reach the prompt


class Word:
    """What /slots.txt says: `run`, `back` (a tree, or none while there is no trial), `left` starts, `note`."""

    def __init__(self, run, back="", left=0, note=""):
        self.run = run
        self.back = back
        self.left = left
        self.note = note


def read():
    """Return the Word; where none can be read, a tree that is whole runs, and without one the root does."""
    try:
        with open(STATE) as file:
            words = file.read().split(" ", 3)
    except OSError:
        words = [""]
    words[-1] = words[-1].strip()
    if words[0] not in TREES:
        return Word(first_whole())
    if len(words) < 3 or words[1] not in TREES or not words[2].isdigit():
        return Word(words[0], note=words[3] if len(words) > 3 else "")
    return Word(words[0], words[1], int(words[2]), words[3] if len(words) > 3 else "")


def write(word):
    """Replace /slots.txt in one step."""
    with open(STATE + ".new", "w") as file:
        file.write("%s %s %d %s\n" % (word.run, word.back or "-", word.left, word.note))
    os.rename(STATE + ".new", STATE)


def mark(tree):
    """Return what the mark of a tree says, version first; empty where the tree is not whole."""
    try:
        with open("/" + tree + MARK) as file:
            return file.read().strip()
    except OSError:
        return ""


def first_whole():
    """Return the first tree that is whole, or an empty name."""
    for tree in TREES:
        if mark(tree):
            return tree
    return ""


def other(tree):
    """Return the tree that is not this one."""
    return "b" if tree == "a" else "a"


def choose():
    """Put the tree that is to run in front of sys.path and return its name, empty for the root. Writes nothing."""
    word = read()
    run = word.run
    if not mark(run):
        run = word.back if word.back and mark(word.back) else first_whole()
    return put(run)


def put(tree):
    """Put a tree in front of sys.path, in place of the one there, and return its name."""
    sys.path[:] = [place for place in sys.path if place[:2] not in ("/a", "/b")]
    if tree:
        sys.path[:0] = ["/" + tree, "/" + tree + "/lib"]
    return tree


def on_trial():
    """Return True while the tree that runs still has to prove itself."""
    word = read()
    return bool(word.back) and word.run == choose()


def confirm():
    """Keep the tree that is on trial."""
    write(Word(read().run))


def try_out(tree, note=""):
    """Let a whole tree run from the next start on, on trial where another one is whole to go back to."""
    word = read()
    back = word.back or word.run
    if back and back != tree and mark(back):
        write(Word(tree, back, STARTS, note))
    else:
        write(Word(tree))


def go_back(why):
    """Leave the tree on trial; the other one runs from the next start on."""
    write(Word(read().back, note=why))


def count():
    """Take one of the starts that a tree on trial has, or go back when none is left; OSError where neither can be."""
    word = read()
    if word.back and word.left:
        write(Word(word.run, word.back, word.left - 1, word.note))
    elif word.back:
        go_back("left " + mark(word.run).split(" ")[0] + ": not confirmed in " + str(STARTS) + " starts")


def start():
    """Run main of the tree that is chosen; main.py in the root of a board with trees calls this."""
    try:
        count()
        tree = choose()
    except OSError as error:  # the flash takes nothing: what is known to work, then
        print("slots.py:", error)
        tree = put(read().back or choose())
    os.chdir("/" + tree)
    try:
        import main  # noqa: F401 - importing it runs it
    except Exception as error:
        if not on_trial():
            raise
        import time

        import machine

        sys.print_exception(error)
        time.sleep_ms(PAUSE_MS)
        machine.reset()
    finally:
        os.chdir("/")
