"""Files are parsed in bounded processes that are used again."""

import os
import signal
import struct
from pathlib import Path

import pytest

from crmetl.batch import LINEAGE
from crmetl.errors import SourceError
from crmetl.extract import Limits, extract, sheet
from crmetl.extract.bounded.pool import POOL, Pool, Reading, begin
from crmetl.extract.bounded.wire import Asked
from crmetl.extract.events import Hint, Rows
from tests.extract.conftest import Reading as Read
from tests.extract.conftest import source


def ole(fat: dict[int, int], *, sectors: int) -> bytes:
    """Write a compound file of so many blank sectors with this allocation table, its directory in sector 1."""
    head = bytearray(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(504))
    struct.pack_into("<HHHHH", head, 24, 0x3E, 3, 0xFFFE, 9, 6)
    struct.pack_into("<III", head, 40, 0, 1, 1)
    struct.pack_into("<IIIIII", head, 52, 0, 4096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)
    struct.pack_into("<109I", head, 76, 0, *[0xFFFFFFFF] * 108)
    table = struct.pack("<128I", 0xFFFFFFFD, *(fat.get(one, 0xFFFFFFFF) for one in range(1, 128)))
    return bytes(head) + table + bytes(512) * sectors


def test_a_thousand_small_files_pay_for_two_processes(tmp_path: Path, read: Read) -> None:
    """Processes are used again: however many files a folder holds, two are started at most."""
    for number in range(1_000):
        (tmp_path / f"{number:04d}.csv").write_text(f"名称,城市\n启明{number},杭州\n")
    before = POOL.started

    assert len(read("*.csv").rows) == 1_000
    assert POOL.started - before <= 2


def test_a_file_that_ends_its_process_is_one_error(tmp_path: Path, read: Read) -> None:
    """A process that is killed in the middle makes an error about its file; the files after it are read."""
    (tmp_path / "a.csv").write_text("名称,城市\n" + "启明,杭州\n" * 50_000)
    reading = begin("table", tmp_path / "a.csv", Hint(chunk=10), Limits(), "a.csv")
    assert reading._child
    os.kill(reading._child.process.pid, signal.SIGABRT)

    with pytest.raises(SourceError, match="memory_mb"):
        list(reading)
    assert len(read("a.csv").rows) == 50_000


def test_sector_loop_is_refused(tmp_path: Path, read: Read) -> None:
    """A workbook of one kilobyte whose sectors run in a circle is an error, not eight gigabytes; an optional source goes on."""
    (tmp_path / "a.xls").write_bytes(ole({1: 1}, sectors=1))
    (tmp_path / "b.csv").write_text("名称,城市\n启明,杭州\n")

    got = read("*.*", optional=True)

    assert (got.codes(), got.values()) == (["FILE_UNREADABLE"], [["启明", "杭州"]])


@pytest.mark.parametrize(("limits", "option"), [(Limits(rows=3), "rows"), (Limits(cells=7), "cells")])
def test_rows_and_cells_are_bounded(limits: Limits, option: str, tmp_path: Path) -> None:
    """A file of more rows or cells than allowed is an error that names the option."""
    (tmp_path / "a.csv").write_text("名称,城市\n" + "启明,杭州\n" * 4)

    with pytest.raises(SourceError, match=f"option {option}"):
        list(extract(source("a.csv"), root=tmp_path, limits=limits).chunks())


def test_memory_is_bounded(tmp_path: Path) -> None:
    """A file that needs more memory than allowed is an error that names the option."""
    (tmp_path / "a.csv").write_text("名称,城市\n" + "启明,杭州\n" * 400_000)

    with pytest.raises(SourceError, match="memory_mb"):
        list(begin("table", tmp_path / "a.csv", Hint(chunk=400_000), Limits(memory_mb=20), "a.csv"))


def test_silence_is_bounded(tmp_path: Path) -> None:
    """A process that says nothing for too long is ended, and the message names the option."""
    (tmp_path / "a.csv").write_text("名称,城市\n" + "启明,杭州\n" * 50_000)
    reading = begin("table", tmp_path / "a.csv", Hint(chunk=10), Limits(seconds=0), "a.csv")
    assert reading._child
    process = reading._child.process
    os.kill(process.pid, signal.SIGSTOP)

    with pytest.raises(SourceError, match="option seconds"):
        list(reading)
    assert process.returncode == -signal.SIGKILL


def test_a_reading_left_in_the_middle_ends_its_process(tmp_path: Path) -> None:
    """Nobody waits for rows that nobody wants: a process whose reader went away is ended."""
    (tmp_path / "a.csv").write_text("名称,城市\n" + "启明,杭州\n" * 50_000)
    reading = Reading(Asked("table", tmp_path / "a.csv", "a.csv", Hint(chunk=10), Limits()), Pool())
    events = iter(reading)
    assert reading._child
    process = reading._child.process
    first = next(one for one in events if isinstance(one, Rows))

    events.close()  # type: ignore[attr-defined]

    assert first.table.num_rows == 10
    assert process.returncode == -signal.SIGKILL


def test_lineage_columns_are_the_batch_s() -> None:
    """The names that a child process knows are those of the batch."""
    assert sheet.LINEAGE == LINEAGE
