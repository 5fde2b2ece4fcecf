"""Doubtful pairs and samples for a person: out as a workbook or page, and the decisions back."""
