"""IC604 size-sum-over-limit: entries that together exceed what the account can hold."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from compiler.catalog.actions import ENTRIES
from compiler.catalog.orders import OptionName
from compiler.findings.codes import finding
from compiler.findings.diagnostics import Diagnostic, Label
from compiler.lints.certain_refusals import reasons
from compiler.lints.context import CaseView, LintContext, Placed, account, at_least
from compiler.lints.entry_without_flat_or_scale_guard import repeats, waits

_MAX_COUNT = 1_000
_MAX_LAYERS = 20


@dataclass(frozen=True, slots=True)
class _Worst:
    action: Placed
    fraction: float
    count: int

    @property
    def total(self) -> float:
        return self.fraction * self.count


def check(context: LintContext) -> Iterator[Diagnostic]:
    """Yield the entry that contributes most where the worst case exceeds equity x leverage."""
    limit = context.graph.settings.account.max_leverage
    for is_long in (True, False):
        worst = [
            item
            for view, action in context.placed(ENTRIES)
            if action.is_long == is_long
            and action in view.actions
            and (item := _worst(context, view, action)) is not None
        ]
        total = _together(worst, context.graph.settings.policy.max_layers)
        if total > limit * (1 + 1e-9):
            yield _report(max(worst, key=lambda w: w.total), total, limit)


def _together(worst: list[_Worst], most: int | None) -> float:
    """Return what the largest entries come to, of which no more than `most` may work or be held."""
    left = sum(item.count for item in worst) if most is None else most
    total = 0.0
    for item in sorted(worst, key=lambda w: w.fraction, reverse=True):
        total += item.fraction * min(item.count, left)
        left -= min(item.count, left)
    return total


def _worst(context: LintContext, view: CaseView, action: Placed) -> _Worst | None:
    """Return the largest part of equity an entry may come to; None when that is not fixed."""
    size = action.node.size
    notional = None if size is None else context.notional(size)
    if notional is None or next(reasons(context, view, action), None):
        return None
    fraction = notional / context.graph.settings.account.starting_equity_usdt
    return _Worst(action, fraction, _count(context, view, action))


def _count(context: LintContext, view: CaseView, action: Placed) -> int:
    """Return how many of these orders may be working or filled at once."""
    resting = waits(context, view, action) and repeats(context, view, action)
    if not resting and not context.may_scale_in(view, action):
        return 1
    layers = _layer_cap(context, view)
    policy = context.graph.settings.policy
    if resting:
        # `max_layers` counts what is held and what is ordered; `position_layers` only what is held.
        most = policy.max_layers if policy.allow_scale_in else 1
        if most is not None:
            return most
        life = context.constant(action.number(OptionName.TTL_BARS))
        return int(min(life or _MAX_COUNT, _MAX_COUNT)) + layers
    return layers


def _layer_cap(context: LintContext, view: CaseView) -> int:
    """Return the most layers after which the case can still add one, and that one."""
    highest = min(context.graph.settings.policy.max_layers or _MAX_LAYERS, _MAX_LAYERS)

    def can_add(layers: int) -> bool:
        return context.possible(view, at_least(account("position_layers"), layers))

    if can_add(_MAX_LAYERS):
        policy = context.graph.settings.policy.max_layers
        return policy or 1  # no cap at all: said by scale-in-without-cap
    return next((n for n in range(1, highest) if not can_add(n)), highest)


def _report(worst: _Worst, total: float, limit: float) -> Diagnostic:
    size = worst.action.written.size
    assert size is not None
    labels = []
    if worst.count > 1:
        labels.append(
            Label(worst.action.written.kind_span, f"up to {worst.count} of these at once")
        )
    return finding(
        "IC604",
        f"entries of this side may add up to {total * 100:.0f} % of equity; "
        f"the account allows {limit * 100:.0f} %",
        size.span,
        labels=labels,
        help="ask for `pending_order_count == 0` too: `position_layers` counts what is held, not "
        "orders that still wait (`max_layers` counts both); what exceeds the limit is refused or cut",
    )
