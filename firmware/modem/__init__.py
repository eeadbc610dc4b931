"""A board as the gateway's radio."""
