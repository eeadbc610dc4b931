"""The console's routes, one subject a file."""
