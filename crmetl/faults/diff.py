"""Faults that the room `diff` finds."""
