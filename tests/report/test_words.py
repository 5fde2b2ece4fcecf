"""The words of the reports are whole: whatever the pipeline names has a word, in both languages."""

from typing import get_args

from crmetl.dedupe.compare import levels
from crmetl.dedupe.compare.levels import Level
from crmetl.quality import DIMENSIONS
from crmetl.quality.gates import LABELS
from crmetl.report import verdict, words
from crmetl.schema.model import WritePolicy
from crmetl.text import Text

TABLES = (
    words.OUTCOMES,
    words.TERMS,
    words.SEVERITIES,
    words.SEVERITY_HEADS,
    words.STAGES,
    words.BECAUSE,
    words.LEVELS,
    words.ASIDE,
    words.THEN,
    verdict.STATES,
    LABELS,
)


def test_every_word_is_said_in_both_languages() -> None:
    """No table has a text that is empty or the same in both languages."""
    texts = [text for table in TABLES for text in table.values()]
    texts += [text for one in DIMENSIONS for text in (one.label, one.formula)]

    assert [text for text in texts if not text.zh or not text.en or text.zh == text.en] == []


def names(value: object) -> set[str]:
    """Return the names of the comparison levels in a value of the module."""
    if isinstance(value, Level):
        return {value.name}
    if isinstance(value, dict):
        return names(tuple(value.values()))
    return {name for one in value for name in names(one)} if isinstance(value, tuple) else set()


def test_every_comparison_level_has_a_word() -> None:
    """The evidence of a pair is told in words, whatever level a comparison reached."""
    found = {name for value in vars(levels).values() for name in names(value)}

    assert len(found) > 10
    assert found - set(words.LEVELS) == set()


def test_every_write_policy_has_a_word() -> None:
    """Why a cell changes is told in words."""
    assert set(get_args(WritePolicy)) - set(words.BECAUSE) == set()


def test_an_outcome_has_sign_word_and_term() -> None:
    """Colour never stands alone."""
    assert words.SIGNS.keys() == words.OUTCOMES.keys() == words.TERMS.keys()
    assert len(set(words.SIGNS.values())) == len(words.SIGNS)


def test_a_text_of_its_own_is_the_fallback() -> None:
    """A name without a word stands for itself."""
    assert words.word(words.STAGES, "tomorrow") == Text("tomorrow", "tomorrow")
