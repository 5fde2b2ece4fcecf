"""How good the matching is: expected from the scores, against labels, by a sample for a person."""
