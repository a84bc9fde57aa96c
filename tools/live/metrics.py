"""A session's picture as Prometheus text.

The law: what is not known is left out, never told as zero.
"""

from __future__ import annotations

from collections.abc import Iterable

from tools.live.view import View

_STATES = ("joining", "running", "holding", "halted")


def metrics_text(view: View) -> str:
    """Return the exposition of one session (text format 0.0.4)."""
    lines: list[str] = []
    for name, kind, text, rows in _families(view):
        known = [(labels, value) for labels, value in rows if value is not None]
        if not known:
            continue
        lines += [f"# HELP ideacard_{name} {text}", f"# TYPE ideacard_{name} {kind}"]
        for labels, value in known:
            written = "".join(f',{k}="{_escaped(v)}"' for k, v in labels.items())
            lines.append(
                f'ideacard_{name}{{symbol="{_escaped(view.symbol)}"{written}}} {value:.12g}'
            )
    return "\n".join(lines) + "\n"


Rows = Iterable[tuple[dict[str, str], float | None]]


def _families(view: View) -> Iterable[tuple[str, str, str, Rows]]:
    held = view.position
    one: list[tuple[str, str, float | None]] = [
        ("equity_usdt", "Equity.", view.equity),
        ("realized_usdt", "Profit realized before fees.", view.realized),
        ("unrealized_usdt", "Open profit at the last close.", view.unrealized),
        ("fees_usdt", "Fees paid.", view.fees),
        ("today_usdt", "Change of the equity since midnight UTC.", view.today),
        ("last_bar_age_seconds", "Age of the last closed bar.", _seconds(view.bar_age_ms)),
        (
            "compared_age_seconds",
            "Since ledger and venue agreed.",
            _seconds(view.reconciled_ago_ms),
        ),
        ("uncovered_lots", "Open lots without a confirmed stop.", float(view.cover.open_lots)),
        (
            "target_missing",
            "Base units whose target does not stand.",
            None if held is None else held.target_missing,
        ),
        ("cover_worst_seconds", "Longest from fill to stop.", _seconds(view.cover.worst_ms)),
        ("unknown_requests", "Requests whose fate nobody knows.", float(len(view.unknown))),
        ("working_orders", "Orders of the card that work.", float(len(view.orders))),
        (
            "liquidation_distance_percent",
            "From mark to liquidation.",
            None if held is None else held.to_liquidation_pct,
        ),
    ]
    yield from ((name, "gauge", text, [({}, value)]) for name, text, value in one)
    sign = 0 if held is None else 1 if held.side == "long" else -1
    size = 0.0 if held is None else sign * held.quantity
    yield "position_base", "gauge", "Position, base units, signed.", [({}, size)]
    states: Rows = [({"state": state}, float(view.state == state)) for state in _STATES]
    yield "state", "gauge", "1 for the state the session is in.", states
    links: Rows = [({"link": name}, float(not why)) for name, why in view.links]
    yield "link_up", "gauge", "1 while a stream is up.", links
    for name, value in view.figures.items():
        yield f"{name}_total", "counter", f"Counted so far: {name}.", [({}, float(value))]
    codes: Rows = [({"code": code}, float(n)) for code, n in view.refused_by_code.items()]
    yield "refused_total", "counter", "Refused and held back, by code.", codes
    used: Rows = [({"limit": row.name}, row.used) for row in view.limits]
    yield "limit_used", "gauge", "What is used of a limit, in its unit.", used
    most: Rows = [({"limit": row.name}, row.limit) for row in view.limits]
    yield "limit", "gauge", "A limit.", most


def _seconds(ms: int | None) -> float | None:
    return None if ms is None else ms / 1_000


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
