"""The kiosk's hardware from one source, board.toml: checks, generators and the command that runs them."""
