"""Choosing among candidates: one, several, or none; never the first."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

NOBODY = -1


@dataclass(frozen=True)
class Choice:
    """
    What is known of one reference of each record; records and references are places (0, 1, …).

    Attributes:
        ref: Row -> place of the reference; NOBODY where none is chosen.
        by: Row -> kind of evidence that decided; "" where none did.
        several: Columns row, ref: candidates of rows that more than one fits.
    """

    ref: npt.NDArray[np.int64]
    by: npt.NDArray[np.object_]
    several: pd.DataFrame

    @property
    def wanting(self) -> npt.NDArray[np.bool_]:
        """Rows for which nothing is chosen yet."""
        return np.equal(self.ref, NOBODY)

    @property
    def unclear(self) -> npt.NDArray[np.bool_]:
        """Rows that several candidates still fit."""
        found = np.zeros(len(self.ref), dtype=bool)
        found[self.several["row"].to_numpy()] = True
        return found


def candidates(rows: npt.ArrayLike = (), refs: npt.ArrayLike = ()) -> pd.DataFrame:
    """Return candidates, columns row, ref."""
    return pd.DataFrame({"row": np.asarray(rows, dtype="int64"), "ref": np.asarray(refs, dtype="int64")})


def undecided(rows: int) -> Choice:
    """Return the choice before any evidence."""
    return Choice(np.full(rows, NOBODY, dtype="int64"), np.full(rows, "", dtype=object), candidates())


def narrow(before: Choice, by: str, found: pd.DataFrame, *, alone: bool = True) -> Choice:
    """
    Take one kind of evidence into account.

    A row that nothing is known of takes the candidates of this kind; one with several keeps those that this kind agrees
    with, or all of them where it agrees with none. A row whose candidates are down to one is decided.

    Args:
        before: What stronger kinds have left.
        by: Name of this kind.
        found: Columns row, ref; in any order, repeats allowed.
        alone: Whether this kind may decide by itself, or only among several candidates (a city, say).
    """
    open_rows = found[before.wanting[found["row"].to_numpy()]][["row", "ref"]].drop_duplicates()
    if not len(open_rows):
        return before
    unclear = before.unclear[open_rows["row"].to_numpy()]
    agreed = before.several.merge(open_rows[unclear], on=["row", "ref"])
    untouched = before.several[~before.several["row"].isin(agreed["row"])]
    now = pd.concat([agreed, open_rows[~unclear]]) if alone else agreed
    many = now["row"].duplicated(keep=False)
    return replace(
        decide(before, by, now[~many]), several=pd.concat([untouched, now[many]]).astype("int64").reset_index(drop=True)
    )


def decide(before: Choice, by: str, chosen: pd.DataFrame) -> Choice:
    """Settle rows on one reference each (columns row, ref); their other candidates are forgotten."""
    ref, reason = before.ref.copy(), before.by.copy()
    ref[chosen["row"].to_numpy()] = chosen["ref"].to_numpy()
    reason[chosen["row"].to_numpy()] = by
    return Choice(ref, reason, before.several[~before.several["row"].isin(chosen["row"])])


def forget(before: Choice, rows: npt.NDArray[np.bool_]) -> Choice:
    """Drop the candidates of rows, so that they are left without a reference."""
    return replace(before, several=before.several[~rows[before.several["row"].to_numpy()]])
