"""Floor 3: what the pytest plugin is made of. Imported when a test uses the fixture, not before."""
