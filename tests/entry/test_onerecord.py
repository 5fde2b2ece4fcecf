"""What the one-record path leaves out changes nothing, and what it asks by is what the index holds."""

from datetime import date

import numpy as np
import pytest
from sqlalchemy import NullPool, create_engine, text

from crmetl.dedupe import Model
from crmetl.dedupe.block.keys import atoms_by_name, atoms_of_one, hexed, keys_of, refined
from crmetl.dedupe.bound import REPLACED
from crmetl.dedupe.compare.comparisons import columns_of_few
from crmetl.dedupe.onerecord import compare_one, hopeless, record_keys, weighed
from crmetl.flows.entry.checker import Checker
from crmetl.flows.entry.incoming import Intake
from crmetl.flows.opening import Opened
from crmetl.load.index.lookup import open_lookup
from crmetl.load.index.rows import POINT_KINDS
from tests.entry.estate import Crm, typed

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize("learnt", [True, False])
def test_a_row_that_is_left_out_could_never_reach_the_line(project: Opened, known: Crm, learnt: bool) -> None:  # noqa: FBT001 of two
    """Each row of the CRM that is left out beforehand scores below the line with all its faces; most rows are left out."""
    checker = Checker(project)
    checker.check("account", {"name": "x"})
    ready, rules = checker._ready["account"], checker._ready["account"].rules
    lookup = open_lookup(project.url, project.project.schema_)
    assert lookup is not None
    with lookup.reading():
        rows = lookup.rows(ready.shape, known.accounts["key"].tolist()[:300])
        faces = lookup.faces(ready.shape, rows)
    lookup.close()
    checker.close()
    model = ready.model if learnt else Model("account", prior=ready.model.prior)
    by = weighed(rules, model)
    left = 0

    for record in typed(known, 40, seed=5):
        cells = Intake(project.project, rules).take(record, TODAY).cells
        without = hopeless(cells, rows, by, ready.line)
        scored = {one.key: one.score for one in compare_one(cells, faces, by)}
        left += len(without)
        assert all(scored[key] < ready.line for key in without)
        assert scored.keys() == rows.keys()

    assert ready.model.learnt
    assert left > 25 * len(rows)


def test_cells_that_points_replace_are_never_certain() -> None:
    """Each kind of contact point that may stand in the place of an own cell is one whose cell bounds nothing."""
    assert set(POINT_KINDS) == set(REPLACED)


def test_the_keys_of_one_record_are_those_of_a_batch(project: Opened, known: Crm) -> None:
    """Keys and finer keys of a single record are the integers that the index holds for it among others."""
    checker = Checker(project)
    checker.check("account", {"name": "x"})
    index, rules = checker._ready["account"].index, checker._ready["account"].rules
    checker.close()
    records = [Intake(project.project, rules).take(one, TODAY).cells for one in typed(known, 60, seed=6)]
    cells = {one.field: [record.get(one.field) for record in records] for one in rules.comparisons}
    atoms = atoms_by_name(columns_of_few(cells, len(records), rules.comparisons))
    batch = [hexed(one) for one in keys_of(atoms, index.rules)]
    sided = {number for number, rule in enumerate(index.rules.rules) if any(atoms[name].tells is not None for name in rule)}

    for at, record in enumerate(records):
        asked = record_keys(record, rules, index.rules)
        held = {number: (keys[at],) for number, keys in enumerate(batch) if int(keys[at], 16)}
        assert asked.keys.keys() == held.keys()
        assert all(asked.keys[number] == key for number, key in held.items() if number not in sided)
        alone = atoms_of_one(asked.found, index.rules)
        for number in asked.keys:
            finer = [one[[at]] for one in refined(atoms, index.rules, number)]
            assert np.array_equal(finer, refined(alone, index.rules, number))


def test_a_build_leaves_its_keys_counted(project: Opened) -> None:
    """PostgreSQL knows how many keys there are as soon as the index is in use, whether or not it counts by itself."""
    if not project.url.startswith("postgresql"):
        pytest.skip("the other databases look keys up by their index without having counted")

    with create_engine(project.url, poolclass=NullPool).connect() as connection:
        counted = connection.execute(text("SELECT reltuples FROM pg_class WHERE relname = 'crmetl_matchkey'")).scalar_one()

    assert counted > 1_000
