"""Faults that the room `dedupe` finds."""
