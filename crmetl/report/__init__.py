"""Reports: HTML, workbooks, JSON and terminal lines, all from one summary and its plan. Renders; computes nothing."""

from crmetl.report.plan_workbook import write_plan_workbook
from crmetl.report.terminal import show_lines, terminal_summary
from crmetl.report.write import write_reports

__all__ = ["show_lines", "terminal_summary", "write_plan_workbook", "write_reports"]
