"""What a project remembers between runs: decisions on pairs, corrections of held rows, what a night has seen, small texts."""

from crmetl.store.opening import open_store
from crmetl.store.store import Store
from crmetl.store.tables import CORRECTION, DECISION

__all__ = ["CORRECTION", "DECISION", "Store", "open_store"]
