"""In which shapes a JSON file holds a table: rows, columns, rows by their time, columns by their time.

The law: what is returned is the first table inside, breadth first, with every cell where it stood.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

_SCALARS = (str, int, float, bool, type(None))
# `1. open`, `1a. open (USD)`: Alpha Vantage counts its columns and names the quote.
_COUNTED = re.compile(r"\d+[a-z]?\. (.*?)(?: \([A-Z]{3,4}\))?")
_TIME_KEY = re.compile(r"\d{4}-\d\d-\d\d.*|\d{9,19}")


def rows_of(value: Any) -> list[Any] | None:
    """Return the first list of rows (lists or objects) inside a JSON value, breadth first."""
    queue = [value]
    while queue:
        current = queue.pop(0)
        if isinstance(current, list):
            if current and all(isinstance(row, dict) for row in current):
                return current
            if current and all(isinstance(row, list) for row in current):
                return current
            queue += current
        elif isinstance(current, dict):
            by_time = _rows_by_time(current) or _split_frame(current)
            if by_time:
                return by_time
            columns = _columns_of(current)
            if columns:
                rows = zip(*columns.values(), strict=True)
                return [dict(zip(columns, row, strict=True)) for row in rows]
            queue += list(current.values())
    return None


def _columns_of(value: dict[str, Any]) -> dict[str, list[Any]]:
    """Return the columns of a table that a JSON object holds by column, empty where it is no such table.

    Columns may lie at several depths (times above prices), beside single values and shorter lists;
    a name that comes twice makes it several tables.
    """
    found: list[tuple[str, list[Any]]] = []
    queue: list[tuple[str, Any]] = list(value.items())
    while queue:
        key, inner = queue.pop(0)
        if isinstance(inner, list) and len(inner) == 1 and isinstance(inner[0], dict):
            inner = inner[0]
        if isinstance(inner, dict):
            queue += inner.items()
        elif isinstance(inner, list) and inner:
            if not any(isinstance(cell, (list, dict)) for cell in inner):
                found.append((key, inner))
    usual = Counter(len(column) for _, column in found).most_common(1)
    columns = [(key, column) for key, column in found if usual[0][0] == len(column)]
    alone = len({key for key, _ in columns}) == len(columns) > 3
    return dict(columns) if alone else {}


def _rows_by_time(value: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of `{time: {name: cell}}` or `{name: {time: cell}}` (data frames as pandas writes them)."""
    inner = list(value.values())
    if not all(isinstance(one, dict) and one for one in inner) or not inner:
        return []
    if any(not isinstance(cell, _SCALARS) for one in inner for cell in one.values()):
        return []
    if all(_TIME_KEY.fullmatch(key) for key in value):
        return [
            {"time": when} | {_without_count(name): cell for name, cell in row.items()}
            for when, row in value.items()
        ]
    keys = list(inner[0])
    numbered = keys == [str(i) for i in range(len(keys))]  # a frame's own numbering is no time
    if len(value) < 4 or not (numbered or all(_TIME_KEY.fullmatch(key) for key in keys)):
        return []
    if any(list(column) != keys for column in inner):
        return []
    return [
        ({} if numbered else {"time": key}) | {name: column[key] for name, column in value.items()}
        for key in keys
    ]


def _without_count(name: str) -> str:
    match = _COUNTED.fullmatch(name)
    return match[1] if match else name


def _split_frame(value: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the rows of `{columns: […], index: […], data: [[…], …]}`, as pandas splits a frame."""
    names, index, data = (value.get(key) for key in ("columns", "index", "data"))
    if not (isinstance(names, list) and isinstance(index, list) and isinstance(data, list)):
        return []
    if len(index) != len(data) or any(
        not isinstance(r, list) or len(r) != len(names) for r in data
    ):
        return []
    numbered = index == list(range(len(index)))
    return [
        ({} if numbered else {"time": when}) | dict(zip(map(str, names), row, strict=True))
        for when, row in zip(index, data, strict=True)
    ]
