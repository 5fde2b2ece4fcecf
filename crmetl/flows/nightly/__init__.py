"""The night: the CRM itself is read, cleaned and matched; what is sure is written, the rest waits for a person."""
