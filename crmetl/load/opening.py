"""Opening a target: for planning, which cannot write, and for the one door that does."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crmetl.errors import MachineError
from crmetl.load.connect import parse_url, reading_engine, sqlite_file, writing_engine
from crmetl.load.memory import MemoryTarget
from crmetl.load.sql import SqlTarget
from crmetl.plan import Target, TargetReader
from crmetl.schema import Schema
from crmetl.text import Text


@contextmanager
def open_reader(url: str, schema: Schema) -> Iterator[TargetReader]:
    """
    Open a target for planning: the database itself keeps this session from writing.

    A SQLite file that is not there reads as an empty CRM and is not made; so does a database without the tables.

    Args:
        url: SQLAlchemy URL.
        schema: What the target holds.

    Raises:
        TargetError: It does not answer, or cannot be read.
    """
    where = parse_url(url)
    path = sqlite_file(where)
    if path is not None and not path.exists():
        yield MemoryTarget(schema)
        return
    reader = SqlTarget(reading_engine(where), where, schema)
    try:
        yield reader
    finally:
        reader.close()


@contextmanager
def open_target(url: str, schema: Schema) -> Iterator[Target]:
    """
    Open a target for `apply` and `rollback`; a SQLite file is made where there is none.

    Raises:
        TargetError: It does not answer.
    """
    where = parse_url(url)
    path = sqlite_file(where)
    if path is not None:
        _make_folder(path.parent)
    target = SqlTarget(writing_engine(where), where, schema)
    try:
        yield target
    finally:
        target.close()


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise MachineError(
            Text("数据库所在的目录无法建立", "the folder of the database cannot be made"),
            where=str(folder),
            next=Text("换一个位置，或改权限", "choose another place, or change its permissions"),
        ) from error


def create_schema(url: str, schema: Schema) -> tuple[str, ...]:
    """
    Make the tables of the schema and of the ledger that are missing; return their names.

    Raises:
        TargetError: The database does not answer, or forbids it.
    """
    with open_target(url, schema) as target:
        return target.prepare()
