"""The invented estate of one company: its world, its files, its dirt and the truth about them."""
