"""Workbooks of every kind: who reads them, and what their cells are beside their values."""
