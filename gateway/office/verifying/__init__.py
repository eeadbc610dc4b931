"""Verifies a pulled log offline: nothing here asks the centre, or takes its word."""
