"""Corrections that people made of source rows, applied where the rows come in: to the same rows, by their permanent ids."""

import os
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from crmetl.batch import FINDING, PLACE, SOURCE, stack, text_frame
from crmetl.extract import Extraction, FileEntry
from crmetl.faults import Fault
from crmetl.faults import fixes as faults
from crmetl.plan.prints import frame_digest
from crmetl.project import Project, resolve_url
from crmetl.store import open_store
from crmetl.workspace import Workspace

CORRECTION = ("source", "rid_row", "column", "value")
"""
A cell that a person set: source, row id, column of the source, text; "" for a cell that is to be empty.

A cell whose value is what the source holds is a correction taken back.
"""
WHOLE = PLACE
"""Column of a verdict on the whole row; no column of a source can be called so. Its value is one of the three below."""
CONFIRMED = "ok"
"""A person has looked: what the reader doubted (a row of another length, damaged characters) is right."""
DROPPED = "drop:"
"""Head of the verdict that leaves the row out; the reason follows."""
WITHDRAWN = ""
"""No verdict any more."""
RULE = "steward:"
"""Head of the rule by which rows are left out that a person dropped; the reason follows."""

CORRECTED = ("source", "rid_row", "place", "column", "before", "after", "by", "at")
"""What was applied in a run (`runs/<run>/corrected`)."""
ASIDE = ("source", "place", "rule")


@dataclass(frozen=True)
class Corrections:
    """
    What people said of the rows of a project, and which rows are wanted.

    Attributes:
        standing: Source -> columns CORRECTION, `by`, `at`.
        only: Source -> ids of the only rows that are run; None: all rows of all sources.
    """

    standing: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    only: Mapping[str, Collection[str]] | None = None

    def over(self, extraction: Extraction, source: str, workspace: Workspace) -> "Extraction | Mended":
        """
        Return the extraction as people corrected it; itself where there is nothing to correct.

        Args:
            extraction: Of one source, not yet read.
            source: Its name.
            workspace: Takes down what was applied, below `corrected`.
        """
        said = self.standing.get(source)
        if (said is None or not len(said)) and self.only is None:
            return extraction
        only = None if self.only is None else frozenset(self.only.get(source, ()))
        return Mended(extraction, said if said is not None else text_frame([*CORRECTION, "by", "at"]), only, workspace)


NONE = Corrections()


def standing(project: Project) -> dict[str, pd.DataFrame]:
    """
    Return what the project remembers: source -> columns CORRECTION, `by`, `at`.

    Raises:
        TargetError: The store is out of reach.
    """
    with open_store(resolve_url(project.store, project, os.environ)) as store:
        found = {one.source: store.corrections(one.source) for one in project.sources}
    return {source: frame for source, frame in found.items() if len(frame)}


def narrowed(project: Project, only: Mapping[str, Collection[str]] | None) -> Project:
    """
    Return the project as it is for a run of some rows: their sources, and the gates that make sense for them.

    A share of a handful of rows that were held anyway says nothing, so gates on held records and on shares are left out.
    """
    if only is None:
        return project
    gates = tuple(one for one in project.gates if one.measure != "held" and not one.measure.endswith("_share"))
    return project.model_copy(update={"sources": tuple(one for one in project.sources if one.source in only), "gates": gates})


def applied(workspace: Workspace) -> dict[str, str]:
    """Return what a plan is made from beside declarations and files: the print of the corrections that were applied."""
    whole = workspace.whole("corrected")
    if whole is None:
        return {}
    return {"corrections": frame_digest(whole[["source", "rid_row", "column", "after"]].reset_index(drop=True))}


class Mended:
    """
    An extraction whose rows come as people corrected them; the account of it is that of `Extraction`.

    Rows that a person dropped are set aside by the rule `steward:<reason>`. In a run of some rows only those come, and what
    the reader said of the others is left out of the account.
    """

    def __init__(self, extraction: Extraction, said: pd.DataFrame, only: Collection[str] | None, workspace: Workspace) -> None:
        self._extraction, self._only, self._workspace = extraction, only, workspace
        whole = said["column"] == WHOLE
        verdicts = said[whole & (said["value"].fillna("") != WITHDRAWN)].set_index("rid_row")
        self._verdicts, self._cells = verdicts, said[~whole]
        self._met: set[str] = set()
        self._lifted: set[str] = set()
        self._findings: list[pd.DataFrame] = []
        self._dropped: list[pd.DataFrame] = []

    @property
    def manifest(self) -> tuple[FileEntry, ...]:
        """The files read so far."""
        return self._extraction.manifest

    @property
    def columns(self) -> tuple[str, ...]:
        """Headers found."""
        return self._extraction.columns

    @property
    def aside(self) -> pd.DataFrame:
        """Columns source, place, rule: filled rows that were not delivered."""
        return stack([*([self._extraction.aside] if self._only is None else []), *self._dropped], ASIDE)

    @property
    def findings(self) -> pd.DataFrame:
        """Columns FINDING: those of the reader, of every corrected cell, and of corrections whose row is gone."""
        found = self._extraction.findings
        found = found.assign(severity=found["severity"].mask(found["rid"].isin(self._lifted), "note"))
        if self._only is not None:
            found = found[found["rid"].isin(self._only)]
        return stack([found, *self._findings, self._stale()], FINDING)

    def held(self) -> set[str]:
        """Return the ids of rows that wait because of what the reader found, and that nobody has answered for."""
        return self._extraction.held() - self._lifted

    def chunks(self) -> Iterator[pd.DataFrame]:
        """Yield the rows as `Extraction.chunks` does, with the corrected cells."""
        for rows in self._extraction.chunks():
            mended = self._mend(rows)
            if len(mended):
                yield mended

    def _mend(self, rows: pd.DataFrame) -> pd.DataFrame:
        verdicts = self._verdicts[self._verdicts.index.isin(rows.index)]
        cells = self._cells[self._cells["rid_row"].isin(rows.index)]
        self._met |= {*verdicts.index, *cells["rid_row"]}
        if self._only is not None:
            rows = rows[rows.index.isin(self._only)]
            verdicts, cells = verdicts[verdicts.index.isin(rows.index)], cells[cells["rid_row"].isin(rows.index)]
        if not len(verdicts) and not len(cells):
            return rows
        gone = verdicts[verdicts["value"].str.startswith(DROPPED)]
        self._drop(rows, gone)
        stay = rows[~rows.index.isin(gone.index)]
        mended, changes = set_cells(stay, cells[~cells["rid_row"].isin(gone.index)])
        self._note(rows, changes)
        self._lift(changes, verdicts.index[verdicts["value"] == CONFIRMED])
        return mended

    def _drop(self, rows: pd.DataFrame, gone: pd.DataFrame) -> None:
        """Set rows aside that a person dropped."""
        if not len(gone):
            return
        where = rows.loc[gone.index, [SOURCE, PLACE]]
        rule = RULE + gone["value"].str.removeprefix(DROPPED)
        self._dropped.append(pd.DataFrame({"source": where[SOURCE], "place": where[PLACE], "rule": rule}).reset_index(drop=True))
        told = gone.assign(rid_row=gone.index, source=where[SOURCE], place=where[PLACE], before=None, after=gone["value"])
        self._workspace.append("corrected", told[list(CORRECTED)].astype("str").reset_index(drop=True))

    def _note(self, rows: pd.DataFrame, changes: pd.DataFrame) -> None:
        """Take down which cells were changed, by whom; a finding for each."""
        if not len(changes):
            return
        where = rows.loc[changes["rid_row"], [SOURCE, PLACE]].set_axis(changes.index)
        told = changes.assign(source=where[SOURCE], place=where[PLACE])
        self._workspace.append("corrected", told[list(CORRECTED)].astype("str").reset_index(drop=True))
        self._findings.append(_findings(told.rename(columns={"rid_row": "rid"}), faults.CORRECTED))

    def _lift(self, changes: pd.DataFrame, confirmed: "pd.Index[str]") -> None:
        """Let rows go on whose every doubt of the reader is answered: confirmed, or its cell corrected."""
        asked = self._extraction.held() & {*changes["rid_row"], *confirmed}
        if not asked:
            return
        found = self._extraction.findings
        found = found[found["rid"].isin(asked) & (found["severity"] == "hold")]
        cells = pd.MultiIndex.from_frame(changes[["rid_row", "column"]])
        answered = pd.MultiIndex.from_frame(found[["rid", "column"]]).isin(cells) | found["column"].isna().to_numpy()
        self._lifted |= (asked - set(found.loc[~answered, "rid"])) | (asked & set(confirmed))

    def _stale(self) -> pd.DataFrame:
        """Return a finding for each row of the corrections that the source no longer has."""
        said = pd.concat([self._verdicts.reset_index()[["rid_row", "source"]], self._cells[["rid_row", "source"]]])
        gone = said[~said["rid_row"].isin(self._met)].drop_duplicates("rid_row")
        told = gone.assign(rid=None, place=gone["source"], column=None)
        return _findings(told, faults.CORRECTION_STALE)


def set_cells(rows: pd.DataFrame, cells: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows with the cells set, and of the cells those that the source holds otherwise; columns of CORRECTED."""
    columns: dict[str, pd.Series[str]] = {}
    changes = []
    for column, said in cells.groupby("column"):
        name = str(column)
        own = said.drop_duplicates("rid_row", keep="last").set_index("rid_row")
        before = rows[name] if name in rows else pd.Series(index=rows.index, dtype="str")
        after = own["value"].mask(own["value"] == "").astype("str")
        was = before.reindex(own.index)
        moved = (was.fillna("") != after.fillna("")).to_numpy()
        told = own.assign(rid_row=own.index, column=name, before=was, after=after)[moved]
        changes.append(told[["rid_row", "column", "before", "after", "by", "at"]])
        if moved.any():
            here = rows.index.isin(told.index)
            set_ = np.where(here, after.reindex(rows.index).to_numpy(dtype="object"), before.to_numpy(dtype="object"))
            columns[name] = pd.Series(set_, index=rows.index, dtype="str")
    whole = stack(changes, ["rid_row", "column", "before", "after", "by", "at"])
    return rows.assign(**columns), whole


def _findings(told: pd.DataFrame, fault: Fault) -> pd.DataFrame:
    return told.assign(entity=None, code=fault.code, severity=fault.severity)[list(FINDING)].astype("str").reset_index(drop=True)
