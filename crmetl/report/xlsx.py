"""Workbooks written a row at a time: texts stay texts, nothing is ever run, memory does not grow with the rows."""

import re
import tempfile
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from xlsxwriter import Workbook

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")
"""Texts that a spreadsheet program would read as a formula, or a text import would (OWASP, CSV injection)."""
LONGEST = 32_767
"""Characters that a cell can hold (limit of the file format)."""

Row = Sequence[object]

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that XML 1.0 cannot hold."""
_UNNAMEABLE = re.compile(r"[\\*?:/\[\]]|^'|'$")
"""Characters that the name of a sheet cannot hold."""
_LONGEST_NAME = 31
_MADE = datetime(2000, 1, 1, tzinfo=UTC).replace(tzinfo=None)
"""Date in the file's properties: the same content is the same file."""
_OPTIONS = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}


class Xlsx:
    """A workbook; its sheets go to files of their own as they come, and to one file when it is saved."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._part = Path(self._folder.name) / "book.xlsx"
        self._book = Workbook(self._part, {**_OPTIONS, "tmpdir": self._folder.name})
        self._book.set_properties({"created": _MADE})
        self._head = self._book.add_format({"bold": True})
        self._quoted = self._book.add_format({"quote_prefix": True})
        self._quoted_head = self._book.add_format({"bold": True, "quote_prefix": True})
        self._names: set[str] = set()

    def sheet(self, title: str, heads: Sequence[str], rows: Iterable[Row], widths: Sequence[float]) -> int:
        """
        Write a sheet: bold frozen heads, a filter, and the rows; texts stay texts, numbers are numbers.

        Args:
            title: Cut and changed where the format asks for it.
            heads: Of the columns.
            rows: Texts, numbers, booleans, or None for an empty cell.
            widths: Of the columns, in characters.

        Returns:
            The number of rows.
        """
        sheet = self._book.add_worksheet(self._free(_UNNAMEABLE.sub("_", title)[:_LONGEST_NAME] or "-"))
        sheet.freeze_panes(1, 0)
        for at, width in enumerate(widths):
            sheet.set_column(at, at, width)
        for at, head in enumerate(heads):
            sheet.write_string(0, at, head, self._quoted_head if head.startswith(FORMULA_STARTS) else self._head)
        n = 0
        for n, row in enumerate(rows, start=1):
            for at, value in enumerate(row):
                if isinstance(value, str):
                    text = value if value.isprintable() else _UNWRITABLE.sub("", value)
                    text = text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
                    sheet.write_string(n, at, text, self._quoted if text.startswith(FORMULA_STARTS) else None)
                elif isinstance(value, bool):
                    sheet.write_boolean(n, at, value)
                elif value is not None and value == value:  # noqa: PLR0124 not a number is no number to write
                    sheet.write_number(n, at, value)
        sheet.autofilter(0, 0, n, max(len(heads), 1) - 1)
        return n

    def save(self, path: Path) -> None:
        """Write the file in one step."""
        self._book.close()
        part = path.with_suffix(".part")
        with self._folder:
            part.write_bytes(self._part.read_bytes())
        part.replace(path)

    def _free(self, name: str) -> str:
        """Return a name that no sheet has yet, as programs see it, who do not tell case."""
        found, number = name, 1
        while found.lower() in self._names:
            found, number = f"{name[: _LONGEST_NAME - 3]}{number}", number + 1
        self._names.add(found.lower())
        return found
