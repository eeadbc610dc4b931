"""Proof that the log only grows: Merkle tree, leaves, signed notes. Pure; the centre and the office use the same."""
