"""Which columns of an unknown table are compared, and as what."""
