"""The only writer: target ports, SQL target, ledger, apply and rollback."""

from crmetl.load.memory import MemoryTarget
from crmetl.load.opening import create_schema, open_reader, open_target

__all__ = ["MemoryTarget", "create_schema", "open_reader", "open_target"]
