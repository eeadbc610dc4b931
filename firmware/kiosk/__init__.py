"""What a checkpoint board does, given its parts and the time; no part is built here."""
