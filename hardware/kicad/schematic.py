"""The schematic on one sheet: a frame for each block, its parts in it, every pin with the name of its net."""

from dataclasses import dataclass, field
from typing import Any

from hardware.kicad import ids, symbols
from hardware.kicad.sexpr import Word, dump, read
from hardware.model import Board, Part, Pin

_PAPER = "A3"
_COLUMNS = (
    ("Pico 2", "Card reader", "Buttons"),
    ("Supply",),
    ("RS-485", "Radio and journal"),
    ("Clock and display", "Sound and lights"),
)
_LEFT, _TOP, _COLUMN, _GAP = 15.24, 20.32, 99.06, 5.08
_STUB = 2.54
_NOTE_STEP, _NOTE_CHARS = 2.54, 74  # between lines of a note, and how long they are
_FLAG = symbols.Shape("PWR_FLAG", 1.27, 1.27, (symbols.Spot("1", "1", "power_out", -5.08, 0, False),), "TP")


@dataclass
class Placed:
    """A part on the sheet: its symbol and the middle of it."""

    part: Part
    shape: symbols.Shape
    x: float
    y: float


@dataclass
class Frame:
    """A block on the sheet, upper left corner and size, with its parts."""

    title: str
    x: float
    y: float
    width: float
    height: float
    notes: list[str] = field(default_factory=list)
    placed: list[Placed] = field(default_factory=list)


def text(board: Board) -> str:
    """Return the .kicad_sch file."""
    frames = layout(board)
    title = board.raw["board"]
    tree = read(f'(kicad_sch (version 20250114) (generator "checkpost") (generator_version "9.0") (paper "{_PAPER}"))')
    tree.insert(4, [Word("uuid"), ids.ROOT_SHEET])
    tree.append(
        read(f'(title_block (title "{title["name"]}") (rev "{title["rev"]}") (company "Checkpost")'
             f' (comment 1 "generated from hardware/board.toml: change that, not this"))')
    )  # fmt: skip
    placed = [item for frame in frames for item in frame.placed]
    shapes = {item.shape.name: item.shape for item in placed}
    tree.append([Word("lib_symbols"), *(symbols.definition(shapes[name], True) for name in sorted(shapes))])
    for frame in frames:
        tree += _frame(frame)
    for item in placed:
        tree += _ends(item)
    tree += [_instance(item) for item in placed]
    tree.append(read('(sheet_instances (path "/" (page "1")))'))
    tree.append(read("(embedded_fonts no)"))
    return dump(tree) + "\n"


def library(board: Board) -> str:
    """Return the .kicad_sym file: the same symbols, so that the sheet never differs from its library."""
    shapes = {found.name: found for found in [symbols.shape(part) for part in board.parts] + [_FLAG]}
    tree = read('(kicad_symbol_lib (version 20241209) (generator "checkpost") (generator_version "9.0"))')
    tree += [symbols.definition(shapes[name], False) for name in sorted(shapes)]
    return dump(tree) + "\n"


def layout(board: Board) -> list[Frame]:
    """Return the blocks with their parts placed, column by column."""
    blocks: dict[str, list[Part]] = {}
    for part in board.parts:
        blocks.setdefault(part.block, []).append(part)
    blocks["Supply"] += _flags(board)
    missing = set(blocks) - {title for column in _COLUMNS for title in column}
    if missing:
        raise ValueError(f"blocks without a place on the sheet: {sorted(missing)}")
    frames = []
    for number, column in enumerate(_COLUMNS):
        y = _TOP
        for title in column:
            frame = _fill(
                title, blocks[title], _wrapped(board.raw["notes"].get(title, "")), _LEFT + number * _COLUMN, y
            )
            frames.append(frame)
            y += frame.height + _GAP
    return frames


def _flags(board: Board) -> list[Part]:
    """Return the marks that tell ERC which nets are fed from outside the sheet."""
    return [
        Part(f"#FLG{number}", "PWR_FLAG", "", [Pin("1", "1", "power_out", net)], "Supply", (0, 0, 0), bought=False)
        for number, net in enumerate(board.raw["nets"]["flag"], 1)
    ]


def _fill(title: str, parts: list[Part], notes: list[str], x: float, y: float) -> Frame:
    """Put boxes in the block one below the other, two-pin parts in two columns under them."""
    width = _COLUMN - _GAP
    frame = Frame(title, x, y, width, 0, notes)
    cursor = y + 12.7 + len(notes) * _NOTE_STEP
    shaped = [(part, _FLAG if part.value == "PWR_FLAG" else symbols.shape(part)) for part in parts]
    for part, shape in shaped:
        if not shape.two:
            cursor += shape.half_height
            frame.placed.append(Placed(part, shape, _grid(x + width / 2), _grid(cursor)))
            cursor += shape.half_height + 10.16
    small = [(part, shape) for part, shape in shaped if shape.two]
    for number, (part, shape) in enumerate(small):
        across = x + width * (0.26 if number % 2 == 0 else 0.75)
        frame.placed.append(Placed(part, shape, _grid(across), _grid(cursor + number // 2 * 10.16)))
    frame.height = _grid(cursor + (len(small) + 1) // 2 * 10.16 - y - 2.54)
    return frame


def _grid(value: float) -> float:
    return round(round(value / 2.54) * 2.54, 4)


def _frame(frame: Frame) -> list[list[Any]]:
    box = read(
        f"(rectangle (start {frame.x} {frame.y}) (end {frame.x + frame.width:.4f} {frame.y + frame.height:.4f})"
        f" (stroke (width 0.15) (type dash)) (fill (type none)) (uuid {ids.of('frame', frame.title)}))"
    )
    words = read(
        f"(text (exclude_from_sim no) (at {frame.x + 2.54:.4f} {frame.y + 4:.4f} 0)"
        f" (effects (font (size 2.54 2.54) (thickness 0.4) bold) (justify left))"
        f" (uuid {ids.of('title', frame.title)}))"
    )
    words.insert(1, frame.title)
    return [_quoted(box), _quoted(words), *_notes(frame)]


def _notes(frame: Frame) -> list[list[Any]]:
    found = []
    for number, line in enumerate(frame.notes):
        entry = read(
            f"((exclude_from_sim no) (at {frame.x + 2.54:.4f} {frame.y + 8.2 + number * _NOTE_STEP:.4f} 0)"
            f" (effects (font (size 1.4 1.4)) (justify left)) (uuid {ids.of('note', frame.title, number)}))"
        )
        found.append([Word("text"), line, *_quoted(entry)])
    return found


def _wrapped(text: str) -> list[str]:
    lines: list[str] = []
    for word in text.split():
        if lines and len(lines[-1]) + len(word) < _NOTE_CHARS:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _quoted(tree: list[Any]) -> list[Any]:
    """Return the list with its uuid in quotes, as KiCad 9 writes it."""
    return [[item[0], str(item[1])] if isinstance(item, list) and item and item[0] == "uuid" else item for item in tree]


def _ends(item: Placed) -> list[list[Any]]:
    """Return a stub and a net's name for each pin, or the mark that it is open on purpose."""
    nets = {pin.number: pin.net for pin in item.part.pins}
    found = []
    for spot in item.shape.spots:
        x, y = item.x + spot.x, item.y + spot.y
        key = (item.part.ref, spot.number)
        if not nets[spot.number]:
            found.append(read(f'(no_connect (at {x:.4f} {y:.4f}) (uuid "{ids.of("open", *key)}"))'))
            continue
        end = x + (_STUB if spot.right else -_STUB)
        found.append(
            read(f"(wire (pts (xy {x:.4f} {y:.4f}) (xy {end:.4f} {y:.4f})) (stroke (width 0) (type default))"
                 f' (uuid "{ids.of("wire", *key)}"))')
        )  # fmt: skip
        turn, side = (0, "left") if spot.right else (180, "right")
        found.append(
            read(f'(global_label "{nets[spot.number]}" (shape passive) (at {end:.4f} {y:.4f} {turn})'
                 f" (fields_autoplaced yes) (effects (font (size 1.27 1.27)) (justify {side}))"
                 f' (uuid "{ids.of("label", *key)}"))')
        )  # fmt: skip
    return found


def _instance(item: Placed) -> list[Any]:
    part, shape = item.part, item.shape
    flag = part.value == "PWR_FLAG"
    bom = "yes" if part.bought else "no"
    tree = read(
        f'(symbol (lib_id "{symbols.LIBRARY}:{shape.name}") (at {item.x} {item.y} 0) (unit 1) (exclude_from_sim no)'
        f' (in_bom {bom}) (on_board {"no" if flag else "yes"}) (dnp no) (uuid "{ids.of("part", part.ref)}"))'
    )
    above = shape.half_height + 1.6 if not shape.two else 2.8
    below = 2.8
    left = item.x - shape.half_width
    if shape.two:
        tree.append(_text("Reference", part.ref, item.x, item.y - above, "", flag))
        tree.append(_text("Value", part.value, item.x, item.y + below, "", False))
    else:
        tree.append(_text("Reference", part.ref, left, item.y - above, "left", flag))
        tree.append(_text("Value", part.value, left + 7.62, item.y - above, "left", False))
    tree.append(_text("Footprint", part.footprint, item.x, item.y, "", True))
    tree.append(_text("Datasheet", "", item.x, item.y, "", True))
    tree.append(_text("Description", "", item.x, item.y, "", True))
    tree += [
        _text(key, value, item.x, item.y, "", True) for key, value in (("MPN", part.mpn), ("Maker", part.mfr)) if value
    ]
    tree += [read(f'(pin "{spot.number}" (uuid "{ids.of("pin", part.ref, spot.number)}"))') for spot in shape.spots]
    path = f'(path "/{ids.ROOT_SHEET}" (reference "{part.ref}") (unit 1))'
    tree.append(read(f'(instances (project "{ids.PROJECT}" {path}))'))
    return tree


def _text(key: str, value: str, x: float, y: float, justify: str, hide: bool) -> list[Any]:
    hidden = " (hide yes)" if hide else ""
    side = f" (justify {justify})" if justify else ""
    place = read(f"((at {x:.4f} {y:.4f} 0) (effects (font (size 1.27 1.27)){side}{hidden}))")
    return [Word("property"), key, value, *place]
