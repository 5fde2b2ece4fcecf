"""Flipped bytes: the right rows, a finding or a clear error, never anything else."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from crmetl.errors import SourceError
from crmetl.extract import Limits
from crmetl.extract.bounded.pool import POOL, begin
from crmetl.extract.events import Hint, Opened, Rows
from tests.extract.conftest import write_workbook

CASES = 2_000
FOLDER = Path(__file__).parent / "conformance" / "files"
TALL = "far_cell.xlsx"
"""A million blank rows take a second to read."""
SAMPLES = sorted(
    one for one in FOLDER.iterdir() if one.suffix != ".json" and 0 < one.stat().st_size < 60_000 and one.name != TALL
)
LIMITS = Limits(unpacked_mb=64, memory_mb=1_000, seconds=60, rows=100_000, cells=2_000_000)


@dataclass
class Told:
    """What a reader said of a file."""

    opened: bool = False
    cells: list[list[str | None]] = field(default_factory=list)
    findings: int = 0
    refused: SourceError | None = None


def flipped(content: bytes, seed: int) -> bytes:
    """Return the file with a few bytes changed; every fifth is cut too."""
    dice = random.Random(seed)
    broken = bytearray(content)
    for _ in range(dice.choice((1, 3, 20))):
        broken[dice.randrange(len(broken))] = dice.randrange(256)
    return bytes(broken[: dice.randrange(1, len(broken))] if seed % 5 == 0 else broken)


def told(path: Path, kind: str = "table") -> Told:
    """Read a file."""
    out = Told()
    try:
        for event in begin(kind, path, Hint(), LIMITS, path.name):
            if isinstance(event, Rows):
                out.cells += [list(row.values()) for row in event.table.to_pylist()]
                out.findings += len(event.faults)
            out.opened = out.opened or isinstance(event, Opened)
    except SourceError as refused:
        out.refused = refused
    return out


def cases() -> Iterator[tuple[int, Path]]:
    """Yield seed and sample, every sample as often as the others."""
    for seed in range(CASES):
        yield seed, SAMPLES[seed % len(SAMPLES)]


def test_flipped_bytes_end_well(tmp_path: Path) -> None:
    """Of 2,000 broken files each is read or refused in one line that names it; nothing hangs, and few processes are lost."""
    before = POOL.started
    for seed, sample in cases():
        path = tmp_path / sample.name
        path.write_bytes(flipped(sample.read_bytes(), seed))

        got = told(path)

        assert got.opened or got.refused, (seed, sample.name)
        assert got.refused is None or (got.refused.next and got.refused.exit == 3), (seed, sample.name)
    assert POOL.started - before < 40


@pytest.mark.parametrize(
    "sample", [one for one in SAMPLES if one.suffix in (".xlsx", ".ods") and one.stat().st_size < 8_000][:12]
)
def test_no_silent_change_behind_a_checksum(sample: Path, tmp_path: Path) -> None:
    """A byte flipped inside a packed sheet gives the rows as they were, or an error; never other rows."""
    content = sample.read_bytes()
    right = told(sample)
    path = tmp_path / sample.name
    for seed in range(12):
        broken = bytearray(content)
        at = random.Random(seed).randrange(len(broken))
        broken[at] ^= 1 << seed % 8
        path.write_bytes(bytes(broken))

        got = told(path)

        assert got.refused or got.cells == right.cells, (sample.name, seed, at)


@pytest.mark.parametrize("kind", ["mbox", "chat"])
def test_flipped_mails_end_well(kind: str, tmp_path: Path) -> None:
    """The same holds for mailboxes and chats."""
    mail = "".join(
        f"From w@out.example Tue Mar  5 14:22:10 2024\nFrom: =?utf-8?B?546L?= <w{n}@out.example>\nDate: Tue, 05 Mar 2024 14:22:10 +0800\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: base64\n\n"
        "xPq6ww==\n--b\nContent-Type: application/pdf; name=a.pdf\n\nx\n--b--\n\n"
        for n in range(4)
    )
    chat = "".join(f"2024-03-0{n} 10:0{n}:00 王芳(12345)\n你好{n}\n\n" for n in range(1, 9))
    path = tmp_path / "a.txt"
    for seed in range(60):
        path.write_bytes(flipped((mail if kind == "mbox" else chat).encode(), seed))

        got = told(path, kind)

        assert got.opened or got.refused


def test_a_workbook_of_two_sheets_ends_well(tmp_path: Path) -> None:
    """Also a workbook with merged cells and shared texts, as a spreadsheet writes them."""
    rows: list[list[object]] = [["名称", "城市", "金额"], *([f"启明{n}", "杭州", n * 1.5] for n in range(20))]
    write_workbook(tmp_path / "o.xlsx", {"S": rows, "T": rows}, merges=[(2, 1, 4, 1, "杭州")])
    content = (tmp_path / "o.xlsx").read_bytes()
    for seed in range(100):
        (tmp_path / "a.xlsx").write_bytes(flipped(content, seed))

        got = told(tmp_path / "a.xlsx")

        assert got.opened or got.refused
