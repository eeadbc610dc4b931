"""Bytes in and out: one file a carrier."""
