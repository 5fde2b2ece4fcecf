"""Cluster ids outlive a run: what was not touched keeps its id, and every split and merge is told."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmetl.dedupe import Deduped, dedupe
from crmetl.dedupe.cluster.lineage import carried_on, earlier_rows, inherit
from crmetl.errors import UsageError
from crmetl.flows.table import Before, dedupe_file, read_table
from crmetl.flows.watch import LookAway
from tests.commands import Commanded
from tests.dedupe.records import ACCOUNT, ROWS, batch
from tests.examples import heavy


def events(told: Any) -> list[tuple[Any, ...]]:
    return [tuple(None if pd.isna(cell) else cell for cell in row) for row in told.events.to_numpy().tolist()]


def lineage(labels: list[int], then: list[int], earlier: list[str]) -> Any:
    return inherit(np.array(labels, dtype=np.int64), np.array(then, dtype=np.int64), pd.Series(earlier, dtype="str"))


def test_ids_stay_where_nothing_was_touched() -> None:
    """The same clusters, numbered otherwise and with a new record in one of them, are the same clusters."""
    told = lineage([5, 5, 2, 5], [0, 1, 2, -1], ["3", "3", "8"])

    assert ["3", "3", "8", "3"] == told.ids.tolist()
    assert {"kept": 2, "split": 0, "merge": 0, "new": 0, "gone": 0} == told.counts()


def test_a_merge_keeps_the_oldest_id() -> None:
    """The oldest is the one whose first record comes first in the earlier result, however large the other is."""
    told = lineage([0, 0, 0, 0], [0, 1, 2, 3], ["9", "4", "4", "4"])

    assert ["9"] * 4 == told.ids.tolist()
    assert [("merge", "4", "9", 3)] == events(told)


def test_a_split_leaves_the_id_with_the_oldest_record() -> None:
    """The other part gets a number that nobody had."""
    told = lineage([0, 1, 1], [0, 1, 2], ["4", "4", "4"])

    assert ["4", "5", "5"] == told.ids.tolist()
    assert [("split", "4", "5", 2)] == events(told)


def test_records_that_change_clusters_are_a_split_into_the_other() -> None:
    """One record leaves 1 for 2; both keep their ids."""
    told = lineage([0, 1, 1], [0, 1, 2], ["1", "1", "2"])

    assert ["1", "2", "2"] == told.ids.tolist()
    assert [("split", "1", "2", 1)] == events(told)
    assert 0 == told.kept


def test_what_comes_and_goes_is_told() -> None:
    """A cluster of new records has a new id; an id of which no record is left is gone."""
    told = lineage([0, 1, 1], [1, -1, -1], ["1", "2", "3", "3"])

    assert ["2", "4", "4"] == told.ids.tolist()
    assert [("gone", "1", None, 1), ("gone", "3", None, 2), ("new", None, "4", 2)] == events(told)


def test_ids_that_are_no_numbers_stay_too() -> None:
    """A result in which somebody wrote names of their own."""
    assert ["Acme", "Acme", "1"] == lineage([0, 0, 1], [0, 1, -1], ["Acme", "Acme"]).ids.tolist()


def test_nothing_before_and_nothing_now() -> None:
    """Empty tables lose nobody and invent nobody."""
    assert ["1", "2"] == lineage([0, 1], [-1, -1], []).ids.tolist()
    assert [("gone", "1", None, 1)] == events(lineage([], [], ["1"]))


CLUSTERED = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=14)


@given(CLUSTERED, st.integers(0, 5), st.integers(0, 3))
@heavy(60)
def test_every_id_has_one_cluster_and_every_move_is_told(rows: list[tuple[int, int]], gone: int, fresh: int) -> None:
    """Ids are a naming of the clusters; a row's id changes only from and into where an event says so."""
    earlier = [str(before) for before, _ in rows]
    stay = [n for n in range(len(rows)) if n != gone]
    labels = [rows[n][1] for n in stay] + [6] * fresh

    told = lineage(labels, [*stay, *[-1] * fresh], earlier)

    pairs = set(zip(labels, told.ids, strict=True))
    assert len(pairs) == len(set(labels)) == len(set(told.ids))
    moved = {(earlier[n], one) for n, one in zip(stay, told.ids, strict=False) if earlier[n] != one}
    assert moved == {(start, end) for kind, start, end, _ in events(told) if kind in ("split", "merge")}
    assert {one for kind, one, _, _ in events(told) if kind == "gone"} == set(earlier) - {earlier[n] for n in stay}


def table(*rows: tuple[str | None, ...], columns: tuple[str, ...] = ("no", "name", "phone")) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=list(columns)).astype("str")


BEFORE = table(("1", "Acme", "5"), ("2", "Acme", None), ("2", "Acme", None), ("3", "Bolt", "7")).assign(
    cluster_id=pd.Series(["1", "1", "2", "3"], dtype="str")
)


def test_rows_are_found_again_by_content_in_any_order() -> None:
    """Copies in the order in which they stand; a column that only one table has does not count."""
    now = BEFORE.iloc[[3, 1, 0, 2]].drop(columns="cluster_id").assign(more="x").reset_index(drop=True)

    assert [3, 1, 0, 2] == earlier_rows(now, BEFORE, None).tolist()


def test_a_changed_row_is_found_by_its_key_where_that_names_one() -> None:
    """3 has another phone and is found; of the two rows of the number 2, changed both, neither is guessed."""
    now = table(("3", "Bolt", "8"), ("2", "Acme Ltd", None), ("2", "Acme plc", None), ("1", "Acme", "5"))

    assert [-1, -1, -1, 0] == earlier_rows(now, BEFORE, None).tolist()
    assert [3, -1, -1, 0] == earlier_rows(now, BEFORE, "no").tolist()


@pytest.mark.parametrize(
    ("before", "key"),
    [(BEFORE.drop(columns="cluster_id"), None), (BEFORE, "id"), (BEFORE[["cluster_id"]], None)],
    ids=["no ids", "no such key", "nothing in common"],
)
def test_an_earlier_result_that_does_not_fit_is_refused(before: pd.DataFrame, key: str | None) -> None:
    """Rather than ids that mean nothing."""
    with pytest.raises(UsageError):
        carried_on(table(("1", "Acme", "5")).assign(cluster_id=1), before, key=key)


def people(number: int, seed: int) -> pd.DataFrame:
    """Firms of which each third has a second row with another spelling; those of another seed are others."""
    draw = np.random.default_rng(seed)
    brands = [f"{a}{b}{c}" for a in "恒澜沐槿曜璟泓琛" for b in "川舟禾越霖峰" for c in "科盛兴旺"][seed % 2 :: 2]
    rows = []
    for n, at in enumerate(draw.choice(len(brands), number, replace=False).tolist()):
        phone = f"021-6{seed}{n * 741_857 % 1_000_000:06d}"
        rows.append((f"{seed}-{n}", f"上海{brands[at]}机械有限公司", phone))
        if n % 3 == 0:
            rows.append((f"{seed}-{n}b", f"{brands[at]}机械", phone))
    return pd.DataFrame(rows, columns=["编号", "单位名称", "电话"], dtype="str")


def deduped(folder: Path, name: str, frame: pd.DataFrame, before: Before | None = None) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Run a table through the file command and read its output."""
    source, out = folder / f"{name}.in.csv", folder / f"{name}.csv"
    frame.to_csv(source, index=False)
    done = dedupe_file(source, out=out, fields="", pairs=None, watch=LookAway(), before=before)
    return read_table(out, watch=LookAway()), done.facts


def ids(frame: pd.DataFrame) -> dict[str, str]:
    return dict(zip(frame["编号"], frame["cluster_id"], strict=True))


def test_a_second_run_keeps_the_ids(tmp_path: Path) -> None:
    """Rows shuffled, one removed, one changed and a second file below: clusters that were not touched keep their ids."""
    first = people(60, 1)
    one, _ = deduped(tmp_path, "one", first)
    changed = first["单位名称"].mask(first["编号"] == "1-7", "上海改名机械有限公司")
    later = first.assign(单位名称=changed)[first["编号"] != "1-9b"].sample(frac=1, random_state=4)
    whole = pd.concat([people(40, 2), later])

    two, facts = deduped(tmp_path, "two", whole, Before(tmp_path / "one.csv", key="编号", events=tmp_path / "told.csv"))

    before, after = ids(one), ids(two)
    assert all(before[row] == after[row] for row in set(before) & set(after))
    new = len(set(after.values()) - set(before.values()))
    assert {"kept": one["cluster_id"].nunique(), "split": 0, "merge": 0, "new": new, "gone": 0} == facts["lineage"]
    told = read_table(tmp_path / "told.csv", watch=LookAway())
    assert ["new"] * new == told["kind"].tolist()
    assert new > 30
    assert sorted(set(after.values()) - set(before.values()), key=int) == told["into"].tolist()


def test_the_same_file_again_has_the_same_ids(tmp_path: Path) -> None:
    """Also where the earlier result was numbered otherwise."""
    one, _ = deduped(tmp_path, "one", people(30, 1))
    other = one.assign(cluster_id=(one["cluster_id"].astype("int64") * 7 % 101).astype("str"))
    other.to_csv(tmp_path / "other.csv", index=False)

    again, facts = deduped(tmp_path, "two", people(30, 1), Before(tmp_path / "other.csv"))

    assert other["cluster_id"].tolist() == again["cluster_id"].tolist()
    assert {"kept": one["cluster_id"].nunique(), "split": 0, "merge": 0, "new": 0, "gone": 0} == facts["lineage"]


def test_the_command_says_what_became_of_the_clusters(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """In its JSON; without an earlier result it says null, and a key alone is refused."""
    people(30, 1).to_csv(tmp_path / "in.csv", index=False)
    table, first, second = (str(tmp_path / name) for name in ("in.csv", "one.csv", "two.csv"))
    here = Commanded(tmp_path, capsys)

    plain = here.crmetl("dedupe", table, "-o", first)
    again = here.crmetl("dedupe", table, "-o", second, "--previous", first, "--key", "编号")
    spoken = here.said("dedupe", table, "-o", second, "--previous", first)
    alone = here.crmetl("dedupe", table, "-o", second, "--key", "编号")

    assert plain.json()["lineage"] is None
    kept = plain.json()["clusters"]
    assert {"kept": kept, "split": 0, "merge": 0, "new": 0, "gone": 0} == again.json()["lineage"]
    assert f"{kept} clusters kept, 0 merges, 0 splits, 0 new, 0 gone" in spoken.screen
    assert 2 == alone.exit


FIELDS = ("name", "uscc", "phone", "city")


def ends(found: Deduped) -> dict[str, str]:
    """Return rid -> the CRM row that a record ends as, or the rid that it ends as where there is none yet."""
    into = {**dict.fromkeys(found.result.kept.frame.index), **found.result.absorbed.to_dict()}
    return {str(rid): found.matched.get(end or rid, end or rid) for rid, end in into.items()}


@given(ROWS, ROWS, st.integers(0, 9), st.randoms(use_true_random=False))
@heavy(10)
def test_what_was_loaded_keeps_its_key(loaded: list[Any], more: list[Any], gone: int, order: Any) -> None:
    """
    In a project the CRM's key is a cluster's id, and the crosswalk keeps it.

    A second plan with one more file of better or worse records, in another order and without one of the rows: each record
    that was loaded still ends as the row that it became.
    """
    first = dedupe(batch(loaded), rules=ACCOUNT)
    became = {rid: f"K{end}" for rid, end in ends(first).items()}
    golden = first.result.kept.frame
    there = golden[list(FIELDS)].set_axis(pd.Index("K" + golden.index.astype("str"), dtype="str", name="key")).astype("str")
    rows = [
        *({**row, "rid": f"r{n}"} for n, row in enumerate(loaded, 1)),
        *({**row, "rid": f"a{n}"} for n, row in enumerate(more)),
    ]
    rows = [row for row in rows if row["rid"] != f"r{gone}"]
    order.shuffle(rows)
    walk = pd.Series({row["rid"]: became[row["rid"]] for row in rows if row["rid"] in became}, dtype="str")

    again = ends(dedupe(batch(rows), rules=ACCOUNT, existing=there, known=walk, among_existing=False))

    assert walk.to_dict() == {rid: again[rid] for rid in walk.index}
