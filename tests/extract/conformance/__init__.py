"""Small files, each one trap, with what is to come of them beside each."""
