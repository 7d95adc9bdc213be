"""Fuzzing: broken bytes made from real ones, against invariants written in words. `make fuzz` runs it."""
