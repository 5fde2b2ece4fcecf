"""The only writer: target ports, SQL target, ledger, apply and rollback."""

from crmetl.load.applying import Applied, apply
from crmetl.load.inverse import RolledBack, rollback
from crmetl.load.ledger import runs
from crmetl.load.memory import MemoryTarget
from crmetl.load.opening import create_schema, open_reader, open_target

__all__ = ["Applied", "MemoryTarget", "RolledBack", "apply", "create_schema", "open_reader", "open_target", "rollback", "runs"]
