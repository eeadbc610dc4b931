"""What occupies the grid: pads for good, tracks until they are taken up again, for each width of track."""

from collections.abc import Iterable

from hardware.route.shapes import BACK, FRONT, Capsule, Grid, Pad, Rect, Track, Via

CLEARANCE_MM = 0.2
# Between two cells a track comes nearer to a corner than at either cell: up to 0.034 mm on a diagonal of this pitch.
MARGIN_MM = 0.04
EDGE_MM = 0.5
HOLE_MM = 0.25  # copper to a hole without copper
VIA_MM, VIA_DRILL_MM = 0.6, 0.3
NARROW_MM = 0.25
EVERYONE = -1


class Field:
    """Occupied cells by kind of copper: `kinds` are half widths of tracks, the last one is the via's."""

    def __init__(self, grid: Grid, widths: Iterable[float], pads: list[Pad], holes: list[Rect]) -> None:
        self.grid = grid
        self.nets = {net: at for at, net in enumerate(sorted({pad.net for pad in pads}))}
        self.widths = sorted(set(widths) | {NARROW_MM})
        self.half = [width / 2 for width in self.widths] + [VIA_MM / 2]
        self.via = len(self.widths)
        self.hard: list[dict[int, int]] = [{} for _ in self.half]
        self.soft: list[dict[int, dict[int, int]]] = [{} for _ in self.half]
        for pad in pads:
            self._fix(pad)
        for hole in holes:
            for kind, half in enumerate(self.half):
                self._take(kind, hole.near(grid, half + HOLE_MM + MARGIN_MM), EVERYONE)
        self._close_edge()

    def _fix(self, pad: Pad) -> None:
        net = self.nets[pad.net]
        for kind, half in enumerate(self.half):
            self._take(kind, pad.rect.near(self.grid, half + CLEARANCE_MM + MARGIN_MM), net)
        # No via in a pad, not even of its own net: solder would run away through it, and a drill needs no second hole.
        both = Rect(pad.rect.x, pad.rect.y, pad.rect.half_x, pad.rect.half_y, (FRONT, BACK))
        self._take(self.via, both.near(self.grid, self.half[self.via] + 0.1), EVERYONE)

    def _take(self, kind: int, cells: Iterable[int], net: int) -> None:
        table = self.hard[kind]
        for cell in cells:
            if table.setdefault(cell, net) != net:
                table[cell] = EVERYONE

    def _close_edge(self) -> None:
        """Close the strips along the four edges, on both layers."""
        grid = self.grid
        width, height = grid.width_mm, grid.height_mm
        strips = [Rect(x, height / 2, 0, height, (FRONT, BACK)) for x in (0, width)]
        strips += [Rect(width / 2, y, width, 0, (FRONT, BACK)) for y in (0, height)]
        for kind, half in enumerate(self.half):
            for strip in strips:
                self._take(kind, strip.near(grid, half + EDGE_MM), EVERYONE)

    def kind(self, width: float) -> int:
        """Return the kind of a track's width."""
        return self.widths.index(width)

    def lay(self, net: int, copper: Iterable[Track | Via], by: int = 1) -> None:
        """Occupy the cells near a net's tracks and vias, or with `by` -1 free them."""
        for piece in copper:
            if isinstance(piece, Via):
                shape, own = Capsule(piece.x, piece.y, piece.x, piece.y, (FRONT, BACK)), VIA_MM / 2
            else:
                shape, own = Capsule(piece.x1, piece.y1, piece.x2, piece.y2, (piece.layer,)), piece.width / 2
            for kind, half in enumerate(self.half):
                table = self.soft[kind]
                for cell in shape.near(self.grid, own + half + CLEARANCE_MM + MARGIN_MM):
                    counts = table.setdefault(cell, {})
                    counts[net] = counts.get(net, 0) + by
                    if not counts[net]:
                        del counts[net]
                        if not counts:
                            del table[cell]
