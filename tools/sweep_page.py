"""`ideacard sweep` as a page: the first of a ranking with how many were tried, and where it stands among its neighbours.

The law: the page says what the command says; a drawing adds no verdict, and no neighbour is evidence.
"""

from __future__ import annotations

from html import escape
from statistics import median
from typing import TYPE_CHECKING

from tools.page_style import head
from tools.search.figures import objective
from tools.search.promises import sentence
from tools.search.sweep import params_text, short

if TYPE_CHECKING:
    from tools.search.plans import Tried
    from tools.search.space import Axis, ParamSet
    from tools.search.sweep import Sweep

_MOST_CELLS = 4_000
_MOST_WRITTEN = 16  # columns whose cells hold their figure
_ROWS = 10
_STYLE = """
body { max-width: 960px; } .wide { overflow-x: auto; }
.heat td, .heat th { padding: 3px 4px; min-width: 14px; height: 20px; border: 1px solid var(--ground); font-size: 12px;
  text-align: center; white-space: nowrap; } .heat .first { outline: 2px solid var(--card); outline-offset: -2px; }
.heat .none { background: repeating-linear-gradient(45deg, var(--line) 0 2px, transparent 2px 6px); }
pre { background: var(--panel); padding: 10px 12px; white-space: pre-wrap; overflow-wrap: anywhere; font-size: 13px; }
"""


def page(card: str, made: Sweep, command: str) -> str:
    """Return the page's text; `command` runs the first set alone."""
    ranked = made.ranked()
    first = (
        "<p class=end>No set has the figure that ranks.</p>" if not ranked else _first(made, ranked)
    )
    way = f"<h2>The first alone</h2><pre>{escape(command)}</pre>" if ranked else ""
    space = " × ".join(f"{axis.name} ({len(axis.values)})" for axis in made.asked.space.axes)
    frame = made.matter.data.exec
    return f"""{head(f"Sweep of {card}", _STYLE)}<body>
<h1>{escape(card)}</h1>
<p class=soft>{escape(frame.symbol)} {frame.timeframe}: {len(made.tried):,} of {len(made.asked.space):,} sets of
{escape(space)}, ranked by {escape(made.aim.title)}.{"" if made.is_whole else " Stopped on the way."}</p>
{first}{_map(made, ranked)}{_table(made, ranked[:_ROWS])}{way}
</body></html>
"""


def _first(made: Sweep, ranked: list[Tried]) -> str:
    one = ranked[0]
    broke = made.broken.get(one.params) or ()
    but = f" It {sentence(broke)}." if broke else ""
    return (
        f'<p class="end">First of {made.selection.tried:,}: {escape(params_text(one.params))}, '
        f"{escape(made.aim.title)} {_figure(made, one)}.{escape(but)}</p>"
        f"<p>{escape(made.selection.sentence())}</p><p>{escape(standing(made))}</p>"
    )


def standing(made: Sweep) -> str:
    """Return how the sets one step away from the first did: whether it stands on a plateau or is a peak.

    What of the way from the middle of all sets up to the first the middle of its neighbours keeps: half of it or more
    is called a plateau.
    """
    ranked = made.ranked()
    near = [one for one in ranked[1:] if _is_near(made, ranked[0], one)]
    heights = [_rank(made, one) for one in ranked]
    way = heights[0] - median(heights)
    if not near or way <= 0.0:
        return "The first has no neighbour one step away that can be compared with it."
    kept = (median(_rank(made, one) for one in near) - median(heights)) / way
    kind = "a plateau" if kept >= 0.5 else "a peak"
    sets = "1 set" if len(near) == 1 else f"{len(near)} sets"
    return (
        f"It stands on {kind}: the middle of the {sets} one step away keeps {round(100 * kept)} % of the way from the middle "
        "of all up to it. That says how much hangs on the exact numbers and is no evidence of an edge: on bars without "
        "any, the neighbours of the first do well, too."
    ).replace("stands on a peak", "is a peak")


def _is_near(made: Sweep, first: Tried, one: Tried) -> bool:
    """Return whether a set is one step from the first on one axis, and the same on all others."""
    axes = made.asked.space.axes
    steps = [
        abs(axis.values.index(mine) - axis.values.index(theirs)) if axis.is_ordered else 2
        for axis, (_, mine), (_, theirs) in zip(axes, one.params, first.params, strict=True)
        if mine != theirs
    ]
    return steps == [1]


def _rank(made: Sweep, one: Tried) -> float:
    assert one.figures is not None
    return made.aim.rank(one.figures) or 0.0


def _figure(made: Sweep, one: Tried) -> str:
    return "–" if one.figures is None else short(made.aim.of(one.figures))


def _map(made: Sweep, ranked: list[Tried]) -> str:
    """Return two axes as rows and columns, each cell coloured the more strongly the higher its set ranks."""
    axes = sorted(made.asked.space.axes, key=lambda axis: -len(axis.values))[:2]
    if not ranked or len(axes[0].values) < 2:
        return ""
    across, down = axes[0], axes[1] if len(axes) == 2 else None
    if len(across.values) * (1 if down is None else len(down.values)) > _MOST_CELLS:
        return f"<p class=soft>More than {_MOST_CELLS:,} cells are not drawn: sweep.json has every set.</p>"
    others = [(path, text) for path, text in ranked[0].params if path not in {a.path for a in axes}]
    fixed = f" The others as in the first: {params_text(tuple(others))}." if others else ""
    heights = [_rank(made, one) for one in ranked]
    low, span = heights[-1], (heights[0] - heights[-1]) or 1.0
    # How strongly each set is coloured, in percent: the first of the ranking first.
    shades = {
        one.params: (one, round(70 * (height - low) / span))
        for one, height in zip(ranked, heights, strict=True)
    }
    rows = "".join(
        _row(made, shades, across, down, value, dict(others))
        for value in (reversed(down.values) if down is not None else ("",))
    )
    feet = "".join(f"<th>{escape(value)}</th>" for value in across.values)
    corner = "" if down is None else f"{escape(down.name)} ↑ "
    return (
        f"<h2>{escape(made.aim.title)} by {escape(' and '.join(axis.name for axis in axes))}</h2>"
        f"<p class=soft>The stronger the colour, the higher in the ranking; framed: the first; hatched: no figure.{escape(fixed)}</p>"
        f'<div class="wide"><table class="heat">{rows}<tr><th>{corner}{escape(across.name)} →</th>{feet}</tr></table></div>'
    )


def _row(
    made: Sweep, shades: dict[ParamSet, tuple[Tried, int]], across: Axis, down: Axis | None,
    value: str, others: dict[str, str],
) -> str:  # fmt: skip
    first, cells = next(iter(shades)), ""
    for text in across.values:
        said = {**others, across.path: text, **({} if down is None else {down.path: value})}
        params = tuple((axis.path, said[axis.path]) for axis in made.asked.space.axes)
        found = shades.get(params)
        if found is None:
            cells += f'<td class="none" title="{escape(params_text(params))}: no figure"></td>'
            continue
        one, share = found
        mark = ' class="first"' if params == first else ""
        written = _figure(made, one) if len(across.values) <= _MOST_WRITTEN else ""
        cells += (
            f'<td{mark} style="background:color-mix(in srgb, var(--own) {share}%, var(--panel))" '
            f'title="{escape(params_text(params))}: {_figure(made, one)}">{written}</td>'
        )
    return f"<tr><th>{escape(value)}</th>{cells}</tr>"


def _table(made: Sweep, shown: list[Tried]) -> str:
    if not shown:
        return ""
    names = made.columns
    heads = "".join(f'<th class="n">{escape(objective(name).title)}</th>' for name in names)
    rows = ""
    for one in shown:
        assert one.figures is not None
        broke = made.broken.get(one.params)
        promise = "not looked at" if broke is None else sentence(broke) or "kept"
        values = "".join(
            f'<td class="n">{short(objective(name).of(one.figures))}</td>' for name in names
        )
        said = f"<td>{escape(promise)}</td>" if made.promises else ""
        rows += f"<tr><td>{escape(params_text(one.params))}</td>{values}{said}</tr>"
    promises = "<th>promises</th>" if made.promises else ""
    return (
        f"<h2>The first {len(shown)} of {made.selection.tried:,}</h2>"
        f'<div class="wide"><table><tr><th>set</th>{heads}{promises}</tr>{rows}</table></div>'
    )
