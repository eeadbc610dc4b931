"""Sheets to print and take along: pins, wires, power."""
