"""Broken and hostile input ends in one clear line."""

import io
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path

import msoffcrypto.format.ooxml
import pytest

from crmetl.errors import MachineError, SourceError
from crmetl.extract import Limits, extract
from crmetl.extract.bounded.guard import guarded
from crmetl.extract.container import guard_archive
from crmetl.extract.events import Event
from tests.extract.conftest import Reading, source, write_workbook


def test_password_protected_workbook_says_so(tmp_path: Path, read: Reading) -> None:
    """An encrypted workbook is told as password-protected, with what to do, never as damaged."""
    write_workbook(tmp_path / "plain.xlsx", {"S": [["a"], ["b"]]})
    locked = io.BytesIO()
    with (tmp_path / "plain.xlsx").open("rb") as file:
        msoffcrypto.format.ooxml.OOXMLFile(file).encrypt("secret", locked)
    (tmp_path / "a.xlsx").write_bytes(locked.getvalue())

    with pytest.raises(SourceError, match="password-protected") as refused:
        read("a.xlsx")

    assert (refused.value.where, refused.value.exit) == ("a.xlsx", 3)
    assert refused.value.next
    assert "remove the password" in refused.value.next.en


@pytest.mark.parametrize(
    "content",
    [
        b"PK\x03\x04 cut",
        b"PK\x05\x06" + b"\0" * 18,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600,
        b"<html><p>x</p></html>",
        b"",
    ],
)
def test_what_is_no_workbook_is_refused(content: bytes, tmp_path: Path, read: Reading) -> None:
    """A damaged or empty workbook, or a web page under its name, is an error with the file's name and a next step."""
    (tmp_path / "a.xlsx").write_bytes(content)

    with pytest.raises(SourceError) as refused:
        read("a.xlsx")

    assert refused.value.where == "a.xlsx"
    assert refused.value.next


def test_archive_that_is_no_workbook_is_refused(tmp_path: Path, read: Reading) -> None:
    """A zip of other things under the name of a workbook is an error, not an empty table."""
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as archive:
        archive.writestr("readme.txt", "x")

    with pytest.raises(SourceError):
        read("a.xlsx")


def bomb(path: Path, megabytes: int) -> None:
    """Write an archive of zeros that unpacks to so much."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(megabytes // 10):
            archive.writestr(f"xl/{number}.xml", b"\0" * 10_000_000)


@pytest.mark.parametrize(
    ("limits", "option"),
    [(Limits(unpacked_mb=50), "unpacked_mb"), (Limits(ratio=100), "ratio"), (Limits(entries=3), "entries")],
)
def test_zip_bomb_names_the_option(limits: Limits, option: str, tmp_path: Path) -> None:
    """An archive beyond a limit is refused before it is unpacked, and the message names the option."""
    bomb(tmp_path / "a.xlsx", 80)

    with pytest.raises(SourceError, match=option):
        guard_archive(tmp_path / "a.xlsx", limits)


def test_zip_of_zeros_below_the_limits_passes(tmp_path: Path) -> None:
    """A small archive may pack as well as it likes."""
    bomb(tmp_path / "a.xlsx", 20)

    guard_archive(tmp_path / "a.xlsx", Limits())


def test_missing_file_is_one_line(tmp_path: Path, read: Reading) -> None:
    """A pattern that matches nothing names itself and what to check."""
    with pytest.raises(SourceError, match=r"华东\*\.xlsx") as refused:
        read("客户/华东*.xlsx")

    assert "optional" in refused.value.line("en")


def test_optional_source_goes_on(tmp_path: Path, read: Reading) -> None:
    """An optional source that is missing or broken makes a finding; files beside the broken one are read."""
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 cut")
    write_workbook(tmp_path / "b.xlsx", {"S": [["名称", "城市"], ["启明", "杭州"]]})

    got = read("*.xlsx", optional=True)

    assert got.values() == [["启明", "杭州"]]
    assert got.codes() == ["FILE_UNREADABLE"]
    assert [one.path for one in got.extraction.manifest] == ["a.xlsx", "b.xlsx"]
    assert read("c.xlsx", optional=True).codes() == ["SOURCE_MISSING"]


def test_missing_sheet_is_about_the_mapping(tmp_path: Path, read: Reading) -> None:
    """A pinned sheet that is not there is an error that points to the mapping."""
    write_workbook(tmp_path / "a.xlsx", {"S": [["a", "b"]]})

    with pytest.raises(SourceError, match=r"table\.sheet"):
        read("a.xlsx", table={"sheet": "客户"})


def test_panic_of_a_parser_becomes_an_error() -> None:
    """A panic of a Rust parser, which is no Exception, ends as an error about the file; an interrupt stays one."""
    panic = type("PanicException", (BaseException,), {})

    def failing(error: BaseException) -> Iterator[Event]:
        def fail(_: int) -> Event:
            raise error

        return map(fail, (0,))

    with pytest.raises(SourceError, match="PanicException"):
        list(guarded(failing(panic()), Path("a.xlsx"), "a.xlsx"))
    with pytest.raises(SourceError, match="KeyError") as refused:
        list(guarded(failing(KeyError("王芳")), Path("a.xlsx"), "a.xlsx"))
    assert "王芳" not in str(refused.value)
    with pytest.raises(KeyboardInterrupt):
        list(guarded(failing(KeyboardInterrupt()), Path("a.xlsx"), "a.xlsx"))
    with pytest.raises(MachineError, match="permission"):
        list(guarded(failing(PermissionError()), Path("a.xlsx"), "a.xlsx"))


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_file_without_permission(tmp_path: Path, read: Reading) -> None:
    """A file that may not be read is an error of the machine."""
    (tmp_path / "a.csv").write_text("a\n1\n")
    (tmp_path / "a.csv").chmod(0)

    with pytest.raises(MachineError):
        read("a.csv")


def test_no_error_holds_a_cell(tmp_path: Path) -> None:
    """What a cell says is never in the message of an error."""
    (tmp_path / "a.csv").write_text('名称,城市\n"王芳,"' + "13900000000" * 200)

    with pytest.raises(SourceError) as refused:
        list(extract(source("a.csv"), root=tmp_path, limits=Limits(cell_chars=100)).chunks())

    assert "139" not in str(refused.value)
