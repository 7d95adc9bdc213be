"""Shared wire tables: one row drives reader and writer."""
