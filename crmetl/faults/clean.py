"""Faults that the room `clean` finds."""
