"""What a project remembers between runs: decisions on pairs, corrections of held rows."""
