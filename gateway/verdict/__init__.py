"""Facts and history for the rules; pure, no I/O."""
