"""Several phones in a cell: each goes to the field of its kind, further ones become contact points."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
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


def split_phones(rows: pd.DataFrame, columns: Iterable[Phones]) -> SplitPhones:
    """
    Give every number of the split columns its place.

    Args:
        rows: Index is the row id; source columns.
        columns: Split columns in their order; for one field, the first that has a number of its kind wins.
    """
    there = [one for one in columns if one.column in rows]
    pieces = pd.concat([_pieces(rows[one.column], one) for one in there]) if there else _no_pieces()
    pieces = pieces.drop_duplicates(["row", "value"]).reset_index(drop=True)
    given: dict[tuple[str, str, str], pd.Series[str]] = {}
    used = np.zeros(len(pieces), dtype=bool)
    taken: dict[tuple[str, str], set[int]] = {}
    for one in there:
        mine = pieces["column"].eq(one.column).to_numpy()
        for entity, field, kind in one.targets:
            full = taken.setdefault((entity, field), set())
            free = mine & ~used & ~pieces["row"].isin(full).to_numpy()
            chosen = _choose(pieces[free], kind, alone=len(one.targets) == 1)
            used[chosen.index.to_numpy()] = True
            full.update(chosen["row"].tolist())
            given[one.column, entity, field] = _placed(chosen, rows.index)
    rest = pieces[~used]
    owners = {one.column: _owners(one) for one in there}
    whose = [owners[column][kind] for column, kind in zip(rest["column"], rest["kind"], strict=True)]
    surplus = rest.assign(entity=pd.Series(whose, index=rest.index, dtype="str"))
    nothing = surplus["value"].eq("")
    return SplitPhones(given, surplus[~nothing], surplus[nothing])


def _pieces(cells: "pd.Series[str]", one: Phones) -> pd.DataFrame:
    """Return one line per number, in row order; each distinct cell is read once."""
    codes, texts = pd.factorize(cells)
    split = [TYPES["phone"].split(str(text)) for text in texts]
    flat = list(dict.fromkeys(piece for many in split for piece in many))
    read = dict(zip(flat, map(partial(_read, context=one.context), flat), strict=True))
    lengths = np.array([*(len(many) for many in split), 0], dtype=np.int64)[codes]
    words = [piece for code in codes.tolist() if code >= 0 for piece in split[code]]
    return pd.DataFrame(
        {
            "row": np.repeat(np.arange(len(cells)), lengths),
            "column": pd.Series([one.column] * len(words), dtype="str"),
            "text": pd.Series(words, dtype="str"),
            "value": pd.Series([read[word][0] for word in words], dtype="str"),
            "kind": pd.Series([read[word][1] for word in words], dtype="str"),
        }
    )


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
    Return at most one number per row for a field of type `kind`: one of its kind first.

    A number of another kind goes there only if the field is the column's one target: then the column was meant for it, and
    cleaning tells of the kind.
    """
    right = pieces[pieces["kind"].eq(kind)]
    return (pd.concat([right, pieces]) if alone else right).drop_duplicates("row")


def _placed(chosen: pd.DataFrame, index: "pd.Index[str]") -> "pd.Series[str]":
    texts = pd.Series(chosen["text"].to_numpy(), index=index[chosen["row"].to_numpy(dtype=np.int64)], dtype="str")
    return texts.reindex(index)


def _owners(one: Phones) -> dict[str, str]:
    """Return kind -> the entity that further numbers of it belong to."""
    first = one.targets[0][0]
    by_type = {kind: entity for entity, _, kind in reversed(one.targets)}
    return {kind: by_type.get(kind, first) for kind in ("phone", "mobile")}
