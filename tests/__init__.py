"""The tests, in the folders of the package; what several of them share lies beside them and is imported by its path."""
