"""The match index: keys of the CRM's rows, kept current, and looked up by the entry check."""
