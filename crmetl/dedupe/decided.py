"""What a person decided of a pair, remembered by content: the same two customers in next month's files are not asked about."""

DECISION = ("entity", "left", "right", "verdict", "why")
"""
Columns of decisions: `left` < `right` are content prints, `verdict` is "same" or "different", `why` is for people.
"""
