"""The office's side of the centre: pulls its log and its table into files."""
