"""What a report may show of a value: personal fields are masked unless somebody asked to see them."""

from collections.abc import Callable
from dataclasses import dataclass

import pandas as pd

from crmetl.batch import CUSTOM
from crmetl.clean import TYPES, hide_residents
from crmetl.schema import Schema
from crmetl.schema.model import Field

NAMED = ("company_name", "person_name")
"""Types by which people call a record."""
_LONG_NUMBER = r"\d{17}[0-9Xx]"


@dataclass(frozen=True)
class Mask:
    """
    The masking of one project.

    Attributes:
        reveal: Show everything, as `--reveal` asks; resident identity numbers stay hidden.
    """

    schema: Schema
    reveal: bool = False

    def of(self, entity: str, field: str) -> Callable[[str], str]:
        """Return what becomes of the texts of a field; unknown fields and `custom` count as personal."""
        declared = self.schema.entities[entity].fields.get(field) if entity in self.schema.entities else None
        if self.reveal or (declared is not None and not _personal(declared)):
            return _same
        if field == CUSTOM or declared is None:
            return hidden
        mask = TYPES[declared.type].mask
        return lambda text: hidden(text) if (shown := mask(text)) == text else shown

    def found(self, entity: str, field: str, text: str) -> str:
        """Return what may be shown of a cell as it was found, before cleaning gave it the form that masks know."""
        return _same(text) if self.of(entity, field) is _same else raw(text)

    def text(self, entity: str, field: str, text: str) -> str:
        """Return what may be shown of one text."""
        return self.of(entity, field)(text)

    def column(self, entity: str, field: str, texts: "pd.Series[str]") -> "pd.Series[str]":
        """Return what may be shown of many texts; NA stays NA."""
        mask = self.of(entity, field)
        if mask is _same and not texts.str.contains(_LONG_NUMBER).fillna(value=False).any():
            return texts
        known = texts.dropna().unique().tolist()
        return texts.map({text: mask(text) for text in known}).astype("str")

    def name(self, entity: str, text: str | None) -> str | None:
        """Return what may be shown of a record's name."""
        field = name_field(self.schema, entity)
        return None if text is None else self.text(entity, field or "", text)


def _same(text: str) -> str:
    return hide_residents(text)


def hidden(text: str) -> str:
    """
    Hide all but the first character.

    >>> hidden("询价：三坐标测头")
    '询***'
    """
    return text[:1] + "***"


def raw(text: str) -> str:
    """
    Hide a cell as it was found: its shape stays, so that one sees what is wrong with it, its content does not.

    >>> raw("138 1234 5678（张三）"), raw("l.wang＠qiheng,example"), raw("见名片")
    ('13* **** ****（*三）', 'l.****＠******,*****le', '见**')
    """
    ends = 2 if len(text) > 6 else 1
    tail = len(text) - (ends if len(text) > 6 else 0)
    return "".join("*" if ends <= at < tail and one.isalnum() else one for at, one in enumerate(text))


def _personal(field: Field) -> bool:
    return TYPES[field.type].personal if field.personal is None else field.personal


def name_field(schema: Schema, entity: str) -> str | None:
    """Return the field by which people call a record: its company or person name, else its first required text."""
    fields = schema.entities[entity].fields if entity in schema.entities else {}
    named = [name for name, one in fields.items() if one.type in NAMED]
    required = [name for name, one in fields.items() if one.required and one.type in ("text", "id_code", "address")]
    texts = [name for name, one in fields.items() if one.type in ("id_code", "text")]
    return next(iter([*named, *required, *texts]), None)
