"""Records that live below a parent (contact points, parties, members) are one when their declared fields are."""

import pandas as pd

from crmetl.batch import Batch, StageResult, joined


def fold(batch: Batch, *, unique: tuple[str, ...]) -> StageResult:
    """
    Absorb records whose `unique` fields agree into the one of the smallest rid.

    Args:
        batch: Linked records, so that references already name the surviving parents.
        unique: Fields that together are the record's identity; two NA agree.

    Returns:
        kept: One record per identity, in their order. absorbed: rid -> rid of the one that stays.

    Cost: one sort.
    """
    frame = batch.frame
    if frame.empty or not unique:
        return StageResult(kept=batch, held=batch.take(pd.Series(data=False, index=frame.index)))
    marks = joined(frame.reindex(columns=list(unique)), "\x1f")
    several = marks.duplicated(keep=False)
    own = pd.Series(frame.index, index=frame.index, dtype="str")
    first = own.mask(several, own[several].groupby(marks[several]).transform("min"))
    stays = first == own
    into = first[~stays].rename("into")
    into.index.name = "rid"
    return StageResult(kept=batch.take(stays), held=batch.take(pd.Series(data=False, index=frame.index)), absorbed=into)
