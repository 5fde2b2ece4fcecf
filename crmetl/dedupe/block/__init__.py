"""Which records are compared at all: keys, blocks, pairs."""
