"""Explanations as text for a terminal. `line_of` gives the card line of a character offset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

from runtime.decide.blocks import ELSE
from runtime.explain.close import Condition, Explanation, IntentView
from runtime.explain.why_not import Miss, WhyNot

LineOf = Callable[[int], int]
_TRUTH = {1.0: "true", 0.0: "false"}
_SHOWN_BLOCKERS = 12


def _no_line(_: int) -> int:
    return 0


def explanation_text(explanation: Explanation, line_of: LineOf = _no_line) -> str:
    """Return what a card saw and did at one close."""
    lines = [
        f"bar {explanation.bar}, close of {_time(explanation.ts)}, price {explanation.close:.10g}",
        f"position: {explanation.position}; equity {explanation.equity:.2f} USDT",
    ]
    for block in explanation.blocks:
        lines += ["", f"block `{block.id}`: {_fired(block.fired)}"]
        for number, case in enumerate(block.cases):
            lines += [f"  case {number}: {_truth(case)}"]
            lines += _condition(case, "    ", line_of)
    lines += ["", "intents:"] + ([] if explanation.intents else ["  none"])
    for intent in explanation.intents:
        lines += _intent(intent, line_of)
    lines += ["", "working orders:"] + ([] if explanation.orders else ["  none"])
    for order in explanation.orders:
        name = f" `{order.order_ref}`" if order.order_ref else ""
        lines.append(
            f"  {order.order_id}{name} {order.role}: {order.text}, {order.filled:.10g} of "
            f"{order.quantity:.10g} filled, {order.age_bars} bars old"
        )
    return "\n".join(lines) + "\n"


def why_not_text(found: WhyNot, line_of: LineOf = _no_line) -> str:
    """Return why a block stayed silent."""
    lines = [
        f"block `{found.block}` on bars {found.start} to {found.stop - 1}: fired on {found.fired} "
        f"of {found.bars} bars, unknown on {found.unknown}"
    ]
    if found.blockers:
        lines += ["", "  blocked   alone unknown  condition"]
    for blocker in found.blockers[:_SHOWN_BLOCKERS]:
        lines.append(
            f"  {blocker.blocked:7d} {blocker.alone:7d} {blocker.unknown:7d}  {blocker.text}"
            f"{_where(blocker.offset, line_of)} [case {blocker.case}]"
        )
    if len(found.blockers) > _SHOWN_BLOCKERS:
        lines.append(f"  … and {len(found.blockers) - _SHOWN_BLOCKERS} more")
    if found.nearest is not None:
        lines += _nearest(found.nearest, line_of)
    return "\n".join(lines) + "\n"


def _nearest(miss: Miss, line_of: LineOf) -> Iterator[str]:
    gap = "" if miss.distance_pct is None else f", {miss.distance_pct:.4g} % apart"
    count = len(miss.missing)
    yield ""
    yield (
        f"nearest miss: bar {miss.bar}, {_time(miss.ts)}, case {miss.case}: "
        f"{count} condition{'' if count == 1 else 's'} in the way{gap}"
    )
    for leaf in miss.missing:
        yield from _condition(leaf, "  ", line_of)


def _condition(at: Condition, indent: str, line_of: LineOf) -> Iterator[str]:
    if at.kind != "leaf":
        yield f"{indent}{_truth(at):<8}{at.kind}"
        for part in at.parts:
            yield from _condition(part, indent + "  ", line_of)
        return
    values = ", ".join(f"{operand.text} = {operand.shown}" for operand in at.operands)
    why = f"; {at.why_unknown}" if at.why_unknown else ""
    shown = f"   ({values}{why})" if values or why else ""
    yield f"{indent}{_truth(at):<8}{at.text}{shown}{_where(at.offset, line_of)}"


def _intent(intent: IntentView, line_of: LineOf) -> Iterator[str]:
    where = _where(intent.offset, line_of)
    head = f"  {intent.action} (block `{intent.block}`){where}"
    if intent.refusal is not None:
        yield f"{head}: refused, {intent.refusal}: {intent.text}"
    elif not intent.done:
        yield f"{head}: nothing to do"
    else:
        yield f"{head}:"
        yield from (f"    {line}" for line in intent.done)


def _fired(case: int | None) -> str:
    if case is None:
        return "silent"
    return "else" if case == ELSE else f"case {case} fired"


def _truth(at: Condition) -> str:
    return _TRUTH.get(at.truth, "unknown")


def _where(offset: int, line_of: LineOf) -> str:
    line = line_of(offset) if offset >= 0 else 0
    return f"  line {line}" if line else ""


def _time(ts: int) -> str:
    return datetime.fromtimestamp(ts / 1000, UTC).strftime("%Y-%m-%d %H:%M UTC")
