"""Replays a scenario through the real product: virtual boards, gateways and the centre, each its own process."""
