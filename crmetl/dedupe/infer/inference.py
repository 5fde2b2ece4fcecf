"""Which columns of a table are compared, and as what: from their headings and contents together."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

import pandas as pd

from crmetl.dedupe.compare.levels import NAMES
from crmetl.dedupe.infer.contents import Contents, contents_of
from crmetl.dedupe.infer.redundant import redundant
from crmetl.dedupe.infer.roles import CATEGORY, TYPE_OF, role_of
from crmetl.text import Text

REASONS: Final[Mapping[str, Text]] = MappingProxyType(
    {
        "empty": Text("没有内容", "nothing is filled in"),
        "constant": Text("每行都一样", "the same in every row"),
        "rare": Text("几乎没有行填写", "filled in hardly any row"),
        "row_number": Text("给行编号，不说明是谁", "numbers the rows, tells of nobody"),
        "code": Text("编号，看不出是谁编的", "a code, and the heading does not tell whose"),
        "bookkeeping": Text("记录自身的管理信息", "tells how the record was kept, not who it is of"),
        "moment": Text("记事的时间", "a time at which something happened"),
        "measure": Text("会变的数量", "an amount, which changes"),
        "notes": Text("备注文字", "running text"),
        "derived": Text("由别的列算出", "worked out from another column"),
        "same_as": Text("与 {of} 说的一样", "says the same as {of}"),
        "made_of": Text("由 {of} 组成", "made of {of}"),
        "part_of": Text("已包含在 {of} 中", "a part of {of}"),
        "follows_from": Text("由 {of} 可知", "follows from {of}"),
        "asked": Text("按 --fields 不比较", "left out by --fields"),
    }
)
"""Code -> why a column is not compared; `{of}` are the columns that tell the same."""

LATER: Final = ("middle_name", "birth_place", "employer")
"""What shares a type with something that tells more: other fields are weighed by the first column of a type."""
WHOSE: Final = frozenset({*NAMES, "phone", "mobile", "email", "uscc", "tax_id", "id_code"})
"""Types that can show two rows to be of one holder without any other."""
RARELY: Final = 0.05
"""Share of rows in which a category must be filled in: it tells little where it is, and comes from one of several sources."""
TINY: Final = 20
"""Rows up to which one value in all of them may be chance, or the duplicate looked for."""


@dataclass(frozen=True)
class LeftOut:
    """Why a column is not compared: a code of `REASONS`, and the columns that tell the same."""

    code: str
    of: tuple[str, ...] = ()

    @property
    def because(self) -> Text:
        """
        Return the reason as a sentence; it names columns, never a value.

        >>> LeftOut("made_of", ("first", "last")).because.en
        'made of first, last'
        """
        told = REASONS[self.code]
        return Text(told.zh.replace("{of}", "、".join(self.of)), told.en.replace("{of}", ", ".join(self.of)))


@dataclass(frozen=True)
class Chosen:
    """
    The columns of a table.

    Attributes:
        fields: Column -> semantic type that it is compared as.
        left_out: Column -> why it is not compared; every column is in one of the two.
    """

    fields: Mapping[str, str]
    left_out: Mapping[str, LeftOut] = field(default_factory=dict)

    def overridden(self, asked: Mapping[str, str], *, none: str = "none") -> "Chosen":
        """
        Return the choice with what a person asked for in place of what was found.

        Args:
            asked: Column -> type, or `none` for a column to be left out.

        >>> Chosen({"a": "text"}, {"b": LeftOut("notes")}).overridden({"a": "none", "b": "text"})
        Chosen(fields={'b': 'text'}, left_out={'a': LeftOut(code='asked', of=())})
        """
        fields = {name: kind for name, kind in {**self.fields, **asked}.items() if kind != none}
        known = {**self.fields, **self.left_out}
        left = {name: LeftOut("asked") for name, kind in asked.items() if kind == none and name in known}
        return Chosen(fields, {**{name: why for name, why in self.left_out.items() if name not in asked}, **left})

    def facts(self) -> dict[str, dict[str, str]]:
        """
        Return `fields` and `left_out` as plain JSON values: types and reasons by column.

        >>> Chosen({"a": "text"}, {"b": LeftOut("notes")}).facts()
        {'fields': {'a': 'text'}, 'left_out': {'b': 'notes'}}
        """
        return {"fields": dict(self.fields), "left_out": {name: why.code for name, why in self.left_out.items()}}


def choose_fields(frame: pd.DataFrame) -> Chosen:
    """
    Choose the columns worth comparing.

    A heading says what a column may hold, and a sample of its contents must bear it out; where they contradict it, they decide.
    Columns that number rows, keep books or follow from others are left out, since a score adds up independent facts.

    Args:
        frame: Text columns.

    Cost: At most 2,000 rows spread over the table are looked at, and up to a million for numbers that come again.

    >>> rows = [("1", "Ann", "Lee", "Ann Lee", "F"), ("2", "Bob", "Ross", "Bob Ross", "M"), ("3", "Cy", "Young", "Cy Young", "M")]
    >>> found = choose_fields(pd.DataFrame(rows * 2, columns=["id", "fname", "lname", "full_name", "sex"], dtype="str"))
    >>> dict(found.fields), {name: why.code for name, why in found.left_out.items()}
    ({'fname': 'given_name', 'lname': 'family_name', 'sex': 'text'}, {'id': 'row_number', 'full_name': 'made_of'})
    """
    contents = contents_of(frame)
    roles = _together({name: _role(name, one) for name, one in contents.items()}, contents)
    compared = {name: role for name, role in roles.items() if role in TYPE_OF}
    follows = redundant(compared, contents)
    ordered = sorted((name for name in compared if name not in follows), key=lambda name: compared[name] in LATER)
    left = {
        name: LeftOut(*follows[name]) if name in follows else LeftOut(role) for name, role in roles.items() if name not in ordered
    }
    if not ordered:
        return _constant(contents, left)
    return Chosen({name: TYPE_OF[compared[name]] for name in ordered}, left)


def _constant(contents: Mapping[str, Contents], left: Mapping[str, LeftOut]) -> Chosen:
    """Return the columns that are the same in every row, where there are no others: all rows may be copies of one holder's."""
    names = [name for name, why in left.items() if why.code == "constant"]
    fields = {name: TYPE_OF[role_of(name, contents[name])] for name in names}
    if WHOSE.isdisjoint(fields.values()):
        return Chosen({}, left)
    return Chosen(fields, {name: why for name, why in left.items() if name not in fields})


def infer_fields(frame: pd.DataFrame) -> dict[str, str]:
    """
    Return column -> semantic type for the columns worth comparing: the fields of `choose_fields`.

    Args:
        frame: Text columns.
    """
    return dict(choose_fields(frame).fields)


def _role(heading: str, contents: Contents) -> str:
    role = role_of(heading, contents)
    if role in TYPE_OF and contents.distinct <= 1 and contents.filled > TINY:
        return "constant"
    rare = contents.filled < RARELY * len(contents.cells) and len(contents.cells) > TINY
    return "rare" if rare and TYPE_OF.get(role) in (CATEGORY, "text") else role


def _together(roles: Mapping[str, str], contents: Mapping[str, Contents]) -> dict[str, str]:
    """Return what columns hold, given each other: one `name` beside a family name, one name of the firm itself."""
    held = list(roles.values())
    out = dict(roles)
    if "family_name" in held and "given_name" not in held:
        single = [name for name, role in roles.items() if role in ("person_name", "company_name") and contents[name].words < 1.5]
        out |= dict.fromkeys(single[:1], "given_name")
    firms = [name for name, role in out.items() if role == "company_name"]
    first = max(firms, key=lambda name: (contents[name].filled > 0, not contents[name].repeating), default=None)
    return out | {name: "category" for name in firms if name != first}
