"""A small grid router for two layers: what a board of this size needs, and the same result every time."""
