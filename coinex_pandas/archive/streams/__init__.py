"""Streams in archives: their frames as they came, what happened to them, and the rows that follow from both."""
