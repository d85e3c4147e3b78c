"""The quality of tables: what contradicts itself in them, and what is missing."""
