"""What a table tells of itself without labels: kinds of pairs, chance, frequencies, the mixture, the rules of blocking."""
