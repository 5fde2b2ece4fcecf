"""The set stages, an entity at a time, parents first: link to the parents, hold what hangs on held ones, absorb duplicates."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

from crmetl.batch import LINEAGE, Batch, no_rids, text_frame, then
from crmetl.dedupe import Deduped, Model, dedupe, match_rules
from crmetl.dedupe.natural import fold
from crmetl.flows import minting
from crmetl.flows.journal import Journal
from crmetl.flows.opening import scored_with
from crmetl.link import LinkRules, ParentIndex, link, link_rules, parent_index
from crmetl.load.index.rows import crm_rows
from crmetl.plan import TargetReader, among
from crmetl.project import Project
from crmetl.quality.expected import Expected
from crmetl.validate import ValidateRules, cascade, order_totals, validate_links, validate_rules
from crmetl.workspace import Workspace

PAIRS = ("entity", "left", "right", "score_mbit", "verdict", "because")
MERGES = ("entity", "loser", "survivor", "score_mbit")
ALSO = ("rid", "field", "value")


@dataclass
class Records:
    """
    The golden records of a run, and how they were found. The records themselves are in the run folder, `final/<entity>`.

    Attributes:
        matched: rid of a survivor -> key of the CRM row it is.
        pairs: Pairs worth showing, merged and doubtful ones; columns PAIRS.
        merges: CRM rows that turned out to be one; columns MERGES.
        models: Entity -> what its records were scored with.
        candidates: Entity -> number of pairs compared.
        expected: Entity -> precision and recall that the scores promise.
        indexes: Entity -> what its children find it by.
    """

    matched: dict[str, str] = field(default_factory=dict)
    pairs: list[pd.DataFrame] = field(default_factory=list)
    merges: list[pd.DataFrame] = field(default_factory=list)
    models: dict[str, Model] = field(default_factory=dict)
    candidates: dict[str, int] = field(default_factory=dict)
    expected: dict[str, Expected] = field(default_factory=dict)
    indexes: dict[str, ParentIndex] = field(default_factory=dict)


@dataclass
class Settling:
    """Everything that settling one entity after the other needs."""

    project: Project
    journal: Journal
    reader: TargetReader
    models: dict[str, Model]
    checks: dict[str, ValidateRules]
    decisions: Mapping[str, pd.DataFrame]
    records: Records = field(default_factory=Records)


def settle(
    project: Project,
    journal: Journal,
    reader: TargetReader,
    *,
    models: dict[str, Model],
    checks: dict[str, ValidateRules],
    decisions: Mapping[str, pd.DataFrame],
) -> Records:
    """
    Link and match the records of all entities; return what was found.

    Args:
        decisions: Entity -> what people decided of its pairs.
    """
    work = Settling(project, journal, reader, models, checks, decisions)
    for entity in project.schema_.order():
        journal.watch.begin("records", project.schema_.entities[entity].label.read(project.locale))
        minting.mint(entity, project, journal)
        if entity in project.match or project.schema_.entities[entity].identity == "natural":
            _settle_whole(work, entity)
        else:
            _settle_streamed(work, entity)
        journal.watch.end()
    work.records.indexes.clear()
    _compare_totals(work)
    return work.records


@dataclass(frozen=True)
class Parents:
    """What has become of the records that an entity refers to: fixed by the time its own records are settled."""

    held: frozenset[str]
    dropped: dict[str, str]
    ends: dict[str, str]
    known: dict[str, "pd.Index[str]"]


def _parents(work: Settling, entity: str) -> Parents:
    journal, above = work.journal, set(work.project.schema_.entities[entity].references().values()) - {entity}
    return Parents(
        held=frozenset().union(*(journal.held.get(one, set()) for one in above)),
        dropped={rid: rule for one in above for rid, rule in journal.dropped.get(one, {}).items()},
        ends={rid: end for one in above for rid, end in journal.survivor(one).items()},
        known={name: index.refs for name, index in work.records.indexes.items()},
    )


def _linked_parts(work: Settling, entity: str) -> Iterator[Batch]:
    """Yield the records of an entity, linked and checked, a chunk at a time."""
    rules, parents = link_rules(work.project, entity), _parents(work, entity)
    for frame in work.journal.workspace.parts(f"valid/{entity}"):
        with work.journal.clock.stage("link"):
            batch = _linked(work, Batch(entity, frame), rules, parents)
        with work.journal.clock.stage("relations"):
            checked = validate_links(batch, rules=work.checks[entity], known=parents.known)
            batch = work.journal.enter("relations", batch, checked)
        yield batch
        work.journal.watch.advance(len(frame))


def _linked(work: Settling, came: Batch, rules: LinkRules, parents: Parents) -> Batch:
    """Hold what hangs on held parents, find the others, and hold what was found to belong to held ones."""
    schema = work.project.schema_
    said = cascade(came, schema=schema, held=parents.held, dropped=parents.dropped)
    said = then(said, link(said.kept, rules=rules, parents=work.records.indexes, absorbed=parents.ends))
    said = then(said, cascade(said.kept, schema=schema, held=parents.held, dropped=parents.dropped))
    return work.journal.enter("link", came, said)


def _settle_streamed(work: Settling, entity: str) -> None:
    """Settle records that are not compared with each other; memory does not grow with them."""
    wanted = _looked_up(work.project, entity)
    seen = []
    for batch in _linked_parts(work, entity):
        work.journal.workspace.append(f"final/{entity}", batch.frame)
        seen.append(batch.frame[[name for name in wanted if name in batch.frame]])
    _index(work, entity, pd.concat(seen) if seen else text_frame([]), text_frame(ALSO))


def _settle_whole(work: Settling, entity: str) -> None:
    """Settle records that are compared with each other, or that are one by their declared fields."""
    parts = [batch.frame for batch in _linked_parts(work, entity)]
    if not parts:
        _index(work, entity, text_frame([]), text_frame(ALSO))
        return
    batch = Batch(entity, pd.concat(parts))
    work.journal.workspace.append(f"compared/{entity}", batch.frame)
    with work.journal.clock.stage("dedupe"):
        if entity in work.project.match:
            found = _deduped(work, batch)
            final, also = work.journal.enter("dedupe", batch, found.result), _known_by(batch, found, work.project)
            minting.note_points(entity, found.points, work.project, work.journal)
        else:
            said = fold(batch, unique=work.project.schema_.entities[entity].unique)
            final, also = work.journal.enter("dedupe", batch, said), text_frame(ALSO)
    work.journal.workspace.append(f"final/{entity}", final.frame)
    _index(work, entity, final.frame, also)


def _deduped(work: Settling, batch: Batch) -> Deduped:
    entity, project = batch.entity, work.project
    rules = match_rules(project, entity, work.models.get(entity))
    found = dedupe(
        batch,
        rules=rules,
        existing=crm_rows(work.reader, rules),
        known=_known(work, entity, batch.frame.index),
        evidence=minting.evidence(batch, rules.evidence, project.schema_, work.journal.workspace),
        parents=pd.Series(work.records.matched, dtype="str") if work.records.matched else None,
        decisions=work.decisions.get(entity),
        among_existing=project.match[entity].among_existing or project.match[entity].existing == "merge",
    )
    remember(work.journal.workspace, entity, found)
    scored_with(work.journal.workspace, entity).write_text(found.model.to_json(), "utf-8")
    work.records.matched.update(_pairs_of(found.matched))
    work.records.pairs.append(found.pairs.assign(entity=entity)[list(PAIRS)])
    wanted = found.merges if project.match[entity].existing == "merge" else found.merges[found.merges["decided"] == "yes"]
    work.records.merges.append(wanted.assign(entity=entity)[list(MERGES)])
    work.records.models[entity], work.records.candidates[entity] = found.model, found.candidates
    if found.expected is not None:
        work.records.expected[entity] = found.expected
    return found


def remember(workspace: Workspace, entity: str, found: Deduped) -> None:
    """Keep in the run folder what a review needs: the content of its pairs, CRM rows that are one, what was decided, the pool."""
    workspace.append(f"sides/{entity}", found.sides)
    workspace.append("merges", found.merges.assign(entity=entity))
    workspace.append("decided", found.decided.assign(entity=entity))
    workspace.append("pool", found.pool.pairs.assign(entity=entity))
    workspace.append("strata", found.pool.strata.assign(entity=entity))


def _pairs_of(keys: "pd.Series[str]") -> dict[str, str]:
    return dict(zip(keys.index, keys, strict=True))


def _known(work: Settling, entity: str, rids: "pd.Index[str]") -> "pd.Series[str]":
    """Return rid -> target key of the records that the crosswalk knows."""
    walk = work.reader.crosswalk(entity)
    keys = work.journal.workspace.whole(f"keys/{entity}")
    if keys is None or walk.empty:
        return no_rids("key")
    here = keys[among(keys["rid"], rids)].merge(walk, on=["system", "source_key"])
    return here.drop_duplicates("rid").set_index("rid")["key"].astype("str")


def _known_by(batch: Batch, found: Deduped, project: Project) -> pd.DataFrame:
    """Return what absorbed records held, by the survivor: a customer is found by each name it was written with."""
    absorbed = found.result.absorbed
    fields = project.schema_.entities[batch.entity].fields
    kinds = ("company_name", "person_name", "phone", "mobile", "email", "url", "uscc")
    rows = batch.frame.loc[absorbed.index]
    parts = [
        pd.DataFrame({"rid": absorbed, "field": name, "value": rows[name]}).dropna()
        for name in rows.columns
        if name in fields and fields[name].type in kinds
    ]
    return pd.concat(parts).astype("str").reset_index(drop=True) if parts else text_frame(ALSO)


def _looked_up(project: Project, entity: str) -> list[str]:
    """Return the fields of an entity that some mapping finds a parent by, and those that owners are found by."""
    schema = project.schema_
    wanted: dict[str, None] = dict.fromkeys(schema.entities[entity].unique)
    for source in project.sources:
        for target in (target for column in source.columns.values() for target in column.to):
            child, *path = target.split(".")
            if len(path) == 2 and schema.entities[child].references().get(path[0]) == entity:
                wanted[path[1]] = None
    return list(wanted)


def _index(work: Settling, entity: str, golden: pd.DataFrame, also: pd.DataFrame) -> None:
    """Make the records findable for their children, where the schema gives them any."""
    if not work.project.schema_.children(entity):
        return
    if entity not in work.project.match:
        work.records.matched.update(_pairs_of(_known(work, entity, golden.index)))
    by_value = bool(_looked_up(work.project, entity)) or entity in work.project.match
    frame = golden.drop(columns=[name for name in LINEAGE if name in golden])
    ours = frozenset(frame.index.tolist())
    work.records.indexes[entity] = parent_index(
        entity,
        frame,
        existing=work.reader.read(entity) if by_value else None,
        keys=_keys(work, entity),
        schema=work.project.schema_,
        matched={rid: key for rid, key in work.records.matched.items() if rid in ours},
        also=also,
    )


def _keys(work: Settling, entity: str) -> pd.DataFrame:
    """Return `system, source_key, ref` of this run's records, and of loaded ones that this run does not bring."""
    own = work.journal.workspace.whole(f"keys/{entity}")
    walk = work.reader.crosswalk(entity).rename(columns={"key": "ref"})
    if own is None:
        return walk[["system", "source_key", "ref"]].astype("str")
    here = own.assign(ref="@" + work.journal.ended(entity, own["rid"]))[["system", "source_key", "ref"]]
    both = pd.concat([here, walk[["system", "source_key", "ref"]]]).astype("str")
    return both.drop_duplicates(["system", "source_key"], ignore_index=True)


def _compare_totals(work: Settling) -> None:
    """Note orders whose printed total is not the sum of their lines."""
    if not {"sales_order", "order_line"} <= set(work.project.schema_.entities):
        return
    orders, lines = (work.journal.workspace.whole(f"final/{name}") for name in ("sales_order", "order_line"))
    if orders is None or lines is None:
        return
    found = order_totals(Batch("sales_order", orders), Batch("order_line", lines), rules=work.checks["sales_order"])
    work.journal.note_findings("relations", found)


def checks_of(project: Project, today: date) -> dict[str, ValidateRules]:
    """Return the checks of every entity."""
    return {entity: validate_rules(project, entity, today) for entity in project.schema_.entities}
