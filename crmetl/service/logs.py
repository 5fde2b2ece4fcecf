"""The service's log: one line a request, and of a bug its kind and place; never a text that may hold a value."""

import logging
import sys
import time
import traceback
from pathlib import PurePath
from typing import TextIO

BUGS = logging.getLogger("crmetl.service.bug")


class Quiet(logging.Formatter):
    """One line a record, UTC; of an exception only its kind and place, for its text may hold a value."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s")

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 the name of the library
        """Return the time, UTC."""
        return time.strftime(datefmt or "%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))

    def formatException(self, ei: object) -> str:  # noqa: N802 the name of the library
        """Return kind and place."""
        error = ei[1] if isinstance(ei, tuple) else None
        return place_of(error) if isinstance(error, BaseException) else ""


def place_of(error: BaseException) -> str:
    """
    Return kind and place of an error.

    >>> place_of(KeyError("a value"))
    'KeyError'
    """
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {PurePath(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place


def bug(error: BaseException) -> None:
    """Log a bug of ours."""
    BUGS.error("bug: %s", place_of(error))


def to_stream(stream: TextIO = sys.stderr) -> None:
    """Send the log of this process to a stream: our own lines, and warnings of the libraries without what they fill in."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(Quiet())
    handler.addFilter(_without_values)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.getLogger("crmetl.service").setLevel(logging.INFO)
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)


def _without_values(record: logging.LogRecord) -> bool:
    """Keep a library's line and drop its arguments; asyncio writes the text of an exception into the line itself."""
    if not record.name.startswith("crmetl."):
        record.args = ()
    if record.name == "asyncio":
        record.msg = "an error in the event loop"
    return True
