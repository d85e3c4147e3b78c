"""What an archive says of itself, for who has nothing else: its tables, their columns, and how to read them."""
