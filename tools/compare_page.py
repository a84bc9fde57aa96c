"""Runs side by side as one page: curves, settings, figures, trades; nothing is fetched."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from runtime.market.checks import utc
from tools.comparing import MAIN, Comparison, Row, Trades, letter, short
from tools.page_style import figure_title

_COLOURS = ("#2468c8", "#b0382c", "#0b8a8a", "#b87a00", "#7a4fb5", "#5b8c1d", "#4a5568")
_WIDTH, _HEIGHT = 1000, 320
_SHOWN = 200
_STYLE = """
:root { color-scheme: light dark; --ink: #1a2230; --soft: #5c6778; --line: #d5dae3; --ground: #fff;
  --mark: #fff4d6; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e4e8ef; --soft: #98a3b5; --line: #39424f; --ground: #151a22; --mark: #3a3320; }
}
body { background: var(--ground); color: var(--ink); margin: 32px auto; max-width: 1080px;
  padding: 0 16px; font: 15px/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
h1 { font-size: 24px; margin: 0 0 8px; } h2 { font-size: 17px; margin: 28px 0 6px; }
p { color: var(--soft); margin: 4px 0 10px; } .wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; } td, th { padding: 5px 10px; text-align: left;
  border-bottom: 1px solid var(--line); overflow-wrap: anywhere; } .n { text-align: right; }
td.n, th.n { overflow-wrap: normal; white-space: nowrap; }
.trades td, .trades th { white-space: nowrap; overflow-wrap: normal; }
th { color: var(--soft); font-weight: 500; } tr.d td { background: var(--mark); }
svg { width: 100%; min-width: 640px; height: auto; display: block; } .key { display: block; overflow-wrap: anywhere; }
.key i { display: inline-block; width: 12px; height: 12px; margin-right: 7px; border-radius: 3px; }
text { fill: var(--soft); font-size: 13px; }
"""


def page(made: Comparison) -> str:
    """Return the page's text."""
    keys = "".join(
        f'<span class="key"><i style="background:{_colour(i)}"></i>{letter(i)}: {escape(run.name)}</span>'
        for i, run in enumerate(made.runs)
    )
    main = [row for name in MAIN for row in made.figures if row.name == name]
    rest = [row for row in made.figures if row.name not in MAIN and row.differs]
    same = ", ".join(row.name for row in made.facts if not row.differs)
    parts = [
        f"<p>The same in all: {escape(same or 'nothing')}.</p>",
        _section("They differ in", [row for row in made.facts if row.differs], made),
        _section("Settings that differ", made.settings, made),
        _section("Figures", main, made, marked=True),
        _section("Other figures that differ", rest, made),
        *(_trades(i + 1, one) for i, one in enumerate(made.trades)),
    ]
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>{len(made.runs)} runs compared</title><style>{_STYLE}</style></head><body>
<h1>{len(made.runs)} runs compared</h1>
{keys}
<h2>Return at every close, %</h2>
{_curves(made)}
{"".join(parts)}
</body></html>
"""


def _colour(place: int) -> str:
    return _COLOURS[place % len(_COLOURS)]


def _curves(made: Comparison) -> str:
    points = [point for curve in made.curves for point in curve]
    if not points:
        return "<p>No bars.</p>"
    first, last = min(p[0] for p in points), max(p[0] for p in points)
    low, high = min(0.0, *(p[1] for p in points)), max(0.0, *(p[1] for p in points))
    span, rise = max(1, last - first), (high - low) or 1.0

    def at(ts: int, value: float) -> str:
        x = 60 + (ts - first) / span * (_WIDTH - 70)
        y = 10 + (high - value) / rise * (_HEIGHT - 40)
        return f"{x:.1f},{y:.1f}"

    lines = "".join(
        f'<polyline fill="none" stroke="{_colour(i)}" stroke-width="2" points="'
        + " ".join(at(ts, value) for ts, value in curve)
        + f'"><title>{letter(i)}</title></polyline>'
        for i, curve in enumerate(made.curves)
    )
    zero = at(first, 0.0).split(",")[1]
    labels = "".join(
        f'<text x="54" y="{float(at(first, value).split(",")[1]) + 4:.1f}" text-anchor="end">{value:.1f}</text>'
        for value in (low, 0.0, high)
        if value == 0.0 or abs(value) > 0.07 * rise  # labels do not lie on one another
    )
    dates = (
        f'<text x="60" y="{_HEIGHT - 6}">{utc(first)[:10]}</text>'
        f'<text x="{_WIDTH - 10}" y="{_HEIGHT - 6}" text-anchor="end">{utc(last)[:10]}</text>'
    )
    return (
        f'<div class="wide"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="Return of every run over time">'
        f'<line x1="60" x2="{_WIDTH - 10}" y1="{zero}" y2="{zero}" stroke="var(--line)"/>'
        f"{lines}{labels}{dates}</svg></div>"
    )


def _section(title: str, rows: Sequence[Row], made: Comparison, *, marked: bool = False) -> str:
    """Return a table of rows; `marked` where only some of them differ and those stand out."""
    if not rows:
        return ""
    head = "".join(f'<th class="n">{letter(i)}</th>' for i in range(len(made.runs)))
    body = "".join(
        f"<tr{' class=d' if marked and row.differs else ''}><td>{escape(_words(row.name))}</td>"
        + "".join(f'<td class="n">{escape(short(value))}</td>' for value in row.values)
        + "</tr>"
        for row in rows
    )
    return (
        f'<h2>{escape(title)}</h2><div class="wide"><table><thead><tr><th></th>{head}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>"
    )


def _words(name: str) -> str:
    return name if "." in name else figure_title(name)


def _trades(place: int, one: Trades) -> str:
    name = letter(place)
    said = (
        f"{one.same} trades are the same; {len(one.other_end)} begin alike and end otherwise; "
        f"{len(one.missing)} of a are missing in {name}; {len(one.added)} are in {name} alone."
    )
    rows = [
        *(("only in a", row) for row in one.missing),
        *((f"only in {name}", row) for row in one.added),
        *((f"ends otherwise in {name}", row) for _, row in one.other_end),
    ]
    rows.sort(key=lambda item: item[1]["entry_ts"])
    body = "".join(_trade(kind, row) for kind, row in rows[:_SHOWN])
    more = f"<p>… and {len(rows) - _SHOWN} more</p>" if len(rows) > _SHOWN else ""
    table = (
        '<div class="wide"><table class="trades"><thead><tr><th></th><th>first fill, UTC</th><th>side</th>'
        '<th class="n">entry</th><th class="n">exit</th><th class="n">net, USDT</th></tr></thead>'
        f"<tbody>{body}</tbody></table></div>{more}"
        if rows
        else ""
    )
    return f"<h2>Trades of {name} against a</h2><p>{said}</p>{table}"


def _trade(kind: str, row: dict[str, Any]) -> str:
    return (
        f"<tr><td>{escape(kind)}</td><td>{utc(row['entry_ts'])[:16]}</td><td>{escape(row['side'])}</td>"
        f'<td class="n">{short(row["entry_price"])}</td><td class="n">{short(row["exit_price"])}</td>'
        f'<td class="n">{short(row["net_pnl"])}</td></tr>'
    )
