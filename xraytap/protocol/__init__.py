"""Floor 0: bytes to calls and back. Pure: no file, socket, clock, log, thread or asyncio."""
