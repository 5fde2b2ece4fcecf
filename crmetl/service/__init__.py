"""The pre-entry check as an HTTP service; it decides nothing."""
