"""The manifest: what was read, how it was understood, and what was left out of each file."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True)
class TableEntry:
    """
    One table of a file.

    Attributes:
        sheet: Name of the sheet; "" in a text file.
        header: Rows of the header as a spreadsheet counts them, from 1.
        range: First and last cell, `A3:H120`; "" for mail and chat.
        confidence: Of the header, 0 to 1; 1 where the mapping pinned it.
        columns: Names as delivered.
        rows: Rows delivered.
        filled_down: Cells that got the value of the merged cell above them.
    """

    sheet: str
    header: tuple[int, ...]
    range: str
    confidence: float
    columns: tuple[str, ...]
    rows: int
    filled_down: int = 0


@dataclass(frozen=True)
class FileEntry:
    """
    One file.

    Attributes:
        path: Relative to the source root, with `/`.
        encoding: Of a text file, as Python names it; None for workbooks and mail, which say it themselves.
        encoding_score: 1 where proven (byte order mark, strict UTF-8) or pinned.
        runner_up: The next likely encoding, where it was a matter of likelihood.
        engine: Library and parser that read it; "" where nothing could.
        rows: Rows delivered.
        aside: Rule -> physical rows not delivered under it.
        hidden: Names of hidden sheets.
    """

    path: str
    sha256: str
    bytes: int
    encoding: str | None = None
    encoding_score: float | None = None
    runner_up: str | None = None
    engine: str = ""
    tables: tuple[TableEntry, ...] = ()
    rows: int = 0
    aside: Mapping[str, int] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """
        Return plain JSON values.

        >>> FileEntry("a.csv", "00", 0).to_json()["tables"]
        []
        """
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}
