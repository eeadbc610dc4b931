"""The office's cases: what is asked of it, decided by it, and settled; rules are pure, tables are in `store`."""
