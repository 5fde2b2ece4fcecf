"""Read what a client hands over: every row exactly, or a clear reason; each with its place and a permanent id."""

from crmetl.extract.extraction import Extraction, extract
from crmetl.extract.files import bytes_of
from crmetl.extract.folder import FoundTable, inventory
from crmetl.extract.limits import Limits
from crmetl.extract.manifest import FileEntry, TableEntry
from crmetl.extract.readers import READERS
from crmetl.extract.whole import Told, WholeTable, read_whole

__all__ = [
    "READERS", "Extraction", "FileEntry", "FoundTable", "Limits", "TableEntry", "Told", "WholeTable", "bytes_of", "extract",
    "inventory", "read_whole",
]  # fmt: skip
