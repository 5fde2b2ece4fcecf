"""The sample estate: a held customer is mended in the workbook, written, and the next whole plan finds nothing to do."""

from pathlib import Path

import pytest

from crmetl.cli import entry
from tests.cli.conftest import copied
from tests.fixes.shop import Shop, edited, put


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = copied(tmp_path_factory.mktemp("sample"))
    assert entry.run(["run", "-p", str(folder / "mappings"), "--json"]) == 0
    return folder


def test_a_held_customer_of_the_sample_is_freed_with_its_people(sample: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its second line is corrected along; the customer and both contacts are created, and the load is idempotent again."""
    shop = Shop(sample, capsys)
    file = edited(shop.export(), ("华东客户一览表", put(("客户编号", "HD0011"), "业务员", "王磊")))

    done = shop.crmetl("fixes", "import", str(file), "--by", "J. Li").json()

    assert (done["corrected"], done["copies"], done["freed"]) == (1, 1, 2)
    created = {entity: counts["create"] for entity, counts in done["entities"].items() if counts["create"]}
    assert created == {"account": 1, "contact": 2, "xref": 1}
    assert shop.crmetl("apply", done["planned"]).json()["status"] == "applied"
    assert shop.crmetl("plan").json()["status"] == "nothing"
