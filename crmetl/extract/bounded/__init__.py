"""Every input is parsed in a process with limits; nothing that a parser does there hurts the run."""
