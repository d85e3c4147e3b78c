"""Archives: an account and public data in a folder that needs no program of ours to be read again."""
