"""Faults that the room `link` finds."""
