"""Explanations as text for a terminal. `line_of` gives the card line of a character offset."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial

from runtime.decide.blocks import ELSE
from runtime.explain.close import Condition, Explanation, IntentView, shortened
from runtime.explain.why_not import Miss, WhyNot

LineOf = Callable[[int], int]
# (block, case, condition) to its words and line in the card; None where the card has no such words.
Written = Callable[[str, int, Condition], tuple[str, int] | None]
_TRUTH = {1.0: "true", 0.0: "false"}
_SHOWN_BLOCKERS = 12


def _no_line(_: int) -> int:
    return 0


def _not_written(_block: str, _case: int, _at: Condition) -> None:
    return None


def explanation_text(
    explanation: Explanation, line_of: LineOf = _no_line, written: Written = _not_written
) -> str:
    """Return what a card saw and did at one close."""
    lines = [
        f"bar {explanation.bar}, close of {_time(explanation.ts)}, price {explanation.close:.10g}",
        f"position: {explanation.position}; equity {explanation.equity:.2f} USDT",
    ]
    lines += [f"since the close before: {said}" for said in explanation.late]
    for block in explanation.blocks:
        lines += ["", f"block `{block.id}`: {_fired(block.fired)}"]
        for number, case in enumerate(block.cases):
            lines += [f"  case {number}: {_truth(case)}"]
            lines += _condition(case, "    ", partial(_words, block.id, number, written, line_of))
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


def why_not_text(found: WhyNot, line_of: LineOf = _no_line, written: Written = _not_written) -> str:
    """Return why a block stayed silent."""
    lines = [
        f"block `{found.block}` on bars {found.start} to {found.stop - 1}: fired on {found.fired} "
        f"of {found.bars} bars, unknown on {found.unknown}"
    ]
    if found.blockers:
        lines += ["", "  blocked   alone unknown  condition"]
    for blocker in found.blockers[:_SHOWN_BLOCKERS]:
        text, where = _words(found.block, blocker.case, written, line_of, blocker.leaf)
        lines.append(
            f"  {blocker.blocked:7d} {blocker.alone:7d} {blocker.unknown:7d}  {text}"
            f"{where} [case {blocker.case}]"
        )
    if len(found.blockers) > _SHOWN_BLOCKERS:
        lines.append(f"  … and {len(found.blockers) - _SHOWN_BLOCKERS} more")
    if found.nearest is not None:
        lines += _nearest(found.block, found.nearest, written, line_of)
    return "\n".join(lines) + "\n"


def _nearest(block: str, miss: Miss, written: Written, line_of: LineOf) -> Iterator[str]:
    gap = "" if miss.distance_pct is None else f", {miss.distance_pct:.4g} % apart"
    count = len(miss.missing)
    yield ""
    yield (
        f"nearest miss: bar {miss.bar}, {_time(miss.ts)}, case {miss.case}: "
        f"{count} condition{'' if count == 1 else 's'} in the way{gap}"
    )
    for leaf in miss.missing:
        yield from _condition(leaf, "  ", partial(_words, block, miss.case, written, line_of))


def _condition(
    at: Condition, indent: str, words: Callable[[Condition], tuple[str, str]]
) -> Iterator[str]:
    if at.kind != "leaf":
        yield f"{indent}{_truth(at):<8}{at.kind}"
        for part in at.parts:
            yield from _condition(part, indent + "  ", words)
        return
    values = ", ".join(f"{operand.text} = {operand.shown}" for operand in at.operands)
    why = f"; {at.why_unknown}" if at.why_unknown else ""
    shown = f"   ({values}{why})" if values or why else ""
    text, where = words(at)
    yield f"{indent}{_truth(at):<8}{text}{shown}{where}"


def _words(
    block: str, case: int, written: Written, line_of: LineOf, at: Condition
) -> tuple[str, str]:
    """Return a condition's text and place: the author's own where they are known."""
    found = written(block, case, at)
    if found is None:
        return at.text, _where(at.offset, line_of)
    text, line = found
    return shortened(text), f"  line {line}"


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
