"""The order of the stages; the only callers of `load.apply`."""
