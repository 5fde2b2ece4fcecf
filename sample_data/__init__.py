"""The sample estate; see README.md."""
