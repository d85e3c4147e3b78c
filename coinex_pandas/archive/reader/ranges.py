"""What of a range of time an archive's captures do not hold."""

from __future__ import annotations

import pandas as pd

__all__ = ["missing"]

_BEGINNING = pd.Timestamp(0, unit="ms", tz="UTC")  # nothing of the exchange is as old


def missing(tasks: pd.DataFrame, start: int | None, end: int | None) -> str:
    """Return what of a range is missing, in words; "" where all of it is there.

    Parameters
    ----------
    tasks : DataFrame
        The rows of the coverage that the range could be in.
    start, end : int or None
        The range in unix milliseconds; None for an open end.
    """
    whole = tasks[tasks["complete"]]
    if whole.empty:
        reasons = "; ".join(dict.fromkeys(tasks["reason"].tail(3)))
        return f"no capture of it was complete ({reasons})"
    spans = sorted(zip(whole["from"].fillna(_BEGINNING), whole["to"], strict=True))
    reach = _BEGINNING if start is None else _moment(start)
    texts: list[str] = []
    for at, (first, last) in enumerate(spans):
        if first > reach and (end is None or reach < _moment(end)):
            texts.append(f"nothing from {_text(reach)} to {_text(first)}" if at else f"captured from {_text(first)} on")
        reach = max(reach, last)
    if end is not None and reach < _moment(end):
        texts.append(f"captured up to {_text(reach)}")
    return "; ".join(texts)


def _moment(unix_ms: int) -> pd.Timestamp:
    return pd.Timestamp(unix_ms, unit="ms", tz="UTC")


def _text(moment: pd.Timestamp) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
