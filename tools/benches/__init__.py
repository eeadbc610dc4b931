"""Benches: what the project does, in figures, each beside its limit. Run by tools/bench; one bench a file."""
