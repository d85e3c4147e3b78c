"""What an archive holds and how it comes there: sessions that can only read, the plan of a capture, its run."""
