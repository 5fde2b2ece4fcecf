"""Records read thousands at once are those that the csv module reads, whatever the text."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmetl.extract import records
from crmetl.extract.block import block_of
from crmetl.extract.dialect import Dialect
from crmetl.extract.encoding import Encoding
from crmetl.extract.limits import Limits
from crmetl.extract.records import Records, at_once
from crmetl.extract.sheet import Block, Row

MARKS = st.sampled_from(
    ['"', '""', ",", ";", "\n", "\r\n", "\r", "a", "张三", " ", "\u3000", "\x0b", "\u2028", "\0", '",', ',"', "x,y\n"]
)
TEXTS = st.lists(MARKS, min_size=1, max_size=40).map("".join)
DIALECTS = st.builds(Dialect, st.sampled_from([",", ";", "x"]), st.booleans())
Told = tuple[list[list[object]], list[tuple[object, ...]]]


def told(blocks: list[Block]) -> Told:
    """Return the cells of the rows, and where which fault is."""
    rows: list[list[object]] = []
    found: list[tuple[object, ...]] = []
    for block in blocks:
        found += [(len(rows) + one.at, one.fault, one.column) for one in block.faults]
        rows += [list(row) for row in zip(*(column.to_pylist() for column in block.columns), strict=True)]
    return rows, found


def carefully(text: str, dialect: Dialect, width: int) -> Told:
    read: list[Row] = list(dialect.rows(io.StringIO(text, newline="")))
    return told([block_of(read, width, dialect.delimiter)] if read else [])


@given(TEXTS, DIALECTS, st.integers(1, 4))
def test_whole_records_at_once_are_those_of_the_csv_module(text: str, dialect: Dialect, width: int) -> None:
    """Open, doubled and stray quotation marks, lone CRs, rows too short and too long: the same cells and faults, or no answer."""
    found = at_once(text, dialect, width, 1_000_000)

    assert found is None or told([found]) == carefully(text, dialect, width)


@given(TEXTS, DIALECTS, st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(0, 3), st.integers(1, 9)))
def test_blocks_are_the_rows_of_the_file(
    tmp_path_factory: pytest.TempPathFactory, text: str, dialect: Dialect, sizes: tuple[int, int, int, int]
) -> None:
    """Wherever the pieces end, and whatever was read before: each record once, in blocks of the size that was asked for."""
    width, most, head, piece = sizes
    path = tmp_path_factory.mktemp("text") / "a.csv"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(records, "_PIECE", piece)
        come = Records(path, Encoding("utf-8"), dialect, Limits())
        first = [row for _, row in zip(range(head), come, strict=False)]

        blocks = list(come.blocks(first, width, most))

    assert told(blocks) == carefully(text, dialect, width)
    assert [len(one) for one in blocks[:-1]] == [most] * (len(blocks) - 1)


def test_regular_text_with_quotation_marks_needs_no_second_reading() -> None:
    """Amounts, line breaks and inches in quotation marks are what pyarrow reads as the csv module does."""
    text = '1,"15,000.00","8""\n管"\r\n2,5" 管,\n\n3\n'

    found = at_once(text, Dialect(), 3, 1_000_000)

    assert found is not None
    assert told([found])[0] == [["1", "15,000.00", '8"\n管'], ["2", '5" 管', None], [None] * 3, ["3", None, None]]


def test_a_cell_beyond_the_limit_is_left_to_the_csv_module() -> None:
    """The limit counts characters, not bytes."""
    limit = 1_000

    assert at_once("张" * limit + ",1\n", Dialect(), 2, limit) is not None
    assert at_once("张" * (limit + 1) + ",1\n", Dialect(), 2, limit) is None
