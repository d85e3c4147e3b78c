"""Every table of the exchange, declared once."""
