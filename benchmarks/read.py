"""
Read a workbook and a text file, beside the bare libraries, in one run.

    python benchmarks/read.py --rows 200000

Each reading is a process of its own, so that times and peaks of memory do not mix. Ratios are what to look at: seconds
depend on the machine.
"""

import argparse
import csv
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import openpyxl
import pyarrow.csv
import python_calamine
import xlsxwriter

from crmetl.extract import extract
from crmetl.extract.bounded.pool import POOL
from crmetl.project.model import Source

HEADINGS = [
    "客户编号", "客户名称", "联系人", "手机", "省份", "城市", "地址", "金额", "建档日期", "传真", "邮箱", "状态", "备注", "区域",
    "序号",
]  # fmt: skip
FIRST = datetime(2020, 1, 1)  # noqa: DTZ001 cells carry no zone


def cells(number: int) -> list[object]:
    """Return a customer row of 15 cells: texts, numbers, a date, two blanks."""
    return [
        f"K{number:07d}", f"杭州启明{number % 9973}机电有限公司", "张三", 13_900_000_000 + number, "浙江省", "杭州市",
        f"文三路{number}号", number * 1.25, FIRST + timedelta(days=number % 1500), None, f"a{number}@qiming.example", "正常",
        None, "华东", number,
    ]  # fmt: skip


def write(folder: Path, rows: int) -> None:
    """Write the same rows as xlsx, UTF-8 and GB18030."""
    book = xlsxwriter.Workbook(str(folder / "a.xlsx"), {"constant_memory": True})
    sheet, day = book.add_worksheet("客户"), book.add_format({"num_format": "yyyy-mm-dd"})
    sheet.write_row(0, 0, HEADINGS)
    for number in range(rows):
        for column, cell in enumerate(cells(number)):
            if isinstance(cell, datetime):
                sheet.write_datetime(number + 1, column, cell, day)
            elif cell is not None:
                sheet.write(number + 1, column, cell)
    book.close()
    for name, encoding in (("utf8.csv", "utf-8"), ("gb18030.csv", "gb18030")):
        with (folder / name).open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file)
            writer.writerow(HEADINGS)
            writer.writerows(cells(number) for number in range(rows))


def ours(path: Path) -> int:
    source = Source(source="s", system="s", reads=(path.name,), columns={})
    return sum(map(len, extract(source, root=path.parent).chunks()))


def calamine(path: Path) -> int:
    return sum(1 for _ in python_calamine.load_workbook(path).get_sheet_by_index(0).iter_rows()) - 1


def read_only(path: Path) -> int:
    sheet = openpyxl.load_workbook(path, read_only=True).worksheets[0]
    return sum(1 for _ in sheet.iter_rows(values_only=True)) - 1


def arrow(path: Path) -> int:
    encoding = "utf8" if path.stem == "utf8" else path.stem
    table = pyarrow.csv.read_csv(path, read_options=pyarrow.csv.ReadOptions(encoding=encoding))
    return int(table.num_rows)


def module(path: Path) -> int:
    encoding = "utf-8" if path.stem == "utf8" else path.stem
    with path.open(encoding=encoding, newline="") as file:
        return sum(1 for _ in csv.reader(file)) - 1


READERS: dict[str, Callable[[Path], int]] = {one.__name__: one for one in (ours, calamine, read_only, arrow, module)}
RUNS = (
    ("a.xlsx", "calamine", ("calamine", "read_only", "ours")),
    ("utf8.csv", "arrow", ("arrow", "module", "ours")),
    ("gb18030.csv", "arrow", ("arrow", "module", "ours")),
)


def measure(reader: str, path: Path) -> dict[str, float]:
    """Read one file in a process of its own."""
    done = subprocess.run(
        [sys.executable, __file__, "--reader", reader, "--file", str(path)], capture_output=True, check=True, text=True
    )
    out: dict[str, float] = json.loads(done.stdout)
    return out


def one(reader: str, path: Path) -> None:
    """
    Read in this process and say rows, seconds of CPU and wall, and the peak of memory.

    The processes in which crmetl parses are of the reading: their seconds, start included, and their peak are added.
    """
    wall, cpu = time.perf_counter(), time.process_time()
    rows = READERS[reader](path)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    POOL.close()
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    cpu += children.ru_utime + children.ru_stime
    print(json.dumps({"rows": rows, "cpu": cpu, "wall": wall, "peak_mb": (own.ru_maxrss + children.ru_maxrss) / 1024}))


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rows", type=int, default=200_000)
    asked.add_argument("--reader", choices=sorted(READERS), help=argparse.SUPPRESS)
    asked.add_argument("--file", type=Path, help=argparse.SUPPRESS)
    arguments = asked.parse_args()
    if arguments.reader:
        one(arguments.reader, arguments.file)
        return
    with TemporaryDirectory() as folder:
        write(Path(folder), arguments.rows)
        print(f"{arguments.rows:,} rows x {len(HEADINGS)} columns; x: times the first reader of the file, in seconds of CPU")
        for name, base, readers in RUNS:
            times = {reader: measure(reader, Path(folder) / name) for reader in readers}
            for reader, got in times.items():
                assert got["rows"] == arguments.rows, (name, reader, got["rows"])  # noqa: S101 a reader that loses rows has no speed
                ratio = got["cpu"] / times[base]["cpu"]
                print(
                    f"{name:12} {reader:10} {got['cpu']:7.2f} s CPU {got['wall']:7.2f} s {got['peak_mb']:7.0f} MB {ratio:6.2f} x"
                )


if __name__ == "__main__":
    main()
