"""Faults seeded in what orders say of themselves: sizes that are calculated, limits, what follows a fill."""

from __future__ import annotations

from tools.fault import Fault

_LIMITS = "tests/runtime/decide/test_limits.py"
_SIZES = "tests/runtime/decide/test_size_expressions.py"

ORDER_FAULTS: tuple[Fault, ...] = (
    Fault(
        "risk-without-its-stop", "a risk among other numbers is measured to the order's own stop",
        "runtime/decide/sizes.py", "context.value_with(size.value, price / basis.stop_distance)",
        "context.value_with(size.value, price / (price * 0.05))", (_SIZES,),
    ),
    Fault(
        "rest-takes-what-is-claimed", "the rest of a position is what no working exit takes",
        "runtime/decide/exit_lots.py",
        "left = context.capacity.exit_room(at_market=False) +", "left = context.capacity.exit_room(at_market=True) +",
        (_SIZES,),
    ),
    Fault(
        "risk-in-a-condition", "a risk is known only when an order is priced",
        "compiler/check/risks.py", '_report(risks.in_expression(root), "is known only',
        '_report(None, "is known only', ("tests/compiler/check/test_size_expressions.py",),
    ),
    Fault(
        "limit-forgotten-with-the-loss", "a limit of the day stands until the day ends",
        "runtime/account/limits.py", "kept = {Limit.DRAWDOWN} | (set() if at.is_new_day else _OF_A_DAY)",
        "kept = {Limit.DRAWDOWN}", (_LIMITS,),
    ),
    Fault(
        "limit-lets-entries-work", "where a limit stands no entry works on",
        "runtime/decide/limits.py", "            commands += cancelled(context, order, reason)\n",
        "            pass\n", (_LIMITS,),
    ),
    Fault(
        "limit-only-where-a-block-asks", "a limit is judged at every close",
        "runtime/engine.py", "or self._blocks.wants(machine) or self._stops():",
        "or self._blocks.wants(machine):", ("tests/runtime/decide/test_limits_quiet.py",),
    ),
    Fault(
        "pause-ends-a-close-early", "a pause is the closes after that of the exit",
        "runtime/account/limits.py", "at.since_exit <= bars", "at.since_exit < bars", (_LIMITS,),
    ),
)  # fmt: skip
