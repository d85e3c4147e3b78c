"""Several orders at once, as people have them: a table or mappings; a missing cell is a parameter left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import pandas as pd

from coinex_pandas.errors import InvalidArgument

__all__ = ["Orders", "completed", "items_of"]


Orders = pd.DataFrame | Iterable[Mapping[str, Any]]
"""Several orders: a table with a row each, or a mapping each."""

_MOST_ITEMS = 100  # documented for futures_modify_orders; the limits of the others are not documented


def items_of(orders: Orders, names: Sequence[str], required: Sequence[str]) -> list[dict[str, Any]]:
    """Return several orders' parameters, one mapping each, without what is missing in them.

    Raises
    ------
    InvalidArgument
        There are none or too many, or an order lacks a parameter or has one that does not exist.
    """
    items = [_item(at, item, names, required) for at, item in enumerate(_mappings(orders, names))]
    if not 1 <= len(items) <= _MOST_ITEMS:
        raise InvalidArgument(f"orders: from 1 to {_MOST_ITEMS} orders at once, not {len(items)}")
    return items


def _mappings(orders: Orders, names: Sequence[str]) -> list[Mapping[str, Any]]:
    if isinstance(orders, pd.DataFrame):
        labels = [name for name in orders.index.names if name in names]  # an id or a market may be the index
        _require_once([*labels, *orders.columns])
        table = orders.reset_index(labels) if labels else orders
        # to_dict would widen a float32 of 0.1 to 0.10000000149011612
        columns = [table[name].array for name in table.columns]
        return [dict(zip(table.columns, cells, strict=True)) for cells in zip(*columns, strict=True)]
    is_table = getattr(orders, "ndim", 1) != 1  # of NumPy; without dimensions it calls itself Iterable all the same
    if isinstance(orders, (str, bytes, Mapping)) or not isinstance(orders, Iterable) or is_table:
        raise InvalidArgument(f"orders: a DataFrame, or an iterable of mappings, not {type(orders).__name__}")
    return list(orders)


def _require_once(names: Sequence[Any]) -> None:
    """Raise when a parameter stands in a table twice: pandas would take one of them without a word."""
    if twice := [name for at, name in enumerate(names) if name in names[:at]]:
        raise InvalidArgument(f"orders: {twice[0]!r} stands there twice, as a column or as the index; drop one of them")


def _item(at: int, item: Any, names: Sequence[str], required: Sequence[str]) -> dict[str, Any]:
    if not isinstance(item, Mapping):
        raise InvalidArgument(f"orders, item {at}: a mapping of parameters, not {type(item).__name__}")
    params = {name: value for name, value in item.items() if not _is_missing(value)}
    if unknown := [name for name in params if name not in names]:
        raise InvalidArgument(f"orders, item {at}: no parameter {unknown[0]!r}; there are {', '.join(names)}")
    if absent := [name for name in required if name not in params]:
        raise InvalidArgument(f"orders, item {at}: {absent[0]} is missing")
    return params


def _is_missing(value: Any) -> bool:
    if isinstance(value, Decimal):
        return value.is_nan()  # pandas fails with a signalling one
    return bool(pd.api.types.is_scalar(value) and pd.isna(value))


def completed(frame: pd.DataFrame, request: Mapping[str, list[Any]]) -> pd.DataFrame:
    """Return a batch's frame with missing cells filled from the request, by column a value for each item.

    Answers come in the order of the request; when there are more or fewer of them, nothing is filled.
    """
    whole = frame
    for name, values in request.items():
        if name in frame and len(frame) == len(values):
            sent = pd.Series(values, index=frame.index, dtype=frame[name].dtype)
            whole = whole.assign(**{name: whole[name].fillna(sent)})
    whole.attrs = frame.attrs
    return whole
