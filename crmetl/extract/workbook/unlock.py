"""Encrypted workbooks, opened with the password that the mapping refers to."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from crmetl.extract.container import locked


@contextmanager
def unlocked(path: Path, password: str | None) -> Iterator[Path]:
    """
    Give a decrypted copy of a workbook, for as long as it takes.

    Raises:
        SourceError: There is no password, or it is wrong.
    """
    if not password:
        raise locked(path)
    import msoffcrypto  # noqa: PLC0415 few files need it, and it loads a library of cryptography

    with TemporaryDirectory() as folder:
        plain = Path(folder) / f"plain{path.suffix}"
        try:
            with path.open("rb") as file, plain.open("wb") as out:
                office = msoffcrypto.OfficeFile(file)
                office.load_key(password=password)
                office.decrypt(out)
        except Exception:  # noqa: BLE001 whatever it raises, the password did not open the file
            raise locked(path) from None
        yield plain
