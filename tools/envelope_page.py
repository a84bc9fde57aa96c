"""The envelope as a page: one row of marks per metric, drawn as SVG; nothing is fetched."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from compiler.catalog.settings import FillModel, Intrabar
from tools.page_style import figure_title, head

if TYPE_CHECKING:
    from runtime.reports.envelope import Envelope, Member

_COLOURS = ("#2468c8", "#0b8a8a", "#5b8c1d", "#b87a00", "#b0382c", "#7a4fb5", "#4a5568")
_STYLE = """
body { max-width: 1040px; } p { color: var(--soft); margin: 4px 0 18px; } table { width: 100%; }
svg { min-width: 320px; height: 30px; }
@media (max-width: 640px) {
  svg { min-width: 0; } tr { display: grid; grid-template-columns: 1fr 6.5em 6.5em; border-bottom: 1px solid var(--line); }
  td, th { border: 0; padding: 6px 5px; } th:nth-child(3) { display: none; } td:nth-child(3) { grid-area: 2 / 1 / 3 / 4; padding: 0 5px 8px; }
}
.key { display: inline-block; margin-right: 16px; } .key i { display: inline-block; width: 11px; height: 11px;
  margin-right: 6px; border-radius: 50%; }
"""


def _colour(model: FillModel) -> str:
    """Return the colour of a fill model by its place; more of them than colours share some."""
    return _COLOURS[list(FillModel).index(model) % len(_COLOURS)]


def page(card: str, made: Envelope, names: tuple[str, ...]) -> str:
    """Return the page's text."""
    rows = "\n".join(_row(made, name) for name in names)
    keys = "".join(
        f'<span class="key"><i style="background:{_colour(model)}"></i>{escape(model)}</span>'
        for model in FillModel
    )
    return f"""{head(f"Envelope of {card}", _STYLE)}<body>
<h1>Envelope of {escape(card)}</h1>
<p>The run as the card says (circle), and every fill model with two paths chosen bar by bar: the one that ends the bar
worse (triangle down) and the one that ends it better (triangle up). The range is that of these runs; it is no bound.
Resting orders that runs did not fill alike: {len(made.deciders)};
placed in some of the runs only: {made.placed_apart}.</p>
<p>{keys}</p>
<table><thead><tr><th>metric</th><th class="n">lowest</th><th>runs</th><th class="n">highest</th></tr></thead>
<tbody>
{rows}
</tbody></table></body></html>
"""


def _row(made: Envelope, name: str) -> str:
    interval = made.intervals[name]
    low, high = interval.low, interval.high
    marks = ""
    if low is not None and high is not None:
        marks = "".join(_mark(m, name, low, high) for m in made.members)
    label = figure_title(name)
    return (
        f'<tr><td>{escape(label)}</td><td class="n">{_text(low)}</td>'
        f'<td><svg viewBox="0 0 400 30" preserveAspectRatio="none" role="img" '
        f'aria-label="{escape(label)} from {_text(low)} to {_text(high)}">'
        f'<line x1="8" x2="392" y1="15" y2="15" stroke="var(--line)" stroke-width="2"/>{marks}</svg></td>'
        f'<td class="n">{_text(high)}</td></tr>'
    )


def _mark(member: Member, name: str, low: float, high: float) -> str:
    value = member.values[name]
    if value is None:
        return ""
    share = 0.5 if high == low else (float(value) - low) / (high - low)
    x = 8 + share * 384
    up = member.intrabar is Intrabar.FAVOURABLE
    y, tip = (14, 5) if up else (16, 25)
    title = f"{member.fill_model}, {member.intrabar}: {_text(value)}"
    if member.is_cards:
        return (
            f'<circle cx="{x:.1f}" cy="15" r="6" fill="none" stroke="var(--ink)" stroke-width="2">'
            f"<title>{escape(title)}, as the card says</title></circle>"
        )
    return (
        f'<polygon points="{x - 5:.1f},{y} {x + 5:.1f},{y} {x:.1f},{tip}" '
        f'fill="{_colour(member.fill_model)}" fill-opacity="0.85"><title>{escape(title)}</title></polygon>'
    )


def _text(value: float | int | None) -> str:
    return "–" if value is None else f"{value:,.2f}"
