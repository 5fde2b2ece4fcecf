"""Databases of their own for the entry check."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from crmetl.flows.opening import Opened
from tests.contracts.servers import SERVERS, demand, own_database
from tests.entry.estate import Crm, crm, fill, opened


@pytest.fixture(scope="module", params=["sqlite", *SERVERS])
def url(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of an empty database."""
    kind = str(request.param)
    if kind not in SERVERS:
        yield f"sqlite:///{tmp_path_factory.mktemp('crm')}/crm.db"
        return
    demand(kind)
    with own_database(kind) as server:
        yield server


@pytest.fixture(scope="module")
def known() -> Crm:
    """An invented CRM."""
    return crm(400)


@pytest.fixture(scope="module")
def project(url: str, known: Crm, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """The sample project over the invented CRM."""
    folder: Path = tmp_path_factory.mktemp("project")
    found = opened(folder, url)
    fill(url, found.project, known)
    return found
