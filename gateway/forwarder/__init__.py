"""Outbox to the centre, changes from the centre: both go on for ever, and survive whatever happens between."""
