"""
Reports: HTML, workbooks, JSON and terminal lines, all from one summary and its plan. Renders; computes nothing.

Nothing is imported here: who only needs the words of a report (the entry check) does not wait for workbooks.
"""
