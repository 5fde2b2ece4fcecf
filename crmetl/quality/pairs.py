"""What matching did, counted: scores of pairs, merges nearest the cut, pairs that wait for a person."""

import json
from collections import Counter
from collections.abc import Mapping

import pandas as pd

from crmetl.quality.summary import Bin, Evidence, Matching, Pair

NEAREST, DOUBTFUL = 5, 200
"""Merges shown for a spot check; doubtful pairs listed (their number is always told whole)."""


def matching(
    pairs: pd.DataFrame,
    *,
    compared: Mapping[str, Mapping[str, float]],
    absorbed: Mapping[str, Mapping[str, str]],
    names: Mapping[str, str],
) -> tuple[Matching, ...]:
    """
    Return what matching did, per entity.

    Args:
        pairs: Columns PAIRS: merged and doubtful pairs.
        compared: Entity -> `pairs`, `cut`, `review`.
        absorbed: Entity -> rid -> surviving rid.
        names: Record -> what people call it.
    """
    entities = dict.fromkeys([*compared, *pairs["entity"].unique().tolist()])
    return tuple(
        _of(name, pairs[pairs["entity"] == name], compared.get(name, {}), absorbed.get(name, {}), names) for name in entities
    )


def _of(
    entity: str, pairs: pd.DataFrame, told: Mapping[str, float], absorbed: Mapping[str, str], names: Mapping[str, str]
) -> Matching:
    score = pairs["score_mbit"].astype("int64")
    merged, doubtful = pairs[pairs["verdict"] == "merge"], pairs[pairs["verdict"] == "review"]
    nearest = merged.assign(score_mbit=score[merged.index]).sort_values(["score_mbit", "left", "right"]).head(NEAREST)
    waiting = doubtful.assign(score_mbit=-score[doubtful.index]).sort_values(["score_mbit", "left", "right"]).head(DOUBTFUL)
    bits = (score // 1000).value_counts().sort_index()
    groups = Counter(absorbed.values())
    return Matching(
        entity=entity,
        compared=int(told.get("pairs", 0)),
        cut=float(told.get("cut", 0.0)),
        review=float(told.get("review", told.get("cut", 0.0))),
        merged=len(merged),
        doubts=len(doubtful),
        largest=max(groups.values(), default=0) + 1 if groups else 0,
        bins=tuple(Bin(int(str(at)), int(n)) for at, n in bits.items()),
        nearest=_pairs(entity, nearest, names),
        doubtful=_pairs(entity, waiting.assign(score_mbit=-waiting["score_mbit"]), names),
    )


def _pairs(entity: str, pairs: pd.DataFrame, names: Mapping[str, str]) -> tuple[Pair, ...]:
    cells = zip(*(pairs[name].tolist() for name in ("left", "right", "score_mbit", "because")), strict=True)
    return tuple(
        Pair(entity, left, right, int(mbit), evidence(because), names.get(left), names.get(right))
        for left, right, mbit, because in cells
    )


def evidence(because: str) -> tuple[Evidence, ...]:
    """
    Read the JSON of a pair's comparisons.

    >>> evidence('{"name": ["same", 12400], "phone": ["else", -1200]}')
    (Evidence(field='name', level='same', mbit=12400), Evidence(field='phone', level='else', mbit=-1200))
    """
    told = json.loads(because) if isinstance(because, str) and because else {}
    return tuple(Evidence(field, str(level), int(mbit)) for field, (level, mbit) in told.items())
