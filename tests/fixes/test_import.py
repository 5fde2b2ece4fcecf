"""Corrections come back: remembered by source row, the rows run again alone, and what is freed is told."""

from pathlib import Path

import pandas as pd

from crmetl.store import open_store
from tests.commands import Ran
from tests.fixes.shop import Shop, edited, put


def stored(shop: Shop) -> pd.DataFrame:
    """Return all corrections that are remembered."""
    with open_store(f"sqlite:///{shop.folder}/mappings/.crmetl/store.db") as store:
        return pd.concat([store.corrections(one) for one in ("users", "customers", "orders")], ignore_index=True)


def came(shop: Shop, file: Path, *more: str) -> Ran:
    """Import a workbook."""
    return shop.crmetl("fixes", "import", str(file), "--by", "J. Li", *more)


OWNER = ("客户表", put(("编号", "K2"), "业务员", "李娜"))


def test_a_mended_customer_frees_its_contacts_and_orders(shop: Shop) -> None:
    """One cell frees the customer, both its lines, both contacts, the order and its lines; nothing else is read."""
    done = came(shop, edited(shop.export(), OWNER))

    told = done.json()
    assert (done.exit, told["corrected"], told["copies"], told["cells"]) == (0, 1, 1, 2)
    assert (told["freed"], told["scope"], told["status"]) == (4, "rows", "planned")
    created = {entity: counts["create"] for entity, counts in told["entities"].items()}
    assert created == {"account": 1, "contact": 2, "sales_order": 1, "order_line": 2, "xref": 1}
    assert len(shop.rows(told["planned"], "customers")) == 2


def test_conservation_holds_for_the_few_rows(shop: Shop) -> None:
    """Read is what ran: kept, held, absorbed and dropped add up to it."""
    told = came(shop, edited(shop.export(), OWNER)).json()

    for counts in told["entities"].values():
        assert counts["read"] == counts["kept"] + counts["held"] + counts["absorbed"] + counts["dropped"]


def test_the_plan_is_written_like_any_other_and_the_next_plan_is_empty(shop: Shop) -> None:
    """Applied, the customer is in the CRM; a whole plan then applies the correction again and finds nothing to do."""
    told = came(shop, edited(shop.export(), OWNER)).json()

    assert shop.crmetl("apply", told["planned"]).json()["status"] == "applied"
    after = shop.crmetl("plan").json()

    assert after["status"] == "nothing"
    assert after["entities"]["account"]["held"] == 2


def test_explain_tells_who_corrected_the_row(shop: Shop) -> None:
    """The life of the record has a step with name, time and column, its values masked."""
    planned = came(shop, edited(shop.export(), OWNER)).json()["planned"]
    accounts = shop.workspace(planned).needed("final/account")

    story = shop.crmetl("explain", str(accounts.index[0]), "--run", planned).json()

    step = next(one for one in story["steps"] if one["stage"] == "correct")
    assert (step["column"], step["by"]) == ("业务员", "J. Li")
    assert "corrected by J. Li at 20" in step["text"][1]
    assert "李娜" not in str(step)


def test_the_report_counts_corrected_cells(shop: Shop) -> None:
    """Each corrected cell is a finding of severity note."""
    planned = came(shop, edited(shop.export(), OWNER)).json()["planned"]
    findings = shop.workspace(planned).needed("findings")

    assert findings["code"].value_counts()["CORRECTED"] == 2


def test_a_customer_of_a_row_that_waited_is_freed_with_its_order(shop: Shop) -> None:
    """K4 lacked its name; with it the row gives customer and contact, and the order that names K4 comes along."""
    done = came(shop, edited(shop.export(), ("客户表", put(("编号", "K4"), "名称", "南通四海五金有限公司")))).json()

    assert done["freed"] == 2
    created = {entity: counts["create"] for entity, counts in done["entities"].items()}
    assert created == {"account": 1, "contact": 1, "sales_order": 1, "order_line": 1, "xref": 1}


def test_rows_of_one_key_run_together(shop: Shop) -> None:
    """Correcting the phone of one of two customers with the same number frees neither: the number is still in dispute."""
    done = came(shop, edited(shop.export(), ("客户表", put(("联系人", "何锐"), "手机", "13955523499")))).json()

    assert (done["corrected"], done["freed"]) == (1, 0)
    assert [one["code"] for one in done["held"] if one["where"].startswith("customers")] == ["KEY_REPEATED"] * 2


def test_a_new_key_frees_both(shop: Shop) -> None:
    """With a number of its own each of the two customers is one."""
    done = came(shop, edited(shop.export(), ("客户表", put(("联系人", "何锐"), "编号", "K33")))).json()

    assert done["freed"] == 2
    assert done["entities"]["account"]["create"] == 2


def test_an_order_head_is_corrected_on_all_its_lines(shop: Shop) -> None:
    """The order stands in the workbook once; its customer is corrected on both of its lines."""
    done = came(shop, edited(shop.export(), ("订单", put(("单号", "S9"), "客户", "K1")))).json()

    assert (done["copies"], done["freed"]) == (1, 2)
    assert done["entities"]["order_line"]["create"] == 2


def test_a_dropped_row_is_counted_by_its_reason(shop: Shop) -> None:
    """Dropping needs a reason; the row is left out by the rule `steward:<reason>` in this plan and in every later one."""
    file = edited(
        shop.export(),
        ("客户表", put(("联系人", "何锐"), "处理", "剔除")),
        ("客户表", put(("联系人", "何锐"), "理由", " 重复  登记 ")),
    )

    done = came(shop, file).json()

    assert (done["dropped"], done["freed"]) == (1, 1)
    aside = shop.workspace(done["planned"]).needed("rows_aside")
    assert list(zip(aside["place"], aside["rule"], strict=True)) == [("customers.csv!R5", "steward:重复 登记")]
    whole = shop.crmetl("plan").json()["run"]
    assert "steward:重复 登记" in set(shop.workspace(whole).needed("rows_aside")["rule"])


def test_importing_twice_changes_nothing(shop: Shop) -> None:
    """The second import finds all corrections standing, keeps who made them, and plans the same."""
    file = edited(shop.export(), OWNER)
    first = came(shop, file).json()
    before = stored(shop)

    second = shop.crmetl("fixes", "import", str(file), "--by", "Somebody Else").json()

    assert (second["corrected"], second["cells"]) == (1, 0)
    assert second["plan"] == first["plan"]
    assert before.equals(stored(shop))


def test_an_untouched_workbook_asks_for_nothing(shop: Shop) -> None:
    """No change, no correction, no plan."""
    done = came(shop, shop.export()).json()

    assert (done["unchanged"], done["corrected"], done["planned"], done["scope"]) == (5, 0, None, None)
    assert len(stored(shop)) == 0


def test_before_the_first_load_all_is_planned_anew(fresh: Shop) -> None:
    """While nothing is in the CRM, rows alone would miss their parents: the whole plan is made again with the corrections."""
    done = came(fresh, edited(fresh.export(), OWNER)).json()

    assert (done["scope"], done["freed"]) == ("all", 4)
    assert done["entities"]["account"]["create"] == 2


def test_a_correction_does_not_follow_a_row_that_changed(shop: Shop) -> None:
    """Once the source row itself is another one the correction is reported as stale, and not applied."""
    file = edited(shop.export(), ("客户表", put(("编号", "K4"), "名称", "南通四海五金有限公司")))
    path = shop.folder / "files" / "customers.csv"
    path.write_text(path.read_text("utf-8").replace("马可", "马可尔"), "utf-8")

    done = came(shop, file)

    assert done.json()["stale"] == ["customers.csv!R7"]
    assert done.json()["freed"] == 0
    run = shop.crmetl("plan").json()["run"]
    findings = shop.workspace(run).needed("findings")
    assert findings["code"].value_counts()["CORRECTION_STALE"] == 1
    assert "CORRECTED" not in set(findings["code"])


def test_a_later_export_shows_what_was_written(shop: Shop) -> None:
    """A row that is still held shows the corrected cell; `leave` takes the correction back, all the way to the source."""
    first = came(shop, edited(shop.export(), ("客户表", put(("联系人", "何锐"), "手机", "13955523499")))).json()
    again = shop.export(first["planned"], name="again.xlsx")
    file = edited(again, ("客户表", put(("手机", "13955523499"), "处理", "保留")))

    done = came(shop, file).json()

    assert done["left"] == 1
    row = shop.rows(done["planned"], "customers")
    assert "13955523404" in set(row["手机"])
    assert "13955523499" not in set(row["手机"])


def test_fix_without_a_change_says_the_row_is_right(shop: Shop) -> None:
    """A row that the reader doubted (it is shorter than the header) goes on once a person has confirmed it."""
    path = shop.folder / "files" / "customers.csv"
    path.write_text(path.read_text("utf-8") + "K7,徐州七星电缆有限公司,徐七,13955523477,王磊\n", "utf-8")
    run = shop.crmetl("run").json()["run"]
    file = edited(shop.export(run), ("客户表", put(("编号", "K7"), "处理", "修正")))

    done = came(shop, file).json()

    assert (done["confirmed"], done["freed"]) == (1, 1)
    assert done["entities"]["account"]["create"] == 1


def test_a_person_reads_what_came_of_it(shop: Shop) -> None:
    """Lines tell what was corrected, what is freed, and each row that is still held with its reason."""
    file = edited(shop.export(), ("客户表", put(("联系人", "何锐"), "手机", "13955523499")))

    said = shop.said("fixes", "import", str(file), "--by", "J. Li").screen

    assert "Rows corrected: 1 (new cells: 1)" in said
    assert "The rows concerned ran alone; freed: 0, still held: 4." in said
    assert "customers.csv!R5: One source key stands on several rows that differ" in said
