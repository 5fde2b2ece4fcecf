"""Faults that the room `extract` finds."""
