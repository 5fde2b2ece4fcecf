"""Pairs worth showing: merged edges and doubtful ones, each with what it scored and why."""

import json
from collections.abc import Sequence

import numpy as np
import pandas as pd

from crmetl.batch import text_frame
from crmetl.dedupe.compare.codes import NONE, Levels, Mask, Numbers, Texts, texts
from crmetl.dedupe.compare.levels import MISSING
from crmetl.dedupe.model import Mbit
from crmetl.dedupe.resolve import Resolution
from crmetl.dedupe.scoring import ALIKE, ALSO, Scorer

PAIR = ("left", "right", "score_mbit", "verdict", "because")


def shown(found: Resolution, names: Texts, labels: Numbers) -> pd.DataFrame:
    """
    Return merged and doubtful pairs.

    Args:
        names: Row -> rid, or `=key` of a CRM row; faces of one record have one name, their best pair is shown.
        labels: Row -> final cluster; `found.clusters` but for records that a person has to place first.

    Returns:
        Columns PAIR in the order of the names; verdict `merge` (at or above the cut, one cluster) or `review` (at or
        above the review line, not one cluster, no veto; or two CRM rows); because: JSON of field -> [level, 1/1000 bit].
    """
    first = found.contents.first
    merged, doubtful = _verdicts(found, labels[first[found.edges.i]] == labels[first[found.edges.j]], _rows_of_crm(names[first]))
    at = np.flatnonzero(merged | doubtful)
    i, j = found.edges.i[at], found.edges.j[at]
    out = frame_of(names[first[i]], names[first[j]], found.edges.scores[at], merged[at], because(found.scorer, i, j))
    both = pd.concat([out, _copies(found, names, labels)], ignore_index=True)
    best = both[both["left"] != both["right"]].sort_values(["left", "right", "score_mbit"], ascending=[True, True, False])
    return _one_question_each(best[~best.duplicated(["left", "right"])], names, labels).reset_index(drop=True)


def _one_question_each(pairs: pd.DataFrame, names: Texts, labels: Numbers) -> pd.DataFrame:
    """Keep of the doubtful pairs between two clusters the best: whether the two are one is asked once."""
    doubtful = pairs[pairs["verdict"] == "review"]
    if len(doubtful) < 2:
        return pairs
    cluster = pd.Series(labels, index=pd.Index(names, dtype="str"))
    cluster = cluster[~cluster.index.duplicated()]
    left, right = doubtful["left"].map(cluster), doubtful["right"].map(cluster)
    asked = doubtful.assign(low=np.minimum(left, right), high=np.maximum(left, right))
    ranked = asked.sort_values(["score_mbit", "left", "right"], ascending=[False, True, True])
    again = ranked.index[ranked.duplicated(["low", "high"])]
    return pairs.drop(index=again)


def _rows_of_crm(names: Texts) -> Mask:
    return np.array([one.startswith("=") for one in names.tolist()], dtype=bool)


def _verdicts(found: Resolution, together: Mask, crm: Mask) -> tuple[Mask, Mask]:
    """Say which pairs merged and which are doubtful; pairs that one merge of CRM rows would settle are neither."""
    first, edges = found.contents.first, found.edges
    high, both, one_crm = edges.scores >= found.model.cut, crm[edges.i] & crm[edges.j], crm[edges.i] | crm[edges.j]
    one = found.clusters[first[edges.i]] == found.clusters[first[edges.j]]
    placed = ~together & one & ~one_crm
    merged = together & high & ~both
    doubtful = ~together & ~edges.vetoes & ~placed & (edges.scores >= found.model.review)
    return merged, doubtful | (both & one & high)


def frame_of(left: Texts, right: Texts, scores: Mbit, merged: Mask, why: Sequence[str]) -> pd.DataFrame:
    """Return columns PAIR; a CRM row stands on the right, else the smaller name on the left."""
    if not len(left):
        return text_frame(PAIR).astype({"score_mbit": "int64"})
    crm_left, crm_right = _rows_of_crm(left), _rows_of_crm(right)
    swap = (crm_left & ~crm_right) | ((crm_left == crm_right) & (left > right).astype(bool))
    return pd.DataFrame(
        {
            "left": pd.Series(np.where(swap, right, left), dtype="str"),
            "right": pd.Series(np.where(swap, left, right), dtype="str"),
            "score_mbit": scores.astype(np.int64),
            "verdict": pd.Series(np.where(merged, "merge", "review"), dtype="str"),
            "because": pd.Series(list(why), dtype="str"),
        }
    )


def _copies(found: Resolution, names: Texts, labels: Numbers) -> pd.DataFrame:
    """Return records of equal content, each with the first of its content."""
    first = found.contents.first[found.contents.node]
    at = np.flatnonzero(first != np.arange(len(first)))
    node = found.contents.node[at]
    together = labels[at] == labels[first[at]]
    told = together | (found.alike[node] >= found.model.review)
    at, node = at[told], node[told]
    different = np.unique(node)
    why = dict(zip(different.tolist(), because(found.scorer, different, different), strict=True))
    return frame_of(names[first[at]], names[at], found.alike[node], together[told], [why[one] for one in node.tolist()])


def because(scorer: Scorer, i: Numbers, j: Numbers) -> list[str]:
    """
    Return per pair the JSON of field -> [level, 1/1000 bit]; fields that a side lacks are left out.

    What further kinds of matches add and look-alikes take away stands last, as fields of the names ALSO and ALIKE with the kind
    as level.
    """
    levels = scorer.levels(i, j)
    sums = scorer.scored(levels, i, j)
    cells = [
        _cells(one.name, _names(one.levels), found, added)
        for one, found, added in zip(scorer.columns, levels, sums.parts, strict=True)
    ]
    for field, same, added, kind in ((ALSO, True, sums.also, sums.match), (ALIKE, False, sums.alike, sums.kind)):
        names = [(at, one.name) for at, one in enumerate(scorer.kinds) if one.same == same]
        if names:
            numbers = np.zeros(len(scorer.kinds) + 1, dtype=np.int64)
            numbers[[at for at, _ in names]] = np.arange(1, len(names) + 1)
            numbers[NONE] = 1
            cells.append(_cells(field, [MISSING, *(name for _, name in names)], np.where(added == 0, 0, numbers[kind]), added))
    return ["{" + ", ".join(filter(None, row)) + "}" for row in zip(*cells, strict=True)] if cells else ["{}"] * len(i)


def _names(levels: Sequence[object]) -> list[str]:
    return [MISSING, *(str(getattr(one, "name", "")) for one in levels)]


def _cells(field: str, names: Sequence[str], levels: Levels | Numbers, added: Mbit) -> Texts:
    """Return the JSON cell of a field per pair; every different one is written once."""
    packed = levels.astype(np.int64) * (1 << 32) + (added + (1 << 31))
    codes, different = pd.factorize(packed)
    key = json.dumps(field, ensure_ascii=False)
    written = [
        "" if one >> 32 == 0 else f'{key}: ["{names[one >> 32]}", {(one & 0xFFFFFFFF) - (1 << 31)}]' for one in different.tolist()
    ]
    return texts(written)[codes] if len(codes) else texts([])
