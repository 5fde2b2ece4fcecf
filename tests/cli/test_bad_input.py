"""Bad input ends in one clear line with its exit code, leaves nothing half-written, and the next run works."""

import errno
import io
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from msoffcrypto.format.ooxml import OOXMLFile

from crmetl.workspace import Workspace
from tests.cli.conftest import Estate
from tests.commands import Ran


def workbook(estate: Estate) -> Path:
    return estate.folder / "sample_data" / "客户" / "北方客户.xlsx"


def said(ran: Ran) -> dict[str, object]:
    found: dict[str, object] = ran.json()["error"]
    return found


def test_a_missing_file(small: Estate) -> None:
    """A source without a file names the source and the pattern; once it is back the run works."""
    path = workbook(small)
    kept = path.read_bytes()
    path.unlink()

    gone = small.crmetl("run")
    path.write_bytes(kept)

    assert gone.exit == 3
    assert said(gone)["next"]
    assert not small.database.exists()
    assert small.crmetl("run").exit == 0


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 cut off", b"no workbook at all"])
def test_an_unreadable_workbook(content: bytes, small: Estate) -> None:
    """A damaged workbook ends with 3 and names the file."""
    path = workbook(small)
    path.write_bytes(content)

    ran = small.crmetl("plan")

    assert ran.exit == 3
    assert path.name in str(said(ran)["where"]) + str(said(ran)["message"])


def test_a_password_protected_workbook(small: Estate) -> None:
    """An encrypted workbook is called what it is, and the next step is named."""
    path = workbook(small)
    plain = OOXMLFile(io.BytesIO(path.read_bytes()))
    with path.open("wb") as locked:
        plain.encrypt("secret", locked)

    ran = small.crmetl("plan")

    assert ran.exit == 3
    assert "password" in str(said(ran)["message"])
    assert said(ran)["next"]


def test_a_missing_key_column(small: Estate) -> None:
    """A key column that is gone ends with 3 and names the column."""
    overseas(small, lambda head: head.replace("Customer ID", "Client no"))

    ran = small.crmetl("plan")

    assert ran.exit == 3
    assert "Customer ID" in str(said(ran))


def test_a_new_column_is_told_and_nothing_is_lost(small: Estate) -> None:
    """Rows with a value in a column that nobody decided on wait, as the mapping says; they are counted."""
    overseas(small, lambda head: head + ",Loyalty", lambda line: line + ",gold")

    ran = small.crmetl("plan")

    run = ran.json()["run"]
    held = pd.concat(Workspace(small.folder / "runs" / run).parts("held_rows/overseas_customers"))
    assert ran.exit in (0, 1)
    assert len(held) == 21


def overseas(estate: Estate, head: Callable[[str], str], line: Callable[[str], str] = str) -> None:
    """Rewrite the head and the lines of the overseas customers."""
    path = estate.folder / "sample_data" / "客户" / "overseas_customers.csv"
    first, *rest = path.read_text("utf-8-sig").splitlines()
    path.write_text("\n".join([head(first), *map(line, rest)]) + "\n", "utf-8-sig")


def test_a_full_disk(small: Estate, monkeypatch: pytest.MonkeyPatch) -> None:
    """No space left ends with 8; once there is space the same command works."""

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("crmetl.disk.pq.write_table", full)
        ran = small.crmetl("run")

    assert ran.exit == 8
    assert said(ran)["code"] == "machine"
    assert not small.database.exists()
    assert small.crmetl("run").exit == 0


WRITES = """
import sys, time
from pathlib import Path
from crmetl.load import open_target
from crmetl.load.lease import lease
from crmetl.project import read_project
folder, url = sys.argv[1:]
with open_target(url, read_project(Path(folder), env={}).schema_) as target:
    target.prepare()
    with lease(target, "another"):
        print("writes", flush=True)
        sys.stdin.read()
"""
"""A process that holds the lease until its input ends."""


def test_two_runs_at_once(small: Estate) -> None:
    """While another process writes, a run ends with 6 and writes nothing; afterwards the same command works."""
    command = [sys.executable, "-c", WRITES, str(small.folder / "mappings"), f"sqlite:///{small.database}"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert "writes" == other.stdout.readline().strip()
        late = small.crmetl("run")
        with sqlite3.connect(small.database) as crm:
            rows = crm.execute("select count(*) from account").fetchone()
        other.communicate()

    assert (6, "lease", (0,)) == (late.exit, said(late)["code"], rows)
    assert "applied" == small.crmetl("run").json()["status"]


INTERRUPTIBLE = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)
from crmetl.cli import main
main()
"""
"""A background job of a shell ignores SIGINT, and its children inherit that; the test must not depend on it."""


def test_an_interrupt(small: Estate) -> None:
    """Ctrl-C ends with 130 and one line; the next run is whole."""
    command = [sys.executable, "-c", INTERRUPTIBLE, "run", "-p", str(small.folder / "mappings"), "--lang", "en"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 60
        while not (small.folder / "runs").exists() and time.monotonic() < deadline:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=120)

    assert process.returncode == 130
    assert b"interrupted" in told
    assert b"Traceback" not in told
    assert small.crmetl("run").json()["status"] == "applied"


def test_a_wrong_yaml_key(small: Estate) -> None:
    """A misspelt key gives file, line, column and the word that was meant."""
    name = min(path.name for path in (small.folder / "mappings" / "sources").iterdir())
    small.edit(f"mappings/sources/{name}", lambda text: text.replace("columns:", "colums:"))

    ran = small.crmetl("plan")

    where = str(said(ran)["where"])
    assert ran.exit == 2
    assert name in where
    assert where.count(":") >= 2
    assert "columns" in str(said(ran))


def test_an_unreachable_database(small: Estate) -> None:
    """A target that does not answer ends with 4, and its password is not shown."""
    text = (small.folder / "mappings" / "crmetl.yaml").read_text("utf-8")
    line = next(one for one in text.splitlines() if "sqlite:///" in one)
    small.edit(
        "mappings/crmetl.yaml", lambda text: text.replace(line, "target: {url: 'postgresql+psycopg://nobody@127.0.0.1:9/crm'}")
    )

    ran = small.crmetl("plan")

    assert ran.exit == 4
    assert said(ran)["code"] == "target"
