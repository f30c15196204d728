"""Numbers and tables as plain text."""
