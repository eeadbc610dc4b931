"""Routes all nets: short ones first; a net that finds no way may cross others, which are then laid again."""

from dataclasses import dataclass, field
from itertools import pairwise

from hardware.route.field import NARROW_MM, VIA_MM, Field
from hardware.route.search import Job, way
from hardware.route.shapes import BACK, FRONT, Capsule, Grid, Pad, Rect, Track, Via

NECK_MM = 0.4  # width of a wide track where it enters a small pad, and of a ground pad's way to its via
_NECK_REACH_MM = 1.6  # how far from a small pad a wide track may be narrow
_FAN_OUT_MM = 4.0  # how far a ground pad's via may be
_BLAME = 12  # added to a cell each time a net was taken up there, so that two nets do not chase each other
_ROUNDS = 600  # nets laid in all; this board needs about a hundred
_STITCH_MM = 8.0  # between the vias that tie the two ground planes together


class Unroutable(Exception):
    """A net found no way; the message names it."""


@dataclass
class Routed:
    """A net's copper."""

    tracks: list[Track] = field(default_factory=list)
    vias: list[Via] = field(default_factory=list)

    @property
    def copper(self) -> list[Track | Via]:
        """Return all pieces."""
        return [*self.tracks, *self.vias]


class Router:
    """Holds the field and what is laid on it."""

    def __init__(self, grid: Grid, pads: list[Pad], holes: list[Rect], widths: dict[str, float], ground: str) -> None:
        self.grid, self.pads, self.ground = grid, pads, ground
        self.widths = widths
        self.field = Field(grid, [*widths.values(), NECK_MM], pads, holes)
        self.laid: dict[str, Routed] = {}
        self.blame: dict[int, int] = {}

    def run(self) -> dict[str, Routed]:
        """Return each net's copper; raises Unroutable."""
        if self.ground in self.field.nets:
            self._fan_out()
        waiting = sorted({pad.net for pad in self.pads} - {self.ground}, key=self._urgency)
        waiting = [net for net in waiting if len(self._of(net)) > 1]
        for _ in range(_ROUNDS):
            if not waiting:
                if self.ground in self.laid:
                    self._stitch()
                return self.laid
            net = waiting.pop(0)
            crossed = self._lay(net)
            for other in sorted(crossed):
                self.field.lay(self.field.nets[other], self.laid.pop(other).copper, -1)
                waiting.append(other)
        raise Unroutable(f"no way for {', '.join(waiting)} after {_ROUNDS} rounds")

    def _of(self, net: str) -> list[Pad]:
        return [pad for pad in self.pads if pad.net == net]

    def _urgency(self, net: str) -> tuple[float, str]:
        pads = self._of(net)
        xs, ys = [pad.rect.x for pad in pads], [pad.rect.y for pad in pads]
        span = max(xs) - min(xs) + max(ys) - min(ys)
        return (span - 40 if self._width(net) >= 0.8 else span), net

    def _width(self, net: str) -> float:
        return self.widths.get(net, NARROW_MM)

    def _narrow(self, net: str) -> float:
        """Return the width near small pads: half an ampere still passes through a millimetre of 0.4."""
        return NECK_MM if self._width(net) >= NECK_MM else NARROW_MM

    def _cells(self, pad: Pad) -> set[int]:
        """Return the cells well inside a pad; at least the one nearest to its middle."""
        rect = pad.rect
        inset = Rect(rect.x, rect.y, max(rect.half_x - 0.15, 0.13), max(rect.half_y - 0.15, 0.13), rect.layers)
        return set(inset.near(self.grid, 1e-6))

    def _neck(self, pads: list[Pad]) -> set[int]:
        cells: set[int] = set()
        for pad in pads:
            if pad.small:
                cells.update(
                    Rect(pad.rect.x, pad.rect.y, pad.rect.half_x, pad.rect.half_y, (FRONT, BACK)).near(
                        self.grid, _NECK_REACH_MM
                    )
                )
        return cells

    def _lay(self, net: str) -> set[str]:
        """Lay one net, crossing others only where there is no other way; return those that were crossed."""
        pads = self._of(net)
        neck = self._neck(pads)
        tree = self._cells(pads[0])
        rest = {pad: self._cells(pad) for pad in pads[1:]}
        found = Routed()
        crossed: set[str] = set()
        while rest:
            goals = set().union(*rest.values())
            path, crossing = self._find(net, neck, tree, goals)
            crossed |= crossing
            tracks, vias = self._pieces(path, neck, self._width(net), self._narrow(net))
            found.tracks += tracks
            found.vias += vias
            tree |= set(path)
            for pad in [pad for pad, cells in rest.items() if cells & tree]:
                tree |= rest.pop(pad)
        self.laid[net] = found
        self.field.lay(self.field.nets[net], found.copper)
        return crossed

    def _find(self, net: str, neck: set[int], starts: set[int], goals: set[int]) -> tuple[list[int], set[str]]:
        kind, narrow = self.field.kind(self._width(net)), self.field.kind(self._narrow(net))
        for may_cross in (False, True):
            job = Job(self.field.nets[net], kind, narrow, neck, starts, goals, may_cross)
            path = way(self.field, job, self.blame)
            if path is not None:
                return path, self._crossed(path, job) if may_cross else set()
        raise Unroutable(f"{net} finds no way even across other nets")

    def _crossed(self, path: list[int], job: Job) -> set[str]:
        names = {at: net for net, at in self.field.nets.items()}
        cells = self.grid.columns * self.grid.rows
        nets: set[int] = set()
        for before, cell in zip([path[0], *path], path, strict=False):
            kinds = [job.narrow if cell in job.neck else job.kind]
            places = [cell]
            if abs(before - cell) == cells:
                kinds.append(self.field.via)
                places.append(before)
            for kind in kinds:
                for place in places:
                    there = set(self.field.soft[kind].get(place, {})) - {job.net}
                    if there:
                        self.blame[place] = self.blame.get(place, 0) + _BLAME
                    nets |= there
        if self.field.nets.get(self.ground) in nets:
            raise Unroutable(f"{names[job.net]} would cross a ground pad's via: move a part")
        return {names[at] for at in nets}

    def _pieces(self, path: list[int], neck: set[int], width: float, narrow: float) -> tuple[list[Track], list[Via]]:
        """Return straight tracks and vias along a path of cells."""
        tracks: list[Track] = []
        vias: list[Via] = []
        begun, heading = path[0], (0, 0, 0.0)
        for before, cell in pairwise(path):
            x1, y1, layer1 = self.grid.place(before)
            x2, y2, layer2 = self.grid.place(cell)
            wide = narrow if before in neck or cell in neck else width
            if layer1 != layer2:
                self._end(tracks, begun, before, heading[2])
                vias.append(Via(x1, y1))
                begun, heading = cell, (0, 0, 0.0)
                continue
            now = (round((x2 - x1) * 1000), round((y2 - y1) * 1000), wide)
            if now != heading:
                self._end(tracks, begun, before, heading[2])
                begun, heading = before, now
        self._end(tracks, begun, path[-1], heading[2])
        return tracks, vias

    def _end(self, tracks: list[Track], begun: int, cell: int, width: float) -> None:
        if begun != cell:
            x1, y1, layer = self.grid.place(begun)
            x2, y2, _ = self.grid.place(cell)
            tracks.append(Track(x1, y1, x2, y2, layer, width))

    def _fan_out(self) -> None:
        """Give each ground pad on the front its own via to the plane on the back."""
        net = self.field.nets[self.ground]
        found = Routed()
        for pad in self._of(self.ground):
            if pad.drilled:
                continue
            near = Rect(pad.rect.x, pad.rect.y, pad.rect.half_x, pad.rect.half_y, (FRONT,)).near(self.grid, _FAN_OUT_MM)
            goals = {cell for cell in near if self._via_fits(cell, net)}
            kind = self.field.kind(NECK_MM)
            job = Job(net, kind, kind, set(), self._cells(pad), goals, False)
            path = way(self.field, job, {}) if goals else None
            if path is None:
                raise Unroutable(f"{pad.ref} pad {pad.number}: no room for its ground via")
            tracks, _ = self._pieces(path, set(), NECK_MM, NECK_MM)
            x, y, _ = self.grid.place(path[-1])
            piece = Routed(tracks, [Via(x, y)])
            self.field.lay(net, piece.copper)
            found.tracks += tracks
            found.vias += piece.vias
        self.laid[self.ground] = found

    def _via_fits(self, cell: int, net: int) -> bool:
        layer_cells = self.grid.columns * self.grid.rows
        via = self.field.via
        for place in (cell % layer_cells, cell % layer_cells + layer_cells):
            # Even of its own net no two vias stand closer than clearance: their drills would break into each other.
            if place in self.field.hard[via] and self.field.hard[via][place] != net:
                return False
            if self.field.soft[via].get(place):
                return False
        return True

    def _stitch(self) -> None:
        """Tie the two planes together wherever there is room."""
        net, routed = self.field.nets[self.ground], self.laid[self.ground]
        step = round(_STITCH_MM / 0.25)
        for row in range(step // 2, self.grid.rows, step):
            for column in range(step // 2, self.grid.columns, step):
                cell = self.grid.cell(column, row, FRONT)
                x, y, _ = self.grid.place(cell)
                near = any(
                    Capsule(via.x, via.y, via.x, via.y, (FRONT,)).distance(x, y) < VIA_MM * 4 for via in routed.vias
                )
                if not near and self._via_fits(cell, net):
                    via = Via(x, y)
                    routed.vias.append(via)
                    self.field.lay(net, [via])
