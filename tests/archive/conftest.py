"""An archive of an account that lived: captured once, and opened by many tests."""

from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pytest

import coinex_pandas as cx
from coinex_pandas.archive.reader.archive import Archive, open_archive
from coinex_pandas.archive.runs.capture import capture
from coinex_pandas.http.pacing import Pacer, Turn

MARKETS = ("BTCUSDT", "ETHUSDT", "CETUSDT")
START = "2026-05-28"


class Captured(NamedTuple):
    """An archive, and the session that it was captured with."""

    archive: Archive
    session: cx.SignedSession
    coverage: pd.DataFrame

    def live(self, table: str, **settings: Any) -> pd.DataFrame:
        """Return what the exchange answers."""
        frame: pd.DataFrame = getattr(cx, table)(**settings, session=self.session)
        return frame


@pytest.fixture(scope="session")
def captured(lived_in: Any, tmp_path_factory: pytest.TempPathFactory) -> Captured:
    """Return the archive of a sandbox in which every verb was called; nobody may write into it."""
    path: Path = tmp_path_factory.mktemp("archive") / "coinex"
    session = lived_in.exchange.session
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pacer, "wait", lambda _, units=1: Turn(0.0, units))
        capture(path, "account", session=session)
        coverage = capture(path, "public", markets=MARKETS, start=START, session=session)
    return Captured(open_archive(path), session, coverage)
