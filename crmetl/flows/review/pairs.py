"""The pairs of a run that a person may decide: read from the run folder, with what a decision is remembered by."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from crmetl.batch import PLACE, text_frame
from crmetl.dedupe.cluster.recall import PRINT
from crmetl.errors import UsageError
from crmetl.flows.records import PAIRS
from crmetl.project import Project
from crmetl.quality import RunSummary
from crmetl.quality.pairs import evidence
from crmetl.report.masking import Mask, name_field
from crmetl.report.pages import Labels
from crmetl.report.review import ReviewPair, Side, Step
from crmetl.report.words import COMPARED
from crmetl.text import Text
from crmetl.workspace import Workspace

Said = Mapping[str, pd.DataFrame]
"""Entity -> what people decided of its pairs: columns DECISION, `by`, `at`."""


@dataclass(frozen=True)
class Asked:
    """
    What a run asks.

    Attributes:
        pairs: Doubtful ones first, by entity, the nearest to the cut first; then merges, the weakest first.
        prints: Pair -> content prints of its left and right record.
    """

    run: str
    summary: RunSummary
    pairs: tuple[ReviewPair, ...]
    prints: Mapping[str, tuple[str, str]] = field(default_factory=dict)

    def doubtful(self) -> tuple[ReviewPair, ...]:
        """Return the pairs that wait for a person: doubtful ones, and CRM rows that turned out to be one."""
        return tuple(one for one in self.pairs if not one.merged or one.left.ref.startswith("="))


def asked_of(project: Project, workspace: Workspace, said: Said) -> Asked:
    """
    Return the pairs of a run.

    Raises:
        UsageError: The run was purged, or ended before its records were compared.
    """
    return laid_out(project, workspace, said, _pairs(workspace), called="P")


def laid_out(project: Project, workspace: Workspace, said: Said, pairs: pd.DataFrame, *, called: str) -> Asked:
    """
    Return pairs of a run as a person sees them, in their order.

    Args:
        pairs: Columns PAIRS and `merged`.
        called: What their numbers begin with.

    Raises:
        UsageError: The run was purged, or ended before its records were compared.
    """
    path = workspace.folder / "summary.json"
    known = {str(entity): _sides(workspace, str(entity)) for entity in pairs["entity"].unique()}
    if not path.exists() or (len(pairs) and not any(map(len, known.values()))):
        raise UsageError(
            Text("这次运行的配对已不在", "the pairs of this run are no longer there"),
            where=workspace.run,
            next=Text("crmetl plan 后复核新的运行", "run `crmetl plan`, and review that run"),
        )
    summary = RunSummary.from_json(path.read_text("utf-8"))
    work = _Work(project, workspace, summary, known, said)
    there = [_there(known, *one) for one in zip(pairs["entity"], pairs["left"], pairs["right"], strict=True)]
    shown = pairs[pd.Series(there, index=pairs.index, dtype=bool)]
    columns = (shown[name].tolist() for name in ("entity", "left", "right", "score_mbit", "because", "merged"))
    made = [work.pair(f"{called}-{number:03d}", Row(*row)) for number, row in enumerate(zip(*columns, strict=True), 1)]
    sides = {one.id: (work.print_of(one.entity, one.left.ref), work.print_of(one.entity, one.right.ref)) for one in made}
    return Asked(workspace.run, summary, tuple(made), sides)


class Row(NamedTuple):
    """A pair as the run folder holds it."""

    entity: str
    left: str
    right: str
    mbit: int
    because: object
    merged: bool


def _there(known: Mapping[str, pd.DataFrame], entity: str, left: str, right: str) -> bool:
    return left in known[entity].index and right in known[entity].index


def _sides(workspace: Workspace, entity: str) -> pd.DataFrame:
    found = workspace.whole(f"sides/{entity}")
    return text_frame([PRINT]) if found is None else found


def _pairs(workspace: Workspace) -> pd.DataFrame:
    """Return all pairs in the order in which they are asked; columns PAIRS and `merged`."""
    pairs, merges = workspace.whole("pairs"), workspace.whole("merges")
    frames = [text_frame([*PAIRS]) if pairs is None else pairs[list(PAIRS)]]
    if merges is not None:
        open_ = merges[merges["decided"] != "yes"]
        named = open_.assign(left="=" + open_["survivor"], right="=" + open_["loser"], verdict="review")
        frames.append(named.reindex(columns=list(PAIRS)))
    whole = pd.concat(frames, ignore_index=True)
    whole = whole[~_again(whole)]
    merged = whole["verdict"] == "merge"
    score = whole["score_mbit"].astype("int64")
    order = whole.assign(merged=merged, rank=score.where(merged, -score))
    return order.sort_values(["merged", "entity", "rank", "left", "right"], ignore_index=True)


def _again(pairs: pd.DataFrame) -> "pd.Series[bool]":
    """
    Say which pairs ask what another one asks: whether two CRM rows are one, or a record of the one row and the other row.

    The question about the two rows themselves stays; none is asked where the run has them as one.
    """
    sure = pairs[(pairs["verdict"] == "merge") & pairs["right"].str.startswith("=") & ~pairs["left"].str.startswith("=")]
    row = dict(zip(sure["left"], sure["right"], strict=True))
    asks = pairs["verdict"] == "review"
    left, right = (pairs[side].map(lambda name: row.get(name, name)).where(asks, pairs[side]) for side in ("left", "right"))
    low, high = left.where(left < right, right), right.where(left < right, left)
    told = pd.Series(list(zip(pairs["entity"], low, high, strict=True)), index=pairs.index, dtype="object")
    indirect = ~(pairs["left"].str.startswith("=") & pairs["right"].str.startswith("="))
    first = (asks * 2 + indirect).sort_values(kind="stable").index
    return told[first].duplicated().reindex(pairs.index)


class _Work:
    """Everything that laying out one pair after the other needs."""

    def __init__(
        self, project: Project, workspace: Workspace, summary: RunSummary, sides: Mapping[str, pd.DataFrame], said: Said
    ) -> None:
        self._project, self._workspace = project, workspace
        self._labels = Labels(summary, Mask(project.schema_, reveal=True))
        self._lines = {one.entity: (round(1000 * one.cut), round(1000 * one.review)) for one in summary.matching}
        self._sides = sides
        self._prints = {
            entity: {str(name): str(one) for name, one in frame[PRINT].dropna().items()} for entity, frame in sides.items()
        }
        self._said = {
            (entity, str(left), str(right)): (str(verdict), str(by))
            for entity, rows in said.items()
            for left, right, verdict, by in zip(rows["left"], rows["right"], rows["verdict"], rows["by"], strict=True)
        }
        wanted = {entity: set(frame.index) for entity, frame in sides.items()}
        self._places = {entity: self._cells(f"valid/{entity}", PLACE, names) for entity, names in wanted.items()}
        self._parents = {entity: self._parents_of(entity, names) for entity, names in wanted.items()}

    def _cells(self, stage: str, column: str, names: set[str]) -> dict[str, str]:
        """Return rid -> cell, of some records of a stage."""
        out: dict[str, str] = {}
        for frame in self._workspace.parts(stage):
            if column in frame:
                cells = frame.loc[frame.index.isin(names), column].dropna()
                out |= dict(zip(cells.index, cells, strict=True))
        return out

    def _parents_of(self, entity: str, names: set[str]) -> dict[str, str]:
        """Return rid -> name of the parent, where records are compared inside one."""
        within = self._project.match[entity].within if entity in self._project.match else None
        if within is None:
            return {}
        references = self._cells(f"compared/{entity}", within, names)
        parent = self._project.schema_.entities[entity].references().get(within, within)
        called = name_field(self._project.schema_, parent)
        own = self._cells(f"valid/{parent}", called, {one[1:] for one in references.values()}) if called else {}
        noted = self._workspace.noted("names") or {}
        named = {rid: own.get(ref[1:]) or noted.get(f"{parent}:{ref}") for rid, ref in references.items()}
        return {rid: name for rid, name in named.items() if name}

    def print_of(self, entity: str, ref: str) -> str:
        """Return what the content of a record is remembered by; "" where it has none."""
        return self._prints[entity].get(ref, "")

    def pair(self, ident: str, row: Row) -> ReviewPair:
        """Lay out one pair."""
        entity, left, right = row.entity, row.left, row.right
        told = {one.field: one for one in evidence(str(row.because) if isinstance(row.because, str) else "")}
        prior = int(row.mbit) - sum(one.mbit for one in told.values())
        cut, review = self._lines.get(entity, (0, 0))
        first, second = sorted((self.print_of(entity, left), self.print_of(entity, right)))
        return ReviewPair(
            id=ident,
            entity=entity,
            label=self._labels.entity(entity),
            left=self._side(entity, left),
            right=self._side(entity, right),
            mbit=int(row.mbit),
            cut=cut,
            review=review,
            prior=prior,
            steps=tuple(self._steps(entity, left, right, {name: (one.level, one.mbit) for name, one in told.items()}, prior)),
            merged=row.merged,
            context=tuple(self._context(entity, left, right)),
            said=self._said.get((entity, first, second)),
        )

    def _side(self, entity: str, ref: str) -> Side:
        return Side(ref, "CRM" if ref.startswith("=") else self._places[entity].get(ref, ""))

    def _steps(self, entity: str, left: str, right: str, told: Mapping[str, tuple[str, int]], prior: int) -> Iterator[Step]:
        """Yield the compared fields; those that neither record has are left out."""
        frame, start = self._sides[entity], prior
        for name in [str(one) for one in frame.columns if one != PRINT]:
            a, b = ((None if pd.isna(cell) else str(cell)) for cell in frame.loc[[left, right], name])
            level, mbit = told.get(name, ("missing", 0))
            if a is not None or b is not None:
                yield Step(self._labels.field(entity, name), a, b, level, mbit, start)
                start += mbit
        for name in [one for one in told if one in COMPARED]:
            yield Step(COMPARED[name], None, None, *told[name], start)
            start += told[name][1]

    def _context(self, entity: str, left: str, right: str) -> Iterator[tuple[Text, str | None, str | None]]:
        known = self._parents.get(entity, {})
        if known.get(left) or known.get(right):
            within = self._project.match[entity].within or ""
            yield self._labels.field(entity, within), known.get(left), known.get(right)
