"""A score as a picture: in the terminal, on the report's page and on the review page."""

import re

import pytest

from crmetl.report.review import ReviewPair, Side, Step
from crmetl.report.review_page import Scale
from crmetl.report.terminal import width
from crmetl.report.waterfall import COLUMNS, Waterfall, drawn, picture, waterfall
from crmetl.text import Lang, Text

BECAUSE = '{"alike": ["household", -2500], "name": ["same", 12400], "also": ["branch", 700], "phone": ["else", -1200], "tax": ["shared", 0]}'


def told(mbit: int = 1_400) -> Waterfall:
    """Return a score of five parts, starting at -8 bits where it ends at 1.4."""
    return waterfall(BECAUSE, mbit, (3_000, -2_000), lambda name: Text(f"{name}<zh>", f"{name}<en>"))


def test_bars_begin_where_the_one_before_ended_and_other_kinds_of_pairs_come_last() -> None:
    """Start, fields as compared, kinds of pairs; the last one ends at the score."""
    one = told()

    ends = [one.prior, *(bar.start + bar.mbit for bar in one.bars)]
    assert [bar.start for bar in one.bars] == ends[:-1]
    assert ends[-1] == one.mbit
    assert [bar.label.en for bar in one.bars[:3]] == ["name<en>", "phone<en>", "tax<en>"]
    assert {bar.label.en for bar in one.bars[3:]} == {"look-alikes", "another way to be one"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_lines_of_the_terminal_are_of_one_grid(lang: Lang) -> None:
    """Every bar starts in the same column whatever script its words are in; signs are + and -; a part of nothing has none."""
    lines = drawn(told(), lang)
    bars = lines[:7]

    signs = [re.sub(r"[^+=-]", "", line.replace("<zh>", "").split(".")[-1]) for line in bars]
    assert [set(one) for one in signs] == [{"="}, {"+"}, {"-"}, set(), {"-"}, {"+"}, {"="}]
    left = {width(line[: line.index(".") + 2]) for line in bars}
    assert len(left) == 1
    assert max(map(width, bars)) <= left.pop() + 2 + COLUMNS + 1


@pytest.mark.parametrize(
    ("mbit", "said"),
    [(3_000, "at the cut"), (2_999, "between the lines"), (-2_000, "between the lines"), (-2_001, "below the review line")],
)
def test_the_caption_says_what_comes_of_the_score(mbit: int, said: str) -> None:
    """At the cut they merge, at the review line a person is asked."""
    assert drawn(told(mbit), "en")[-1].startswith(said)


def test_a_veto_and_a_pair_never_compared_are_captions_of_their_own() -> None:
    """A veto stands in place of what the score would bring; that no rule joins the two stands below."""
    lines = drawn(Waterfall(-1_000, (), 9_000, 0, -4_000, vetoed=True, joined=False), "en")

    assert lines[-2:] == [
        "a contradiction forbids it, whatever the score",
        "no blocking rule joins them: a run never compares the two",
    ]


def test_a_score_of_nothing_is_drawn_too() -> None:
    """No fields, no bits, both lines at nought."""
    assert len(drawn(Waterfall(0, (), 0, 0, 0), "zh")) == 4
    assert "<svg" in picture(Waterfall(0, (), 0, 0, 0))


def test_the_small_picture_tells_signs_without_colour_and_escapes_words() -> None:
    """A column per part and for start and sum, + or − below each, nothing from outside."""
    made = str(picture(told()))

    assert made.count("<rect") == 7
    assert re.findall(r">([+−0])</text>", made) == ["−", "+", "−", "0", "−", "+", "+"]
    assert "name&lt;en&gt; same" in made
    assert "http" not in made


def test_bars_of_the_review_page_have_cut_and_review_line() -> None:
    """The cut is a line, the review line dashed; where a run did not tell it there is none."""
    steps = (Step(Text("名称", "Name"), "a", "b", "same", 9_000, -8_000),)
    pair = ReviewPair(
        "P-001", "account", Text("客户", "Account"), Side("a", ""), Side("b", ""), 1_000, 3_000, -8_000, steps, -2_000
    )
    bare = ReviewPair("P-001", "account", Text("客户", "Account"), Side("a", ""), Side("b", ""), 1_000, 3_000, -8_000, steps)

    assert Scale([pair]).bar(-8_000, 9_000, pair).count('class="strong dash"') == 1
    assert Scale([bare]).bar(-8_000, 9_000, bare).count('class="strong dash"') == 0
