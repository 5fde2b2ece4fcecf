"""What a database may answer instead of writing; `apply` turns these into parked and rejected rows, nobody else sees them."""

from typing import Literal

Reason = Literal["not_null", "unique", "foreign_key", "check", "does_not_fit", "nul", "refused"]
"""Why a row was refused; the database's own message may hold values and goes nowhere. `nul`: a text holds U+0000, which no
target takes."""


class Refused(Exception):
    """The database does not take what was written; the transaction is rolled back."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason)


class Transient(Exception):
    """The database was busy; the same transaction may work a moment later."""
