"""`python -m crmetl`."""

from crmetl.cli import main

main()
