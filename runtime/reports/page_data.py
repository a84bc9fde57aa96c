"""The data inside the page: bars as small integers, rows as columns, texts once each.

A year of 15-minute bars with thousands of orders stays far below the size a browser opens at once.
A long history has several bars in one candle (`detail.py`); past the row limits the page says where the rest is.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate, chain, islice, pairwise
from operator import attrgetter, sub

from runtime.formulas.sums import total
from runtime.market.data import MarketData
from runtime.market.frame import Frame
from runtime.market.plausible import decimals_of
from runtime.market.whole_columns import longest_step
from runtime.records.rows import FillRow, RunRecord, TradeRow
from runtime.reports.detail import bars_per_candle, candle_ends, per_candle
from runtime.reports.lines import MOST_LINES, Line, packed
from runtime.reports.run_files import Json
from runtime.reports.zones import Zone

MAX_TRADES = 10_000
MAX_ROWS = 25_000  # orders, fills, layers, refusals each
_SAMPLE = 400
_EQUITY_SCALE = 100
_WHOLE = {int, type(None)}  # the page reads them as they are

_ORDER = (
    "order_ref", "order_group", "role", "side", "effect", "order_type", "status", "reason",
    "quantity", "filled", "limit_price", "trigger_price", "avg_fill_price", "time_in_force",
    "ttl_bars", "created_bar", "first_fill_bar", "last_fill_bar", "end_bar", "block",
    "case", "line",
)  # fmt: skip
_FILL = (
    "order_ref", "role", "side", "bar", "path", "quantity", "price", "notional", "fee",
    "is_maker", "slippage", "reason", "position_after",
)  # fmt: skip
_LAYER = (
    "layer_id", "trade_id", "order_ref", "side", "quantity", "entry_price", "entry_bar",
    "entry_ts", "exit_bar", "exit_ts", "exit_price", "pnl_layer",
)  # fmt: skip
_TRADE = (
    "trade_id", "side", "entry_bar", "entry_ts", "exit_bar", "exit_ts", "entry_price",
    "exit_price", "quantity", "max_quantity", "layers", "partial_exits", "gross_pnl",
    "fees", "funding", "net_pnl", "return_pct", "mae_pct", "mfe_pct", "bars_held",
    "exit_reason", "is_open", "at_end", "initial_risk_usdt",
)  # fmt: skip
_REFUSAL = ("bar", "ts", "code", "text", "action", "order_ref", "block", "case", "line")
_REMARK = ("bar", "ts", "kind", "text", "order_id", "order_ref", "line")


def page_data(
    made: Json,
    data: MarketData,
    record: RunRecord,
    zones: Sequence[Zone],
    lines: Sequence[Line] = (),
) -> Json:
    """Return what the page's script reads; times are ms UTC, unknown numbers null."""
    frame = data.exec
    tick, lot = made["instrument"]["tick"], made["instrument"]["lot"]
    orders = {order.order_id: index for index, order in enumerate(record.orders)}
    fills = _table(record.fills[:MAX_ROWS], _FILL)
    now, before = trades_of_fills(record.fills, record.trades)
    fills["trade"], fills["closes"] = now[:MAX_ROWS], before[:MAX_ROWS]
    fills["order"] = [orders.get(fill.order_id) for fill in record.fills[:MAX_ROWS]]
    return {
        "symbol": frame.symbol,
        "timeframe": frame.timeframe,
        "interval": frame.interval_ms,
        "start": made["metrics"]["starting_equity_usdt"],
        "lot_digits": decimals_of(lot),
        "bars": _bars(frame, tick),
        "equity": _equity(frame, record, made["metrics"]["starting_equity_usdt"]),
        "orders": _table(record.orders[:MAX_ROWS], _ORDER),
        "fills": fills,
        "layers": _table(record.layers[:MAX_ROWS], _LAYER),
        "trades": _table(record.trades[:MAX_TRADES], _TRADE),
        "refusals": _table(record.refusals[:MAX_ROWS], _REFUSAL),
        "remarks": _table(record.remarks[:MAX_ROWS], _REMARK),
        "zones": _zones(zones, frame),
        "lines": [packed(line) for line in lines[:MOST_LINES]],
        "lines_left": [line.name for line in lines[MOST_LINES:]],
        "totals": made["counts"] | {"remarks": len(record.remarks)},
    }


def trades_of_fills(
    fills: Sequence[FillRow], trades: Sequence[TradeRow]
) -> tuple[list[int | None], list[int | None]]:
    """Return, per fill, the index of its trade, and of the trade it closed by turning over.

    A trade runs from flat to flat, so the signed position after each fill tells them apart.
    """
    current, position = -1, 0.0
    now: list[int | None] = []
    before: list[int | None] = []
    for fill in fills:
        turned = position * fill.position_after < 0
        if position == 0.0 or turned:
            current += 1
        known = 0 <= current < len(trades)
        now.append(current if known else None)
        before.append(current - 1 if turned and current > 0 else None)
        position = fill.position_after
    return now, before


# ---------------------------------------------------------------- rows as columns


def _table(rows: Sequence[object], names: Sequence[str]) -> Json:
    return {name: _column([attrgetter(name)(row) for row in rows]) for name in names}


def _column(values: list[object]) -> object:
    """Return a column; texts are stored once and referred to by number."""
    kinds = set(map(type, values))
    if any(issubclass(kind, str) for kind in kinds):
        words = dict.fromkeys(values)
        places = {word: place for place, word in enumerate(words)}
        return {"words": list(words), "at": [places[value] for value in values]}
    return values if kinds <= _WHOLE else [_short(value) for value in values]


def _short(value: object) -> object:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        return None if value != value else _number(value)
    return value


def _number(value: float) -> float | int:
    """Return ten digits of a number, as an integer where it is one."""
    if value.is_integer() and abs(value) < 1e10:
        return int(value)
    short = float(f"{value:.10g}")
    return int(short) if short.is_integer() and abs(short) < 2**53 else short


# ---------------------------------------------------------------- bars and equity


def _price_digits(frame: Frame, tick: float) -> int:
    """Return the decimals that show these prices; more than the tick's where bars need them."""
    digits = decimals_of(tick)
    sample = frame.close[:_SAMPLE]
    while digits < 8 and any(abs(round(c, digits) - c) > 1e-9 * abs(c) for c in sample):
        digits += 1
    return digits


def _bars(frame: Frame, tick: float) -> Json:
    """Return candles of `per` bars each: open and close against the last close, wicks against both."""
    count, digits = len(frame), _price_digits(frame, tick)
    per, scale = bars_per_candle(count), 10**digits
    opens = [round(price * scale) for price in frame.open[::per]]
    closes = [round(frame.close[bar] * scale) for bar in candle_ends(count)]
    highs = [round(price * scale) for price in per_candle(frame.high, per, max)]
    lows = [round(price * scale) for price in per_candle(frame.low, per, min)]
    return {
        "count": count,
        "per": per,
        "digits": digits,
        "jumps": _jumps(frame.ts, frame.interval_ms),
        "v": [_rounded(volume) for volume in per_candle(frame.volume, per, _sum)],
        "o": list(map(sub, opens, chain((0,), closes))),
        "h": list(map(sub, highs, map(max, opens, closes))),
        "l": list(map(sub, map(min, opens, closes), lows)),
        "c": list(map(sub, closes, opens)),
    }


def _jumps(ts: array[int], interval: int) -> list[list[int]]:
    """Return the first row and each that does not follow the one before it by an interval, with their times."""
    if not ts:
        return []
    # COST: steps of at most an interval that come to as many intervals are one each; most histories have no hole.
    if ts[-1] - ts[0] == (len(ts) - 1) * interval and longest_step(ts) <= interval:
        return [[0, ts[0]]]
    later = enumerate(pairwise(ts), 1)
    return [[0, ts[0]], *([row, here] for row, (last, here) in later if here - last != interval)]


def _sum(*values: float) -> float:
    return total(values)


def _rounded(volume: float) -> float | int:
    short = float(f"{volume:.4g}")
    return int(short) if short.is_integer() else short


def _equity(frame: Frame, record: RunRecord, start: float) -> Json:
    """Return equity and drawdown per candle (its last equity, its deepest drawdown)."""
    rows, count = record.equity, len(frame)
    skipped = bisect_right(frame.ts, rows.ts[0] - frame.interval_ms) - 1 if rows.ts else count
    money = _at_bars(rows.equity, skipped, count, start)
    peaks = islice(accumulate(money, max, initial=start), 1, None)
    depths = array(
        "d",
        [
            (peak - value) / peak if peak > 0 else 0.0
            for peak, value in zip(peaks, money, strict=True)
        ],
    )
    scaled = [round(money[bar] * _EQUITY_SCALE) for bar in candle_ends(count)]
    deepest = per_candle(depths, bars_per_candle(count), max)
    held = _at_bars(rows.position, skipped, count, 0.0)
    return {
        "scale": _EQUITY_SCALE,
        "e": list(map(sub, scaled, chain((0,), scaled))),
        "d": [round(depth * 10_000) for depth in deepest],
        "positions": [
            [bar, _number(here)]
            for bar, (before, here) in enumerate(pairwise(chain((0.0,), held)))
            if here != before
        ],
    }


def _at_bars(column: Sequence[float], skipped: int, count: int, without: float) -> array[float]:
    """Return a column of closes as one value per bar; `without` where a bar has none."""
    before = min(max(0, skipped), count)
    values = array("d", [without]) * before + array("d", column[: count - before])
    return values + array("d", [without]) * (count - len(values))


def _zones(zones: Sequence[Zone], frame: Frame) -> Json:
    """Return zones as bar ranges: the first bar that opens after the start, the bar of the end."""
    first = [bisect_right(frame.ts, zone.start_ts - 1) for zone in zones]
    last = [bisect_right(frame.ts, zone.end_ts - 1) for zone in zones]
    return {
        "feature": _column([zone.feature for zone in zones]),
        "first": first,
        "last": last,
        "lower": [_number(zone.lower) for zone in zones],
        "upper": [_number(zone.upper) for zone in zones],
        "is_broken": [int(zone.is_broken) for zone in zones],
    }
