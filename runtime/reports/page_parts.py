"""The parts of the page that need no script: figures, trust, months, metrics, settings.

INVARIANT: every text that is not ours passes `html.escape`.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from html import escape

from runtime.records.rows import EquityColumns
from runtime.reports.limit_metrics import LIMIT_METRICS
from runtime.reports.measures import Metric
from runtime.reports.metrics import THEMES
from runtime.reports.page_words import DASH, number, percent, tone, true_minus
from runtime.reports.run_files import Json
from runtime.reports.trust import Grade, TrustNote, trust_notes

_MARKS = {Grade.CAUTION: ("!", "caution"), Grade.NOTE: ("i", "note"), Grade.GOOD: ("✓", "fine")}
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_DAY_MS = 86_400_000


UNIT_WORDS = {
    "usdt": "USDT", "pct": "percent", "ratio": "none, a ratio", "bars": "bars of the card",
    "days": "days", "count": "a count", "bps": "basis points, 0.01 %", "x": "times equity",
}  # fmt: skip

# ---------------------------------------------------------------- key figures


def figures(made: Json) -> str:
    """Return the cards with the figures a trader looks at first."""
    m, o = made["metrics"], made["limit_metrics"]
    depth, deep = m["max_drawdown_pct"], m["max_drawdown_usdt"]
    down = None if depth is None else -depth
    cards = [
        ("net_return_pct", "Net return", percent(m["net_return_pct"], signed=True), tone(m["net_return_pct"]),
         f"{number(m['net_profit_usdt'], signed=True)} USDT",
         f"buy & hold {percent(m['buy_and_hold_return_pct'], signed=True)}"),
        ("max_drawdown_pct", "Max drawdown", percent(down, signed=True), tone(down),
         f"{number(None if deep is None else -deep, signed=True)} USDT",
         f"longest {duration(m['max_drawdown_duration_bars'], made)}"),
        ("total_trades", "Trades", number(m["total_trades"], 0), "",
         f"{number(m['long_trades'], 0)} long, {number(m['short_trades'], 0)} short",
         f"avg. {duration(m['avg_trade_duration_bars'], made)}"),
        ("win_rate_pct", "Win rate", percent(m["win_rate_pct"], 1), "",
         f"avg. win {number(m['avg_win_usdt'], signed=True)} USDT",
         f"avg. loss {number(m['avg_loss_usdt'], signed=True)} USDT"),
        ("profit_factor", "Profit factor", number(m["profit_factor"]), "",
         f"{number(m['expectancy_usdt'], signed=True)} USDT a trade",
         f"{number(m['expectancy_r'], signed=True)} R a trade"),
        ("sharpe", "Sharpe ratio", number(m["sharpe"]), "",
         f"Sortino {number(m['sortino'])}", f"exposed {percent(m['time_in_market_pct'], 1)}"),
        ("total_fees_usdt", "Fees", number(m["total_fees_usdt"]), "",
         f"USDT, {percent(m['fees_to_gross_profit_pct'], 1)} of gains",
         _funding(m["total_funding_usdt"])),
        ("fill_ratio_pct", "Fill ratio", percent(o["fill_ratio_pct"], 1), "",
         f"of {number(o['limit_orders_placed'], 0)} limit orders",
         f"maker share {percent(o['maker_share_pct'], 1)}"),
    ]  # fmt: skip
    return "".join(
        f'<div class="card"><dt><a href="#m-{name}" title="What it means">{label}</a></dt><dd class="big{hue}">{value}</dd>'
        f"<dd>{escape(first)}</dd><dd>{escape(second)}</dd></div>"
        for name, label, value, hue, first, second in cards
    )


def _funding(paid: float) -> str:
    return f"funding {'received' if paid < 0 else 'paid'} {number(abs(paid))} USDT"


def duration(bars: float | None, made: Json) -> str:
    """Return a number of bars as a length of time."""
    if bars is None:
        return DASH
    minutes = bars * made["data"]["interval_ms"] / 60_000
    for size, unit in ((1440, "days"), (60, "hours"), (1, "minutes")):
        if minutes >= 2 * size or unit == "minutes":
            value = minutes / size
            return f"{number(value, 0 if value >= 10 else 1)} {unit}"
    return DASH


def trust(made: Json, further: Sequence[TrustNote] = ()) -> str:
    """Return the box that says how far the result can be trusted."""
    items = []
    for note in trust_notes(made, further):
        mark, word = _MARKS[note.grade]
        items.append(
            f'<li class="{note.grade}"><span class="mark" aria-hidden="true">{mark}</span>'
            f'<span class="unseen">{word}: </span><div><b>{escape(note.title)}</b>'
            f"<span>{escape(note.text)}</span></div></li>"
        )
    return "".join(items)


# ---------------------------------------------------------------- months


def months(columns: EquityColumns, start: float) -> str:
    """Return a table of returns per calendar month (UTC) and year; empty without two months."""
    ends: dict[tuple[int, int], float] = {}
    row = 0
    while row < len(columns.ts):
        # A bar that closes at midnight belongs to the month it traded in.
        day = datetime.fromtimestamp((columns.ts[row] - 1) / 1000, UTC)
        following = datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=UTC)
        row = bisect_right(columns.ts, int(following.timestamp()) * 1000, lo=row)
        ends[day.year, day.month] = columns.equity[row - 1]
    if len(ends) < 2:
        return ""
    before = start
    gains: dict[tuple[int, int], float | None] = {}
    for key, equity in ends.items():
        gains[key] = 100 * (equity / before - 1) if before > 0 else None
        before = equity
    largest = max((abs(g) for g in gains.values() if g is not None), default=0.0)
    rows = [_year_row(year, gains, largest) for year in sorted({year for year, _month in ends})]
    head = "".join(f'<th scope="col" class="num">{name}</th>' for name in (*_MONTHS, "Year"))
    return (
        '<div class="scroll"><table class="months"><thead><tr><th scope="col">Return %</th>'
        f"{head}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _year_row(year: int, gains: dict[tuple[int, int], float | None], largest: float) -> str:
    cells = []
    growth: float | None = 1.0
    for month in range(1, 13):
        if (year, month) not in gains:
            cells.append("<td></td>")
            continue
        gain = gains[year, month]
        growth = None if gain is None or growth is None else growth * (1 + gain / 100)
        share = 0 if not gain or not largest else round(8 + 34 * abs(gain) / largest)
        hue = "gain" if gain and gain > 0 else "loss"
        cells.append(
            f'<td class="num" style="background:color-mix(in srgb, var(--{hue}) {share}%, '
            f'transparent)">{number(gain, 1, signed=True)}</td>'
        )
    total = None if growth is None else 100 * (growth - 1)
    cells.append(f'<td class="num total{tone(total)}">{number(total, 1, signed=True)}</td>')
    return f'<tr><th scope="row">{year}</th>{"".join(cells)}</tr>'


# ---------------------------------------------------------------- metrics and settings


def metric_tables(made: Json) -> str:
    """Return one table per theme; a row opens its definition."""
    money, trades, equity = THEMES
    themes = [
        # Two short tables fill the first of three columns, the long ones the others.
        *((title, rows, made["metrics"]) for title, rows in (money, equity, trades)),
        ("Orders and fills", LIMIT_METRICS, made["limit_metrics"]),
    ]
    parts = []
    for title, rows, values in themes:
        body = "".join(_metric_row(metric, values[metric.name]) for metric in rows)
        parts.append(
            f"<table><caption>{title}</caption><thead class='unseen'><tr><th>Metric</th>"
            f"<th>Value</th></tr></thead><tbody>{body}</tbody></table>"
        )
    return "".join(parts)


def _metric_row(metric: Metric, value: float | None) -> str:
    why = f" Undefined: {metric.undefined}." if value is None else ""
    said = f"{metric.definition[0].upper()}{metric.definition[1:]}. Unit: {UNIT_WORDS[metric.unit]}.{why}"
    return (
        f'<tr><th scope="row"><details><summary>{escape(metric.title)}</summary>'
        f'<p id="m-{metric.name}">{escape(said)} <code>{escape(metric.name)} = {escape(metric.formula)}</code></p>'
        f"</details></th>"
        f'<td class="num">{_valued(metric.unit, value)}</td></tr>'
    )


def _valued(unit: str, value: float | None) -> str:
    if value is None:
        return DASH
    match unit:
        case "pct":
            return f"{_significant(value)} %"
        case "count" if float(value).is_integer():
            return number(value, 0)
        case "bars" if float(value).is_integer():
            return f"{number(value, 0)} <small>bars</small>"
        case "usdt":
            return f"{number(value)} <small>USDT</small>"
        case "bps":
            return f"{number(value, 1)} <small>bps</small>"
        case "bars":
            return f"{number(value, 1)} <small>bars</small>"
        case "days":
            return f"{number(value, 1)} <small>days</small>"
        case "x":
            return f"{number(value)} ×"
        case _:
            return number(value)


def _significant(value: float) -> str:
    """Return two decimals, or three significant digits of a small figure."""
    if value == 0 or abs(value) >= 0.1:
        return number(value)
    return number(value, min(8, 2 - Decimal(value).adjusted()))


def card_text(text: str) -> str:
    """Return the card's text with numbered lines that refusals and orders link to."""
    return "".join(
        f'<li id="line-{number}"><code>{escape(line)}</code></li>'
        for number, line in enumerate(text.splitlines(), start=1)
    )


def settings_tables(made: Json) -> str:
    """Return everything the result depends on: settings, instrument, hashes."""
    card, data = made["card"], made["data"]
    groups: list[tuple[str, Iterable[tuple[str, object]]]] = [
        ("Card", {**card, **card["params"]}.items()),
        ("Data", data.items()),
        *((name.capitalize(), values.items()) for name, values in made["settings"].items()),
        ("Instrument", made["instrument"].items()),
        ("Engine", made["engine"].items()),
        ("Hashes", made["hashes"].items()),
    ]
    return "".join(_settings_table(title, rows) for title, rows in groups)


def _settings_table(title: str, rows: Iterable[tuple[str, object]]) -> str:
    body = "".join(_setting_row(name, value) for name, value in rows if name != "params")
    return f"<table><caption>{escape(title)}</caption><tbody>{body}</tbody></table>"


def _setting_row(name: str, value: object) -> str:
    if isinstance(value, list) and len(value) > 1 and all(isinstance(v, dict) for v in value):
        return (
            f'<tr><th scope="row" colspan="2"><details><summary>{escape(name)} <small>{len(value)} rows</small></summary>'
            f"{_rows_table(value)}</details></th></tr>"
        )
    return f'<tr><th scope="row">{escape(name)}</th><td>{_setting(value)}</td></tr>'


def _rows_table(rows: Sequence[Json]) -> str:
    names = list(dict.fromkeys(name for row in rows for name in row))
    head = "".join(f'<th scope="col">{escape(name).replace("_", "_<wbr>")}</th>' for name in names)
    body = "".join(
        f"<tr>{''.join(f'<td>{_setting(row.get(name))}</td>' for name in names)}</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _setting(value: object) -> str:
    match value:
        case None:
            return DASH
        case bool():
            return "yes" if value else "no"
        case dict():
            inner = ", ".join(
                f"{escape(str(k))} {_setting(v)}" for k, v in value.items() if v is not None
            )
            return inner or DASH
        case list():
            return "<br>".join(_setting(item) for item in value) or DASH
        case str() if len(value) == 64:
            return f'<code class="hash" tabindex="0">{escape(value)}</code>'
        case float():
            return true_minus(f"{value:,.10g}")
        case _:
            return escape(str(value)) or DASH
