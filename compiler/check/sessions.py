"""Sessions that no bar of the card can belong to: a proof by looking at every open of a day."""

from __future__ import annotations

from compiler.catalog.session import SESSION
from compiler.catalog.timeframes import DAY_MS, MINUTE_MS, interval_ms
from compiler.findings.collected import Findings
from compiler.resolve.scope import Instance, Resolved

_DAY = 24 * 60


def check_sessions(resolved: Resolved, findings: Findings) -> None:
    """Report sessions without bars, in summer and in winter (IC401)."""
    for instance in resolved.instances:
        interval = interval_ms(instance.timeframe)
        if instance.entry is not SESSION or interval > DAY_MS:
            continue
        if not _has_bars(instance, interval // MINUTE_MS):
            findings.add(
                "IC401",
                f"no bar of {instance.timeframe} opens in the session `{instance.id}`",
                instance.span,
                help="a bar belongs to a session in which it opens; take a shorter `tf` or longer `hours`",
            )


def _has_bars(instance: Instance, step: int) -> bool:
    params = dict(instance.params)
    begin, end, zone = params["begin"], params["end"], params["zone"]
    assert isinstance(begin, int)
    assert isinstance(end, int)
    assert isinstance(zone, tuple)
    length = (end - begin) % _DAY or _DAY
    return any(
        (opened + int(offset) - begin) % _DAY < length
        for offset in set(zone[1::2])
        for opened in range(0, _DAY, step)
    )
