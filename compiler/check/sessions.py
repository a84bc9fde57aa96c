"""Sessions and the bars they are read on: a proof by looking at every open of a day."""

from __future__ import annotations

from collections.abc import Iterator

from compiler.catalog.session import SESSION
from compiler.catalog.session_anchors import ROLE
from compiler.catalog.source_expressions import output_of
from compiler.catalog.timeframes import DAY_MS, MINUTE_MS, interval_ms
from compiler.findings.collected import Findings
from compiler.findings.source import Span
from compiler.resolve.scope import FeatureSymbol, Instance, Resolved

_DAY = 24 * 60
_PRICES = frozenset({"open", "high", "low", "close"})


def check_sessions(resolved: Resolved, findings: Findings) -> None:
    """Report sessions without bars (IC401), and prices of those that hold no whole one (IC707).

    Both in summer and in winter: what holds in one of them is left alone.
    """
    without = set()
    for instance in resolved.instances:
        interval = interval_ms(instance.timeframe)
        if instance.entry is not SESSION or interval > DAY_MS:
            continue
        if not _has_bars(instance, interval // MINUTE_MS, whole=False):
            without.add(instance.id)
            findings.add(
                "IC401",
                f"no bar of {instance.timeframe} opens in the session `{instance.id}`",
                instance.span,
                help="a bar belongs to a session in which it opens; take a shorter `tf` or longer `hours`",
            )
    said = set()
    for id, span in _prices_read(resolved):
        session = resolved.by_id[id]
        minutes = interval_ms(session.timeframe) // MINUTE_MS
        if id in without or (id, span) in said or _has_bars(session, minutes, whole=True):
            continue
        said.add((id, span))
        _report(session, span, resolved, findings)


def _prices_read(resolved: Resolved) -> Iterator[tuple[str, Span]]:
    """Yield every session whose prices are read, with where: by name, in a source, as an anchor."""
    for named, symbol in resolved.symbols.items():
        if isinstance(symbol, FeatureSymbol) and symbol.output in _PRICES:
            if resolved.by_id[symbol.instance].entry is SESSION:
                yield symbol.instance, named.span
    for instance in resolved.instances:
        for role, target in instance.depends:
            is_price = role == ROLE or output_of(role) in _PRICES
            if is_price and resolved.by_id[target].entry is SESSION:
                yield target, instance.span


def _report(session: Instance, span: Span, resolved: Resolved, findings: Findings) -> None:
    name, timeframe = session.id.partition("@")[0], session.timeframe
    help = (
        "take a shorter `tf`"
        if timeframe == resolved.timeframe
        else f"read it on the card's own bars: `value_when({name}.last_bar, {name}.high - {name}.low)` "
        f"is the range of the last session, `median_when({name}.last_bar, {name}.high - {name}.low, 20)` "
        f"the median of the last twenty"
    )
    findings.add(
        "IC707",
        f"the hours of `{name}` hold no whole bar of {timeframe}: its prices there are those of the "
        f"{timeframe} bars that open in it, to their end",
        span,
        help=help,
    )


def _has_bars(instance: Instance, step: int, *, whole: bool) -> bool:
    """Return whether some bar of `step` minutes opens in a session, or lies in it as a whole."""
    params = dict(instance.params)
    begin, end, zone = params["begin"], params["end"], params["zone"]
    assert isinstance(begin, int)
    assert isinstance(end, int)
    assert isinstance(zone, tuple)
    length = (end - begin) % _DAY or _DAY
    needed = step if whole else 1
    return any(
        (opened + int(offset) - begin) % _DAY + needed <= length
        for offset in set(zone[1::2])
        for opened in range(0, _DAY, step)
    )
