"""Floor 2: xraytap is the client. Sends recorded calls to a host and tells what it answered differently."""
