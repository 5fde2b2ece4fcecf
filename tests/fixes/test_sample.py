"""The sample estate: a held customer is mended in the workbook, written, and the next whole plan finds nothing to do."""

import shutil
from pathlib import Path

import pytest

from tests.fixes.shop import Shop, edited, put


@pytest.mark.no_cover
def test_a_held_customer_of_the_sample_is_freed_with_its_people(
    loaded_sample: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its second line is corrected along; the customer and both contacts are created, and the load is idempotent again."""
    shutil.copytree(loaded_sample, tmp_path, dirs_exist_ok=True)
    shop = Shop(tmp_path, capsys)
    file = edited(shop.export(), ("华东客户一览表", put(("客户编号", "HD0011"), "业务员", "王磊")))

    done = shop.crmetl("fixes", "import", str(file), "--by", "J. Li").json()

    assert (done["corrected"], done["copies"], done["freed"]) == (1, 1, 2)
    created = {entity: counts["create"] for entity, counts in done["entities"].items() if counts["create"]}
    assert created == {"account": 1, "contact": 2, "xref": 1}
    assert shop.crmetl("apply", done["planned"]).json()["status"] == "applied"
    assert shop.crmetl("plan").json()["status"] == "nothing"
