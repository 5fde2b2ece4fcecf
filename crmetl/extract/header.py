"""Find the header of a table: which rows it takes, and the name of each column."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

Cells = Sequence[str | None]
Merge = tuple[tuple[int, int], tuple[int, int]]
"""First and last cell of a merged range as (row, column), both from 0 within the rows given."""

SEARCHED = 40
"""Rows looked at for a header: printed forms put up to a page of notes above it."""
BELOW = 30
DEEPEST = 3
NEARLY = 0.85
"""A header with a gap or two scores a tenth below the first full row of data, which would do as a header as well."""

_VALUE = re.compile(
    r"""^[\s(（+\-¥￥$€£]*[\d０-９][\d０-９\s.,，:：/\-()（）+万亿元%％]*$   # number, date, time, phone, amount
    | ^\d{4}\s*年.*[月日]$ | @[\w-]+\. | ^https?: | ^(TRUE|FALSE)$
    | [:：]\s*\S                                                      # 制表日期：2024-03-05
    """,
    re.VERBOSE,
)
_BETWEEN_CJK = re.compile(r"(?<=[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef])\s+(?=[\u2e80-\u9fff\uf900-\ufaff\uff00-\uffef])")


@dataclass(frozen=True)
class Header:
    """
    A header.

    Attributes:
        first, last: Its rows, from 0.
        names: Name per column from the left edge; None where a column has none.
        confidence: 0 to 1.
    """

    first: int
    last: int
    names: tuple[str | None, ...]
    confidence: float


def named(cell: str | None) -> str | None:
    r"""
    Write a heading as one name: line breaks and spaces that only lay out the sheet are taken out.

    >>> named(" 客户\n名称 "), named("姓  名"), named("First \n name"), named(" ")
    ('客户名称', '姓名', 'First name', None)
    """
    return " ".join(_BETWEEN_CJK.sub("", cell).replace("\ufeff", "").split()) or None if cell else None


def is_label(cell: str) -> bool:
    """
    Say whether a cell reads like a heading and not like a value.

    >>> is_label("客户名称"), is_label("2024-03-05"), is_label("制表人：王芳"), is_label("1,200元"), is_label("Tel. 1")
    (True, False, False, False, True)
    """
    return len(cell) <= 40 and not _VALUE.search(cell.strip())


def _width(rows: Sequence[Cells]) -> int:
    return max((len(row) for row in rows), default=0)


def _padded(row: Cells, width: int) -> list[str | None]:
    return [*row, *[None] * (width - len(row))]


def _spread(rows: Sequence[Cells], merges: Sequence[Merge]) -> list[list[str | None]]:
    """Write the value of a merged range into all its columns of its first row; rows below it stay blank."""
    width = _width(rows)
    grid = [_padded(row, width) for row in rows]
    for (top, left), (_, right) in merges:
        if top < len(grid):
            span = slice(left, min(right + 1, width))
            grid[top][span] = [grid[top][left]] * len(grid[top][span]) if left < width else []
    return grid


def _groups(row: Cells, below: Cells) -> list[str | None]:
    """Carry the text of an upper heading to the blank columns right of it, as far as the row below has headings."""
    out: list[str | None] = []
    for upper, lower in zip(row, below, strict=True):
        carried = out[-1] if out and not upper and lower else None
        out.append(upper or carried)
    return out


def _unmerged_pair(row: Cells, below: Cells) -> bool:
    """
    Say whether two rows without merged ranges (a CSV made from such a sheet) are one header.

    Where the upper row has a blank, the lower has a heading below a group; where a column stands alone, the lower is blank.
    """
    gaps = [i for i, cell in enumerate(row) if not cell and below[i]]
    if not gaps or gaps[0] == 0 or not all(is_label(cell) for cell in below if cell):
        return False
    alone = [i for i, cell in enumerate(row) if cell and i + 1 not in gaps]
    return bool(alone) and all(not below[i] for i in alone)


def _depth(grid: list[list[str | None]], rows: Sequence[Cells], merges: Sequence[Merge], at: int) -> int:
    """Return how many rows a header that starts at `at` takes."""
    starting = [m for m in merges if m[0][0] == at and m[0][1] < len(grid[at])]
    areas = len({*[m[0] for m in starting], *[(at, i) for i, cell in enumerate(rows[at]) if cell]})
    if areas < 2:
        return 1
    tall = max((bottom - top + 1 for (top, _), (bottom, _) in starting), default=1)
    wide = any(right > left for (_, left), (_, right) in starting)
    if 1 < tall <= DEEPEST and at + tall <= len(grid):
        return tall
    if at + 1 >= len(grid):
        return 1
    lower = [cell for cell in grid[at + 1] if cell]
    labels = len(lower) >= 2 and len(set(lower)) == len(lower) and all(map(is_label, lower))
    under = {i for (_, left), (_, right) in starting if right > left for i in range(left, right + 1)}
    if wide and labels and all(not cell or i in under for i, cell in enumerate(grid[at + 1])):
        return 2
    return 2 if not starting and labels and _unmerged_pair(rows[at], _padded(rows[at + 1], len(rows[at]))) else 1


def _joined(grid: list[list[str | None]], at: int, depth: int) -> list[str | None]:
    """Join the levels of a heading with `/`: `联系方式/电话`; a level that is blank or says the same again is left out."""
    levels = [[named(cell) for cell in grid[at + i]] for i in range(depth)]
    for i in range(depth - 1):
        levels[i] = _groups(levels[i], levels[i + 1])
    parts = [dict.fromkeys(cell for cell in column if cell) for column in zip(*levels, strict=True)]
    return ["/".join(one) or None for one in parts]


def _score(names: list[str | None], below: list[list[str | None]], known: frozenset[str], areas: int) -> float:
    """Score a candidate: does it cover the columns in use, read like headings, differ from each other and from what follows."""
    filled = [(i, name) for i, name in enumerate(names) if name]
    columns = {i: [row[i] for row in below if row[i]] for i in range(len(names))}
    used = [i for i, cells in columns.items() if cells]
    wanted = {i for i in used if len(columns[i]) * 5 >= max(1, sum(1 for row in below if any(row)))} or {i for i, _ in filled}
    cover = len(wanted & {i for i, _ in filled}) / len(wanted)
    label = sum(is_label(name) for _, name in filled) / len(filled)
    distinct = len({name for _, name in filled}) / len(filled)
    novel = sum(name not in columns[i] for i, name in filled) / len(filled)
    contrast = sum(
        bool(columns[i]) and is_label(name) and not all(is_label(cell) for cell in columns[i] if cell) for i, name in filled
    ) / len(filled)
    score = 0.35 * cover + 0.25 * label + 0.15 * distinct + 0.15 * novel + 0.1 * contrast
    if areas == 1 and len(wanted) > 1:
        score *= 0.3
    hits = len(known & {name for _, name in filled})
    return score + (hits / len(known) if hits else 0.0) * (2 if hits > 1 or len(known) == 1 else 0)


def _pinned(grid: list[list[str | None]], rows: tuple[int, ...]) -> Header | None:
    first, last = min(rows), max(rows)
    if first < 0 or last >= len(grid):
        return None
    return Header(first, last, tuple(_joined(grid, first, last - first + 1)), 1.0)


def find_header(
    rows: Sequence[Cells],
    *,
    merges: Sequence[Merge] = (),
    known: frozenset[str] = frozenset(),
    pinned: tuple[int, ...] | None = None,
) -> Header | None:
    """
    Find the header among the first rows of a sheet.

    Args:
        rows: The first rows, some 80 of them.
        merges: Merged ranges in them, where the file tells.
        known: Columns that the mapping names; rows that hold them win.
        pinned: Rows of the header from 0, when the mapping says so.

    Returns:
        None where no row is filled, or a pinned row is not there. A merged heading over several columns is a level above
        theirs (`上级/下级`); where the lower cell is blank the upper name stands alone. Of rows that fit nearly equally
        well the first is taken.

    >>> find_header([["客户清单", None], ["名称", "电话"], ["启明", "010-1"]]).names
    ('名称', '电话')
    """
    grid = _spread(rows, merges)
    if pinned is not None:
        return _pinned(grid, pinned)
    found: list[tuple[float, int, int, list[str | None]]] = []
    for at in range(min(len(grid), SEARCHED)):
        if not any(grid[at]):
            continue
        depth = _depth(grid, rows, merges, at)
        names = _joined(grid, at, depth)
        areas = sum(1 for cell in rows[at] if cell) + (depth > 1)
        below = [row for row in grid[at + depth : at + depth + BELOW] if row != grid[at]]
        found.append((_score(names, below, known, areas), at, depth, names))
    if not found:
        return None
    best = max(found, key=lambda one: one[0])
    # A header that is printed again on every page is the first one of its kind.
    score, at, depth, names = next(one for one in found if one[0] >= NEARLY * best[0] or one[3] == best[3])
    return Header(at, at + depth - 1, tuple(names), round(min(1.0, score), 2))


def unique(names: Sequence[str | None], reserved: Sequence[str] = ()) -> list[str]:
    """
    Name every column, each differently: `#3` where the third has no name, `电话_2` where a name comes again.

    >>> unique(["电话", None, "电话"])
    ['电话', '#2', '电话_2']
    """
    out: list[str] = list(reserved)
    for place, name in enumerate(names, start=1):
        wanted, turn = name or f"#{place}", 2
        free = wanted
        while free in out:
            free, turn = f"{wanted}_{turn}", turn + 1
        out.append(free)
    return out[len(reserved) :]
