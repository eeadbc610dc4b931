"""KiCad 9 files from the board: schematic, symbols, layout, and what kicad-cli says of them."""
