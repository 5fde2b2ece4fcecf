"""Pictures hold for any number of sources, entities and outcomes."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from crmetl.quality import RunSummary
from crmetl.quality.summary import Bin, EntityLine, Matching, SourceLine
from crmetl.report import charts
from crmetl.text import Text


def labels(svg: str, cls: str = "zh") -> list[float]:
    """Return the heights at which texts stand that end at the first column."""
    return [float(y) for x, y in re.findall(rf'<text x="([\d.]+)" y="([\d.]+)" class="[^"]*{cls}"', svg) if x == "142.0"]


@pytest.mark.parametrize("n", [1, 3, 14])
def test_no_two_labels_of_the_flow_touch(summary: RunSummary, n: int) -> None:
    """However many and however small the sources, their names stand a line apart."""
    sources = tuple(
        SourceLine(f"s{i}", Text(f"来源{i}", f"source {i}"), "", Text("", ""), 10**i % 997 + 1, 10**i % 997 + 1, 0)
        for i in range(n)
    )
    entities = tuple(EntityLine(f"e{i}", Text(f"对象{i}", f"entity {i}"), i + 1, created=i, held=1) for i in range(n))

    svg = str(charts.flow(replace(summary, sources=sources, entities=entities)))

    heights = labels(svg)
    assert len(heights) == n
    assert all(b - a >= 18 for a, b in pairwise(heights))
    assert 'class="f-conflict"' not in svg


def test_every_outcome_of_the_flow_is_drawn(summary: RunSummary) -> None:
    """Each outcome that occurs has its colour and its number; nothing is drawn for nothing."""
    svg = str(charts.flow(summary))

    for outcome in ("created", "updated", "unchanged", "absorbed", "held", "dropped", "conflict"):
        assert f"f-{outcome}" in svg
    assert charts.flow(replace(summary, entities=())) == ""


def test_a_dumbbell_marks_what_is_below_its_goal() -> None:
    """Hollow before, solid after, rust where the goal is missed; a missing side has no dot."""
    assert 'class="dot-a low"' in charts.dumbbell(50, 60, 90, 0)
    assert 'class="dot-a"' in charts.dumbbell(50, 95, 90, 0)
    assert "dot-b" not in charts.dumbbell(None, 95, 90, 0)
    assert "dot-a" not in charts.dumbbell(10, None, 90, 50)


def test_a_histogram_colours_by_the_lines() -> None:
    """Above the cut merged, between the lines for a person; a long tail is gathered in its last bar."""
    matched = Matching("account", 10, 6.0, 1.0, 5, 2, 2, bins=(Bin(2, 2), Bin(7, 3), Bin(90, 2)))

    svg = str(charts.histogram(matched))

    assert (svg.count('class="f-held"'), svg.count('class="f-absorbed"')) == (1, 2)
    assert "≥ 41" in svg
    assert charts.histogram(replace(matched, bins=())) == ""
