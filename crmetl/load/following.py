"""What keeps the match index of a target current, loaded with the matcher only where the target has an index."""

from typing import TYPE_CHECKING

from crmetl.load.relations import MATCHINDEX
from crmetl.plan import Target

if TYPE_CHECKING:
    from crmetl.load.index.keys import Indexing


def indexing_of(target: Target) -> "Indexing | None":
    """Return what keeps the indexes of this target current, None where there are none; asked for under the lease."""
    if not len(target.select(MATCHINDEX, ["entity"])):
        return None
    from crmetl.load.index.keys import indexing  # noqa: PLC0415 it brings the whole matcher, which takes seconds to load

    return indexing(target)
