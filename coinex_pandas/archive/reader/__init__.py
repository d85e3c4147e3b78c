"""Opening an archive: the calls of the exchange, answered from what was stored."""
