"""Linking: orders, mails, cases and the like to the customers they belong to, by key and then by evidence."""

from crmetl.link.index import ParentIndex, parent_index
from crmetl.link.rules import LinkRules, Pair, link_rules
from crmetl.link.stage import link

__all__ = ["LinkRules", "Pair", "ParentIndex", "link", "link_rules", "parent_index"]
