"""The log of the process: libraries may warn, values may not pass."""

import io
import logging
from collections.abc import Iterator

import pytest

from crmetl.service.logs import to_stream

MARK = "MARK-13800001234"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Send the log of this process to a text, and put everything back."""
    names = ["", "crmetl.service", "uvicorn.error"]
    before = [(logging.getLogger(name), logging.getLogger(name).level) for name in names]
    handlers = list(logging.getLogger().handlers)
    logging.getLogger().handlers = []
    stream = io.StringIO()
    to_stream(stream)
    yield stream
    logging.getLogger().handlers = handlers
    for logger, level in before:
        logger.setLevel(level)


def _fail() -> None:
    raise ValueError(MARK)


def test_our_lines_and_warnings_pass_without_what_is_filled_in(log: io.StringIO) -> None:
    """Time in UTC, level, text; a library's arguments are dropped, and so is its chatter."""
    logging.getLogger("crmetl.service").info("%s %d", "GET", 200)
    logging.getLogger("sqlalchemy.engine").warning("statement %s", MARK)
    logging.getLogger("httpx").info(MARK)

    lines = [line.split(" ", 1) for line in log.getvalue().splitlines()]
    assert ["INFO GET 200", "WARNING statement %s"] == [text for _, text in lines]
    assert all(at.endswith("Z") for at, _ in lines)


@pytest.mark.parametrize("name", ["asyncio", "uvicorn.error", "any.library"])
def test_of_an_exception_only_kind_and_place_are_logged(log: io.StringIO, name: str) -> None:
    """Its text may hold a value; asyncio writes that into the line itself."""
    try:
        _fail()
    except ValueError as error:
        text = f"exception={error!r}" if name == "asyncio" else "an exception"
        logging.getLogger(name).exception(text)

    assert ("ValueError at test_logs.py" in log.getvalue(), MARK in log.getvalue()) == (True, False)
