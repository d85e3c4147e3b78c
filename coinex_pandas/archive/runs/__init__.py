"""Captures: their stages, their run, and what they report."""
