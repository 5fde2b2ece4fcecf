"""Databases of their own for the entry check."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from crmetl.dedupe import Model
from crmetl.flows.opening import Opened
from tests.contracts.servers import SERVERS, demand, own_database
from tests.entry.estate import Crm, build, crm, fill, opened


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


@pytest.fixture(scope="session")
def known() -> Crm:
    """An invented CRM."""
    return crm(400)


@pytest.fixture(scope="session")
def model(known: Crm, tmp_path_factory: pytest.TempPathFactory) -> Model:
    """The model that an index build learns from the invented CRM, once for all databases."""
    folder: Path = tmp_path_factory.mktemp("learnt")
    found = opened(folder, f"sqlite:///{folder}/crm.db")
    fill(found.url, found.project, known)
    return build(found.url, found.project).index.model


@pytest.fixture(scope="module")
def project(url: str, known: Crm, model: Model, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    """The sample project over the invented CRM, its model pinned and its index built."""
    folder: Path = tmp_path_factory.mktemp("project")
    found = replace(opened(folder, url), models={"account": model})
    fill(url, found.project, known)
    build(url, found.project, model=model)
    return found
