"""What a fault is."""

from dataclasses import dataclass
from typing import Literal

from crmetl.text import Text

Severity = Literal["note", "blank", "hold"]
"""note: goes on; blank: goes on without the cell, its text kept in `custom`; hold: the record waits for a person."""


@dataclass(frozen=True, slots=True)
class Fault:
    """
    A catalogued data fault. It never holds a cell's value; a *finding* is a fault at a place.

    Attributes:
        code: Stable upper-case word, `PHONE_SHAPE`.
        severity: What happens to the record by default; a project may override it per code.
        text: What is wrong, for a reader who knows the business and not the program.
        fix: The next action.
        example: An invented value that shows it.
    """

    code: str
    severity: Severity
    text: Text
    fix: Text
    example: str = ""
