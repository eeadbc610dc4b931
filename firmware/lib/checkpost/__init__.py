"""The core that board, gateway and centre share: no I/O, no clock, no randomness of its own."""
