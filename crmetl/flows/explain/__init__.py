"""One record's life in a run, and why two records are, or are not, one."""
