"""Frames as Parquet files, written in one step, and what the operating system says when it cannot."""

import errno
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from crmetl.errors import MachineError
from crmetl.text import Text

PACKED = {"compression": "zstd", "compression_level": 1}
"""Half the size of snappy at the same speed on columns of short texts."""


class full_disk:  # noqa: N801 reads as a statement: `with full_disk(path):`
    """Turn 'no space' and 'not permitted' into the error that says what to do."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        """Begin to write."""

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        """Translate the operating system's refusals."""
        if not isinstance(error, OSError):
            return
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise MachineError(
                Text("磁盘已满", "the disk is full"),
                where=str(self.path.parent),
                next=Text(
                    "腾出空间后重跑同一命令，已完成的部分不会丢",
                    "free some space and run the same command again; what is done is kept",
                ),
            ) from error
        if error.errno in (errno.EACCES, errno.EROFS, errno.EPERM):
            raise MachineError(
                Text("没有写入权限", "no permission to write"),
                where=str(self.path.parent),
                next=Text("换一个 runs 目录，或改权限", "choose another `runs` folder, or change its permissions"),
            ) from error


def read_frame(path: Path) -> pd.DataFrame:
    """Return a frame that this program wrote, with its index."""
    frame: pd.DataFrame = pq.read_table(path).to_pandas()
    return frame


def write_table(path: Path, table: pa.Table, *, at_once: int | None = None) -> None:
    """
    Write a table in one step: a temporary file, then a rename.

    Args:
        at_once: Rows of a row group; as many as Parquet's writer likes where None.
    """
    beside = path.with_suffix(".part")
    with full_disk(path):
        pq.write_table(table, beside, row_group_size=at_once, **PACKED)
        beside.replace(path)
