"""Every file of the conformance folder gives what stands beside it."""

import json
from pathlib import Path
from typing import Any

import pytest

from crmetl.errors import SourceError
from tests.extract.conftest import read_all

FOLDER = Path(__file__).parent / "conformance" / "files"
FILES = sorted(one.name.removesuffix(".expected.json") for one in FOLDER.glob("*.expected.json"))


def test_there_are_sixty() -> None:
    """The folder is there, with a promise for every file."""
    assert len(FILES) >= 60
    assert sorted(one.name for one in FOLDER.iterdir() if not one.name.endswith(".expected.json")) == FILES


@pytest.mark.parametrize("name", FILES)
def test_file_gives_what_it_promises(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Cells, findings, rows set aside and manifest are those that were written down when the file was made."""
    monkeypatch.setenv("CONFORMANCE_PASSWORD", "secret")
    wanted: dict[str, Any] = json.loads((FOLDER / f"{name}.expected.json").read_text())
    mapping = {"table": wanted["table"], "columns": {one: {"to": ("account.name",)} for one in wanted.get("mapped", ())}}
    if "error" in wanted:
        with pytest.raises(SourceError, match=wanted["error"]) as refused:
            read_all(FOLDER, name, **mapping)
        assert (refused.value.where, bool(refused.value.next)) == (name, True)
        return

    got = read_all(FOLDER, name, **mapping)

    found = got.extraction.findings
    places = [one.removeprefix(name).removeprefix("!") for one in found["place"]]
    columns = [None if one != one else one for one in found["column"]]  # noqa: PLR0124 NaN
    header = list(got.extraction.columns)
    assert ([header, *got.values()] if header else []) == wanted["cells"]
    assert sorted(zip(found["code"], places, map(str, columns), strict=True)) == sorted(
        (a, b, str(c)) for a, b, c in wanted["findings"]
    )
    assert {rule: len(rows) for rule, rows in got.aside().items()} == wanted["aside"]
    told = got.extraction.manifest[-1].to_json()
    assert {key: told[key] for key in wanted["manifest"]} == wanted["manifest"]
