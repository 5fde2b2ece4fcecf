"""What a project remembers, on every database that a team may share."""

import stat
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest
from sqlalchemy import create_engine, update

from crmetl.errors import TargetError
from crmetl.store import CORRECTION, DECISION, open_store
from crmetl.store.tables import META

AT = "2026-11-24T09:00:00+00:00"


def decided(*rows: tuple[str, str, str, str], why: str | None = None) -> pd.DataFrame:
    """Decisions from (entity, left, right, verdict)."""
    return pd.DataFrame([(*row, why) for row in rows], columns=list(DECISION), dtype="str")


def corrected(*rows: tuple[str, str, str, str | None]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(CORRECTION), dtype="str")


def test_a_decision_is_remembered(url: str) -> None:
    """What one person decided is there for whoever opens the store next, with the name and the time."""
    with open_store(url) as store:
        assert 1 == store.decide(decided(("account", "aa", "bb", "same"), why="called them"), by="王敏", at=AT)

    with open_store(url) as store:
        found = store.decisions("account")

    assert [*DECISION, "by", "at"] == list(found.columns)
    assert [["account", "aa", "bb", "same", "called them", "王敏", AT]] == found.to_numpy().tolist()


def test_the_last_word_on_a_pair_counts_whichever_way_round(url: str) -> None:
    """A pair is one whichever side comes first; who decides it again replaces what was said."""
    with open_store(url) as store:
        store.decide(decided(("account", "aa", "bb", "same")), by="a", at=AT)
        store.decide(decided(("account", "bb", "aa", "different"), ("account", "aa", "cc", "same")), by="b", at=AT)

        found = store.decisions("account")[["left", "right", "verdict", "by"]]

    assert [["aa", "bb", "different", "b"], ["aa", "cc", "same", "b"]] == found.to_numpy().tolist()


def test_entities_do_not_mix(url: str) -> None:
    """A decision on contacts says nothing of accounts."""
    with open_store(url) as store:
        store.decide(decided(("contact", "aa", "bb", "same")), by="a", at=AT)

        assert store.decisions("account").empty


def test_corrections_keep_what_was_typed_and_what_was_emptied(url: str) -> None:
    """Case, width, trailing blanks and other scripts stay; an emptied cell comes back as missing."""
    rows = [
        ("s", "r1", "名称", "Ａbc  "),
        ("s", "r1", "电话", None),
        ("s", "r2", "名称", "😀 O'Brien %s"),
        ("t", "r1", "名称", "x"),
    ]
    with open_store(url) as store:
        assert 4 == store.correct(corrected(*rows), by="李", at=AT)
        assert 1 == store.correct(corrected(("s", "r2", "名称", "again")), by="李", at=AT)

        found = store.corrections("s").set_index(["rid_row", "column"])["value"]

    assert {("r1", "名称"): "Ａbc  ", ("r2", "名称"): "again"} == found.dropna().to_dict()
    assert pd.isna(found["r1", "电话"])


def test_what_a_night_has_seen(url: str) -> None:
    """Keys that differ in case alone are two; a new hash replaces the old one, the others stay."""
    with open_store(url) as store:
        store.see("account", pd.Series({"K1": "h1", "k1": "h2"}))
        store.see("account", pd.Series({"K1": "h3"}))

        assert {"K1": "h3", "k1": "h2"} == store.seen("account").to_dict()
        assert store.seen("contact").empty


def test_a_text_under_a_name(url: str) -> None:
    """The last text of a name is recalled, and nothing for a name that was never given."""
    with open_store(url) as store:
        assert store.recall("profile") is None
        store.remember("profile", "{}")
        store.remember("profile", '{"列": 1}')

        assert '{"列": 1}' == store.recall("profile")


def test_nothing_in_nothing_out(url: str) -> None:
    """Empty frames are taken, and a store where nothing was put gives empty frames of the same columns."""
    with open_store(url) as store:
        assert 0 == store.decide(decided(), by="a", at=AT)
        assert 0 == store.correct(corrected(), by="a", at=AT)
        store.see("account", pd.Series(dtype="str"))

        assert [*DECISION, "by", "at"] == list(store.decisions("account").columns)
        assert [*CORRECTION, "by", "at"] == list(store.corrections("s").columns)
        assert store.seen("account").empty


def test_an_unknown_verdict_is_refused(url: str) -> None:
    """Nothing of a frame with a wrong word is written."""
    rows = decided(("account", "aa", "bb", "same"), ("account", "aa", "cc", "skip"))

    with open_store(url) as store, pytest.raises(ValueError, match="verdict"):
        store.decide(rows, by="a", at=AT)

    with open_store(url) as store:
        assert store.decisions("account").empty


def test_a_store_of_a_newer_version_is_not_touched(url: str) -> None:
    """Neither read nor written, and the message says to upgrade."""
    with open_store(url) as store:
        store.remember("a", "b")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(update(META).values(version=99))
    engine.dispose()

    with open_store(url) as store:
        with pytest.raises(TargetError, match="newer crmetl"):
            store.recall("a")
        with pytest.raises(TargetError, match="newer crmetl"):
            store.remember("a", "c")


def test_what_does_not_fit_is_refused_without_its_value(url: str) -> None:
    """A content print that is none is refused by the servers; SQLite, which has no lengths, takes it."""
    if url.startswith("sqlite"):
        pytest.skip("SQLite keeps texts of any length")

    with open_store(url) as store, pytest.raises(TargetError, match="does not take") as refused:
        store.decide(decided(("account", "secret" * 20, "zz", "same")), by="a", at=AT)

    assert "secret" not in refused.value.line("en")


def test_several_writers_at_once_lose_nothing(url: str) -> None:
    """Four processes that make the store and write the same rows at the same moment all come to an end; no row is lost, no write is half."""
    script = Path(__file__).with_name("writing.py")
    writers = [subprocess.Popen([sys.executable, script, url, str(number)]) for number in range(4)]
    ends = [one.wait() for one in writers]

    with open_store(url) as store:
        found = store.decisions("account")

    assert [0, 0, 0, 0] == ends
    assert 24 == len(found)
    assert 1 == found.loc[found["left"].str.startswith("a"), "by"].nunique()


def test_looking_into_a_store_does_not_make_it(tmp_path: Path) -> None:
    """A plan, which only reads, leaves no file behind."""
    with open_store(f"sqlite:///{tmp_path}/.crmetl/store.db") as store:
        assert store.decisions("account").empty

    assert [] == list(tmp_path.iterdir())


def test_the_file_is_for_its_owner_and_out_of_version_control(tmp_path: Path) -> None:
    """Corrections are personal data: mode 0600 whatever the umask, and the folder asks version control to look away."""
    with open_store(f"sqlite:///{tmp_path}/.crmetl/store.db") as store:
        store.remember("a", "b")

    assert 0o600 == stat.S_IMODE((tmp_path / ".crmetl" / "store.db").stat().st_mode)
    assert (tmp_path / ".crmetl" / ".gitignore").read_text("utf-8").endswith("*\n")


def test_a_store_in_memory_is_refused() -> None:
    """It would forget what it was told."""
    with pytest.raises(TargetError, match="forget"), open_store("sqlite://"):
        pass


def test_a_server_that_is_away_is_named_without_its_password() -> None:
    """The error is the same as for a target: code, masked URL, next step."""
    with open_store("postgresql+psycopg://crm:hunter2@127.0.0.1:1/none") as store, pytest.raises(TargetError) as away:
        store.decisions("account")

    assert "hunter2" not in away.value.line("en")
    assert "127.0.0.1" in str(away.value.where)
