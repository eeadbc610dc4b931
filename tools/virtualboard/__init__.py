"""A kiosk board without the board: MicroPython running the real firmware over models of the chips."""
