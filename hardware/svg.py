"""Small pieces of SVG, in millimetres: lines, boxes, words. Enough for printable sheets."""

from xml.sax.saxutils import escape

A4_MM = (210.0, 297.0)


class Drawing:
    """Collects shapes and gives an SVG of a size in mm."""

    def __init__(self, width_mm: float, height_mm: float) -> None:
        self.width, self.height = width_mm, height_mm
        self._items: list[str] = []

    def line(self, x1: float, y1: float, x2: float, y2: float, colour: str = "#222", width: float = 0.25) -> None:
        """Draw a straight line."""
        self._items.append(
            f'<line x1="{x1:.2f}" y1="{y1:.2f}" x2="{x2:.2f}" y2="{y2:.2f}" stroke="{colour}" stroke-width="{width}"/>'
        )

    def box(
        self, x: float, y: float, w: float, h: float, fill: str = "none", edge: str = "#222", round_: float = 0
    ) -> None:
        """Draw a rectangle."""
        self._items.append(
            f'<rect x="{x:.2f}" y="{y:.2f}" width="{w:.2f}" height="{h:.2f}" rx="{round_}" fill="{fill}"'
            f' stroke="{edge}" stroke-width="0.25"/>'
        )

    def circle(self, x: float, y: float, r: float, fill: str = "none", edge: str = "#222") -> None:
        """Draw a circle."""
        self._items.append(
            f'<circle cx="{x:.2f}" cy="{y:.2f}" r="{r:.2f}" fill="{fill}" stroke="{edge}" stroke-width="0.25"/>'
        )

    def polygon(self, points: list[tuple[float, float]], fill: str, edge: str = "none", width: float = 0.1) -> None:
        """Draw a closed area."""
        places = " ".join(f"{x:.2f},{y:.2f}" for x, y in points)
        self._items.append(f'<polygon points="{places}" fill="{fill}" stroke="{edge}" stroke-width="{width}"/>')

    def words(
        self,
        x: float,
        y: float,
        text: str,
        size: float = 2.6,
        anchor: str = "start",
        colour: str = "#111",
        bold: bool = False,
    ) -> None:
        """Write a line of text; `anchor` is start, middle or end."""
        weight = ' font-weight="bold"' if bold else ""
        self._items.append(
            f'<text x="{x:.2f}" y="{y:.2f}" font-size="{size}" text-anchor="{anchor}" fill="{colour}"{weight}>'
            f"{escape(text)}</text>"
        )

    def text(self) -> str:
        """Return the file."""
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{self.width}mm" height="{self.height}mm"'
            f' viewBox="0 0 {self.width} {self.height}" font-family="DejaVu Sans, Arial, sans-serif">'
        )
        paper = f'<rect width="{self.width}" height="{self.height}" fill="#fff"/>'
        return "\n".join([head, paper, *self._items, "</svg>"]) + "\n"
