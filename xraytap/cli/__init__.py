"""Floor 4: the command line. Parses, delegates, prints."""
