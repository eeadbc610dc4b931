"""Drivers: one chip a file, each from its data sheet, knowing nothing of checkpoints."""
