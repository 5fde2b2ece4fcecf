"""The one-record path gives the verdicts of the batch."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from crmetl.batch import KEY, PLACE, SOURCE, Batch
from crmetl.clean import clean, clean_rules
from crmetl.dedupe import MatchRules, match_rules
from crmetl.dedupe.resolve import resolve
from crmetl.dedupe.rows import Crm as Known
from crmetl.dedupe.rows import compared_rows
from crmetl.flows.entry.candidates import Ready, band, find
from crmetl.flows.entry.checker import Checker
from crmetl.flows.entry.incoming import Intake
from crmetl.flows.opening import Opened
from crmetl.load import open_reader
from crmetl.load.index.lookup import open_lookup
from crmetl.load.index.rows import crm_rows
from crmetl.validate import validate, validate_rules
from tests.entry.estate import Crm, build, crm, fill, opened, typed

TODAY = date(2026, 3, 1)
STRICT = {"allow": 0, "unknown": 1, "warn": 2, "block": 3}


def batch_of(entity: str, rows: list[dict[str, str | None]], rids: list[str]) -> Batch:
    """Return records as mapping would give them."""
    frame = pd.DataFrame(rows, index=pd.Index(rids, dtype="str", name="rid")).replace("", None)
    lineage = {SOURCE: "form", PLACE: "form", KEY: None, "custom": None}
    return Batch(entity, frame.assign(**lineage).astype("str"))


def through_the_stages(
    project: Opened, records: list[dict[str, str]]
) -> tuple[pd.DataFrame, pd.DataFrame, Mapping[str, set[str]]]:
    """Clean and validate the records as a run does; return those kept, their evidence, and all codes by record."""
    declared = project.project
    rids = [f"r{n:05d}" for n in range(len(records))]
    kept, codes = {}, {rid: set[str]() for rid in rids}
    parts: dict[str, list[dict[str, str | None]]] = {
        "account": [{name: cell for name, cell in one.items() if "." not in name} for one in records],
        "contact": [{name.split(".")[1]: cell for name, cell in one.items() if "." in name} for one in records],
    }
    for entity, rows in parts.items():
        cleaned = clean(batch_of(entity, rows, rids), rules=clean_rules(declared, entity, None))
        whole = Batch(entity, pd.concat([cleaned.kept.frame, cleaned.held.frame]))
        checked = validate(whole, rules=validate_rules(declared, entity, TODAY))
        kept[entity] = checked.kept.frame if entity == "account" else whole.frame
        for found in (cleaned.findings, checked.findings) if entity == "account" else ():
            for rid, code in zip(found["rid"], found["code"], strict=True):
                codes[rid].add(code)
    evidence = kept["contact"][["full_name", "mobile"]].rename(columns=lambda name: f"contact.{name}").dropna(how="all")
    return kept["account"], evidence, codes


def batch_pairs(
    project: Opened, ready: Ready, kept: pd.DataFrame, evidence: pd.DataFrame
) -> dict[str, dict[str, tuple[int, bool]]]:
    """Return rid -> CRM key -> score and veto of every pair that the batch compares, over all faces of the CRM row."""
    rules: MatchRules = replace(match_rules(project.project, "account"), model=ready.model)
    with open_reader(project.url, project.project.schema_) as reader:
        rows = compared_rows(kept.sort_index(), rules, evidence, Known(crm_rows(reader, rules)))
    found = resolve(rows, rules=rules)
    node, holder, target = found.contents.node, rows.holder, rows.target
    holders: dict[int, set[int]] = {}
    for row, at in enumerate(node.tolist()):
        holders.setdefault(at, set()).add(int(holder[row]))
    faces: dict[int, list[int]] = {}
    for row, at in enumerate(holder.tolist()):
        faces.setdefault(at, []).append(int(node[row]))
    wanted = set()
    for i, j in zip(found.edges.i.tolist(), found.edges.j.tolist(), strict=True):
        for a in holders[i] | holders[j]:
            for b in holders[i] | holders[j]:
                if not target[a] and target[b]:
                    wanted.add((a, b))
    pairs = [(a, b, p, q) for a, b in sorted(wanted) for p in faces[a] for q in faces[b]]
    left, right, x, y = np.array(pairs, dtype=np.int64).T
    edges = found.scorer.edges(x, y)
    out: dict[str, dict[str, tuple[int, bool]]] = {}
    for a, b, score, veto in zip(*(one.tolist() for one in (left, right, edges.scores, edges.vetoes)), strict=True):
        mine, key = out.setdefault(str(rows.names[a]), {}), str(rows.names[b])[1:]
        best, vetoed = mine.get(key, (score, veto))
        mine[key] = max(best, score), vetoed or veto
    return out


def compare(project: Opened, records: list[dict[str, str]]) -> dict[str, int]:
    """Check all records both ways; return how many pairs and verdicts were compared, and how many differ."""
    checker = Checker(project)
    checker.check("account", records[0])
    ready = checker._ready["account"]
    kept, evidence, codes = through_the_stages(project, records)
    batch = batch_pairs(project, ready, kept, evidence)
    intake, lookup = Intake(project.project, ready.rules), open_lookup(project.url, project.project.schema_)
    assert lookup is not None
    told = dict.fromkeys(("verdicts", "pairs", "other_score", "not_found", "weaker", "stricter", "other_codes"), 0)
    for n, record in enumerate(records):
        rid = f"r{n:05d}"
        incoming = intake.take(record, TODAY)
        own_codes = {one.code for one in incoming.problems if "." not in one.field}
        told["other_codes"] += own_codes != codes[rid]
        if rid not in kept.index:
            continue
        with lookup.reading():
            found = find(lookup, ready, incoming, None)
        mine = {one.key: one for one in found.matches}
        theirs = batch.get(rid, {})
        told["verdicts"] += 1
        told["pairs"] += len(theirs)
        told["other_score"] += sum((mine[k].score, mine[k].vetoed) != one for k, one in theirs.items() if k in mine)
        missed = [k for k, (score, _) in theirs.items() if k not in mine and score >= ready.model.review]
        told["not_found"] += len(missed)
        fitting = [replace(found.matches[0], key=k, score=s, vetoed=v) for k, (s, v) in theirs.items()] if found.matches else []
        worst = max((STRICT[band(one, ready)] for one in fitting), default=0)
        own = max((STRICT[band(one, ready)] for one in found.matches), default=0)
        told["weaker"] += own < worst
        told["stricter"] += own > worst
    lookup.close()
    checker.close()
    return told


def test_one_at_a_time_is_the_batch(project: Opened, known: Crm) -> None:
    """Scores of common pairs are the same integers, bands and codes the same, on every database."""
    told = compare(project, typed(known, 150))

    assert told["verdicts"] > 100
    assert told["pairs"] > 300
    assert {name: one for name, one in told.items() if name not in ("verdicts", "pairs")} == {
        "other_score": 0, "not_found": 0, "weaker": 0, "stricter": 0, "other_codes": 0,
    }  # fmt: skip


@pytest.mark.soak
def test_two_thousand_records(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The same of 2,000 records against 5,000 accounts."""
    folder = tmp_path_factory.mktemp("soak")
    known = crm(5_000)
    project = opened(folder, f"sqlite:///{folder}/crm.db")
    fill(project.url, project.project, known)
    build(project.url, project.project)
    told = compare(project, typed(known, 2_000))
    print(told)  # noqa: T201 a soak run tells its figures

    assert (told["other_score"], told["not_found"], told["weaker"], told["other_codes"]) == (0, 0, 0, 0)
