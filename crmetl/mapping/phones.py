"""Several phones in a cell: each goes to the field of its kind, further ones become contact points."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmetl.batch import text_frame
from crmetl.clean import TYPES, Context
from crmetl.faults.kind import Fault
from crmetl.mapping.rules import Phones

PIECE = ("row", "column", "text", "value", "kind")


@dataclass(frozen=True)
class SplitPhones:
    """
    What splitting gave.

    Attributes:
        given: (source column, entity, field) -> text per row.
        surplus: Columns `row` (position), `column` (source column), `text`, `value` (canonical where it is a number),
            `kind` (phone or mobile), `entity` (whose it is).
        void: As `surplus`: a further number that is a placeholder and has no field to be blanked in.
    """

    given: dict[tuple[str, str, str], "pd.Series[str]"]
    surplus: pd.DataFrame
    void: pd.DataFrame


def split_phones(rows: pd.DataFrame, columns: Sequence[Phones]) -> SplitPhones:
    """
    Give every number of the split columns its place.

    Args:
        rows: Index is the row id; source columns.
        columns: Split columns in their order; for one field, the first that has a number of its kind wins.
    """
    there = [one for one in columns if one.column in rows]
    targets = [target[:2] for one in there for target in one.targets]
    pieces = pd.concat([_pieces(rows[one.column], one, targets) for one in there], ignore_index=True) if there else _no_pieces()
    at = pieces["row"].to_numpy(dtype=np.int64)
    given: dict[tuple[str, str, str], pd.Series[str]] = {}
    used = np.zeros(len(pieces), dtype=bool)
    full = {target: np.zeros(len(rows), dtype=bool) for target in targets}
    for one in there:
        mine = pieces["column"].eq(one.column).to_numpy()
        for entity, field, kind in one.targets:
            free = mine & ~used & ~full[entity, field][at]
            chosen = _choose(pieces[free], kind, alone=len(one.targets) == 1)
            used[chosen.index.to_numpy()] = True
            full[entity, field][chosen["row"].to_numpy(dtype=np.int64)] = True
            given[one.column, entity, field] = _placed(chosen, rows.index)
    rest = _new(pieces, used, there)
    owners = {one.column: _owners(one) for one in there}
    whose = [owners[column][kind] for column, kind in zip(rest["column"].tolist(), rest["kind"].tolist(), strict=True)]
    surplus = rest.assign(entity=pd.Series(whose, index=rest.index, dtype="str"))
    nothing = surplus["value"].eq("")
    return SplitPhones(given, surplus[~nothing], surplus[nothing])


def _pieces(cells: "pd.Series[str]", one: Phones, targets: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """
    Return one line per different number of a cell, in row order; each distinct cell is read once.

    A number alone in its cell, of a column whose one target no other column fills, has its place without being read: its
    `value` is NA.
    """
    codes, texts = pd.factorize(cells)
    split = [TYPES["phone"].split(text) for text in texts.tolist()]
    certain = len(one.targets) == 1 and targets.count(one.targets[0][:2]) == 1
    many = dict.fromkeys(piece for pieces in split if len(pieces) > 1 or not certain for piece in pieces)
    read = {text: _read(text, one.context) for text in many}
    lengths = np.array([*(len(pieces) for pieces in split), 0], dtype=np.int64)[codes]
    words = [piece for code in codes.tolist() if code >= 0 for piece in split[code]]
    found = pd.DataFrame(
        {
            "row": np.repeat(np.arange(len(cells)), lengths),
            "column": pd.Series([one.column] * len(words), dtype="str"),
            "text": pd.Series(words, dtype="str"),
            "value": pd.Series([read.get(word, _UNREAD)[0] for word in words], dtype="str"),
            "kind": pd.Series([read.get(word, _UNREAD)[1] for word in words], dtype="str"),
        }
    )
    return found.drop_duplicates(["row", "value"])


_UNREAD: tuple[str | None, str] = (None, "phone")


def _new(pieces: pd.DataFrame, used: npt.NDArray[np.bool_], columns: Sequence[Phones]) -> pd.DataFrame:
    """Return the numbers without a place that are not already in another field of their row."""
    rest = pieces[~used].drop_duplicates(["row", "value"])
    if not len(rest):
        return rest
    contexts = {one.column: one.context for one in columns}
    placed = pieces[used & pieces["row"].isin(rest["row"].unique()).to_numpy()]
    values = [
        _read(text, contexts[column])[0] if isinstance(value, float) else value
        for text, value, column in placed[["text", "value", "column"]].to_numpy().tolist()
    ]
    known = pd.MultiIndex.from_arrays([placed["row"], pd.Series(values, index=placed.index, dtype="str")])
    return rest[~pd.MultiIndex.from_frame(rest[["row", "value"]]).isin(known)]


def _no_pieces() -> pd.DataFrame:
    return text_frame(PIECE).astype({"row": "int64"})


def _read(text: str, context: Context) -> tuple[str, str]:
    """Return the canonical number ("" of a placeholder, the text itself of what is no number) and its kind."""
    found = TYPES["phone"].parse(text, context)
    if isinstance(found, Fault):
        return text, "phone"
    if found.value is None:
        return "", "phone"
    kind = TYPES["phone"].facts(found.value).get("kind")
    return found.value, "mobile" if kind == "mobile" else "phone"


def _choose(pieces: pd.DataFrame, kind: str, *, alone: bool) -> pd.DataFrame:
    """
    Return at most one number per row for a field of type `kind`: one of its kind first, a placeholder last.

    A number of another kind goes there only if the field is the column's one target: then the column was meant for it, and
    cleaning tells of the kind.
    """
    real, right = ~pieces["value"].eq("").to_numpy(), pieces["kind"].eq(kind).to_numpy()
    order = [pieces[real & right], *([pieces[real]] if alone else []), pieces if alone else pieces[right]]
    return pd.concat(order).drop_duplicates("row")


def _placed(chosen: pd.DataFrame, index: "pd.Index[str]") -> "pd.Series[str]":
    texts = pd.Series(chosen["text"].to_numpy(), index=index[chosen["row"].to_numpy(dtype=np.int64)], dtype="str")
    return texts.reindex(index)


def _owners(one: Phones) -> dict[str, str]:
    """Return kind -> the entity that further numbers of it belong to."""
    first = one.targets[0][0]
    by_type = {kind: entity for entity, _, kind in reversed(one.targets)}
    return {kind: by_type.get(kind, first) for kind in ("phone", "mobile")}
