"""Where things lie: the repository, the golden files, and the API reference that is beside some checkouts."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
TESTS = ROOT / "tests"
GOLDEN_HTTP = TESTS / "golden" / "http"
"""One request with its replies for each endpoint, named like its function."""
GOLDEN_STREAMS = TESTS / "golden" / "streams"
"""For each channel what is sent, acknowledged and pushed, named like its function in ``cx.live``."""
SHARED = ROOT.parent / "shared"
