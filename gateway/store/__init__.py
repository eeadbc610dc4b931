"""The only SQL of the gateway: one SQLite file, read and written through small tables of functions."""
