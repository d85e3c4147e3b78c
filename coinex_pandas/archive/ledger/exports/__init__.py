"""An account's movements as files for other tools."""
