"""What a board says of itself: MicroPython, processor, slots."""

from dataclasses import dataclass

from workbench.board.wire import Board, BoardTrouble

MIN_VERSION = (1, 25, 0)  # the oldest whose .mpy files and littlefs are those that are tested here
FAMILIES = ("RP2040", "RP2350")
TREES = ("a", "b")


@dataclass(frozen=True)
class Facts:
    """`run`: the slot that is to run, empty for a plain tree; `back` and `left`: of a trial; `marks`: slots whole."""

    port: str
    chip_id: str
    version: tuple[int, ...]
    machine: str
    mpy: int
    free: int
    provisioned: bool
    plain: bool
    run: str
    back: str
    left: int
    note: str
    marks: dict[str, str]

    @property
    def other(self) -> str:
        """Return the slot that does not run; the first one on a board without slots."""
        return "b" if self.run == "a" else "a"

    @property
    def running_version(self) -> str:
        """Return the version of the slot that runs, empty where there is none."""
        return self.marks.get(self.run, "").split(" ")[0]


def look(board: Board) -> Facts:
    """Ask a board what it is. Raises BoardTrouble."""
    board.load("facts")
    said = board.ask("_facts()")
    marks = {tree: said[tree] for tree in TREES if said[tree]}
    run, back, left, note = read_word(said["slots"])
    if run not in marks:
        run = back if back in marks else next(iter(marks), "")
    return Facts(
        board.port, said["id"], tuple(said["version"]), said["machine"], said["mpy"], said["free"],
        said["provisioned"], said["plain"], run, back, left, note, marks,
    )  # fmt: skip


def read_word(text: str) -> tuple[str, str, int, str]:
    """Return (run, back, starts left, note) of `/slots.txt`; the layout is in firmware/slots.py."""
    words = [*text.split(" ", 3), "", "", "", ""]
    if words[0] not in TREES:
        return "", "", 0, ""
    left = int(words[2]) if words[2].isdigit() else 0
    return words[0], words[1] if words[1] in TREES else "", left, words[3].strip()


def check(facts: Facts) -> None:
    """Raise BoardTrouble where the firmware is not made for this MicroPython or this processor."""
    if facts.version < MIN_VERSION:
        raise BoardTrouble(
            f"{facts.port}: MicroPython {_dotted(facts.version)} is too old: put {_dotted(MIN_VERSION)} or newer onto "
            "the board (hold BOOTSEL, copy the .uf2), then flash again"
        )
    virtual = facts.machine.startswith(("linux", "darwin"))  # the virtual board
    if not virtual and not any(family in facts.machine for family in FAMILIES):
        raise BoardTrouble(f"{facts.port}: {facts.machine} is no kiosk board: it takes a Pico or a Pico 2")


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
