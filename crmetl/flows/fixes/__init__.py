"""Held rows for a person: out as a workbook, back as corrections, and the corrected rows run again alone."""
