"""A statement as text: its tables, Markdown, a page."""
