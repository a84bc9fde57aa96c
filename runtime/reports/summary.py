"""The result of a back-test for the terminal: the figures that matter, and the honest notes."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from runtime.formulas.sums import whole
from runtime.reports.run_files import Json
from runtime.reports.trust import Grade, TrustNote, trust_notes
from runtime.reports.trust_note import plural

UNDEFINED = "–"
_WIDTH = 96
_MARKS = {Grade.CAUTION: "!", Grade.NOTE: "·", Grade.GOOD: "✓"}


def money(value: float | None) -> str:
    """Return a signed amount in quote, or a dash where it is undefined."""
    return UNDEFINED if value is None else f"{value:+,.2f} USDT"


def figure(value: float | None, digits: int = 2, unit: str = "") -> str:
    """Return a number with thousands separators and its unit, or a dash where it is undefined."""
    return UNDEFINED if value is None else f"{value:,.{digits}f}{unit}"


def _negative(value: float | None) -> float | None:
    return None if value is None else -value


def summary(made: Json, further: Sequence[TrustNote] = ()) -> str:
    """Return the summary of a result (as `result.json` holds it); `further` as in `trust_notes`."""
    notes = _notes(made, further)
    return "\n".join(
        [*_head(made), "", *_figures(made), *_taken(made), *_refusals(made), "", *notes]
    )


def _head(made: Json) -> list[str]:
    card, data = made["card"], made["data"]
    start = made["metrics"]["starting_equity_usdt"]
    period = f"{data['from'][:10]} to {data['to'][:10]}" if data["bars"] else "no bars"
    return [
        f"{card['name']}  {data['symbol']} {data['timeframe']}",
        f"{period}, {data['bars']:,} bars, starting with {start:,.2f} USDT",
    ]


def _figures(made: Json) -> list[str]:
    m, o = made["metrics"], made["limit_metrics"]
    rows = [
        ("net profit", money(m["net_profit_usdt"]), "net return", _signed_pct(m["net_return_pct"])),
        (
            "max drawdown",
            money(_negative(m["max_drawdown_usdt"])),
            "of equity",
            _signed_pct(_negative(m["max_drawdown_pct"])),
        ),
        (
            "buy and hold",
            _signed_pct(m["buy_and_hold_return_pct"]),
            "time in market",
            figure(m["time_in_market_pct"], 1, " %"),
        ),
        ("trades", figure(m["total_trades"], 0), "win rate", figure(m["win_rate_pct"], 1, " %")),
        ("expectancy", money(m["expectancy_usdt"]), "profit factor", figure(m["profit_factor"])),
        ("sharpe", figure(m["sharpe"]), "sortino", figure(m["sortino"])),
        (
            "fees",
            f"{figure(m['total_fees_usdt'])} USDT",
            "funding paid",
            f"{figure(m['total_funding_usdt'])} USDT",
        ),
        (
            "limit orders",
            figure(o["limit_orders_placed"], 0),
            "fill ratio",
            figure(o["fill_ratio_pct"], 1, " %"),
        ),
        (
            "maker share",
            figure(o["maker_share_pct"], 1, " %"),
            "adverse after 5 bars",
            figure(o["adverse_selection_5_bps"], 1, " bps"),
        ),
    ]
    return [f"  {a:<14}{b:>20}     {c:<22}{d:>14}" for a, b, c, d in rows]


def _signed_pct(value: float | None) -> str:
    return UNDEFINED if value is None else f"{value:+,.2f} %"


def _taken(made: Json) -> list[str]:
    taken = made["limit_metrics"]["limit_orders_took_at_once"]
    if not taken:
        return []
    orders = "limit orders" if taken > 1 else "limit order"
    text = f"{taken:,} {orders} took at once: the market was past the price; `post_only: true` lets none trade so"
    return ["", *_wrapped("  ", text)]


def _refusals(made: Json) -> list[str]:
    if not made["refusals"]:
        return []
    total = made["counts"]["refusals"]
    early = whole(row["warming_up"] for row in made["refusals"])
    parts = ", ".join(f"{row['code']} {row['count']:,}" for row in made["refusals"])
    of_them = f", {early:,} of them while warming up" if early else ""
    return ["", *_wrapped("  ", f"{plural(total, 'intent')} refused{of_them}: {parts}")]


def _notes(made: Json, further: Sequence[TrustNote]) -> list[str]:
    lines = ["How far this can be trusted"]
    for note in trust_notes(made, further):
        lines += _wrapped(f"  {_MARKS[note.grade]} ", f"{note.title}: {note.text}")
    return lines


def _wrapped(head: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=head,
        subsequent_indent=" " * len(head),
        break_long_words=False,
        break_on_hyphens=False,
    )
