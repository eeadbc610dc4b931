"""Fills a board's copper planes; run by the Python that has KiCad's pcbnew, not by the project's own.

Usage: fill_planes.py IN.kicad_pcb OUT.kicad_pcb
"""

import sys

import pcbnew


def main(source: str, target: str) -> int:
    """Read a board, fill its zones as KiCad does, write it."""
    board = pcbnew.LoadBoard(source)
    pcbnew.ZONE_FILLER(board).Fill(board.Zones())
    pcbnew.SaveBoard(target, board)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:3]))
