"""From scattered customer files to a CRM that people trust."""

__version__ = "0.1.0"
