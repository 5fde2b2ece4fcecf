"""How two cells are read and compared: normal forms, parts and levels, by semantic type; a record as columns of codes."""
