"""What became of one reference of a chunk, and what is told of it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from crmetl.batch import CHANGE, Batch
from crmetl.faults import Fault, Severity
from crmetl.faults import link as faults
from crmetl.link.rules import LinkRules

Rows = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Outcome:
    """
    One reference of each row; all columns in the order of the chunk.

    Attributes:
        before, after: The cell before and after; NA where there is none.
        by: Kind of evidence that decided; "" where none did.
        sought: There was evidence, or a login.
        unclear: Several parents fit.
        left_empty: The account is certain, and several of its contacts fit.
        disagrees: The company name leads elsewhere.
        unknown_key: The source gave a key that its system does not have.
        elsewhere: The contact belongs to another account than the one linked.
        no_user: The owner is no user.
    """

    before: "pd.Series[str]"
    after: "pd.Series[str]"
    by: npt.NDArray[np.object_]
    sought: Rows
    unclear: Rows
    left_empty: Rows
    disagrees: Rows
    unknown_key: Rows
    elsewhere: Rows
    no_user: Rows

    @property
    def not_found(self) -> Rows:
        """Rows whose evidence led to nobody."""
        return self.sought & self.after.isna().to_numpy() & ~self.unclear & ~self.left_empty & ~self.no_user


def findings(batch: Batch, name: str, one: Outcome, rules: LinkRules, *, skip: Rows) -> list[pd.DataFrame]:
    """
    Return what is told of one reference.

    Args:
        batch: The chunk.
        name: Reference field.
        one: What became of it.
        rules: For severities.
        skip: Rows of which nothing is told, for they are dropped.
    """
    told: list[tuple[Rows, Fault, Severity]] = [
        (one.unknown_key, faults.KEY_UNKNOWN, rules.severity(faults.KEY_UNKNOWN)),
        (one.unclear, faults.LINK_AMBIGUOUS, rules.severity(faults.LINK_AMBIGUOUS)),
        (one.not_found, faults.PARENT_NOT_FOUND, rules.severity(faults.PARENT_NOT_FOUND, name)),
        (one.left_empty, faults.CONTACT_UNCLEAR, rules.severity(faults.CONTACT_UNCLEAR)),
        (one.disagrees, faults.NAME_DISAGREES, rules.severity(faults.NAME_DISAGREES)),
        (one.elsewhere, faults.CONTACT_ELSEWHERE, rules.severity(faults.CONTACT_ELSEWHERE)),
        # However light a project makes it, an owner nobody knows must not become NULL, which is the public pool.
        (one.no_user, faults.OWNER_NOT_A_USER, "hold"),
    ]
    masks = ((pd.Series(rows & ~skip, index=batch.frame.index), fault, severity) for rows, fault, severity in told)
    return [batch.findings(mask, name, fault, severity) for mask, fault, severity in masks if mask.any()]


def changes(batch: Batch, name: str, one: Outcome, *, skip: Rows) -> pd.DataFrame:
    """Return a change (columns CHANGE) per reference that was found or moved, but for the rows of `skip`."""
    moved = one.after.notna().to_numpy() & ~skip & ~one.before.eq(one.after).fillna(False).to_numpy(dtype=bool)
    return pd.DataFrame(
        {
            "rid": batch.frame.index[moved].to_numpy(),
            "entity": [batch.entity] * int(moved.sum()),
            "column": [name] * int(moved.sum()),
            "before": one.before[moved].to_numpy(),
            "after": one.after[moved].to_numpy(),
            "rule": [f"link:{by}" for by in one.by[moved]],
        },
        columns=list(CHANGE),
    ).astype("str")
