"""From one record to the CRM rows that it may be: keys, blocks that are too large, siblings of one parent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crmetl.dedupe import MatchRules, Model
from crmetl.dedupe.onerecord import Asked, Match, Weighed, by_score, compare_one, hopeless, reached, record_keys
from crmetl.flows.entry.incoming import Incoming
from crmetl.flows.entry.verdict import Band, Reason
from crmetl.load.index.keys import MARK, MatchIndex
from crmetl.load.index.lookup import SIBLINGS, Faces, Lookup, is_large
from crmetl.load.index.rows import Shape
from crmetl.text import Text

ROWS = 300
"""CRM rows that one record is compared with at most; those that share the most keys come first."""
MANY = 40
"""
CRM rows from which on those that cannot reach the line are left out beforehand. To look costs a fifth of a check by the profile
of `benchmarks/entry.py` at 20,000 accounts, where 24 rows are the most that a record finds: few rows do not bring that in again.
"""
NUMBERS = ("phone", "mobile")
"""Types of numbers that two firms may share."""
STRONG = 100
"""How much more a key that stands alone counts than one that stands with others, when too many rows are found."""

NO_KEY = Reason(
    "no_key",
    Text("没有可供查找的内容：名称、电话、邮箱等都没有给", "nothing to look up by: no name, number or mailbox was given"),
)
TOO_LITTLE = Reason(
    "too_little",
    Text("给出的内容太少，连一条完全相同的记录也认不出来", "too little is given: not even an identical record could be told"),
)
COMMON_KEY = Reason(
    "common_key",
    Text("有的内容为太多记录共有，没有逐一比对", "something given is shared by too many records to compare with each"),
)
CAPPED = Reason(
    "capped", Text("相近的记录太多，只比对了最接近的一部分", "too many records come near; only the nearest were compared")
)
PARENT_UNKNOWN = Reason("parent_unknown", Text("CRM 中没有所属的那条记录", "the CRM does not hold the record it belongs to"))


@dataclass(frozen=True)
class Ready:
    """
    An index with everything that scoring by it needs.

    Attributes:
        fits: It was built with the rules and the model that the project has now.
        cut: 1/1000 bit from which the answer is `block`.
        by: Rules and model, laid out.
    """

    index: MatchIndex
    rules: MatchRules
    model: Model
    shape: Shape
    fits: bool
    cut: int
    by: Weighed

    @property
    def line(self) -> int:
        """Return the score from which a person should look, 1/1000 bit."""
        return min(self.model.review, self.cut)


@dataclass(frozen=True)
class Found:
    """
    What came of a look-up.

    Attributes:
        matches: The best first; of rows that no answer could name, not all.
        faces: What was compared in full.
        beside: Keys of matches that belong to another parent.
        doubts: Why the search is not a whole one; `blind` if it tells nothing at all.
    """

    matches: tuple[Match, ...] = ()
    faces: Faces = field(default_factory=dict)
    beside: frozenset[str] = frozenset()
    doubts: tuple[Reason, ...] = ()
    blind: bool = False


def find(lookup: Lookup, ready: Ready, record: Incoming, own: str | None) -> Found:
    """
    Return the CRM rows that a record may be, scored.

    Args:
        own: Key of the record itself, where it is in the CRM already.
    """
    asked = record_keys(record.cells, ready.rules, ready.index.rules)
    inside, doubts = _siblings(lookup, ready, record)
    if not asked.keys and not inside:
        return Found(doubts=(*doubts, *(() if record.parent else (NO_KEY,))), blind=bool(doubts) or record.parent is None)
    keys, more, blind = _by_keys(lookup, ready.index, asked)
    doubts += more
    chosen = [*inside, *(key for key in keys if key not in set(inside))]
    chosen = [key for key in chosen if key != own]
    if len(chosen) > max(ROWS, len(inside)):
        chosen, doubts = chosen[: max(ROWS, len(inside))], [*doubts, CAPPED]
    scored, faces = _scored(lookup, ready, record, chosen)
    alike = next(one for one in scored if not one.key)
    if alike.score < ready.model.review:
        doubts, blind = [*doubts, TOO_LITTLE], True
    beside = frozenset() if ready.rules.within is None else frozenset(faces) - frozenset(inside)
    return Found(tuple(one for one in scored if one.key), faces, beside, tuple(dict.fromkeys(doubts)), blind and not inside)


def _scored(lookup: Lookup, ready: Ready, record: Incoming, keys: Sequence[str]) -> tuple[tuple[Match, ...], Faces]:
    """
    Score the record against CRM rows, and against itself under the key "".

    Rows that cannot reach the line are looked at again only where no other does, for a number that they may share. What the
    CRM does not show yet stands as another service has told it.
    """
    rows = lookup.rows(ready.shape, keys)
    without = hopeless(record.cells, rows, ready.by, ready.line) if len(rows) >= MANY else frozenset()
    missing = [key for key in keys if key not in rows]
    faces = lookup.faces(ready.shape, {key: cells for key, cells in rows.items() if key not in without})
    faces |= lookup.told(ready.shape, missing) if missing else {}
    scored = compare_one(record.cells, {"": [record.cells], **faces}, ready.by)
    if without and all(one.score < ready.line for one in scored if one.key):
        more = _sharing(lookup, ready, record, {key: rows[key] for key in rows if key in without})
        scored = tuple(sorted((*scored, *compare_one(record.cells, more, ready.by)), key=by_score))
        faces |= more
    return scored, faces


def _sharing(lookup: Lookup, ready: Ready, record: Incoming, rows: Mapping[str, Mapping[str, str | None]]) -> Faces:
    """Return the faces of those rows that hold a number of the record."""
    if not any(record.cells.get(one.field) for one in ready.rules.comparisons if one.kind in NUMBERS):
        return {}
    faces = lookup.faces(ready.shape, rows)
    near = reached(record.cells, faces, ready.rules, NUMBERS)
    return {key: some for key, some in faces.items() if key in near}


def _siblings(lookup: Lookup, ready: Ready, record: Incoming) -> tuple[list[str], list[Reason]]:
    """Return the records of the same parent."""
    if record.parent is None:
        return [], []
    inside = lookup.siblings(ready.shape, record.parent)
    if len(inside) > SIBLINGS:
        return inside[:SIBLINGS], [CAPPED]
    return inside, [] if inside or lookup.holds(ready.shape, record.parent) else [PARENT_UNKNOWN]


def _by_keys(lookup: Lookup, index: MatchIndex, asked: Asked) -> tuple[list[str], list[Reason], bool]:
    """Return keys of rows that share a key, those that share most first; why not all of them; whether nothing was searched."""
    blocks = lookup.hits(index, [one for keys in asked.keys.values() for one in keys])
    large = {number for number, keys in asked.keys.items() if any(is_large(blocks.get(one, ())) for one in keys)}
    finer = {number: asked.finer(number) for number in large}
    more = lookup.hits(index, list(dict.fromkeys(one for some in finer.values() for one in some))) if large else {}
    shared: Counter[str] = Counter()
    weak = set(index.rules.weak)
    for number, keys in asked.keys.items():
        weight = 1 if index.rules.rules[number][0] in weak else STRONG
        fitting = [blocks.get(one, ()) for one in keys]
        shared.update(dict.fromkeys((key for some in fitting if not is_large(some) for key in some), weight))
    unsearched = 0
    for number in large:
        fitting = [more.get(one, ()) for one in finer[number] if not is_large(more.get(one, ()))]
        unsearched += not fitting
        shared.update(dict.fromkeys((key for some in fitting for key in some), 1))
    del shared[MARK]
    ranked = sorted(shared, key=lambda key: (-shared[key], key))
    return ranked, [COMMON_KEY] if unsearched else [], bool(asked.keys) and unsearched == len(asked.keys)


def band(match: Match, ready: Ready, beside: frozenset[str] = frozenset()) -> Band:
    """Return what one candidate alone decides; a record of another parent never blocks."""
    if match.score >= ready.cut and not match.vetoed and match.key not in beside:
        return "block"
    return "warn" if match.score >= ready.line else "allow"
