"""The command line: it parses, calls one flow, and prints; it decides nothing."""

from crmetl.cli.entry import main

__all__ = ["main"]
