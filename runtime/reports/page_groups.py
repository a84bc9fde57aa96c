"""Closed trades by what they have in common, and how far each went against us and for us.

INVARIANT: needs no script; every text that is not ours passes `html.escape`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from html import escape

from runtime.records.rows import RunRecord, TradeRow
from runtime.reports.page_words import DASH, number

_MOST_DOTS = 2_000
_WIDE, _HIGH, _EDGE = 420, 330, 16  # of the plot, CSS pixels
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def closed_trades(record: RunRecord) -> list[TradeRow]:
    """Return the trades that trade figures are of: over, and not only because the data ended."""
    return [trade for trade in record.trades if not (trade.is_open or trade.at_end)]


def groups(record: RunRecord) -> str:
    """Return tables of closed trades by exit reason, first entry's ref, weekday and hour of the entry."""
    trades = closed_trades(record)
    if not trades:
        return '<p class="nothing">No closed trades.</p>'
    refs: dict[int, str] = {}
    for layer in record.layers:
        refs.setdefault(layer.trade_id, layer.order_ref or DASH)
    kinds: tuple[tuple[str, Callable[[TradeRow], tuple[int, str]]], ...] = (
        ("Exit reason", lambda t: (0, t.exit_reason or DASH)),
        ("Order ref of the first entry", lambda t: (0, refs.get(t.trade_id, DASH))),
        ("Weekday of the entry (UTC)", lambda t: (_when(t).weekday(), _DAYS[_when(t).weekday()])),
        ("Hour of the entry (UTC)", lambda t: (_when(t).hour, f"{_when(t).hour:02d}:00")),
    )
    return "".join(_table(title, trades, key) for title, key in kinds)


def _when(trade: TradeRow) -> datetime:
    return datetime.fromtimestamp(trade.entry_ts / 1000, UTC)


def _table(title: str, trades: list[TradeRow], key: Callable[[TradeRow], tuple[int, str]]) -> str:
    found: dict[tuple[int, str], list[TradeRow]] = {}
    for trade in trades:
        found.setdefault(key(trade), []).append(trade)
    body = "".join(_row(name, found[place, name]) for place, name in sorted(found))
    heads = "".join(
        f'<th scope="col" class="num">{head}</th>'
        for head in ("Trades", "Won", "Net, USDT", "A trade, USDT")
    )
    return (
        f"<div class='scroll'><table><caption>{escape(title)}</caption><thead><tr><th scope='col'></th>{heads}</tr>"
        f"</thead><tbody>{body}</tbody></table></div>"
    )


def _row(name: str, trades: list[TradeRow]) -> str:
    net = math.fsum(trade.net_pnl for trade in trades)
    won = len([trade for trade in trades if trade.net_pnl > 0])
    tone = " gain" if net > 0 else " loss" if net < 0 else ""
    cells = (
        number(len(trades), 0),
        f"{number(100 * won / len(trades), 0)} %",
        number(net, signed=True),
        number(net / len(trades), signed=True),
    )
    shown = "".join(
        f'<td class="num{tone if at == 2 else ""}">{c}</td>' for at, c in enumerate(cells)
    )
    return f'<tr><th scope="row">{escape(name)}</th>{shown}</tr>'


# ---------------------------------------------------------------- excursions


def excursions(record: RunRecord) -> str:
    """Return a plot of closed trades: how far each stood against us (across) and for us (up), percent."""
    trades = closed_trades(record)[:_MOST_DOTS]
    if not trades:
        return ""
    across = max(-trade.mae_pct for trade in trades) or 1.0
    up = max(trade.mfe_pct for trade in trades) or 1.0
    dots = "".join(_dot(trade, across, up) for trade in trades)
    foot, right = _HIGH - _EDGE, _WIDE - 4
    return (
        "<figure><figcaption><b>How far trades went</b><span>Every closed trade is a dot: how far price went against it "
        "(MAE, across) and for it (MFE, up) before it was left, in percent of its average entry as it stood then."
        "</span></figcaption>"
        f'<svg viewBox="0 0 {_WIDE} {_HIGH}" class="dots" role="img" aria-label="Excursions of '
        f"{len(trades)} trades: the worst up to {number(across)} % against us, the best up to "
        f'{number(up)} % for us">'
        f'<path d="M{_EDGE} 10V{foot}H{right}" fill="none" stroke="currentColor" opacity="0.4"/>'
        f"{dots}"
        f'<text x="{right}" y="{foot + 14}" text-anchor="end">against us, to {number(across)} % '
        f"(MAE)</text>"
        f'<text x="{_EDGE + 6}" y="20">for us, to {number(up)} % (MFE)</text></svg></figure>'
    )


def _dot(trade: TradeRow, across: float, up: float) -> str:
    x = _EDGE + -trade.mae_pct / across * (_WIDE - _EDGE - 16)
    y = _HIGH - _EDGE - trade.mfe_pct / up * (_HIGH - _EDGE - 30)
    tone = "gain" if trade.net_pnl > 0 else "loss"
    said = (
        f"trade {trade.trade_id}: {number(trade.mae_pct)} % and {number(trade.mfe_pct, signed=True)} %, "
        f"net {number(trade.net_pnl, signed=True)} USDT"
    )
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="var(--{tone})" fill-opacity="0.6">'
        f"<title>{escape(said)}</title></circle>"
    )
