"""The raw layer: replies and frames as they came, in sealed segments, and the bag that proves them."""
