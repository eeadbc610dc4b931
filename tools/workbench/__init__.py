"""The technician's side of the checkpost command: boards and cards."""
