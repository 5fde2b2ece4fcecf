"""Flipped bytes: rows, a finding or a clear error, never anything else."""

import random
from pathlib import Path

import pytest

from crmetl.errors import SourceError
from tests.extract.conftest import Read, read_all, write_workbook

CASES = 50


def originals(folder: Path) -> dict[str, tuple[bytes, str]]:
    """Return a small file of each family, and its format."""
    rows: list[list[object]] = [["名称", "城市", "金额"], *([f"启明{n}", "杭州", n * 1.5] for n in range(20))]
    write_workbook(folder / "o.xlsx", {"S": rows, "T": rows}, merges=[(2, 1, 4, 1, "杭州")])
    table = "\n".join(f'启明{n},"杭州,{n}",{n}' for n in range(20))
    mail = "".join(
        f"From w@out.example Tue Mar  5 14:22:10 2024\nFrom: =?utf-8?B?546L?= <w{n}@out.example>\nDate: Tue, 05 Mar 2024 14:22:10 +0800\n"
        "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/plain; charset=gb2312\nContent-Transfer-Encoding: base64\n\n"
        "xPq6ww==\n--b\nContent-Type: application/pdf; name=a.pdf\n\nx\n--b--\n\n"
        for n in range(4)
    )
    return {
        "a.xlsx": ((folder / "o.xlsx").read_bytes(), "table"),
        "a.csv": (f"名称,城市,金额\n{table}\n".encode("gbk"), "table"),
        "a.mbox": (mail.encode(), "mbox"),
    }


@pytest.mark.parametrize("name", ["a.xlsx", "a.csv", "a.mbox"])
def test_flipped_bytes_end_well(name: str, tmp_path: Path) -> None:
    """Whatever bytes are flipped, cut or doubled, the file gives rows or one error with its name."""
    content, kind = originals(tmp_path)[name]
    for seed in range(CASES):
        dice = random.Random(seed)
        broken = bytearray(content)
        for _ in range(dice.choice((1, 3, 20))):
            broken[dice.randrange(len(broken))] = dice.randrange(256)
        if seed % 5 == 0:
            broken = broken[: dice.randrange(1, len(broken))]
        (tmp_path / name).write_bytes(bytes(broken))

        ended = _read(tmp_path, name, kind)

        assert (ended.where, bool(ended.next)) == (name, True) if isinstance(ended, SourceError) else ended.rows.index.is_unique


def _read(folder: Path, name: str, kind: str) -> Read | SourceError:
    try:
        return read_all(folder, name, format=kind)
    except SourceError as refused:
        return refused
