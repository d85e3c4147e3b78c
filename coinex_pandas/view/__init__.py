"""The parts of a live view: what is seen, when it is sent, and to whom. `watch.py` is their door."""
