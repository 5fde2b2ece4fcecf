"""Which rows of the CRM are one: the looked-at ones against all, with the pinned model; and which merges ask nobody."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from crmetl.batch import FINDING, KEY, Batch, stack, text_frame
from crmetl.dedupe import Deduped, MatchRules, Model, dedupe, match_rules
from crmetl.dedupe.cluster.decided import HEAD, content_print
from crmetl.dedupe.measure.sampling import Pool
from crmetl.flows.journal import Journal
from crmetl.flows.nightly.past import Past
from crmetl.flows.nightly.rows import Cleaned, ReadOnce, Seen, live, only_findings, rids_of, rows_as_batch
from crmetl.flows.records import PAIRS, remember
from crmetl.plan import among
from crmetl.project import Project

MERGES = ("entity", "loser", "survivor", "score_mbit", "safe", "under")
"""
`safe`: `yes` where no person need be asked. `under`: survivor of the parents' merge that this one hangs on (two contacts of two
customers who are merged tonight); NA where there is none.
"""


@dataclass(frozen=True)
class Matching:
    """Everything that matching the rows of one entity after the other needs."""

    project: Project
    journal: Journal
    reader: ReadOnce
    models: Mapping[str, Model]
    decisions: Mapping[str, pd.DataFrame]
    past: Past


@dataclass
class Matched:
    """
    What is one.

    Attributes:
        merges: Columns MERGES.
        pairs: Columns PAIRS, rows of the CRM named `=key`.
        parted: Pairs that a night merged before and somebody parted; they are left alone.
        model, candidates: What was scored with, how many pairs.
    """

    merges: pd.DataFrame = field(default_factory=lambda: text_frame(MERGES))
    pairs: pd.DataFrame = field(default_factory=lambda: text_frame(PAIRS))
    parted: int = 0
    model: Model | None = None
    candidates: int = 0

    def safe_into(self) -> dict[str, str]:
        """Return loser -> survivor of the merges that ask nobody."""
        own = self.merges[self.merges["safe"] == "yes"]
        return dict(zip(own["loser"], own["survivor"], strict=True))


@dataclass(frozen=True)
class Rows:
    """
    The rows of one entity as they are compared.

    Attributes:
        rows: Live rows, index key; those that were cleaned as they will be.
        batch: The same as records; a parent that is merged tonight without a person counts as its survivor.
        asked: Keys whose clusters are told.
    """

    entity: str
    rows: pd.DataFrame
    batch: Batch
    asked: frozenset[str]
    within: str | None = None

    def under(self, members: Sequence[str]) -> str | None:
        """Return the parent in which rows of several parents meet, or None where all have the same one."""
        if self.within is None or len(set(self.rows.loc[[*members], self.within].dropna())) < 2:
            return None
        own = self.batch.frame
        return str(own.loc[own[KEY] == members[0], self.within].iloc[0])


def match(work: Matching, seen: Seen, cleaned: Cleaned, *, follow: Mapping[str, str]) -> Matched:
    """
    Say which rows are one, where at least one of them was looked at.

    Args:
        follow: Key of a parent that is merged tonight without a person -> key of its survivor; for `within`.
    Cost: that of matching the whole entity, but only in a night that looked at any of it.
    """
    rules = match_rules(work.project, seen.entity, work.models.get(seen.entity))
    decisions = work.decisions.get(seen.entity)
    rows = _laid_over(seen.rows, cleaned)
    moved = rows.assign(**{rules.within: rows[rules.within].replace(dict(follow))}) if rules.within and follow else rows
    batch = rows_as_batch(seen.entity, moved)
    asked = {key for key in seen.looked if key in rows.index} | _below(rows, rules, follow) | _decided(batch, rules, decisions)
    if not asked:
        _enter(work.journal, cleaned, text_frame(FINDING))
        return Matched()
    with work.journal.clock.stage("dedupe"):
        found = dedupe(batch, rules=rules, evidence=_evidence(work, rules, rows), decisions=decisions)
        _enter(work.journal, cleaned, found.result.findings)
        ours = Rows(seen.entity, rows, batch, frozenset(asked), rules.within)
        told = _told(work, ours, found)
        _remember(work.journal, ours, found, told)
        return told


def _remember(journal: Journal, ours: Rows, found: Deduped, told: Matched) -> None:
    """Keep what a review needs, with the rows called as CRM rows are called everywhere."""
    names = "=" + pd.Series(ours.batch.frame[KEY], dtype="str")
    wanted = {*told.pairs["left"], *told.pairs["right"]}
    sides = found.sides.set_axis(pd.Index(found.sides.index.map(dict(names)), dtype="str", name="name"))
    merges = told.merges[["loser", "survivor", "score_mbit"]].assign(decided="no")
    decided = found.decided.assign(left=found.decided["left"].map(names), right=found.decided["right"].map(names))
    sides = sides[among(sides.index, [*wanted, *("=" + merges["loser"]), *("=" + merges["survivor"])])]
    remember(journal.workspace, ours.entity, replace(found, sides=sides, merges=merges, decided=decided, pool=Pool()))


def _laid_over(rows: pd.DataFrame, cleaned: Cleaned) -> pd.DataFrame:
    """Return all live rows, those that were cleaned as they will be; what goes no further takes no part."""
    stay = rows[~among(rows.index, list(cleaned.away))]
    ours = stay[among(stay.index, cleaned.frame.index)]
    own = ours.assign(**{name: cleaned.frame[name].reindex(ours.index) for name in cleaned.frame.columns})
    return pd.concat([stay[~among(stay.index, ours.index)], own]).sort_index() if len(ours) else stay.sort_index()


def _below(rows: pd.DataFrame, rules: MatchRules, follow: Mapping[str, str]) -> set[str]:
    """Return the rows below parents that are merged tonight: they meet rows that they were never compared with."""
    if not rules.within or not follow:
        return set()
    return set(rows.index[among(rows[rules.within], [*follow, *follow.values()])])


def _decided(batch: Batch, rules: MatchRules, decisions: pd.DataFrame | None) -> set[str]:
    """Return the rows that a person has called one with another; they are told until they are."""
    same = decisions[decisions["verdict"] == "same"] if decisions is not None else text_frame(["left", "right"])
    if not len(same):
        return set()
    prints = content_print(batch.frame.reindex(columns=[one.field for one in rules.comparisons if "." not in one.field]))
    heads = pd.concat([same["left"], same["right"]]).str.slice(0, HEAD)
    return set(batch.frame.loc[among(prints, heads), KEY])


def _evidence(work: Matching, rules: MatchRules, rows: pd.DataFrame) -> pd.DataFrame | None:
    """Return what the CRM's children tell of their parents (`contact.mobile`), index rid, a row per child."""
    parts = []
    schema = work.project.schema_
    for child in dict.fromkeys(name.split(".")[0] for name in rules.evidence):
        declared = schema.entities[child]
        reference = next((name for name, to in declared.references().items() if to == rules.entity), None)
        children = live(work.reader.read(child), declared)
        if reference is None or reference not in children:
            continue
        own = children[among(children[reference], rows.index)]
        fields = [name.split(".")[1] for name in rules.evidence if name.startswith(f"{child}.") and name.split(".")[1] in own]
        index = pd.Index(rids_of(rules.entity, own[reference]), dtype="str", name="rid")
        parts.append(own[fields].set_axis([f"{child}.{name}" for name in fields], axis=1).set_index(index))
    return pd.concat(parts) if parts else None


def _told(work: Matching, ours: Rows, found: Deduped) -> Matched:
    keys = pd.Series(ours.batch.frame[KEY], dtype="str")
    pairs = found.pairs.assign(
        entity=ours.entity, left=found.pairs["left"].map(keys), right=found.pairs["right"].map(keys)
    ).astype({"left": "str", "right": "str"})
    gone = found.result.absorbed
    into = dict(zip(keys[gone.index].tolist(), gone.map(keys).tolist(), strict=True))
    merges, parted = _merges(work, ours, pairs, _groups(work, ours, into))
    sides = zip(pairs["left"], pairs["right"], strict=True)
    apart = pd.Series([work.past.parted(ours.entity, one, other) for one, other in sides], index=pairs.index, dtype=bool)
    near = pairs[(among(pairs["left"], ours.asked) | among(pairs["right"], ours.asked)) & ~apart]
    return Matched(merges, _shown(near, merges), parted, found.model, found.candidates)


def _groups(work: Matching, ours: Rows, into: Mapping[str, str]) -> dict[str, list[str]]:
    """
    Return survivor -> losers of the clusters that are told.

    The survivor is the row that most others hang on, so that few of them move; then the one with the most filled cells,
    then that of the smallest key. What it lacks it takes over from the losers anyway.
    """
    members: dict[str, list[str]] = {}
    for loser, end in sorted(into.items()):
        members.setdefault(end, [end]).append(loser)
    told = [one for one in members.values() if not ours.asked.isdisjoint(one)]
    keys = sorted({key for one in told for key in one})
    hanging = work.reader.children(ours.entity, keys)["key"].value_counts() if keys else pd.Series(dtype="int64")
    filled = ours.rows.loc[keys].notna().sum(axis=1)

    def standing(key: str) -> tuple[int, int, str]:
        return (-int(hanging.get(key, 0)), -int(filled[key]), key)

    ordered = [sorted(one, key=standing) for one in told]
    return {end: sorted(losers) for end, *losers in ordered}


def _merges(work: Matching, ours: Rows, pairs: pd.DataFrame, told: Mapping[str, Sequence[str]]) -> tuple[pd.DataFrame, int]:
    """Return the merges of the clusters that are told, and how many pairs were left alone because somebody parted them."""
    apart = {(one, end) for end, losers in told.items() for one in losers if work.past.parted(ours.entity, one, end)}
    scored, lines = _Scored.of(pairs), []
    for end, losers in told.items():
        left = [one for one in losers if (one, end) not in apart]
        safe = left == losers and _safe(work.project, ours, [end, *losers], scored)
        verdict, under = "yes" if safe else "no", ours.under([end, *left])
        lines += [(ours.entity, one, end, str(scored.between(one, end)), verdict, under) for one in left]
    frame = pd.DataFrame(lines, columns=list(MERGES)).astype("str") if lines else text_frame(MERGES)
    return frame, len(apart)


@dataclass(frozen=True)
class _Scored:
    """What pairs scored, in 1/1000 bit, and which rows stand in a doubtful one."""

    scores: Mapping[frozenset[str], int]
    doubts: frozenset[str]

    @classmethod
    def of(cls, pairs: pd.DataFrame) -> "_Scored":
        """Return the scores of named pairs."""
        sides = zip(pairs["left"], pairs["right"], pairs["score_mbit"], strict=True)
        doubtful = pairs[pairs["verdict"] == "review"]
        return cls(
            {frozenset((left, right)): int(score) for left, right, score in sides},
            frozenset([*doubtful["left"], *doubtful["right"]]),
        )

    def between(self, one: str, other: str) -> int:
        """Return what two rows scored with each other; 0 where others made them one."""
        return self.scores.get(frozenset((one, other)), 0)


def _safe(project: Project, ours: Rows, members: Sequence[str], scored: _Scored) -> bool:
    """
    Say whether a cluster, survivor first, is merged without a person.

    Each loser scores the declared bits with the survivor itself, none of them stands in a doubtful pair, they name one
    owner at most, and the survivor takes in no more different contents than `most_growth`. Vetoes part a cluster before it
    comes here.
    """
    bits, (end, *losers) = project.nightly.merge, members
    if bits is None or any(scored.between(one, end) < round(1000 * bits) for one in losers):
        return False
    if not scored.doubts.isdisjoint(members):
        return False
    spec = project.match[ours.entity]
    own = [one.field for one in spec.comparisons if "." not in one.field]
    if len(ours.rows.loc[[*members], own].drop_duplicates()) - 1 > spec.most_growth:
        return False
    owners = [name for name, one in project.schema_.entities[ours.entity].fields.items() if one.type == "owner"]
    said = ours.rows.loc[[*members], owners]
    return all(len(set(said[name].dropna())) <= 1 for name in owners)


def _shown(pairs: pd.DataFrame, merges: pd.DataFrame) -> pd.DataFrame:
    """Return the pairs as reports show them: what asks nobody is merged, the rest is for a person."""
    sure = merges[merges["safe"] == "yes"]
    merged = set(sure["loser"]) | set(sure["survivor"])
    done = among(pairs["left"], merged) & among(pairs["right"], merged) & (pairs["verdict"] == "merge")
    named = {side: "=" + pairs[side].astype("str") for side in ("left", "right")}
    verdict = pd.Series("review", index=pairs.index, dtype="str").mask(done, "merge")
    return pairs.assign(**named, verdict=verdict)[list(PAIRS)].reset_index(drop=True)


def _enter(journal: Journal, cleaned: Cleaned, findings: pd.DataFrame) -> None:
    journal.enter("dedupe", cleaned.batch, only_findings(cleaned.batch, stack([findings], FINDING)))
