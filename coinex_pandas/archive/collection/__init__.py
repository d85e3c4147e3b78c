"""What a capture consists of: its tasks, the sessions that store each reply, and the journal of what was captured."""
