"""Golden pairs: how two values of a type compare. A case is a line of `tests/golden/dedupe/levels.csv`."""

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from crmetl.dedupe import Compared, MatchRules, explain
from crmetl.dedupe.compare.comparisons import FAMILIES, columns_of, levels_of_pairs
from crmetl.dedupe.compare.levels import EVIDENCE, LEVELS, SIBLINGS, levels_of

with (Path(__file__).parents[1] / "golden" / "dedupe" / "levels.csv").open(encoding="utf-8") as lines:
    GOLDEN = [(row["type"], row["left"], row["right"], row["level"]) for row in csv.DictReader(lines)]


@pytest.mark.parametrize(("kind", "left", "right", "level"), GOLDEN, ids=str)
def test_golden(kind: str, left: str, right: str, level: str) -> None:
    """Two values compare at the level that a reader of the business expects, whichever comes first."""
    rules = MatchRules("x", (Compared("f", kind),))

    there = explain({"f": left}, {"f": right}, rules).parts[0].level
    back = explain({"f": right}, {"f": left}, rules).parts[0].level

    assert (there, back) == (level, level)


@pytest.mark.parametrize("kind", sorted(LEVELS))
def test_every_type_has_levels_that_fall(kind: str) -> None:
    """Agreement is worth something, disagreement nothing or less, and each level has its reason."""
    levels = LEVELS[kind]

    assert levels[0].mbit > 0 >= levels[[one.name for one in levels].index("else")].mbit
    assert all(one.because for one in levels)
    assert kind in FAMILIES or kind == "text"


@pytest.mark.parametrize("kind", sorted(LEVELS))
def test_missing_tells_nothing(kind: str) -> None:
    """A value that a side lacks adds nothing."""
    part = explain({"f": "12345678"}, {"f": None}, MatchRules("x", (Compared("f", kind),))).parts[0]

    assert (part.level, part.mbit) == ("missing", 0)


def test_variants_keep_the_levels_of_their_type() -> None:
    """Evidence and siblings weigh levels differently and have the same ones."""
    for table in (EVIDENCE, SIBLINGS):
        for kind, levels in table.items():
            assert {one.name for one in levels} == {one.name for one in LEVELS[kind]}
    assert levels_of("colour") == LEVELS["text"]


def test_the_city_of_a_record_is_found_where_it_has_one() -> None:
    """A record without a city has the one of its address, or of its company's name."""
    rules = tuple(Compared(name, kind) for name, kind in (("name", "company_name"), ("address", "address"), ("city", "city")))
    frame = pd.DataFrame(
        {
            "name": ["恒曜贸易", "上海恒曜贸易有限公司", "恒曜贸易"],
            "address": ["上海市浦东新区张江路88号", None, None],
            "city": [None, None, "上海市"],
        }
    ).astype("str")

    columns = columns_of(frame, rules)
    levels = levels_of_pairs(columns, np.array([0, 0]), np.array([1, 2]))

    assert (levels[2] == columns[2].level("same")).all()
