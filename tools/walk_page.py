"""`ideacard walk` as a page: what each choice came to where it was made, beside what it came to where it was looked at.

The law: the page says what the command says; a drawing adds no verdict, and the two sides of a fold share one scale.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from tools.page_style import head
from tools.search.promises import sentence
from tools.search.sweep import params_text, short
from tools.search.walk import caveat, span, summed

if TYPE_CHECKING:
    from tools.search.walk import Fold, Walk, Walks

_STYLE = """
body { max-width: 1080px; } .wide { overflow-x: auto; } .wide svg { min-width: 620px; }
.matrix td { text-align: right; border: 1px solid var(--ground); } .matrix small { display: block; color: var(--soft); }
.here { fill: none; stroke: var(--soft); stroke-width: 1.5; } .there { fill: var(--own); } .way { stroke: var(--bar); }
.zero { stroke: var(--line); } .broke, .matrix small.broke { color: var(--card); } svg text { fill: var(--soft); font-size: 12px; }
.fold td { white-space: nowrap; } .fold td.broke { white-space: normal; padding-top: 0; } .fold .more td { border-bottom: 0; }
"""
_HEIGHT, _LEFT, _RIGHT, _TOP, _BOTTOM = 220, 64, 8, 14, 30
_WIDTH = 960
_DAYS = 8  # days that are written below a drawing


def page(card: str, made: Walks) -> str:
    """Return the page's text."""
    frame = made.matter.data.exec
    stopped = "" if made.is_whole else " Stopped on the way."
    walks = "".join(_walk(made, one) for one in made.walks)
    return f"""{head(f"Walk of {card}", _STYLE)}<body>
<h1>{escape(card)}</h1>
<p class=soft>{escape(frame.symbol)} {frame.timeframe}: {len(made.asked.space):,} sets, chosen by {escape(made.aim.title)}.{stopped}</p>
<p class="end">{escape(caveat(made))}</p>
{_matrix(made)}{walks}
</body></html>
"""


def _matrix(made: Walks) -> str:
    """Return what all lengths come to, those to choose on down and those to look at across; empty for one alone."""
    if len(made.walks) < 2:
        return ""
    across = list(dict.fromkeys(one.lengths.test for one in made.walks))
    rows = ""
    for train in dict.fromkeys(one.lengths.train for one in made.walks):
        found = {one.lengths.test: one for one in made.walks if one.lengths.train == train}
        cells = "".join(
            f"<td>{_cell(found[test])}</td>" if test in found else "<td>–</td>" for test in across
        )
        rows += f"<tr><th>{train:,}</th>{cells}</tr>"
    heads = "".join(f'<th class="n">{test:,}</th>' for test in across)
    return (
        "<h2>Where it was looked at, by lengths in bars</h2>"
        "<p class=soft>Down: bars to choose on; across: bars to look at. Net return of all folds, then folds above their start.</p>"
        f'<div class="wide"><table class="matrix"><tr><th></th>{heads}</tr>{rows}</table></div>'
    )


def _cell(one: Walk) -> str:
    tested = len(one.tested())
    if not tested:
        return "–"
    broke = f'<small class="broke">{one.breaking} broke a promise</small>' if one.breaking else ""
    return f"{short(one.return_pct)} %<small>{one.above} of {tested}</small>{broke}"


def _walk(made: Walks, one: Walk) -> str:
    kind = "from the first bar on" if one.lengths.anchored else "rolling"
    return (
        f"<h2>{one.lengths.train:,} bars to choose on ({kind}), {one.lengths.test:,} to look at</h2>"
        f"<p>{escape(summed(one))}.</p>{_drawing(made, one)}{_table(made, one)}"
    )


def _pair(made: Walks, fold: Fold) -> tuple[float | None, float | None]:
    """Return the figure chosen by, where the set was chosen and where it was looked at."""
    here = None if fold.chosen is None else fold.chosen.figures
    each = (here, fold.figures)
    before, behind = (None if figures is None else made.aim.of(figures) for figures in each)
    return before, behind


def _drawing(made: Walks, one: Walk) -> str:
    """Return both sides of every fold on one scale; empty where no fold has both."""
    pairs = [_pair(made, fold) for fold in one.folds]
    known = [value for pair in pairs for value in pair if value is not None]
    if not any(None not in pair for pair in pairs):
        return ""
    low, high = min(0.0, *known), max(0.0, *known)
    span_ = (high - low) or 1.0

    def y(value: float) -> float:
        return _TOP + (_HEIGHT - _TOP - _BOTTOM) * (high - value) / span_

    step = (_WIDTH - _LEFT - _RIGHT) / len(pairs)
    marks = "".join(
        f'<text x="{_LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{short(value)}</text>'
        for value in dict.fromkeys((low, 0.0, high))
    )
    every = -(-len(pairs) // _DAYS)
    for number, (pair, fold) in enumerate(zip(pairs, one.folds, strict=True)):
        x = _LEFT + step * (number + 0.5)
        marks += _fold_marks(x, [None if value is None else y(value) for value in pair])
        if number % every == 0:
            day = span(made.matter.data.exec, fold.test or fold.cut.test)[0][:10]
            marks += f'<text x="{x:.1f}" y="{_HEIGHT - 8}" text-anchor="middle">{day}</text>'
    title = f"{made.aim.title} of each choice where it was chosen (circle) and where it was looked at (dot)"
    return (
        f"<p class=soft>{escape(title)}, by the day the look begins.</p>"
        f'<div class="wide"><svg viewBox="0 0 {_WIDTH} {_HEIGHT}" role="img" aria-label="{escape(title)}">'
        f'<line class="zero" x1="{_LEFT}" x2="{_WIDTH - _RIGHT}" y1="{y(0.0):.1f}" y2="{y(0.0):.1f}"/>{marks}</svg></div>'
    )


def _fold_marks(x: float, ys: list[float | None]) -> str:
    here, there = ys
    made = ""
    if here is not None and there is not None:
        made += f'<line class="way" x1="{x:.1f}" x2="{x:.1f}" y1="{here:.1f}" y2="{there:.1f}"/>'
    if here is not None:
        made += f'<circle class="here" cx="{x:.1f}" cy="{here:.1f}" r="4.5"/>'
    if there is not None:
        made += f'<circle class="there" cx="{x:.1f}" cy="{there:.1f}" r="4.5"/>'
    return made


def _table(made: Walks, one: Walk) -> str:
    rows = "".join(_row(made, fold) for fold in one.folds)
    return (
        '<div class="wide"><table class="fold"><tr><th>looked at</th><th>chosen set</th><th class="n">purge, bars</th>'
        f'<th class="n">{escape(made.aim.title)} where chosen</th><th class="n">where looked at</th>'
        '<th class="n">net there, %</th><th class="n">trades there</th></tr>'
        f"{rows}</table></div>"
    )


def _row(made: Walks, fold: Fold) -> str:
    frame = made.matter.data.exec
    start, end = (time[:10] for time in span(frame, fold.test or fold.cut.test))
    if fold.chosen is None:
        return f"<tr><td>{start} … {end}</td><td colspan=6>no set has the figure to choose by</td></tr>"
    before, behind = ("–" if value is None else short(value) for value in _pair(made, fold))
    figures = fold.figures
    net = "–" if figures is None else f"{100.0 * (figures.equity / figures.start - 1.0):+.2f}"
    trades = "–" if figures is None else f"{figures.trades:,}"
    if fold.test is None:
        net = "no bars left"
    numbers = "".join(
        f'<td class="n">{text}</td>' for text in (f"{fold.purge:,}", before, behind, net, trades)
    )
    said = _promises(fold)
    more = ' class="more"' if said else ""
    return (
        f"<tr{more}><td>{start} … {end}</td><td>{escape(params_text(fold.chosen.params))}</td>{numbers}</tr>"
        f"{said}"
    )


def _promises(fold: Fold) -> str:
    """Return a row of the promises that the choice broke, on either side; empty for none."""
    if None in fold.broke:
        return '<tr><td colspan=7 class="soft">not looked at: whether it keeps what the card promises</td></tr>'
    where = zip(("where it was chosen it", "where it was looked at it"), fold.broke, strict=True)
    said = "; ".join(f"{place} {sentence(broke)}" for place, broke in where if broke)
    return f'<tr><td colspan=7 class="broke">! {escape(said)}</td></tr>' if said else ""
