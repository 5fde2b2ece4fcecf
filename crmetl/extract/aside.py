"""Which physical rows are no data: totals, repeated headers, footers, blank rows; each by a named rule."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

_GAP = "[\\s\u3000]*"
"""Blanks that print forms put between two characters; the wide one is written out, since RE2's `\\s` knows ASCII only."""
TOTAL = (
    rf"^(?:[^\s\d]{{0,8}}(?:合{_GAP}计|小{_GAP}计|总{_GAP}计|累{_GAP}计|共{_GAP}计)"
    rf"|(?:grand\s+|sub-?\s*)?totals?){_GAP}[:：]?$"
)
"""The word alone is not enough: see `_is_total`."""
FOOTER = (
    rf"^(?:制{_GAP}表|审{_GAP}核|复{_GAP}核|审{_GAP}批|备{_GAP}注{_GAP}[:：]|说{_GAP}明{_GAP}[:：]|注{_GAP}[:：]|打印|导出"
    rf"|第{_GAP}\d+{_GAP}页|共{_GAP}\d+{_GAP}[条行页笔]|以上|---|===|page\s+\d|printed|prepared\s+by|notes?\s*:|generated"
    rf"|exported|end\s+of|[^:：]{{0,10}}(?:签{_GAP}[字名章]|盖{_GAP}章){_GAP}[:：]?)"
)
_NUMBER = re.compile(r"^[\s(（+\-¥￥$€£共计]*[\d０-９][\d０-９\s.,，()（）%％]*[^\d\s]{0,3}\s*$")
"""An amount or a count with a short unit behind it: `1,200.00`, `¥3.5万元`, `5 家`."""
_LOOKED_AT = 3
"""Labels of totals and footers stand in the first columns."""


@dataclass(frozen=True)
class Printed:
    """
    What the rows above the first data row said.

    Attributes:
        above: Texts of each title and note row.
        headers: Texts of each header row, blanks left out.
    """

    above: frozenset[tuple[str, ...]] = frozenset()
    headers: tuple[tuple[str, ...], ...] = ()


def _is_total(filled: list[tuple[int, str]], total: "re.Pattern[str]") -> bool:
    """
    Say whether a row is a total: the word in one of its first cells, one text before it at most, numbers after it.

    A company that is called Total has an address or a contact beside its name, which is a text.
    """
    label = next((k for k, (_, cell) in enumerate(filled[:2]) if total.match(cell)), None)
    return label is not None and all(_NUMBER.match(cell) for _, cell in filled[label + 1 :])


def _rule(cells: Sequence[str | None], width: int, printed: Printed) -> str | None:
    filled = [(i, cell.strip()) for i, cell in enumerate(cells) if cell]
    texts = tuple(cell for _, cell in filled)
    if any(len(texts) > 1 and texts == header for header in printed.headers) or _repeats(texts, printed.headers):
        return "repeated_header"
    if texts in printed.above:
        return "title_row"
    if _is_total(filled, _TOTAL):
        return "total_row"
    if len(filled) <= max(1, width // 4) and width > 2 and _FOOTER.match(texts[0]):
        return "footer_row"
    return None


def _repeats(texts: tuple[str, ...], headers: tuple[tuple[str, ...], ...]) -> bool:
    """Say whether a row holds nearly all headings again (one of them may have been written over)."""
    return any(len(header) > 3 and len(set(texts) & set(header)) >= 0.8 * len(header) for header in headers)


_TOTAL, _FOOTER = re.compile(TOTAL, re.IGNORECASE), re.compile(FOOTER, re.IGNORECASE)


def set_aside(columns: Sequence[pa.Array], printed: Printed) -> dict[int, str]:
    """
    Return position -> rule of the rows that are no data; `blank_row` where no cell is filled.

    Args:
        columns: The sheet's columns from the left, text with null for blank, all of one length.
        printed: Rows above the data, to know them again further down.

    >>> set_aside([pa.array(["启明", "合计"]), pa.array(["杭州", None]), pa.array(["12", "12"])], Printed())
    {1: 'total_row'}
    """
    if not columns or not len(columns[0]):
        return {}
    blank = columns[0].is_null()
    for column in columns[1:]:
        if not pc.any(blank).as_py():
            break
        blank = pc.and_(blank, column.is_null())
    out = dict.fromkeys(pc.indices_nonzero(blank).to_pylist(), "blank_row")
    for at in sorted(_suspects(columns, printed) - out.keys()):
        rule = _rule([column[at].as_py() for column in columns], len(columns), printed)
        if rule:
            out[at] = rule
    return out


def _suspects(columns: Sequence[pa.Array], printed: Printed) -> set[int]:
    """Return the rows whose first columns hold a word that some rule begins with; only these are looked at whole."""
    words = pa.array(sorted({cell for row in (*printed.above, *printed.headers) for cell in row}), pa.large_string())
    suspects: set[int] = set()
    for column in columns[: max(_LOOKED_AT, len(columns) // 4)]:
        trimmed = pc.utf8_trim_whitespace(column.cast(pa.large_string()))
        hit = pc.match_substring_regex(trimmed, f"(?i){TOTAL}|{FOOTER}")
        hit = pc.or_(pc.fill_null(hit, False), pc.is_in(trimmed, value_set=words)) if len(words) else pc.fill_null(hit, False)
        suspects.update(pc.indices_nonzero(hit).to_pylist())
    return suspects
