"""The pre-entry check as an HTTP service; it decides nothing."""

from crmetl.service.app import make_app
from crmetl.service.contract import Checks
from crmetl.service.guard import Access, Limits

__all__ = ["Access", "Checks", "Limits", "make_app"]
