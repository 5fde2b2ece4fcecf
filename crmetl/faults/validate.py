"""Faults that the room `validate` finds."""
