"""Trades to bars: first, highest, lowest, last price and the sum of the sizes of every interval.

The law: bars of trades are those a venue shows: an interval without a trade is a bar of volume 0 at
the last price, and how many there are is said. Trades of one ms keep the order of the file.
"""

from __future__ import annotations

from array import array
from typing import Any

from runtime.errors import DataError
from runtime.market.alike import check_trades


def bars_of_trades(table: Any, interval: int, name: str) -> tuple[Any, tuple[str, ...]]:
    """Return (bars ts open high low close volume, sentences) of trades (ts ms, price, size base).

    `interval` in ms; bars open at multiples of it since 1970 (weeks on Monday). DataError where the
    trades of the file `name` are those of two instruments.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    from runtime.market.timeframe import bucket_open

    for role in ("price", "size"):
        empty = pc.is_null(table.column(role)).index(True).as_py()
        if empty >= 0:
            raise DataError(f"{name}: trade {empty + 1}: its {role} is empty")
    table, notes = _in_order(table)
    check_trades(array("d", table.column("price").to_pylist()), name)
    ts = table.column("ts")
    origin = bucket_open(ts[0].as_py(), interval) % interval
    bucket = pc.add(pc.multiply(pc.divide(pc.subtract(ts, origin), interval), interval), origin)
    grouped = pa.table(
        {"ts": bucket, "price": table.column("price"), "size": table.column("size")}
    ).group_by("ts", use_threads=False)
    bars = grouped.aggregate(
        [("price", "first"), ("price", "max"), ("price", "min"), ("price", "last"), ("size", "sum")]
    )
    names = ["ts", "price_first", "price_max", "price_min", "price_last", "size_sum"]
    bars = bars.select(names).rename_columns(["ts", "open", "high", "low", "close", "volume"])
    bars = bars.sort_by("ts")  # groups come in no promised order
    filled, count = _filled(bars, interval)
    said = (f"bars made of {table.num_rows:,} trades",)
    quiet = (f"{count} of {filled.num_rows:,} bars had no trade: volume 0 at the last price",)
    return filled, (*notes, *said, *(quiet if count else ()))


def _in_order(table: Any) -> tuple[Any, tuple[str, ...]]:
    import pyarrow as pa
    import pyarrow.compute as pc

    ts = table.column("ts")
    if pc.all(pc.greater_equal(ts[1:], ts[:-1])).as_py() is not False:
        return table, ()
    if pc.all(pc.less_equal(ts[1:], ts[:-1])).as_py():
        return table.take(pa.array(range(len(ts) - 1, -1, -1))), ("newest first: turned",)
    order = pc.sort_indices(table, sort_keys=[("ts", "ascending")])
    return table.take(order), ("trades were not in the order of time: sorted",)


def _filled(bars: Any, interval: int) -> tuple[Any, int]:
    """Return bars with one for every interval between the first and the last, and how many were added."""
    import pyarrow as pa

    ts = bars.column("ts").to_pylist()
    missing = (ts[-1] - ts[0]) // interval + 1 - len(ts)
    if not missing:
        return bars, 0
    columns: dict[str, list[float]] = {name: [] for name in bars.column_names}
    rows = zip(*(bars.column(name).to_pylist() for name in bars.column_names), strict=True)
    last_close = 0.0
    for when, open_, high, low, close, volume in rows:
        while columns["ts"] and columns["ts"][-1] + interval < when:
            quiet = (columns["ts"][-1] + interval, *[last_close] * 4, 0.0)
            for name, value in zip(columns, quiet, strict=True):
                columns[name].append(value)
        for name, value in zip(columns, (when, open_, high, low, close, volume), strict=True):
            columns[name].append(value)
        last_close = close
    return pa.table({n: pa.array(v, bars.column(n).type) for n, v in columns.items()}), missing
