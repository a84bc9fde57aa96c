"""`ideacard robust` as a page: the sentences, then what they were counted from, drawn as SVG; nothing is fetched.

The law: the page says what the command says, in its words and its order; a drawing adds no verdict.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from math import exp
from typing import TYPE_CHECKING

from tools.page_style import head
from tools.search.words import conclusion_sentence

if TYPE_CHECKING:
    from tools.search.fragility import Fragility, Swing
    from tools.search.pieces import Pieces
    from tools.search.robust import Robust
    from tools.search.timing import Luck

_BINS = 41
_MOST_SWINGS = 12
_STYLE = """
body { max-width: 860px; } svg { height: auto; }
dl { display: grid; grid-template-columns: 5.5em 1fr; gap: 6px 12px; margin: 0; }
dt { color: var(--soft); } dd { margin: 0; }
.row { display: grid; grid-template-columns: minmax(0, 16em) 1fr; gap: 2px 12px; align-items: center;
  padding: 5px 0; border-bottom: 1px solid var(--line); } .row code { overflow-wrap: anywhere; font-size: 13px; }
@media (max-width: 520px) { dl, .row { grid-template-columns: 1fr; } dl { gap: 0; } dd { margin-bottom: 8px; } }
"""
_NEVER = (
    "p is not the probability that luck did it, and 1 − p is not one of skill. What survives here promises no profit, "
    "and a small p vouches neither for fills nor for data. The run folders do not know what was tried elsewhere."
)


def page(
    card: str, made: Robust, sentences: Sequence[tuple[str, str]], notes: Sequence[str]
) -> str:
    """Return the page's text. `sentences` are (title, sentence) as the command says them."""
    said = "".join(
        f"<dt>{escape(title.rstrip('.:'))}</dt><dd>{escape(text)}</dd>" for title, text in sentences
    )
    more = "".join(f"<p class=soft>{escape(note)}</p>" for note in notes)
    parts = [
        "" if made.luck is None else _mirrors(made.luck),
        _horizon(made.horizon),
        "" if made.fragility is None else _numbers(made.fragility, made.run.net),
        "" if made.pieces is None else _years(made.pieces),
    ]
    return f"""{head(f"{card}: how far it stands out", _STYLE)}<body>
<h1>{escape(card)}</h1>
<p class="end">{escape(conclusion_sentence(made.conclusion, made.broken))}</p>
<dl>{said}</dl>
{more}{"".join(parts)}
<p class="soft">{_NEVER}</p>
</body></html>
"""


def _mirrors(luck: Luck) -> str:
    """Return the histogram of T on the mirrors with the card's own."""
    low, high = min(*luck.values, luck.t, 0.0), max(*luck.values, luck.t, 0.0)
    span = (high - low) or 1.0
    counts = [0] * _BINS
    for value in luck.values:
        counts[min(int((value - low) / span * _BINS), _BINS - 1)] += 1
    most, width = max(counts), 760 / _BINS

    def at(value: float) -> float:
        return 20 + (value - low) / span * 760

    bars = "".join(
        f'<rect x="{20 + place * width:.1f}" y="{190 - 160 * count / most:.1f}" width="{width - 1:.1f}" '
        f'height="{160 * count / most:.1f}" fill="var(--bar)"><title>{count} mirrors</title></rect>'
        for place, count in enumerate(counts)
        if count
    )
    own = at(luck.t)
    return (
        f"<h2>T on {luck.drawn} mirrored markets</h2>"
        f"<p class=soft>From {low:+.2f} to {high:+.2f}; the red line is this card, {luck.t:+.2f}.</p>"
        f'<svg viewBox="0 0 800 200" role="img" aria-label="T on the mirrors; the card has {luck.t:.2f}">'
        f'<line x1="20" x2="780" y1="190" y2="190" stroke="var(--line)"/>{bars}'
        f'<line x1="{own:.1f}" x2="{own:.1f}" y1="14" y2="190" stroke="var(--card)" stroke-width="3"/></svg>'
    )


def _horizon(horizon: dict[int, Luck]) -> str:
    if not horizon:
        return ""
    rows = "".join(
        f'<div class="row"><span>{block} bars at once: p = {one.p:.3f}</span>{_bar(0.0, one.p, 0.0, 1.0, f"p = {one.p:.3f}")}</div>'
        for block, one in horizon.items()
    )
    return f"<h2>p with one coin for so many bars</h2><p class=soft>From 0 to 1.</p>{rows}"


def _numbers(made: Fragility, net: float) -> str:
    """Return one line per number of the card: from the least to the most net growth, a mark at the card's own."""
    swings = [one for one in made.swings if one.nudges][:_MOST_SWINGS]
    if not swings:
        return ""
    nets = [net, *(nudge.net for one in swings for nudge in one.nudges)]
    low, high = min(nets), max(nets)
    rows = "".join(_number(one, net, low, high) for one in swings)
    left = len(made.swings) - len(swings)
    more = f"<p class=soft>… and {left} numbers that move it less.</p>" if left else ""
    return (
        "<h2>Net growth with one number elsewhere</h2>"
        f"<p class=soft>From {_percent(low)} to {_percent(high)}; the red mark is the card as it is, "
        f"{_percent(net)}. What moves it most comes first. It says what the result hangs on and is no evidence.</p>"
        f"{rows}{more}"
    )


def _number(one: Swing, net: float, low: float, high: float) -> str:
    nets = [nudge.net for nudge in one.nudges]
    told = ", ".join(f"{nudge.value:g}: {_percent(nudge.net)}" for nudge in one.nudges)
    bar = _bar(min(net, *nets), max(net, *nets), low, high, f"{one.value:g} at {told}", net)
    return (
        f'<div class="row"><span>line {one.line}, {one.value:g}: <code>{escape(one.words.strip())}</code></span>'
        f"{bar}</div>"
    )


def _years(made: Pieces) -> str:
    if not made.years:
        return ""
    nets = [0.0, *(one.net_usdt for one in made.years)]
    low, high = min(nets), max(nets)
    rows = "".join(
        f'<div class="row"><span>{one.year}: {one.net_usdt:+,.2f} USDT, {one.trades} trades</span>'
        + _bar(
            min(one.net_usdt, 0.0),
            max(one.net_usdt, 0.0),
            low,
            high,
            f"{one.net_usdt:+,.2f} USDT",
            0.0,
        )
        + "</div>"
        for one in made.years
    )
    return f"<h2>Net of the trades that ended in a year</h2>{rows}"


def _bar(
    start: float, end: float, low: float, high: float, title: str, mark: float | None = None
) -> str:
    """Return a bar from one value to another on a line from `low` to `high`."""
    span = (high - low) or 1.0
    left, right = (8 + (value - low) / span * 384 for value in (start, end))
    point = (
        ""
        if mark is None
        else f'<line x1="{8 + (mark - low) / span * 384:.1f}" x2="{8 + (mark - low) / span * 384:.1f}" y1="2" y2="20" '
        'stroke="var(--card)" stroke-width="2"/>'
    )
    return (
        f'<svg viewBox="0 0 400 22" role="img" aria-label="{escape(title)}"><title>{escape(title)}</title>'
        f'<line x1="8" x2="392" y1="11" y2="11" stroke="var(--line)"/>'
        f'<rect x="{left:.1f}" y="6" width="{max(right - left, 1.0):.1f}" height="10" fill="var(--bar)"/>{point}</svg>'
    )


def _percent(net: float) -> str:
    return f"{100 * (exp(net) - 1):+.1f} %"
