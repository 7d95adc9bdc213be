"""Replay of many calls from the screen: the plan first, then progress, then what came of it."""
