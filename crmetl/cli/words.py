"""What the commands say, in the language that was asked for."""

import sys

from crmetl.cli.asked import asked
from crmetl.text import Text


def say(zh: str, en: str) -> str:
    """Return the sentence in the language of this command line."""
    return Text(zh, en).read(asked().lang)


def tell(*lines: str) -> None:
    """Print for a person; silent when JSON was asked for, since stdout then holds one object only."""
    if not asked().json:
        for line in lines:
            sys.stdout.write(line + "\n")
