"""
Make the conformance files anew.

    python -m tests.extract.conformance.make [NAME…]

What a file is to give is written down where the file is made, never taken from the reader. Files of BIFF need xlwt, which is
no dependency of ours: without it those in the folder stay as they are.
"""

import json
import sys
from pathlib import Path

from tests.extract.conformance import books, oldbooks, others, texts

FOLDER = Path(__file__).parent / "files"


def main(names: list[str]) -> None:
    """Write the named files, or all."""
    FOLDER.mkdir(exist_ok=True)
    for case in (*books.CASES, *oldbooks.CASES, *texts.CASES, *others.CASES):
        if names and case.name not in names:
            continue
        (FOLDER / case.name).write_bytes(case.content)
        promise = json.dumps(case.promise(), ensure_ascii=False, indent=1)
        (FOLDER / f"{case.name}.expected.json").write_text(promise + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
