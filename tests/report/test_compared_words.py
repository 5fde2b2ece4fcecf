"""Every level and every kind of look-alikes has words, so that no page shows a program's name for it."""

from crmetl.dedupe.compare.levels import LEVELS
from crmetl.dedupe.learn.kinds import KINDS
from crmetl.dedupe.scoring import ALIKE, ALSO
from crmetl.report import words


def test_levels_and_look_alikes_have_words() -> None:
    """Levels of all types, and kinds of look-alikes, are told in both languages."""
    named = {level.name for levels in LEVELS.values() for level in levels} | {one.name for one in KINDS}
    assert named - words.LEVELS.keys() == set()
    assert {ALIKE, ALSO} == words.COMPARED.keys()
