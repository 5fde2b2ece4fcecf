"""Mailboxes: a row a mail, its texts decoded, its kind told."""
